import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readSettings } from '../../server/config.ts'
import type { RunningSandbox } from '../../server/sandbox/index.ts'
import { startServer } from '../../server/server.ts'
import { ADMIN, listeningLog } from '../http/stand.ts'
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

/** An answer of the unified API. */
interface Told {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever came
  readonly body: any
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
  const folder = mkdtempSync(join(tmpdir(), 'onefold-behind-'))
  const sandbox = await start(ownIntegration(integration), isSown)
  const line = await openLine(sandbox.origin)
  const env = {
    PORT: '0',
    PASSTHROUGH_PORT: '0',
    ONEFOLD_DATA: join(folder, 'data'),
    ONEFOLD_ADMIN_TOKEN: ADMIN,
    ONEFOLD_SANDBOX: 'off',
    ONEFOLD_EGRESS_ALLOW: '127.0.0.1',
  }
  const server = await startServer(readSettings(env, folder), listeningLog())
  const call = async (verb: string, path: string, body?: object, key?: string): Promise<Told> => {
    const response = await fetch(`${server.url}${path}`, {
      method: verb,
      headers: {
        authorization: `Bearer ${ADMIN}`,
        'content-type': 'application/json',
        ...(key === undefined ? {} : { 'idempotency-key': key }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return { status: response.status, body: await response.json() }
  }
  const made = await call('POST', '/integrated-account', {
    id: 'behind',
    integration,
    tenant_id: 't',
    authentication_method: sandbox.authMethod,
    credentials: sandbox.credentials,
    settings: { ...sandbox.connection, base_url: line.origin },
  })
  if (made.status >= 300) throw new Error(`no account: ${JSON.stringify(made.body)}`)
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
      await server.close()
      await line.close()
      await sandbox.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
