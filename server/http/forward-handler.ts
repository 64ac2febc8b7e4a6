import type { IncomingMessage, ServerResponse } from 'node:http'
import { type CancelSignal, EngineError, type WireStream } from '../../engine/index.ts'
import { admit } from '../api/admit.ts'
import type { CallContext, Services } from '../api/context.ts'
import { type ForwardSurface, forward } from '../api/forward.ts'
import { auditMisses } from '../api/refusals.ts'
import { createHostCheck, type HostCheck, hostRefused } from './hosts.ts'
import { Leaving } from './leaving.ts'
import { passBody } from './pass-body.ts'
import { closeScope, failureOf, openScope, priorityOf, type Scope } from './scope.ts'

/** A handler of node:http. */
export type NodeHandler = (request: IncomingMessage, response: ServerResponse) => void

const MAX_UPLOAD_BYTES = 100 * 1_048_576
const CUSTOM = '/custom'
/** What the surfaces are called in the audit log. */
const NAMES: Readonly<Record<ForwardSurface, string>> = { custom: 'ANY /custom', drop_in: 'ANY drop-in port' }
/** The caller's token and our own headers never go on. */
const OURS = new Set(['authorization', 'x-onefold-environment', 'x-onefold-priority', 'x-request-id'])

/**
 * Passes requests on over raw streams: bodies in both directions as they arrive, no faster than the slower side takes
 * them. When the client leaves, the request to the provider ends too.
 */
export function createForwardHandler(services: Services, surface: ForwardSurface): NodeHandler {
  const way = { surface, isHost: createHostCheck(services.settings) }
  return (request, response) => void serveForward(services, way, request, response)
}

interface Way {
  readonly surface: ForwardSurface
  readonly isHost: HostCheck
}

async function serveForward(
  services: Services,
  way: Way,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { url = '/', method = 'GET', headers } = request
  const scope = openScope(services, method, url, single(headers['x-request-id']))
  const leaving = new Leaving()
  response.on('close', () => {
    if (!response.writableFinished) leaving.leave()
  })
  try {
    const stream = await passOn(services, way, scope, request, leaving)
    response.writeHead(stream.status, answerHeaders(stream, scope.requestId))
    await passBody(stream.body, response)
  } catch (thrown) {
    sendFailure(services, scope, response, thrown, way.surface)
  }
  closeScope(services, scope, way.surface, response.statusCode)
}

const single = (header: string | string[] | undefined): string | undefined =>
  Array.isArray(header) ? header[0] : header

async function passOn(
  services: Services,
  way: Way,
  scope: Scope,
  request: IncomingMessage,
  signal: CancelSignal,
): Promise<WireStream> {
  const { headers } = request
  if (!way.isHost(headers.host)) throw hostRefused(headers.host)
  const presented = { authorization: headers.authorization, environment: single(headers['x-onefold-environment']) }
  const asked = { name: NAMES[way.surface], rank: 'any', requestId: scope.requestId } as const
  const caller = await admit(services, presented, scope.trace, asked)
  const priority = priorityOf(single(headers['x-onefold-priority']))
  const context: CallContext = { services, caller, requestId: scope.requestId, priority, signal, trace: scope.trace }
  const target = way.surface === 'custom' ? scope.target.slice(CUSTOM.length) : scope.target
  const call = { verb: scope.verb, target, headers: passedOn(request.rawHeaders), body: bodyOf(request) }
  return auditMisses(services, scope.trace, asked, () => forward(context, call, way.surface))
}

function passedOn(raw: readonly string[]): [string, string][] {
  const pairs: [string, string][] = []
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at] ?? ''
    if (!OURS.has(name.toLowerCase())) pairs.push([name, raw[at + 1] ?? ''])
  }
  return pairs
}

/** Undefined without a body. Throws body_too_large at once for a declared length, else while it is read. */
function bodyOf(request: IncomingMessage): AsyncIterable<Uint8Array> | undefined {
  const { 'content-length': length, 'transfer-encoding': coding } = request.headers
  if (coding !== undefined) return limited(request)
  if (length === undefined || length === '0') return undefined
  if (Number(length) > MAX_UPLOAD_BYTES) throw tooLarge()
  return request
}

async function* limited(request: IncomingMessage): AsyncGenerator<Uint8Array> {
  let size = 0
  for await (const chunk of request as AsyncIterable<Uint8Array>) {
    size += chunk.length
    if (size > MAX_UPLOAD_BYTES) throw tooLarge()
    yield chunk
  }
}

function tooLarge(): EngineError {
  return new EngineError('body_too_large', `The body has more than ${MAX_UPLOAD_BYTES} bytes`, { sent: false })
}

/** What the provider sent, in its order, with what keeps a browser from running it as a page. */
function answerHeaders({ headers }: WireStream, requestId: string): string[] {
  const flat: string[] = []
  let hasRequestId = false
  for (const [name, value] of headers) {
    const lower = name.toLowerCase()
    if (lower === 'x-request-id') hasRequestId = true
    if (lower !== 'x-content-type-options') flat.push(name, value)
  }
  if (!hasRequestId) flat.push('X-Request-Id', requestId)
  flat.push('X-Content-Type-Options', 'nosniff', 'Content-Security-Policy', 'sandbox')
  return flat
}

function sendFailure(
  services: Services,
  scope: Scope,
  response: ServerResponse,
  thrown: unknown,
  surface: ForwardSurface,
): void {
  const { status, headers, problem } = failureOf(services, scope, thrown)
  if (response.headersSent || response.destroyed) {
    response.destroy()
    return
  }
  // Clients of providers read an error object, so there the reason phrase gives way to one.
  const { code, detail } = problem
  const body = surface === 'drop_in' ? { ...problem, error: { type: code, code, message: detail } } : problem
  response.writeHead(status, { ...headers, connection: 'close' })
  response.end(JSON.stringify(body))
}
