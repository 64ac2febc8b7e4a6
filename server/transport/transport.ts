import { Agent, type Dispatcher } from 'undici'
import { EngineError, type Transport, type WireRequest } from '../../engine/index.ts'
import { Collect } from './collect.ts'
import { createConnector } from './connect.ts'
import { ACCEPT_ENCODING } from './decode.ts'
import type { EgressPolicy } from './egress.ts'
import type { Exchange } from './exchange.ts'
import { canceled } from './failure.ts'
import { Stream } from './stream.ts'

/** How the network is used. */
export interface TransportOptions {
  readonly egress: EgressPolicy
  /** Most sockets to one origin; further requests wait, their time runs. Default 256. */
  readonly connections?: number | undefined
  /** Longest wait for a socket in milliseconds. Default 10,000. */
  readonly connectTimeoutMs?: number | undefined
  /** How long an unused socket is kept in milliseconds. Default 4,000. */
  readonly keepAliveMs?: number | undefined
}

/** A Transport with sockets of its own. */
export interface NetworkTransport extends Transport {
  /** Destroys all sockets; what is under way fails. */
  close(): Promise<void>
}

const MOST_ORIGINS_KNOWN = 1000

/** Canonical origin and path of a URL; origins are parsed once. */
function createSplitter(): (url: string) => { readonly origin: string; readonly path: string } {
  const known = new Map<string, string>()
  return (url) => {
    const slash = url.indexOf('/', 8)
    const [text, path] = slash < 0 ? [url, '/'] : [url.slice(0, slash), url.slice(slash)]
    let origin = known.get(text)
    if (origin === undefined) {
      if (!/^https?:\/\/[^/\\?#@\s]+$/.test(text) || !URL.canParse(text))
        throw new EngineError('egress_refused', 'A request goes to a plain http or https address only', { sent: false })
      origin = new URL(text).origin
      if (known.size >= MOST_ORIGINS_KNOWN) known.clear()
      known.set(text, origin)
    }
    return { origin, path }
  }
}

function flatHeaders({ headers }: WireRequest): string[] {
  const flat: string[] = []
  for (const [name, value] of headers) flat.push(name, value)
  return flat
}

function flatWithDefaults(request: WireRequest): string[] {
  const flat = flatHeaders(request)
  for (const [name, value] of DEFAULTS)
    if (!request.headers.some((header) => header[0].toLowerCase() === name)) flat.push(name, value)
  return flat
}

const DEFAULTS = [
  ['accept-encoding', ACCEPT_ENCODING],
  ['user-agent', 'onefold'],
] as const

/**
 * The network over undici: one pool of kept-alive sockets for each origin, one request at a time on a socket, no
 * redirect followed, every socket under the egress policy. Failures are those of the Transport port.
 */
export function createTransport(options: TransportOptions): NetworkTransport {
  const { egress, connections = 256, connectTimeoutMs = 10_000, keepAliveMs = 4_000 } = options
  const agent = new Agent({
    connect: createConnector(egress, connectTimeoutMs),
    connections,
    pipelining: 1,
    keepAliveTimeout: keepAliveMs,
  })
  const split = createSplitter()

  function dispatch(
    request: WireRequest,
    headers: string[],
    bodyTimeout: number,
    exchange: (origin: string) => Exchange,
  ): void {
    const { origin, path } = split(request.url)
    if (request.signal?.aborted) throw canceled(origin, request.signal.reason, false)
    if (egress.isReserved(origin) && request.isGranted !== true)
      throw new EngineError('egress_refused', `${origin} is open to the accounts that it was granted to only`, {
        sent: false,
      })
    const handler = exchange(origin)
    const method = request.verb as Dispatcher.HttpMethod
    const body = request.body as Dispatcher.DispatchOptions['body']
    agent.dispatch({ origin, path, method, headers, body: body ?? null, headersTimeout: 0, bodyTimeout }, handler)
  }

  return {
    send: (request) =>
      new Promise((resolve, reject) => {
        const headers = flatWithDefaults(request)
        dispatch(request, headers, 0, (origin) => new Collect(request, origin, resolve, reject))
      }),
    stream: (request) =>
      new Promise((resolve, reject) => {
        const headers = flatHeaders(request)
        dispatch(request, headers, request.timeoutMs, (origin) => new Stream(request, origin, resolve, reject))
      }),
    close: () => agent.destroy(),
  }
}
