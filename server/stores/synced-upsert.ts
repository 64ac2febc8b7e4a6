import type { Database, StoreTransaction } from './database.ts'
import { insertMany, isAnyOf, type ManyRows } from './many-rows.ts'
import type { FoundChange, SameRow, SyncedRow, Telling } from './sync-types.ts'

/** Rows that are written for a set. */
export interface Upsert {
  readonly setId: number
  readonly generation: number
  readonly observedAt: number
  readonly rows: readonly SyncedRow[]
}

/** A row that is the same is not touched, nor is one that was read later, or that says more, than what is brought. */
const RECORDS: ManyRows = {
  table: 'synced_records',
  columns: ['set_id', 'record_id', 'created_at', 'version', 'seen', 'hash', 'data', 'observed_at', 'is_told'],
  after: `on conflict (set_id, record_id) do update set
      created_at = excluded.created_at, version = synced_records.version + 1,
      seen = case when excluded.seen > synced_records.seen then excluded.seen else synced_records.seen end,
      hash = excluded.hash, data = excluded.data, observed_at = excluded.observed_at, is_told = excluded.is_told
    where excluded.hash <> synced_records.hash and excluded.observed_at >= synced_records.observed_at
      and excluded.is_told >= synced_records.is_told
    returning record_id, version`,
}

/** Brings rows in and answers those that are new or changed. */
export async function upsertRows(
  trx: StoreTransaction,
  dialect: Database['dialect'],
  { setId, generation, observedAt, rows }: Upsert,
): Promise<readonly { readonly recordId: string; readonly isNew: boolean }[]> {
  const values = rows.map((row) => {
    const { recordId, createdAt, hash, data, isTold = false } = row
    return [setId, recordId, createdAt ?? 0, 1, generation, hash, data, row.observedAt ?? observedAt, Number(isTold)]
  })
  const changed = await insertMany<{ record_id: string; version: number }>(trx, dialect, RECORDS, values)
  return changed.map(({ record_id: recordId, version }) => ({ recordId, isNew: version === 1 }))
}

/** Marks rows as seen by a full list. */
export async function markSeen(
  trx: StoreTransaction,
  dialect: Database['dialect'],
  { setId, generation }: Pick<Upsert, 'setId' | 'generation'>,
  ids: readonly string[],
): Promise<void> {
  if (ids.length === 0) return
  await trx
    .updateTable('synced_records')
    .set({ seen: generation })
    .where('set_id', '=', setId)
    .where(isAnyOf(dialect, 'record_id', ids))
    .where('seen', '<', generation)
    .execute()
}

/** What is kept of a row. */
export interface KeptRow {
  readonly hash: string
  readonly isTold: boolean
  readonly version: number
}

type Reader = Pick<StoreTransaction, 'selectFrom'>

/** What is kept of rows, by the id of the record. */
export async function keptRows(
  db: Reader,
  dialect: Database['dialect'],
  setId: number,
  ids: readonly string[],
): Promise<ReadonlyMap<string, KeptRow>> {
  const rows = await db
    .selectFrom('synced_records')
    .select(['record_id', 'hash', 'is_told', 'version'])
    .where('set_id', '=', setId)
    .where(isAnyOf(dialect, 'record_id', ids))
    .execute()
  return new Map(
    rows.map(({ record_id: id, hash, is_told: isTold, version }) => [id, { hash, isTold: isTold === 1, version }]),
  )
}

/** The records themselves, as JSON text. */
export async function keptData(
  db: Reader,
  dialect: Database['dialect'],
  setId: number,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (ids.length === 0) return new Map()
  const rows = await db
    .selectFrom('synced_records')
    .select(['record_id', 'data'])
    .where('set_id', '=', setId)
    .where(isAnyOf(dialect, 'record_id', ids))
    .execute()
  return new Map(rows.map(({ record_id: id, data }) => [id, data]))
}

/** A row before it changes. */
interface Before {
  readonly data: string
  readonly isTold: boolean
}

/** What is kept of the rows that would change, before they do. */
export async function keptBefore(
  trx: StoreTransaction,
  dialect: Database['dialect'],
  { setId, rows }: Upsert,
): Promise<ReadonlyMap<string, Before>> {
  const ids = rows.map(({ recordId }) => recordId)
  const known = await keptRows(trx, dialect, setId, ids)
  const changed = rows.filter(({ recordId, hash }) => known.has(recordId) && known.get(recordId)?.hash !== hash)
  const wanted = changed.map(({ recordId }) => recordId)
  const data = await keptData(trx, dialect, setId, wanted)
  return new Map([...data].map(([id, text]) => [id, { data: text, isTold: known.get(id)?.isTold === true }]))
}

/** What is to be told of rows that were written. */
export function foundIn(
  telling: Telling,
  { rows, observedAt: readAt }: Upsert,
  before: ReadonlyMap<string, Before>,
  changed: readonly { readonly recordId: string }[],
): FoundChange[] {
  const written = new Map(rows.map((row) => [row.recordId, row]))
  return changed.flatMap(({ recordId }) => {
    const row = written.get(recordId)
    if (row === undefined) return []
    const { data: after, listed = after, observedAt = readAt } = row
    const was = before.get(recordId)
    const comparable = was?.isTold === false ? listed : after
    return [{ telling, recordId, before: was?.data ?? null, after, comparable, observedAt }]
  })
}

/** Notes how a list shows rows that are the same, unless they have changed meanwhile. */
export async function noteSame(trx: StoreTransaction, setId: number, same: readonly SameRow[]): Promise<void> {
  for (const { recordId, version, hash } of same) {
    await trx
      .updateTable('synced_records')
      .set({ hash })
      .where('set_id', '=', setId)
      .where('record_id', '=', recordId)
      .where('version', '=', version)
      .execute()
  }
}
