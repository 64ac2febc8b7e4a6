import type { Database, StoreTransaction } from './database.ts'
import type { ErasureStore } from './erasures.ts'
import { insertMany, type ManyRows } from './many-rows.ts'
import type { ChangeTeller, FoundChange, PageOutcome, SyncedRow, SyncPage } from './sync-types.ts'
import { type Change, deletedSince, freeRows, type HeldSet, holdSets, logChanges } from './synced-log.ts'
import { foundIn, keptBefore, markSeen, noteSame, upsertRows } from './synced-upsert.ts'

/** Pages of one transaction: on SQLite nothing else happens meanwhile, on Postgres every commit and every answer is waited for. */
export const PAGES_AT_ONCE = { sqlite: 5, postgres: 16 } as const

/** The parts are there: their rows are inserted only to be brought to the places of their pages in one statement. */
const PLACES: ManyRows = {
  table: 'sync_partitions',
  columns: [
    ...['run_id', 'n', 'set_id', 'cursor', 'position', 'is_done', 'pages', 'records', 'added', 'updated', 'updated_at'],
  ],
  after: `on conflict (run_id, n) do update set
      cursor = excluded.cursor, position = excluded.position, is_done = excluded.is_done, updated_at = excluded.updated_at,
      pages = sync_partitions.pages + excluded.pages, records = sync_partitions.records + excluded.records,
      added = sync_partitions.added + excluded.added, updated = sync_partitions.updated + excluded.updated`,
}

interface Writing {
  readonly trx: StoreTransaction
  readonly database: Pick<Database, 'dialect'>
  readonly erasures: ErasureStore
  readonly now: number
}

type Brought = Exclude<PageOutcome, null>

/** Stores pages within a transaction, each with the place to go on from; null for one that is left out. */
export async function writePages(
  writing: Writing,
  pages: readonly SyncPage[],
  tell: ChangeTeller | undefined,
): Promise<readonly PageOutcome[]> {
  const { trx, database, now } = writing
  const held = await holdSets(trx, database, [...new Set(pages.map(({ setId }) => setId))])
  const open = await openPages(trx, pages)
  const found: FoundChange[] = []
  const outcomes = new Map<SyncPage, Brought>()
  for (const set of held.values()) {
    const some = open.filter(({ setId }) => setId === set.id)
    const changes: Change[] = []
    for (const page of await withoutGone(writing, set, some)) {
      outcomes.set(page.of, await bringIn(writing, page, changes, found))
    }
    await logChanges(trx, database, set.id, changes, now)
  }
  const places = [...outcomes].map(([page, { added, updated }]) => {
    const { runId, n, setId, cursor, position, isDone, rows } = page
    return [runId, n, setId, cursor, position, Number(isDone), 1, rows.length, added, updated, now]
  })
  await insertMany(trx, database.dialect, PLACES, places)
  if (found.length > 0) await tell?.(trx, found, now)
  return pages.map((page) => outcomes.get(page) ?? null)
}

/** The pages whose run is running and whose part is not done; of two for one part the first. */
async function openPages(trx: StoreTransaction, pages: readonly SyncPage[]): Promise<readonly SyncPage[]> {
  const parts = await trx
    .selectFrom('sync_partitions as part')
    .innerJoin('sync_runs as run', 'run.id', 'part.run_id')
    .select(['part.run_id', 'part.n'])
    .where('part.run_id', 'in', [...new Set(pages.map(({ runId }) => runId))])
    .where('part.is_done', '=', 0)
    .where('run.status', '=', 'running')
    .execute()
  const open = new Set(parts.map(({ run_id: runId, n }) => `${runId} ${n}`))
  return pages.filter(({ runId, n }) => open.delete(`${runId} ${n}`))
}

/** A page with those of its rows that may be kept, each record once. */
interface FreePage {
  readonly of: SyncPage
  readonly rows: readonly SyncedRow[]
}

/** Without what is about somebody who was erased, and what was found gone since the page was read. */
async function withoutGone({ trx, erasures }: Writing, set: HeldSet, pages: readonly SyncPage[]): Promise<FreePage[]> {
  if (pages.length === 0) return []
  const gone = await deletedSince(trx, set.id, Math.min(...pages.map(({ observedAt }) => observedAt)))
  const all = pages.flatMap(({ rows }) => rows)
  const free = new Set(await freeRows(trx, erasures, set, all))
  return pages.map((of) => {
    const isKept = (row: SyncedRow): boolean => free.has(row) && !((gone.get(row.recordId) ?? -1) >= of.observedAt)
    return { of, rows: [...new Map(of.rows.map((row) => [row.recordId, row])).values()].filter(isKept) }
  })
}

async function bringIn(
  { trx, database: { dialect } }: Writing,
  { of: page, rows }: FreePage,
  changes: Change[],
  found: FoundChange[],
): Promise<Brought> {
  const { setId, telling } = page
  const upsert = { ...page, rows }
  const before: Awaited<ReturnType<typeof keptBefore>> =
    telling === null ? new Map() : await keptBefore(trx, dialect, upsert)
  await noteSame(trx, setId, page.same)
  const changed = await upsertRows(trx, dialect, upsert)
  if (page.isFull) {
    const written = new Set(changed.map(({ recordId }) => recordId))
    const ids = rows.map(({ recordId }) => recordId).filter((id) => !written.has(id))
    await markSeen(trx, dialect, page, ids)
  }
  for (const { recordId, isNew } of changed) changes.push({ recordId, change: isNew ? 'added' : 'updated' })
  if (telling !== null) found.push(...foundIn(telling, upsert, before, changed))
  const added = changed.filter(({ isNew }) => isNew).length
  return { added, updated: changed.length - added }
}
