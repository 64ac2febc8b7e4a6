import type { Database, StoreTransaction } from './database.ts'
import { insertMany, type ManyRows, ROWS_AT_ONCE } from './many-rows.ts'
import type { SyncedRow } from './sync-types.ts'

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
    return [setId, row.recordId, row.createdAt ?? 0, 1, generation, row.hash, row.data, observedAt]
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
