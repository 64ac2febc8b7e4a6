import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** A delivery as it came in. */
export interface Received {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** A real receiver of webhooks on this machine. */
export interface Receiver {
  readonly url: string
  readonly received: Received[]
  /** Answers what comes from now on; by default 200 with an empty body. */
  answer: (received: Received, response: ServerResponse) => void
  /** Ids of the events that came, in their order. */
  ids(): string[]
}

export async function openReceiver(): Promise<Receiver> {
  const received: Received[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8')
    request.on('data', (chunk: string) => {
      body += chunk
    })
    request.on('end', () => {
      const one = { path: request.url ?? '', headers: request.headers, body }
      received.push(one)
      receiver.answer(one, response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received,
    answer: (_received, response) => void response.end(),
    ids: () => received.map(({ headers }) => String(headers['webhook-id'])),
  }
  return receiver
}

/** Answers with a status. */
export const status =
  (code: number, headers: Record<string, string> = {}, body = '') =>
  (_received: Received, response: ServerResponse): void => {
    response.writeHead(code, headers).end(body)
  }
