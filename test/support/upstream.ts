import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

/** A request as the upstream got it. */
export interface Received {
  readonly verb: string
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  /** Path and query as written. */
  readonly target: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
  /** From 0. */
  readonly index: number
}

/** What the upstream does. JSON by default; `reset` cuts the connection, before or in the middle of the body. */
export interface Reply {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  /** JSON value; text and bytes go as they are. */
  readonly body?: unknown
  readonly reset?: 'before' | 'midway'
  /** Never answers. */
  readonly hangs?: boolean
}

/** Answers one request. */
export type Script = (request: Received) => Reply | Promise<Reply>

/** A real HTTP server on a free loopback port that follows a script and remembers what it got. */
export interface Upstream {
  readonly url: string
  readonly received: Received[]
  /** Requests that are being answered or hang. */
  readonly open: number
  /** Requests whose client went away before the answer. */
  readonly left: number
  script: Script
  /** Drops all connections and forgets what was received. */
  reset(): void
  close(): Promise<void>
}

const bytesOf = (body: unknown): Buffer => {
  if (body === undefined || body === null) return Buffer.alloc(0)
  if (body instanceof Uint8Array) return Buffer.from(body)
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
}

async function readRequest(message: IncomingMessage, index: number): Promise<Received> {
  const chunks: Buffer[] = []
  for await (const chunk of message) chunks.push(chunk as Buffer)
  const url = new URL(message.url ?? '/', 'http://upstream')
  return {
    verb: message.method ?? '',
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    target: message.url ?? '',
    headers: message.headers,
    body: Buffer.concat(chunks).toString('utf8'),
    index,
  }
}

function write(response: ServerResponse, socket: Socket, reply: Reply): void {
  if (reply.hangs) return
  if (reply.reset === 'before') {
    socket.resetAndDestroy()
    return
  }
  const body = bytesOf(reply.body)
  const headers = { 'content-type': 'application/json', 'content-length': String(body.length), ...reply.headers }
  response.writeHead(reply.status ?? 200, headers as Record<string, string>)
  if (reply.reset !== 'midway') response.end(body)
  else response.write(body.subarray(0, Math.ceil(body.length / 2)), () => socket.resetAndDestroy())
}

/** Starts an upstream. Stop it with close(). */
export async function startUpstream(script: Script = () => ({ body: {} })): Promise<Upstream> {
  const received: Received[] = []
  const counts = { open: 0, left: 0 }
  const server = createServer((message, response) => {
    counts.open += 1
    response.once('close', () => {
      counts.open -= 1
      if (!response.writableFinished) counts.left += 1
    })
    void readRequest(message, received.length)
      .then((request) => {
        received.push(request)
        return upstream.script({ ...request, index: received.length - 1 })
      })
      .then((reply) => write(response, message.socket, reply))
      .catch((error: unknown) => message.socket.destroy(error as Error))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const upstream: Upstream = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    get open() {
      return counts.open
    },
    get left() {
      return counts.left
    },
    script,
    reset() {
      received.length = 0
      counts.left = 0
      server.closeAllConnections()
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return upstream
}
