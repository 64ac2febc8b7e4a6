import { randomBytes } from 'node:crypto'
import { EngineError } from '../../engine/index.ts'
import { logFailure } from '../api/call-log.ts'
import { AUTHORIZATION_MS, arriveFlow, departFlow } from '../api/link-oauth.ts'
import { asEngineError } from '../api/problem.ts'
import type { LinkSession } from '../stores/index.ts'
import { readObject, refusedForm } from './calls.ts'
import { pageHeaders } from './headers.ts'
import type { LinkCall } from './serve.ts'
import { checkSameOrigin, cookieLine, readCookie } from './session.ts'
import { departingPage, returnedPage } from './views/oauth.ts'

/** Names the browser that went to a provider; only there does the way back lead anywhere. */
const BROWSER_COOKIE = '__Host-onefold_oauth'
const NO_FRAME = { origin: null, logo: null }

/**
 * GET /oauth/start: the window that goes to a provider from within a frame. It waits for the ticket of the page that opened
 * it, and takes it from our own origin only, so nobody is sent through it by a link.
 */
export async function showDeparture(): Promise<Response> {
  return new Response(await departingPage(), { headers: pageHeaders(NO_FRAME) })
}

/** POST /oauth/start: trades a ticket for the address at the provider, and binds the way back to this browser. */
export async function depart(call: LinkCall): Promise<Response> {
  const { services, request } = call
  checkSameOrigin(services, request)
  const { ticket } = await readObject(request)
  const { stores, clock } = services
  const flow = typeof ticket === 'string' ? await stores.oauthFlows.waiting(ticket, clock.now()) : null
  const session = flow === null ? null : await stores.links.sessionById(flow.sessionId, clock.now())
  if (flow === null || session === null) {
    throw new EngineError('oauth_state_refused', 'The ticket is unknown, used or over')
  }
  about(call, session)
  const browser = readCookie(request, BROWSER_COOKIE) ?? randomBytes(32).toString('base64url')
  try {
    const url = await departFlow(services, session, flow, browser)
    const cookie = cookieLine(BROWSER_COOKIE, browser, AUTHORIZATION_MS, false)
    return Response.json({ url }, { headers: { 'set-cookie': cookie, 'cache-control': 'no-store' } })
  } catch (thrown) {
    return refusedForm(call, flow, thrown)
  }
}

/**
 * GET /oauth/callback/{integration}: the way back from a provider. Its state works once, in the browser that left with it,
 * and for the integration it was made for; what the provider says is shown on the page of the link.
 */
export async function arrive(call: LinkCall): Promise<Response> {
  const { services, request, url, params, scope } = call
  const { stores, clock } = services
  const states = url.searchParams.getAll('state')
  const [state = ''] = states
  const { flow, sessionId } = await stores.oauthFlows.arrive(state, readCookie(request, BROWSER_COOKIE), clock.now())
  const session = sessionId === null ? null : await stores.links.sessionById(sessionId, clock.now())
  if (session !== null) about(call, session)
  if (flow === null || session === null || states.length !== 1 || flow.integration !== params.integration) {
    throw new EngineError('oauth_state_refused', 'The state is unknown, used, over or of another browser')
  }
  const back = { state, parameters: Object.fromEntries(url.searchParams), requestId: scope.requestId }
  try {
    scope.trace.accountId = (await arriveFlow(services, session, flow, back)).id
  } catch (thrown) {
    // The page of the link tells it, with a way forward.
    const error = asEngineError(thrown)
    scope.errorCode = error.code
    logFailure(services, scope.requestId, error)
  }
  if (flow.window === 'popup') return new Response(await returnedPage(), { headers: pageHeaders(NO_FRAME) })
  const location = `/link/${session.link.id}?integration=${encodeURIComponent(flow.integration)}`
  return new Response(null, { status: 303, headers: { location, 'cache-control': 'no-store' } })
}

function about(call: LinkCall, { link }: LinkSession): void {
  call.link = link
  call.scope.trace.environmentId = link.environmentId
}
