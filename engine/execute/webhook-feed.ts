import { EngineError } from '../errors.ts'
import { PLAIN_QUERY } from '../query/index.ts'
import { nativeEvents } from '../webhooks/index.ts'
import { settled } from './apart.ts'
import { type EngineContext, integrationOf } from './context.ts'
import type { Account, CallOptions, JsonRecord } from './contract.ts'
import { unified } from './unified.ts'
import type { EventFeedPage } from './webhook-contract.ts'
import { webhooksOf } from './webhook-events.ts'

const PAGE = 100

/** Whether an integration has a feed of events that can be read from an instant on. */
export function hasEventFeed(context: EngineContext, account: Account): boolean {
  const { webhooks, events, mappings } = integrationOf(context, account)
  const mapping = webhooks && mappings.get(`${webhooks.as.model}/${webhooks.as.resource}`)
  return events !== undefined && mapping?.list !== undefined && mapping.filters.has('occurred_at')
}

/** A page of the feed of events from an instant (epoch ms) on, newest first; its own events the oldest first. Throws as lists do. */
export async function readEventFeed(
  context: EngineContext,
  account: Account,
  { since, cursor }: { readonly since: number; readonly cursor: string | null },
  options: CallOptions,
): Promise<EventFeedPage> {
  const rules = webhooksOf(context, account)
  const value = new Date(since).toISOString()
  const query = {
    ...PLAIN_QUERY,
    filters: [{ field: 'occurred_at', op: 'gte', value }] as const,
    limit: PAGE,
    cursor: cursor ?? undefined,
    remoteData: true,
  }
  const answer = await unified(context, account, { ...rules.as, method: 'list', query }, options)
  if (answer.kind !== 'list') throw new EngineError('internal', 'The feed of events is no list')
  const nothing = { headers: {}, query: {}, body: null }
  const natives = oldestFirst(answer.result).map(({ remote_data: native }) => native)
  return {
    events: await settled(context, account, () => nativeEvents(rules, natives, nothing)),
    newest: answer.result.reduce<number | null>((newest, event) => {
      const ms = timeOf(event)
      return ms === null || (newest !== null && newest >= ms) ? newest : ms
    }, null),
    nextCursor: answer.nextCursor,
  }
}

const timeOf = ({ occurred_at: at }: JsonRecord): number | null => (typeof at === 'string' ? Date.parse(at) : null)

/** Events of one instant are in the order of the page, turned round. */
const oldestFirst = (page: readonly JsonRecord[]): JsonRecord[] =>
  [...page].reverse().sort((a, b) => (timeOf(a) ?? 0) - (timeOf(b) ?? 0))
