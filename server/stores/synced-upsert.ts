import type { Database, StoreTransaction } from './database.ts'
import { insertMany, type ManyRows, ROWS_AT_ONCE } from './many-rows.ts'
import type { FoundChange, SyncedRow, Telling } from './sync-types.ts'

/** Rows that are written for a set. */
export interface Upsert {
  readonly setId: number
  readonly generation: number
  readonly observedAt: number
  readonly rows: readonly SyncedRow[]
}

/** A row that is the same is not touched, nor is one that was read later than what is brought. */
const RECORDS: ManyRows = {
  table: 'synced_records',
  columns: ['set_id', 'record_id', 'created_at', 'version', 'seen', 'hash', 'data', 'observed_at'],
  after: `on conflict (set_id, record_id) do update set
      created_at = excluded.created_at, version = synced_records.version + 1,
      seen = case when excluded.seen > synced_records.seen then excluded.seen else synced_records.seen end,
      hash = excluded.hash, data = excluded.data, observed_at = excluded.observed_at
    where excluded.hash <> synced_records.hash and excluded.observed_at >= synced_records.observed_at
    returning record_id, version`,
}

/** Brings rows in and answers those that are new or changed. */
export async function upsertRows(
  trx: StoreTransaction,
  dialect: Database['dialect'],
  { setId, generation, observedAt, rows }: Upsert,
): Promise<readonly { readonly recordId: string; readonly isNew: boolean }[]> {
  const values = rows.map((row) => {
    return [setId, row.recordId, row.createdAt ?? 0, 1, generation, row.hash, row.data, row.observedAt ?? observedAt]
  })
  const changed = await insertMany<{ record_id: string; version: number }>(trx, dialect, RECORDS, values)
  return changed.map(({ record_id: recordId, version }) => ({ recordId, isNew: version === 1 }))
}

/** Marks rows as seen by a full list, except those that were written by it. */
export async function markSeen(
  trx: StoreTransaction,
  { setId, generation, rows }: Upsert,
  written: ReadonlySet<string>,
): Promise<void> {
  const same = rows.map(({ recordId }) => recordId).filter((id) => !written.has(id))
  for (let from = 0; from < same.length; from += ROWS_AT_ONCE) {
    await trx
      .updateTable('synced_records')
      .set({ seen: generation })
      .where('set_id', '=', setId)
      .where('record_id', 'in', same.slice(from, from + ROWS_AT_ONCE))
      .where('seen', '<', generation)
      .execute()
  }
}

/** What is kept of the rows that would change, before they do. */
export async function keptBefore(trx: StoreTransaction, { setId, rows }: Upsert): Promise<ReadonlyMap<string, string>> {
  const kept = trx.selectFrom('synced_records').where('set_id', '=', setId)
  const before = new Map<string, string>()
  const hashes = new Map(rows.map(({ recordId, hash }) => [recordId, hash]))
  for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
    const ids = rows.slice(from, from + ROWS_AT_ONCE).map(({ recordId }) => recordId)
    const known = await kept.select(['record_id', 'hash']).where('record_id', 'in', ids).execute()
    const changed = known.filter(({ record_id: id, hash }) => hashes.get(id) !== hash).map(({ record_id: id }) => id)
    if (changed.length === 0) continue
    const found = await kept.select(['record_id', 'data']).where('record_id', 'in', changed).execute()
    for (const { record_id: id, data } of found) before.set(id, data)
  }
  return before
}

/** What is to be told of rows that were written. */
export function foundIn(
  telling: Telling,
  { rows, observedAt }: Upsert,
  before: ReadonlyMap<string, string>,
  changed: readonly { readonly recordId: string }[],
): FoundChange[] {
  const data = new Map(rows.map((row) => [row.recordId, row.data]))
  return changed.map(({ recordId }) => {
    return { telling, recordId, before: before.get(recordId) ?? null, after: data.get(recordId) ?? null, observedAt }
  })
}
