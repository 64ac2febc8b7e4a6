import type { UnifiedEvent } from '../../engine/index.ts'
import { type IntegratedAccount, type NewEvent, type RawEvent, type SeenRecord, seenKey } from '../stores/index.ts'
import type { NewState } from './hydrate.ts'
import { changesSince } from './records.ts'

/** What a stored event means. */
export interface Meant {
  readonly event: UnifiedEvent
  readonly raw: RawEvent
}

/** What is known of the records behind events. */
export interface Known {
  readonly isSigned: boolean
  /** As they were told last. */
  readonly seen: ReadonlyMap<string, SeenRecord>
  /** As they were told or synced last. */
  readonly now: ReadonlyMap<string, SeenRecord>
  readonly states: ReadonlyMap<string, NewState>
}

/** What is to be told, and the records that are to be kept as seen. */
export interface Told {
  readonly events: readonly NewEvent[]
  readonly news: readonly NewState[]
}

/** Names the record of an event; empty where it is about none. */
export const keyOf = ({ target, recordId }: UnifiedEvent): string =>
  target !== null && recordId !== null ? seenKey(`${target.model}/${target.resource}`, recordId) : ''

/** The unified events: the data of each is the record as it is known now, never older than what an event before it had. */
export function toldOf(account: IntegratedAccount, meant: readonly Meant[], known: Known): Told {
  return {
    events: meant
      .filter(({ event }) => !isOld(event, known))
      .flatMap((one) => (isSigned(one.event, known) ? [eventOf(account, one, known)] : proven(account, one, known))),
    news: [...known.states]
      .filter(([key, { by, record }]) => by !== null && (isSigned(by, known) || isNews(known.now.get(key), record)))
      .map(([, state]) => state),
  }
}

/** What is to be told of records that change with others: what differs from what is known. */
export function touchedTold(account: IntegratedAccount, meant: readonly Meant[], known: Omit<Known, 'isSigned'>): Told {
  const changed = [...known.states].filter(([key, { by, hash }]) => by !== null && known.now.get(key)?.hash !== hash)
  const byNow = { ...known, seen: known.now, isSigned: false }
  return { events: meant.flatMap((one) => proven(account, one, byNow)), news: changed.map(([, state]) => state) }
}

/** Where deliveries are signed, those without an id are of the kind that is not. */
const isSigned = ({ native }: UnifiedEvent, known: Known): boolean => known.isSigned && native.id !== null

/** A sync has told of the record as it is before the provider did. */
function isOld(event: UnifiedEvent, { seen, states }: Known): boolean {
  const key = keyOf(event)
  const before = seen.get(key)
  return (
    event.type?.startsWith('record:') === true && before?.isSynced === true && before.hash === states.get(key)?.hash
  )
}

/** Nobody signed what happened: what differs from what was seen tells it, once. */
function proven(account: IntegratedAccount, one: Meant, known: Known): NewEvent[] {
  const key = keyOf(one.event)
  const [before, state] = [known.now.get(key), known.states.get(key)]
  if (state?.by !== one.event || before?.hash === state.hash || !isNews(before, state.record)) return []
  const type = state.record.is_deleted === true ? 'deleted' : before === undefined ? 'created' : 'updated'
  return [{ ...eventOf(account, one, known), type: `record:${type}` }]
}

/** A record that nobody ever saw, and that is not there, is somebody's invention. */
const isNews = (before: SeenRecord | undefined, record: SeenRecord['record']): boolean =>
  before !== undefined || record.is_deleted !== true

function eventOf(account: IntegratedAccount, { event, raw }: Meant, { seen, states }: Known): NewEvent {
  const { target, recordId, occurredAt } = event
  const key = keyOf(event)
  const state = states.get(key)
  const changes = state?.by === event ? changesSince(seen.get(key), state.record) : null
  return {
    type: event.type ?? '',
    integratedAccountId: account.id,
    tenantId: account.tenantId,
    integration: account.integration,
    livemode: account.livemode,
    data: state?.record ?? { id: recordId },
    changes: changes ?? toldChanges(event),
    rawEventId: raw.id,
    about: { model: target?.model ?? null, resource: target?.resource ?? null, recordId, occurredAt },
  }
}

/** What the provider says that changed. */
function toldChanges({ changes }: UnifiedEvent): NewEvent['changes'] {
  if (changes === null) return null
  const entries = Object.entries(changes)
  return Object.fromEntries(
    entries.map(([name, { before, after }]) => [name, { from: before ?? null, to: after ?? null }]),
  )
}
