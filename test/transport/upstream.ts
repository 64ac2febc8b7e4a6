import { createServer, type RequestListener, type Server } from 'node:http'
import { type AddressInfo, createServer as createNetServer, type Server as NetServer, type Socket } from 'node:net'
import { expect, onTestFinished } from 'vitest'
import type { EngineError, WireRequest } from '../../engine/index.ts'
import { createEgressPolicy, createTransport, type TransportOptions } from '../../server/transport/index.ts'

/** A real HTTP server on a free port of 127.0.0.1 that ends with the test. Counts its sockets. */
export async function upstream(listener: RequestListener) {
  const sockets = new Set<Socket>()
  const server = createServer(listener)
  server.on('connection', (socket) => sockets.add(socket))
  const origin = await listen(server)
  return { origin, sockets, server }
}

/** A bare TCP server: `talk` gets each socket and the first bytes it sent. */
export async function wireServer(talk: (socket: Socket, request: string) => void) {
  const sockets = new Set<Socket>()
  const server = createNetServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.once('data', (bytes) => talk(socket, bytes.toString('latin1')))
  })
  const origin = await listen(server)
  return { origin, sockets, server }
}

async function listen(server: Server | NetServer): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    if ('closeAllConnections' in server) server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** A transport that may reach 127.0.0.1 and ends with the test. */
export function transport(options: Partial<TransportOptions> = {}) {
  const made = createTransport({ egress: createEgressPolicy({ allow: ['127.0.0.1'] }), ...options })
  onTestFinished(() => made.close())
  return made
}

/** A GET with room and time enough. */
export const request = (url: string, extra: Partial<WireRequest> = {}): WireRequest => ({
  verb: 'GET',
  url,
  headers: [],
  timeoutMs: 20_000,
  maxBytes: 1 << 20,
  ...extra,
})

/** All of a streamed body. */
export async function bytesOf(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** Ends when the server saw all its sockets close. */
export async function closed(sockets: ReadonlySet<Socket>): Promise<void> {
  expect(sockets.size).toBeGreaterThan(0)
  await Promise.all(
    [...sockets].map((socket) => (socket.closed ? undefined : new Promise((done) => socket.once('close', done)))),
  )
}

/** Code of a failure, and whether the request may have been sent. */
export const facts = ({ code, details }: EngineError) => [code, details.sent]

/** A server that answers these bytes and then ends, resets or keeps the connection. */
export const raw = (bytes: string | Buffer, then: 'end' | 'reset' | 'keep') =>
  wireServer((socket) => {
    socket.write(bytes, () => {
      if (then === 'end') socket.end()
      if (then === 'reset') setImmediate(() => socket.resetAndDestroy())
    })
  })

/** The head of an answer. */
export const head = (...headers: string[]) => `HTTP/1.1 200 OK\r\n${headers.map((each) => `${each}\r\n`).join('')}\r\n`
