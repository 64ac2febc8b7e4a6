import type { UnifiedEvent } from '../../engine/index.ts'
import type { Services } from '../api/context.ts'
import { type IntegratedAccount, type SeenRecord, seenKey } from '../stores/index.ts'
import type { KeptStates, ToldState } from '../stores/synced-told.ts'
import { toldRow } from '../sync/rows.ts'
import type { NewState, RecordEvent } from './hydrate.ts'
import { hashOf } from './records.ts'

/** What is known of records before events tell of them. */
export interface Known {
  /** As it was told last, by `model/resource/id`. */
  readonly seen: ReadonlyMap<string, SeenRecord>
  /** As it was told or synced last. */
  readonly now: ReadonlyMap<string, SeenRecord>
  readonly kept: KeptStates
}

/** What is known of the records that events are about. What a sync has read may be newer than what was told. */
export async function knownOf(
  { stores }: Pick<Services, 'stores'>,
  { environmentId, id }: IntegratedAccount,
  events: readonly RecordEvent[],
): Promise<Known> {
  const seen = await stores.inbound.seen.find(environmentId, id, events)
  const kept = await stores.syncedTold.find(environmentId, id, events)
  const now = new Map(seen)
  for (const { resource, recordId } of events) {
    const key = seenKey(resource, recordId)
    const record = kept.records.get(key)?.record
    const told = seen.get(key)
    const hash = record && hashOf(record)
    if (record === undefined || hash === undefined || told?.hash === hash) continue
    now.set(key, { resource, recordId, at: told?.at ?? 0, isFetched: true, isSynced: false, hash, record })
  }
  return { seen, now, kept }
}

/** When states came to be known (epoch ms). */
export interface Times {
  /** Before the first record was read from the provider. */
  readonly readAt: number
  readonly receivedAt: ReadonlyMap<UnifiedEvent, number>
}

/** What new states make of what is synced of the account. */
export function keptAfter({ kept }: Known, states: readonly NewState[], times: Times): readonly ToldState[] {
  return states.flatMap((state): ToldState[] => {
    const setId = kept.sets.get(state.resource)
    if (setId === undefined) return []
    const { recordId } = state
    const before = kept.records.get(seenKey(state.resource, recordId))
    return [{ setId, recordId, kept: before, row: rowOf(state, before, times) }]
  })
}

function rowOf(state: NewState, before: ToldState['kept'], { readAt, receivedAt }: Times): ToldState['row'] {
  const { record, hash, by, isFetched } = state
  if (record.is_deleted === true) return null
  if (before !== undefined && hashOf(before.record) === hash) return undefined
  const toldAt = by === null ? readAt : (receivedAt.get(by) ?? readAt)
  return { ...toldRow(record), observedAt: Math.max(before?.observedAt ?? 0, isFetched ? readAt : toldAt) }
}
