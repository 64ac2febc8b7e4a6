import type { Selectable } from 'kysely'
import type { Database, StoreTransaction } from './database.ts'
import type { ErasureGuard, ErasureStore } from './erasures.ts'
import { insertMany, type ManyRows } from './many-rows.ts'
import { untilWon } from './rows.ts'
import type { PageOutcome, SyncedRow, SyncedSet, SyncPage } from './sync-types.ts'
import { markSeen, upsertRows } from './synced-upsert.ts'
import type { Tables } from './tables.ts'

/** Rows of one deletion: others get in between. */
const BATCH = 500
const LOG: ManyRows = { table: 'synced_changes', columns: ['set_id', 'seq', 'record_id', 'change', 'at'] }

/** What tells a set. */
export interface SetAddress {
  readonly environmentId: string
  readonly integratedAccountId: string
  readonly model: string
  readonly resource: string
}

/** A change to be numbered. */
interface Change {
  readonly recordId: string
  readonly change: 'added' | 'updated' | 'deleted'
}

type Held = Pick<Selectable<Tables['synced_sets']>, 'id' | 'environment_id' | 'integrated_account_id'>

/** Rows that a full list has not seen. */
export interface Gone {
  readonly setId: number
  /** Generation that a row must have been seen in to stay. */
  readonly before: number
  /** A row that was first read, or changed, since this instant stays. */
  readonly observedBefore: number
}

/** Synced rows of accounts: written by runs page by page, with their change log, which is numbered in the order of commits. */
export class SyncedStore {
  readonly #database: Database
  readonly #erasures: ErasureStore

  constructor(database: Database, erasures: ErasureStore) {
    this.#database = database
    this.#erasures = erasures
  }

  /** The set of this address, or null. */
  async find(of: SetAddress): Promise<SyncedSet | null> {
    const row = await this.#database.db
      .selectFrom('synced_sets')
      .selectAll()
      .where('environment_id', '=', of.environmentId)
      .where('integrated_account_id', '=', of.integratedAccountId)
      .where('model', '=', of.model)
      .where('resource', '=', of.resource)
      .executeTakeFirst()
    return row ? toSet(row) : null
  }

  /** The set of this address, made when it is not there. Throws `store_failed` when the account is gone. */
  ensure(of: SetAddress, now: number): Promise<SyncedSet> {
    return untilWon(async () => {
      const known = await this.find(of)
      if (known !== null) return known
      const row = await this.#database.db
        .insertInto('synced_sets')
        .values({
          ...{ environment_id: of.environmentId, integrated_account_id: of.integratedAccountId },
          ...{ model: of.model, resource: of.resource, generation: 0, complete_until: null, reconciled_at: null },
          ...{ last_change: 0, swept_change: 0, created_at: now },
        })
        .onConflict((conflict) =>
          conflict.columns(['environment_id', 'integrated_account_id', 'model', 'resource']).doNothing(),
        )
        .returningAll()
        .executeTakeFirst()
      return row ? toSet(row) : null
    })
  }

  /**
   * Stores pages, each with the place to go on from, in one transaction. A page whose run is not running any more, or
   * whose account is gone, is left out and answered with null.
   */
  write(pages: readonly SyncPage[], now: number): Promise<readonly PageOutcome[]> {
    return this.#database.db.transaction().execute(async (trx) => {
      const held = await this.#hold(trx, [...new Set(pages.map(({ setId }) => setId))])
      const guards = await this.#guards(trx, [...held.values()])
      const changes = new Map<number, Change[]>()
      const outcomes: PageOutcome[] = []
      for (const page of pages) {
        const set = held.get(page.setId)
        const isKept = set !== undefined && (await moveOn(trx, page, now))
        const guard = guards.get(set?.environment_id ?? '')
        const isFree = (row: SyncedRow) => guard?.holdsOff(set?.integrated_account_id ?? null, row.data) !== true
        const left = guard === undefined ? page : { ...page, rows: page.rows.filter(isFree) }
        outcomes.push(isKept ? await this.#bringIn(trx, left, changes) : null)
      }
      for (const guard of guards.values()) await guard.settle()
      for (const [setId, list] of changes) await this.#log(trx, setId, list, now)
      return outcomes
    })
  }

  /** Takes the sets for this transaction: writers of one set take turns, in one order, so that none waits for the other. */
  async #hold(trx: StoreTransaction, ids: readonly number[]): Promise<ReadonlyMap<number, Held>> {
    const query = trx
      .selectFrom('synced_sets')
      .select(['id', 'environment_id', 'integrated_account_id'])
      .where('id', 'in', ids)
      .orderBy('id')
    const found = await (this.#database.dialect === 'postgres' ? query.forUpdate() : query).execute()
    return new Map(found.map((set) => [set.id, set]))
  }

  /** By environment, what keeps those away who were erased; looked up once the sets are held, or it could be missed. */
  async #guards(trx: StoreTransaction, sets: readonly Held[]): Promise<ReadonlyMap<string, ErasureGuard>> {
    const guards = new Map<string, ErasureGuard>()
    for (const id of new Set(sets.map((set) => set.environment_id))) {
      const guard = await this.#erasures.guard(trx, id)
      if (guard !== null) guards.set(id, guard)
    }
    return guards
  }

  /** Deletes rows with all that the change log says of them, but that they are gone. */
  erase(setId: number, recordIds: readonly string[], now: number): Promise<void> {
    return this.#database.db.transaction().execute(async (trx) => {
      if (!(await this.#hold(trx, [setId])).has(setId)) return
      await trx.deleteFrom('synced_changes').where('set_id', '=', setId).where('record_id', 'in', recordIds).execute()
      const gone = trx.deleteFrom('synced_records').where('set_id', '=', setId).where('record_id', 'in', recordIds)
      const deleted = await gone.returning('record_id').execute()
      const changes = deleted.map(({ record_id: recordId }) => ({ recordId, change: 'deleted' as const }))
      if (changes.length > 0) await this.#log(trx, setId, changes, now)
    })
  }

  async #bringIn(trx: StoreTransaction, page: SyncPage, changes: Map<number, Change[]>): Promise<PageOutcome> {
    const { setId, runId, n, isFull } = page
    const rows = [...new Map(page.rows.map((row) => [row.recordId, row])).values()]
    const upsert = { ...page, rows }
    const changed = await upsertRows(trx, this.#database.dialect, upsert)
    if (isFull) await markSeen(trx, upsert, new Set(changed.map(({ recordId }) => recordId)))
    if (changed.length === 0) return { added: 0, updated: 0 }
    const list = changes.get(setId) ?? []
    for (const { recordId, isNew } of changed) list.push({ recordId, change: isNew ? 'added' : 'updated' })
    changes.set(setId, list)
    const added = changed.filter(({ isNew }) => isNew).length
    const updated = changed.length - added
    await trx
      .updateTable('sync_partitions')
      .set((eb) => ({ added: eb('added', '+', added), updated: eb('updated', '+', updated) }))
      .where('run_id', '=', runId)
      .where('n', '=', n)
      .execute()
    return { added, updated }
  }

  /** Numbers changes; nothing else is awaited after it in the transaction that concerns the set. */
  async #log(trx: StoreTransaction, setId: number, changes: readonly Change[], now: number): Promise<void> {
    const { last_change: last } = await trx
      .updateTable('synced_sets')
      .set((eb) => ({ last_change: eb('last_change', '+', changes.length) }))
      .where('id', '=', setId)
      .returning('last_change')
      .executeTakeFirstOrThrow()
    const first = Number(last) - changes.length + 1
    const rows = changes.map(({ recordId, change }, at) => [setId, first + at, recordId, change, now])
    await insertMany(trx, this.#database.dialect, LOG, rows)
  }

  /** How many rows a set has, and how many of them a full list has not seen. */
  async countGone({ setId, before, observedBefore }: Gone): Promise<{ readonly rows: number; readonly gone: number }> {
    const { rows, gone } = await this.#database.db
      .selectFrom('synced_records')
      .select(({ fn, eb }) => [
        fn.countAll<number>().as('rows'),
        fn
          .countAll<number>()
          .filterWhere(eb.and([eb('seen', '<', before), eb('observed_at', '<', observedBefore)]))
          .as('gone'),
      ])
      .where('set_id', '=', setId)
      .executeTakeFirstOrThrow()
    return { rows: Number(rows), gone: Number(gone) }
  }

  /** Deletes up to 500 of the rows that a full list has not seen, and says so in the change log; answers how many. */
  deleteGone({ setId, before, observedBefore }: Gone, now: number): Promise<number> {
    return this.#database.db.transaction().execute(async (trx) => {
      if (!(await this.#hold(trx, [setId])).has(setId)) return 0
      const gone = trx
        .selectFrom('synced_records')
        .select('record_id')
        .where('set_id', '=', setId)
        .where('seen', '<', before)
        .where('observed_at', '<', observedBefore)
        .limit(BATCH)
      const deleted = await trx
        .deleteFrom('synced_records')
        .where('set_id', '=', setId)
        .where('record_id', 'in', gone)
        .returning('record_id')
        .execute()
      const changes = deleted.map(({ record_id: recordId }) => ({ recordId, change: 'deleted' as const }))
      if (changes.length > 0) await this.#log(trx, setId, changes, now)
      return changes.length
    })
  }

  /** Says that everything made before an instant has been read; with `isFull`, that deletions were looked for, too. */
  async complete(setId: number, until: number, isFull: boolean): Promise<void> {
    await this.#database.db
      .updateTable('synced_sets')
      .set({ complete_until: until, ...(isFull ? { reconciled_at: until } : {}) })
      .where('id', '=', setId)
      .execute()
  }

  /** The next generation of a set, for a full list. */
  async nextGeneration(trx: StoreTransaction, setId: number): Promise<number> {
    const { generation } = await trx
      .updateTable('synced_sets')
      .set((eb) => ({ generation: eb('generation', '+', 1) }))
      .where('id', '=', setId)
      .returning('generation')
      .executeTakeFirstOrThrow()
    return generation
  }
}

/** Moves a part on, when its run is running and it is not done. */
async function moveOn(trx: StoreTransaction, page: SyncPage, now: number): Promise<boolean> {
  const moved = await trx
    .updateTable('sync_partitions')
    .set((eb) => ({
      ...{ cursor: page.cursor, position: page.position, is_done: Number(page.isDone), updated_at: now },
      ...{ pages: eb('pages', '+', 1), records: eb('records', '+', page.rows.length) },
    }))
    .where('run_id', '=', page.runId)
    .where('n', '=', page.n)
    .where('is_done', '=', 0)
    .where(({ exists, selectFrom }) =>
      exists(selectFrom('sync_runs').select('id').where('id', '=', page.runId).where('status', '=', 'running')),
    )
    .executeTakeFirst()
  return moved.numUpdatedRows > 0n
}

/** A set as its row says. */
export function toSet(row: Selectable<Tables['synced_sets']>): SyncedSet {
  return {
    id: row.id,
    integratedAccountId: row.integrated_account_id,
    model: row.model,
    resource: row.resource,
    generation: row.generation,
    completeUntil: row.complete_until,
    reconciledAt: row.reconciled_at,
    lastChange: row.last_change,
    sweptChange: row.swept_change,
  }
}
