import { createServer, request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { RunningSandbox } from '../../server/sandbox/index.ts'
import { openFront, type Told } from '../support/front.ts'
import { ownIntegration, start } from './support.ts'

/** A line to the provider that can lose answers after they were given. */
interface Line {
  readonly origin: string
  /** Answers to POST that still get lost. */
  lost: number
  /** Verb and path of what the provider has answered, lost or not. */
  readonly answered: string[]
  close(): Promise<void>
}

/** Passes everything on; while `lost` is above zero, an answer to a POST is cut off when the provider has given it. */
async function openLine(to: string): Promise<Line> {
  const server = createServer((request, response) => {
    const { method = '', url = '', headers } = request
    const outgoing = httpRequest(`${to}${url}`, { method, headers }, (incoming) => {
      const chunks: Buffer[] = []
      incoming.on('data', (chunk) => chunks.push(chunk))
      incoming.on('end', () => {
        line.answered.push(`${method} ${url}`)
        if (method === 'POST' && line.lost > 0) {
          line.lost -= 1
          request.socket.destroy()
          return
        }
        response.writeHead(incoming.statusCode ?? 0, incoming.headers)
        response.end(Buffer.concat(chunks))
      })
    })
    outgoing.on('error', () => response.destroy())
    request.pipe(outgoing)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const line: Line = {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    lost: 0,
    answered: [],
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
  return line
}

/** A server with an account at the provider's sandbox. */
export interface Behind {
  readonly sandbox: RunningSandbox
  readonly line: Line
  call(verb: string, path: string, body?: object, key?: string): Promise<Told>
  /** All records of a unified resource of the payment gateway. */
  all(resource: string, query?: string): Promise<Record<string, never>[]>
  close(): Promise<void>
}

/** Starts a sandbox of the provider, a line to it, and a server whose account `behind` uses that line. */
export async function openBehind(isSown: boolean, integration = 'stripe'): Promise<Behind> {
  const sandbox = await start(ownIntegration(integration), isSown)
  const line = await openLine(sandbox.origin)
  const front = await openFront()
  const call: Behind['call'] = (verb, path, body, key) =>
    front.call(verb, path, body, key === undefined ? {} : { 'idempotency-key': key })
  await front.connect({ id: 'behind', integration, world: sandbox, origin: line.origin })
  return {
    sandbox,
    line,
    call,
    all: async (resource, query = '') => {
      const found: Record<string, never>[] = []
      for (let cursor = ''; ; ) {
        const path = `/unified/payment-gateway/${resource}?integrated_account_id=behind&limit=100${query}${cursor}`
        const { status, body } = await call('GET', path)
        if (status !== 200) throw new Error(`${path}: ${JSON.stringify(body)}`)
        found.push(...body.result)
        if (body.next_cursor === null || body.next_cursor === undefined) return found
        cursor = `&next_cursor=${encodeURIComponent(body.next_cursor)}`
      }
    },
    close: async () => {
      await front.close()
      await line.close()
      await sandbox.close()
    },
  }
}
