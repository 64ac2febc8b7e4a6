import type { Services } from '../api/context.ts'
import { changesSince, hashOf } from '../inbound/records.ts'
import { fromJson, type JsonObject, type NewEvent, type SeenRecord, seenKey } from '../stores/index.ts'
import type { ChangeTeller, FoundChange } from '../stores/sync-types.ts'

/** Tells of changes that a sync has found and that the provider has not told: each becomes an event, once. */
export function tellerOf({ stores }: Pick<Services, 'stores'>): ChangeTeller {
  return async (trx, found, now) => {
    const fresh = new Map<string, NewEvent[]>()
    for (const changes of grouped(found, ({ telling }) => telling.integratedAccountId)) {
      const { environmentId, integratedAccountId: id } = (changes[0] as FoundChange).telling
      const seen = await stores.inbound.seen.find(environmentId, id, changes.map(subjectOf), trx)
      const news = changes.flatMap((change) => newsOf(change, seen.get(keyOf(change))))
      const states = new Map(news.map(({ state }) => [seenKey(state.resource, state.recordId), state]))
      await stores.inbound.seen.put(trx, environmentId, id, [...states.values()], now)
      fresh.set(environmentId, [...(fresh.get(environmentId) ?? []), ...news.map(({ event }) => event)])
    }
    for (const [environmentId, events] of [...fresh].sort()) {
      await stores.events.append(trx, environmentId, events, now)
    }
  }
}

interface News {
  readonly event: NewEvent
  readonly state: SeenRecord
}

function* grouped(found: readonly FoundChange[], by: (change: FoundChange) => string): Iterable<FoundChange[]> {
  for (const name of new Set(found.map(by))) yield found.filter((change) => by(change) === name)
}

const subjectOf = ({ telling: { model, resource }, recordId }: FoundChange) => ({
  resource: `${model}/${resource}`,
  recordId,
})

const keyOf = (change: FoundChange): string => seenKey(subjectOf(change).resource, change.recordId)

/** Nothing where the provider has told of this state already, or where only the reading differs. */
function newsOf(change: FoundChange, seen: SeenRecord | undefined): readonly News[] {
  const before = change.before === null ? null : fromJson<JsonObject>(change.before)
  const record = change.after === null ? { ...before, is_deleted: true } : fromJson<JsonObject>(change.after)
  const hash = hashOf(record)
  const isGone = seen?.record.is_deleted === true
  const compared = change.comparable === change.after ? record : fromJson<JsonObject>(change.comparable ?? 'null')
  const isKnown = seen?.hash === hash || (before !== null && hashOf(before) === hashOf(compared))
  if (isKnown || (change.after === null && isGone)) return []
  // The provider may have told of later things than it was read: what it tells next is compared with what was read.
  const state = { ...subjectOf(change), at: seen?.at ?? 0, isFetched: true, isSynced: true, hash, record }
  const isNew = before === null && (seen === undefined || isGone)
  const type = change.after === null ? 'record:deleted' : isNew ? 'record:created' : 'record:updated'
  const changes =
    seen === undefined && before !== null
      ? changesSince({ ...state, record: before }, compared)
      : changesSince(seen, record)
  return [{ state, event: eventOf(change, type, record, isNew ? null : changes) }]
}

function eventOf(
  { telling, recordId, observedAt }: FoundChange,
  type: string,
  record: JsonObject,
  changes: NewEvent['changes'],
): NewEvent {
  const { integratedAccountId, tenantId, integration, livemode, model, resource } = telling
  const meta = { ...(record._meta as JsonObject), observed_at: new Date(observedAt).toISOString() }
  return {
    ...{ type, integratedAccountId, tenantId, integration, livemode, changes },
    data: { ...record, _meta: meta },
    about: { model, resource, recordId, occurredAt: null },
  }
}
