import { EngineError } from '../../../engine/index.ts'
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
    summary: 'Lists who did what to what, every call of a tool by an agent and denied acts too, newest first.',
    query: {
      ...PAGING,
      actor: filter('By whom, such as token:tok_1.'),
      action: filter('What, such as account_token.create; with a * at the end, all that start so, such as mcp/*.'),
      target: filter('To what, such as integrated_account:ia_1.'),
      outcome: filter('How it ended: succeeded, failed, denied, held or unknown.'),
      request_id: filter('In this call.'),
      from: filter('At this instant (RFC 3339) or after it.'),
      until: filter('Before this instant.'),
    },
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
  const { actor, action, target, outcome, request_id: requestId } = filters
  const [from, until] = [instantIn('from', filters.from), instantIn('until', filters.until)]
  const wanted = { ...page, actor, action, target, outcome, requestId, from, until }
  const found = await context.services.stores.audit.list(context.caller.environmentId, wanted)
  return pageReply(context, binding, found, actOut)
}

/** Epoch milliseconds of an instant. Throws invalid_parameter. */
function instantIn(where: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const at = Date.parse(text)
  if (/^\d{4}-\d\d-\d\d(T.*)?$/.test(text) && !Number.isNaN(at)) return at
  throw new EngineError('invalid_parameter', `\`${where}\` is no instant of RFC 3339`, { where })
}
