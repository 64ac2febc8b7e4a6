import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { type Context, Hono } from 'hono'
import { EngineError } from '../../engine/index.ts'
import { admit } from '../api/admit.ts'
import type { CallContext, Reply, Services } from '../api/context.ts'
import { auditMisses } from '../api/refusals.ts'
import { addLink } from '../link/index.ts'
import { readRequestBody } from './body.ts'
import { corsHeaders, preflight } from './cors.ts'
import { createHostCheck, type HostCheck, hostRefused } from './hosts.ts'
import { addMcp } from './mcp.ts'
import type { Route, RouteCall } from './route.ts'
import { ROUTES } from './routes/index.ts'
import { closeScope, failureOf, openScope, priorityOf, type Scope, scopeHeaders } from './scope.ts'
import { addSystemRoutes } from './system.ts'

interface Served {
  readonly services: Services
  readonly isHost: HostCheck
}

const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false })
type BodyCheck = () => ValidateFunction | null

/** Faults of a body that are named one by one. */
const MOST_TOLD = 20

/** The API as one function from Request to Response; it needs no port. /custom and deliveries are served beside it, by raw streams. */
export function createApp(services: Services): Hono {
  const app = new Hono({ strict: false })
  const served: Served = { services, isHost: createHostCheck(services.settings) }
  addSystemRoutes(app, services, served.isHost)
  addMcp(app, services, served.isHost)
  addLink(app, services, served.isHost)
  for (const route of ROUTES) {
    const validator = bodyCheck(route)
    const path = route.path.replaceAll(/\{(\w+)\}/g, ':$1')
    app.on(route.verb.toUpperCase(), path, (c) =>
      serveRoute(served, c, (scope) => callRoute(served, c, scope, route, validator)),
    )
  }
  app.options('*', (c) => serveRoute(served, c, () => preflight(services, c.req.raw)))
  app.all('*', (c) => serveRoute(served, c, () => Promise.reject(nothingAt(c))))
  return app
}

/** The check of a route's body, compiled at the first call: most routes are never called, and a start is to be short. */
function bodyCheck({ body }: Route): BodyCheck {
  let validate: ValidateFunction | undefined
  return () => {
    if (body == null) return null
    validate ??= ajv.compile(body)
    return validate
  }
}

/** Runs the work of a request within its scope: failures become problems, and every answer is logged. */
async function serveRoute(
  { services, isHost }: Served,
  c: Context,
  work: (scope: Scope) => Promise<Reply>,
): Promise<Response> {
  const { headers, method, url } = c.req.raw
  const scope = openScope(services, method, url.slice(url.indexOf('/', 8)), headers.get('x-request-id'))
  let response: Response
  try {
    const host = headers.get('host') ?? new URL(url).host
    if (!isHost(host)) throw hostRefused(host)
    const reply = await work(scope)
    const own = { ...scopeHeaders(services, scope), 'content-type': 'application/json', ...reply.headers }
    const cors = await corsHeaders(services, headers.get('origin'), scope.trace.environmentId)
    const { body: given } = reply
    const body =
      given === undefined ? null : given instanceof ReadableStream ? given : Buffer.from(JSON.stringify(given))
    response = new Response(body, { status: reply.status, headers: { ...own, ...cors } })
  } catch (thrown) {
    const failure = failureOf(services, scope, thrown)
    const cors = await corsHeaders(services, headers.get('origin'), scope.trace.environmentId)
    response = new Response(JSON.stringify(failure.problem), {
      status: failure.status,
      headers: { ...failure.headers, ...cors },
    })
  }
  closeScope(services, scope, 'api', response.status)
  return response
}

async function callRoute(
  { services }: Served,
  c: Context,
  scope: Scope,
  route: Route,
  validator: BodyCheck,
): Promise<Reply> {
  const request = c.req.raw
  const { headers } = request
  const presented = {
    authorization: headers.get('authorization') ?? undefined,
    environment: headers.get('x-onefold-environment') ?? undefined,
  }
  const asked = { name: `${route.verb.toUpperCase()} ${route.path}`, rank: route.rank, requestId: scope.requestId }
  const caller = await admit(services, presented, scope.trace, asked)
  const query = [...new URL(request.url).searchParams]
  checkQuery(route, query)
  const body = await readRequestBody(request, route.takesFiles ?? false)
  checkBody(route, body, validator())
  const { requestId, trace } = scope
  const priority = priorityOf(headers.get('x-onefold-priority'))
  const context: CallContext = { services, caller, requestId, priority, signal: request.signal, trace }
  const idempotencyKey = headers.get('idempotency-key') ?? undefined
  const call: RouteCall = { context, params: c.req.param(), query, body, idempotencyKey, headers }
  return auditMisses(services, trace, asked, () => route.handle(call))
}

function checkQuery({ query: known }: Route, query: RouteCall['query']): void {
  if (known === null) return
  const unknown = query.find(([name]) => !Object.hasOwn(known, name))?.[0]
  if (unknown === undefined) return
  throw new EngineError('unknown_parameter', `\`${unknown.slice(0, 64)}\` is not a parameter here`, {
    where: unknown.slice(0, 64),
    valid: Object.keys(known),
  })
}

function checkBody(route: Route, body: unknown, validate: ValidateFunction | null): void {
  if (route.body === undefined && body !== undefined) {
    throw new EngineError('invalid_request', 'This call takes no body', { where: 'body' })
  }
  if (validate === null || validate(body ?? {})) return
  const errors = validate.errors ?? []
  const told = errors.map(({ instancePath, message, params }) => {
    const extra = 'additionalProperty' in params ? ` (${String(params.additionalProperty)})` : ''
    return `${instancePath === '' ? 'the body' : instancePath} ${message}${extra}`
  })
  const more = told.length > MOST_TOLD ? `; and ${told.length - MOST_TOLD} more` : ''
  const missing = errors.flatMap(({ params }) => ('missingProperty' in params ? [String(params.missingProperty)] : []))
  const { instancePath: where = '', params = {} } = errors[0] ?? {}
  const names = where === '' ? Object.keys((route.body?.properties as object | undefined) ?? {}) : undefined
  throw new EngineError('invalid_body', told.slice(0, MOST_TOLD).join('; ') + more, {
    where: where === '' ? 'body' : where,
    valid: Array.isArray(params.allowedValues) ? params.allowedValues.map(String) : names,
    missingFields: missing.length === 0 ? undefined : missing,
  })
}

/** A known path with another method is 405, everything else 404. */
function nothingAt(c: Context): EngineError {
  const { method } = c.req.raw
  const path = c.req.path.replace(/\/$/, '')
  const isHere = (route: Route): boolean => new RegExp(`^${route.path.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path)
  const verbs = [...new Set(ROUTES.filter(isHere).map(({ verb }) => verb.toUpperCase()))]
  if (verbs.length > 0) {
    return new EngineError('method_not_allowed', `${method} is not taken here`, { where: 'method', valid: verbs })
  }
  return new EngineError('not_found', `There is nothing at ${path.slice(0, 200)}`, {
    hint: 'GET /docs lists what there is.',
  })
}
