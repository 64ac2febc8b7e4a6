import { EngineError } from '../../engine/index.ts'
import { logFailure } from '../api/call-log.ts'
import { asksAtProvider, type LinkForm, linkByForm } from '../api/link.ts'
import { beginFlow } from '../api/link-oauth.ts'
import { asEngineError, problemHeaders, toProblem } from '../api/problem.ts'
import { readRequestBody } from '../http/body.ts'
import { namedLink } from './pages.ts'
import type { LinkCall } from './serve.ts'
import { checkSameOrigin, cookieLine, linkCookie, provenSession, SESSION_MS, sessionOf } from './session.ts'
import { failureText, fieldTexts, saidBy } from './texts.ts'

const MOST_CHARACTERS = 20_000

/** POST /link/{id}/session: trades the token of a link for the cookie of a session. The token is not spent by it. */
export async function openSession(call: LinkCall): Promise<Response> {
  const { services, request } = call
  const link = await namedLink(call)
  checkSameOrigin(services, request)
  const { token } = await readObject(request)
  const now = services.clock.now()
  const check = await services.stores.links.check(typeof token === 'string' ? token : '', now)
  if (check.state === 'unknown' || check.link.id !== link.id) {
    throw new EngineError('unauthorized', 'The link token is not valid')
  }
  if (check.state === 'expired') throw new EngineError('expired_token', 'The link has expired')
  if (check.state === 'spent') throw new EngineError('link_token_spent', 'The link has connected an account already')
  if ((await sessionOf(services, request, link)) !== null) return new Response(null, { status: 204 })
  const value = await services.stores.links.openSession(link, now, now + SESSION_MS)
  const cookie = cookieLine(linkCookie(link.id), value.reveal(), SESSION_MS, true)
  return new Response(null, { status: 204, headers: { 'set-cookie': cookie, 'cache-control': 'no-store' } })
}

/** GET /link/{id}/session: whether this browser has the link open, and how its last attempt ended. */
export async function sessionState(call: LinkCall): Promise<Response> {
  const link = await namedLink(call)
  const open = await sessionOf(call.services, call.request, link)
  const status = open === null ? 'none' : (open.session.outcome?.status ?? 'open')
  return Response.json({ status }, { headers: { 'cache-control': 'no-store' } })
}

/**
 * POST /link/{id}/connect: connects the account by what the form holds, or answers the ticket with which a window goes to the
 * provider. Failures carry texts for the person.
 */
export async function connectByForm(call: LinkCall): Promise<Response> {
  const { services, request, scope } = call
  const link = await namedLink(call)
  const session = await provenSession(services, request, link)
  const body = await readObject(request)
  const form = readForm(body)
  try {
    if (isOAuth(services, form)) {
      const window = body.window === 'popup' ? 'popup' : 'page'
      const ticket = await beginFlow(services, session, { ...form, window }, scope.requestId)
      return Response.json({ status: 'authorize', ticket }, { headers: { 'cache-control': 'no-store' } })
    }
    const account = await linkByForm(services, session, form, scope.requestId)
    scope.trace.accountId = account.id
    return Response.json({ status: 'connected' }, { headers: { 'cache-control': 'no-store' } })
  } catch (thrown) {
    return refusedForm(call, form, thrown)
  }
}

function isOAuth({ engine }: LinkCall['services'], { integration, method }: LinkForm): boolean {
  const found = engine.catalog().integrations.get(integration)?.auth.methods.get(method)
  return found !== undefined && asksAtProvider(found)
}

/** The problem, without what only callers of the API can do, and with what the page shows. */
export function refusedForm(
  { services, scope }: LinkCall,
  { integration: name, method }: Pick<LinkForm, 'integration' | 'method'>,
  thrown: unknown,
): Response {
  const error = asEngineError(thrown)
  scope.errorCode = error.code
  logFailure(services, scope.requestId, error)
  const integration = services.engine.catalog().integrations.get(name)
  const { hint: _hint, issues: _issues, ...problem } = toProblem(error, scope.requestId)
  const fields = integration === undefined ? {} : fieldTexts(error, integration, method)
  const shown = { ...failureText(error.code, integration?.label ?? 'The provider', saidBy(error)), fields }
  const headers = { ...problemHeaders(error), 'cache-control': 'no-store' }
  return new Response(JSON.stringify({ ...problem, shown }), { status: error.status, headers })
}

/** The object in the body of a request. Throws invalid_body. */
export async function readObject(request: Request): Promise<Readonly<Record<string, unknown>>> {
  const body = await readRequestBody(request, false)
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Record<string, unknown>
  throw new EngineError('invalid_body', 'The body is no object', { where: 'body' })
}

function readForm({ integration, method, fields }: Readonly<Record<string, unknown>>): LinkForm {
  const isForm = typeof integration === 'string' && typeof method === 'string'
  if (!isForm || typeof fields !== 'object' || fields === null) {
    throw new EngineError('invalid_body', 'The body lacks integration, method or fields', { where: 'body' })
  }
  const entries = Object.entries(fields)
  const wrong = entries.find(([, value]) => typeof value !== 'string' || value.length > MOST_CHARACTERS)
  if (wrong === undefined) return { integration, method, fields: Object.fromEntries(entries) }
  throw new EngineError('invalid_body', 'A field is no text, or too long', { where: 'body' })
}
