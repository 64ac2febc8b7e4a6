import { EngineError } from '../../../engine/index.ts'
import type { CallContext, Reply } from '../../api/context.ts'
import { eventAccountOf } from '../../api/narrow.ts'
import { checkReach } from '../../api/reach.ts'
import { eventOut, readPageQuery } from '../../api/wire.ts'
import type { Route, RouteCall } from '../route.ts'
import { EVENT, object, PAGING, text } from '../schemas.ts'

const tag = 'Events'
const filter = (description: string) => ({ description, schema: { type: 'string' } })

/** What happened, to be pulled in order. */
export const EVENT_ROUTES: readonly Route[] = [
  {
    ...{ verb: 'get', path: '/event', tag, rank: 'any', handle: pull },
    summary: 'Lists the events of the environment, oldest first, from a place on.',
    query: {
      after: filter(
        'Id of the last event you have seen, or next_cursor of an earlier answer; the oldest kept by default.',
      ),
      limit: PAGING.limit ?? filter('Records of a page.'),
      type: filter('Of this type; with a * at the end, of all types that start so.'),
      integrated_account_id: filter('Of this account.'),
      tenant_id: filter('Of accounts of this tenant.'),
      integration: filter('Of accounts of this integration.'),
    },
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
  checkReach(token, { effect: 'read', method, resources: ['events'] })
  return eventAccountOf(token)
}

async function pull({ context, query }: RouteCall): Promise<Reply> {
  const own = onlyAccount(context, 'list')
  const { page, filters } = readPageQuery(context, 'events', query)
  const wanted = filters.integrated_account_id
  if (own !== undefined && wanted !== undefined && wanted !== own) {
    throw new EngineError('unknown_account', `There is no integrated account ${wanted.slice(0, 128)}`, {
      where: 'integrated_account_id',
    })
  }
  const found = await context.services.stores.events.pull(context.caller.environmentId, {
    after: filters.after,
    limit: page.limit,
    type: filters.type,
    integratedAccountId: own ?? wanted,
    tenantId: filters.tenant_id,
    integration: filters.integration,
  })
  const { result, next, hasMore, limit } = found
  return { status: 200, body: { result: result.map(eventOut), next_cursor: next, has_more: hasMore, limit } }
}

async function get({ context, params }: RouteCall): Promise<Reply> {
  const own = onlyAccount(context, 'get')
  const event = await context.services.stores.events.get(context.caller.environmentId, params.id ?? '')
  if (event !== null && (own === undefined || event.integratedAccountId === own)) {
    return { status: 200, body: eventOut(event) }
  }
  throw new EngineError('not_found', 'There is no such event; it may be past its retention', { where: 'id' })
}
