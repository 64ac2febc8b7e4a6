import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { EngineError } from '../../engine/index.ts'
import type { Services } from '../api/context.ts'
import { toProblem } from '../api/problem.ts'
import { createInboundHandler, isDelivery } from '../inbound/index.ts'
import { createApp } from './app.ts'
import { createForwardHandler, type NodeHandler } from './forward-handler.ts'

/** The open ports of a server. */
export interface Listening {
  readonly port: number
  /** Null when the drop-in port is off. */
  readonly passthroughPort: number | null
  /** Takes no more connections, lets requests under way end for at most `graceMs`, then cuts them. */
  close(graceMs: number): Promise<void>
}

const MAX_HEADER_BYTES = 32_768
const HEADERS_TIMEOUT_MS = 30_000
const KEEP_ALIVE_MS = 65_000

/** Opens the port of the API and the drop-in port. Throws config_invalid when one cannot be opened. */
export async function listen(services: Services): Promise<Listening> {
  const { host, port, passthroughPort } = services.settings
  // Its Response is written as it is, without a web stream between.
  const app = getRequestListener(createApp(services).fetch)
  const custom = createForwardHandler(services, 'custom')
  const inbound = createInboundHandler(services)
  const main = makeServer((request, response) => {
    if (isCustom(request.url)) custom(request, response)
    else if (isDelivery(request)) inbound(request, response)
    else void app(request, response)
  })
  const servers = [{ server: main, setting: 'PORT', port }]
  if (passthroughPort !== null) {
    const dropIn = makeServer(createForwardHandler(services, 'drop_in'))
    servers.push({ server: dropIn, setting: 'PASSTHROUGH_PORT', port: passthroughPort })
  }
  try {
    for (const one of servers) await open(one.server, host, one.port, one.setting)
  } catch (error) {
    for (const { server } of servers) server.close()
    throw error
  }
  const [mainPort = 0, dropInPort = null] = servers.map(({ server }) => (server.address() as AddressInfo).port)
  return {
    port: mainPort,
    passthroughPort: dropInPort,
    close: async (graceMs) => void (await Promise.all(servers.map(({ server }) => shut(server, graceMs)))),
  }
}

const isCustom = (url: string | undefined): boolean => url === '/custom' || /^\/custom[/?]/.test(url ?? '')

function makeServer(handler: NodeHandler): Server {
  const timeouts = { headersTimeout: HEADERS_TIMEOUT_MS, requestTimeout: 0, keepAliveTimeout: KEEP_ALIVE_MS }
  // Without a Host the answer is ours, with a code, not the runtime's.
  const options = { maxHeaderSize: MAX_HEADER_BYTES, requireHostHeader: false, ...timeouts }
  const refused = new WeakSet<Socket>()
  const server = createServer(options, (request, response) => {
    if (!isSmuggled(request) && !isMisaddressed(request)) return handler(request, response)
    refused.add(request.socket)
    refuseRequest(response)
  })
  server.on('clientError', (_error, duplex) => {
    const socket = duplex as Socket
    // What follows the head of a refused request is often malformed too: it has its answer.
    if (refused.has(socket)) socket.end()
    else refuseMalformed(socket)
  })
  return server
}

/** Two framings in one request, or one that is not known, are how a second one is hidden (RFC 9112, 6.1 and 6.3). */
function isSmuggled({ headers }: IncomingMessage): boolean {
  const { 'transfer-encoding': coding, 'content-length': length } = headers
  return coding !== undefined && (length !== undefined || coding.trim().toLowerCase() !== 'chunked')
}

/**
 * A target that is no path, no Host or two, or a Host that is none: it would be a matter of opinion who is asked (RFC
 * 9112, 3.2).
 */
function isMisaddressed({ url = '', headers: { host = '' }, rawHeaders }: IncomingMessage): boolean {
  const hosts = rawHeaders.filter((name, at) => at % 2 === 0 && name.length === 4 && name.toLowerCase() === 'host')
  return !url.startsWith('/') || hosts.length !== 1 || !/^[a-z0-9.:[\]_-]+$/i.test(host)
}

const MALFORMED = new EngineError('invalid_request', 'The request is not well-formed HTTP/1.1')

function refuseRequest(response: ServerResponse): void {
  response.writeHead(400, { 'content-type': 'application/problem+json', connection: 'close' })
  response.end(JSON.stringify(toProblem(MALFORMED, 'none')))
}

function refuseMalformed(socket: Socket): void {
  if (!socket.writable) return void socket.destroy()
  const body = JSON.stringify(toProblem(MALFORMED, 'none'))
  const head = `HTTP/1.1 400 Bad Request\r\nContent-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}`
  socket.end(`${head}\r\nConnection: close\r\n\r\n${body}`)
}

function open(server: Server, host: string, port: number, setting: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      const hint = 'Is another server running? Choose another port, or 0 for a free one.'
      const message = `${setting}: cannot listen on ${host}:${port} (${cause.message})`
      reject(new EngineError('config_invalid', message, { where: setting, hint, cause }))
    })
    server.listen(port, host, () => resolve())
  })
}

async function shut(server: Server, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  const idle = setInterval(() => server.closeIdleConnections(), 50)
  const cut = setTimeout(() => server.closeAllConnections(), graceMs)
  await closed
  clearInterval(idle)
  clearTimeout(cut)
}
