import type { Context } from 'hono'
import type { Services } from '../api/context.ts'
import { auditLink } from '../api/link.ts'
import { asEngineError } from '../api/problem.ts'
import { type HostCheck, hostRefused } from '../http/hosts.ts'
import { closeScope, failureOf, openScope, type Scope } from '../http/scope.ts'
import type { LinkToken } from '../stores/index.ts'
import { pageHeaders } from './headers.ts'
import { failureText } from './texts.ts'
import { endedPage } from './views/ended.ts'

/** A request of a browser on its way. */
export interface LinkCall {
  readonly services: Services
  readonly request: Request
  readonly url: URL
  readonly params: Readonly<Record<string, string>>
  readonly scope: Scope
  /** The link that the request turned out to be about: what it is refused stands in the audit log of its environment. */
  link: LinkToken | null
}

/** Answers a request of a browser. Throws EngineError. */
export type LinkHandler = (call: LinkCall) => Promise<Response>

const DENIED = [401, 403, 404]

/** A handler of pages or of the calls that their scripts make: failures become pages or problems, all of it is logged. */
export function served(
  { services, isHost, shows }: { services: Services; isHost: HostCheck; shows: 'page' | 'json' },
  handler: LinkHandler,
): (c: Context) => Promise<Response> {
  return async (c) => {
    const request = c.req.raw
    const { headers, method, url } = request
    const scope = openScope(services, method, url.slice(url.indexOf('/', 8)), headers.get('x-request-id'))
    const call: LinkCall = { services, request, url: new URL(url), params: c.req.param(), scope, link: null }
    const response = await answer(call, isHost, handler).catch((thrown) => refusal(call, shows, thrown))
    response.headers.set('x-request-id', scope.requestId)
    response.headers.set('x-content-type-options', 'nosniff')
    response.headers.set('referrer-policy', 'no-referrer')
    closeScope(services, scope, 'link', response.status)
    return response
  }
}

function answer(call: LinkCall, isHost: HostCheck, handler: LinkHandler): Promise<Response> {
  const host = call.request.headers.get('host') ?? call.url.host
  return isHost(host) ? handler(call) : Promise.reject(hostRefused(host))
}

async function refusal(call: LinkCall, shows: 'page' | 'json', thrown: unknown): Promise<Response> {
  const { services, scope, link } = call
  const { status, headers, problem } = failureOf(services, scope, thrown)
  const { code } = asEngineError(thrown)
  if (link !== null && DENIED.includes(status)) {
    const details = { code, path: call.url.pathname }
    await auditLink(services, link, { requestId: scope.requestId, outcome: 'denied', details })
  }
  if (shows === 'json') return new Response(JSON.stringify(problem), { status, headers })
  const text = failureText(status === 404 && code === 'not_found' ? 'unauthorized' : code, 'The provider', null)
  return new Response(await endedPage(text), { status, headers: pageHeaders({ origin: null, logo: null }) })
}
