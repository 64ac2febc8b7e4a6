import { EngineError } from '../../../engine/index.ts'
import { tokenNow } from '../../api/authenticate.ts'
import type { CallContext, Reply } from '../../api/context.ts'
import { eventAccountOf } from '../../api/narrow.ts'
import { checkReach } from '../../api/reach.ts'
import { eventOut, readPageQuery } from '../../api/wire.ts'
import { type EventPage, START, type Token } from '../../stores/index.ts'
import type { Route, RouteCall } from '../route.ts'
import { EVENT, object, PAGING, text } from '../schemas.ts'

const tag = 'Events'
const filter = (description: string) => ({ description, schema: { type: 'string' } })

/** What happened, to be pulled in order. */
export const EVENT_ROUTES: readonly Route[] = [
  {
    ...{ verb: 'get', path: '/event', tag, rank: 'any', handle: pull },
    summary:
      'Lists the events of the environment, oldest first, from a place on; with `Accept: text/event-stream` it tells them as they happen.',
    query: {
      after: filter(
        'Id of the last event you have seen, or next_cursor of an earlier answer; default the oldest kept, of a stream now.',
      ),
      limit: PAGING.limit ?? filter('Records of a page.'),
      type: filter('Of this type; with a * at the end, of all types that start so.'),
      integrated_account_id: filter('Of this account.'),
      tenant_id: filter('Of accounts of this tenant.'),
      integration: filter('Of accounts of this integration.'),
    },
    headers: {
      'Last-Event-ID': filter('Of a stream: the id that came last; it goes before `after`.'),
    },
    stream:
      'Server-sent events: `data` is an event as in `result`, `id` its place. A comment every 15 seconds; `event: problem` before the end where it ends for a reason.',
    answer: object({
      result: { type: 'array', description: 'Oldest first.', items: EVENT },
      next_cursor: text('Give it as `after` to go on; it is there at the end, too, for the events to come.'),
      has_more: { type: 'boolean', description: 'Whether more events are there already.' },
      limit: { type: 'integer', description: 'Most records of a page.' },
    }),
  },
  {
    ...{ verb: 'get', path: '/event/{id}', tag, rank: 'any', query: {}, answer: EVENT, handle: get },
    summary: 'Gets an event.',
  },
]

/** The one account that the token is for, or undefined. Throws forbidden for a token whose reach leaves events out. */
export function onlyAccount({ caller: { token } }: CallContext, method: string): string | undefined {
  return accountFor(token, method)
}

function accountFor(token: Token, method: string): string | undefined {
  checkReach(token, { effect: 'read', method, resources: ['events'] })
  return eventAccountOf(token)
}

async function pull(call: RouteCall): Promise<Reply> {
  const { context, query, headers } = call
  const { page, filters } = readPageQuery(context, 'events', query)
  const wanted = { ...filters, limit: page.limit }
  if (/\btext\/event-stream\b/.test(headers.get('accept') ?? '')) return await stream(call, wanted)
  const { result, next, hasMore, limit } = await read(context, context.caller.token, wanted)
  return { status: 200, body: { result: result.map(eventOut), next_cursor: next, has_more: hasMore, limit } }
}

/** Filters of a call by their names on the wire. */
interface Wanted {
  readonly after?: string
  readonly limit: number | undefined
  readonly type?: string
  readonly integrated_account_id?: string
  readonly tenant_id?: string
  readonly integration?: string
}

async function read({ services, caller }: CallContext, token: Token, wanted: Wanted): Promise<EventPage> {
  const { integrated_account_id: account, tenant_id: tenantId, ...rest } = wanted
  const own = accountFor(token, 'list')
  if (own !== undefined && account !== undefined && account !== own) {
    throw new EngineError('unknown_account', `There is no integrated account ${account.slice(0, 128)}`, {
      where: 'integrated_account_id',
    })
  }
  const query = { ...rest, integratedAccountId: own ?? account, tenantId }
  return await services.stores.events.pull(caller.environmentId, query)
}

/** Events of one reading for a stream that names no limit. */
const READ_AT_ONCE = 100

/** The same as they happen. The token is read again before each reading: what was revoked ends the stream. */
async function stream({ context, headers }: RouteCall, wanted: Wanted): Promise<Reply> {
  const { services, caller, requestId } = context
  const { environmentId, token } = caller
  accountFor(token, 'list')
  const heads = await services.stores.events.heads([environmentId])
  const after = headers.get('last-event-id') ?? wanted.after ?? heads.get(environmentId) ?? START
  const authorization = headers.get('authorization') ?? undefined
  const some = { ...wanted, limit: wanted.limit ?? READ_AT_ONCE }
  const body = await services.eventStreams.open({
    ...{ tokenId: token.id, requestId, environmentId, after },
    read: async (place) => read(context, await tokenNow(services, authorization), { ...some, after: place }),
  })
  return { status: 200, body, headers: { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' } }
}

async function get({ context, params }: RouteCall): Promise<Reply> {
  const own = onlyAccount(context, 'get')
  const event = await context.services.stores.events.get(context.caller.environmentId, params.id ?? '')
  if (event !== null && (own === undefined || event.integratedAccountId === own)) {
    return { status: 200, body: eventOut(event) }
  }
  throw new EngineError('not_found', 'There is no such event; it may be past its retention', { where: 'id' })
}
