import type { Reply } from '../../api/context.ts'
import { actOut, pageReply, readPageQuery, requestOut } from '../../api/wire.ts'
import type { Route, RouteCall } from '../route.ts'
import { anyObject, PAGING, pageOf } from '../schemas.ts'

const filter = (description: string) => ({ description, schema: { type: 'string' } })

/** The request log and the audit log. */
export const LOG_ROUTES: readonly Route[] = [
  {
    ...{ verb: 'get', path: '/request-log', tag: 'Logs', rank: 'read', handle: listRequests },
    summary: 'Lists the calls of the environment, newest first, without bodies or values of queries.',
    query: { ...PAGING, integrated_account_id: filter('Calls of this account.'), request_id: filter('This call.') },
    answer: pageOf(anyObject('A call.')),
  },
  {
    ...{ verb: 'get', path: '/audit-log', tag: 'Logs', rank: 'admin', handle: listActs },
    summary: 'Lists who did what to what, denied acts too, newest first.',
    query: { ...PAGING, actor: filter('By whom.'), action: filter('What.'), target: filter('To what.') },
    answer: pageOf(anyObject('An act.')),
  },
]

async function listRequests({ context, query }: RouteCall): Promise<Reply> {
  const { page, filters, binding } = readPageQuery(context, 'requests', query)
  const { stores } = context.services
  await stores.requests.flush()
  const wanted = { ...page, integratedAccountId: filters.integrated_account_id, requestId: filters.request_id }
  return pageReply(context, binding, await stores.requests.list(context.caller.environmentId, wanted), requestOut)
}

async function listActs({ context, query }: RouteCall): Promise<Reply> {
  const { page, filters, binding } = readPageQuery(context, 'acts', query)
  const found = await context.services.stores.audit.list(context.caller.environmentId, { ...page, ...filters })
  return pageReply(context, binding, found, actOut)
}
