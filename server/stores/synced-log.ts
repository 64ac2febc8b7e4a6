import type { Database, StoreTransaction } from './database.ts'
import type { ErasureStore } from './erasures.ts'
import { insertMany, type ManyRows } from './many-rows.ts'
import type { SyncedRow } from './sync-types.ts'

const LOG: ManyRows = { table: 'synced_changes', columns: ['set_id', 'seq', 'record_id', 'change', 'at'] }
const DELETIONS: ManyRows = {
  table: 'synced_deletions',
  columns: ['set_id', 'at', 'record_id'],
  after: 'on conflict do nothing',
}

/** A change to be numbered. */
export interface Change {
  readonly recordId: string
  readonly change: 'added' | 'updated' | 'deleted'
}

/** A set that a transaction holds. */
export interface HeldSet {
  readonly id: number
  readonly environment_id: string
  readonly integrated_account_id: string
  readonly generation: number
}

type Of = Pick<Database, 'dialect'>

/**
 * Takes sets for this transaction: writers of one set take turns, in one order, so that none waits for the other. Rows that
 * refer to a set can be made meanwhile: who divides a part holds what a writer of pages is about to move on.
 */
export async function holdSets(
  trx: StoreTransaction,
  { dialect }: Of,
  ids: readonly number[],
): Promise<ReadonlyMap<number, HeldSet>> {
  const query = trx
    .selectFrom('synced_sets')
    .select(['id', 'environment_id', 'integrated_account_id', 'generation'])
    .where('id', 'in', ids)
    .orderBy('id')
  const found = await (dialect === 'postgres' ? query.forNoKeyUpdate() : query).execute()
  return new Map(found.map((set) => [set.id, set]))
}

/** Rows of a held set but those about somebody who was erased; looked up once the set is held, or that could be missed. */
export async function freeRows(
  trx: StoreTransaction,
  erasures: ErasureStore,
  set: HeldSet,
  rows: readonly SyncedRow[],
): Promise<readonly SyncedRow[]> {
  const guard = rows.length === 0 ? null : await erasures.guard(trx, set.environment_id)
  if (guard === null) return rows
  const free = rows.filter(({ data }) => !guard.holdsOff(set.integrated_account_id, data))
  await guard.settle()
  return free
}

/** Numbers changes of a held set. */
export async function logChanges(
  trx: StoreTransaction,
  { dialect }: Of,
  setId: number,
  changes: readonly Change[],
  now: number,
): Promise<void> {
  if (changes.length === 0) return
  const { last_change: last } = await trx
    .updateTable('synced_sets')
    .set((eb) => ({ last_change: eb('last_change', '+', changes.length) }))
    .where('id', '=', setId)
    .returning('last_change')
    .executeTakeFirstOrThrow()
  const first = Number(last) - changes.length + 1
  const rows = changes.map(({ recordId, change }, at) => [setId, first + at, recordId, change, now])
  await insertMany(trx, dialect, LOG, rows)
}

/** Keeps that records of a set were found gone. */
export async function keepDeletions(
  trx: StoreTransaction,
  { dialect }: Of,
  setId: number,
  ids: readonly string[],
  now: number,
): Promise<void> {
  await insertMany(
    trx,
    dialect,
    DELETIONS,
    ids.map((id) => [setId, now, id]),
  )
}

/** Records of a set that were found gone at an instant (epoch ms) or later, each with when. */
export async function deletedSince(
  trx: StoreTransaction,
  setId: number,
  at: number,
): Promise<ReadonlyMap<string, number>> {
  const rows = await trx
    .selectFrom('synced_deletions')
    .select(['record_id', 'at'])
    .where('set_id', '=', setId)
    .where('at', '>=', at)
    .orderBy('at')
    .execute()
  return new Map(rows.map(({ record_id, at: when }) => [record_id, when]))
}
