import { type Selectable, sql } from 'kysely'
import type { Database, StoreTransaction } from './database.ts'
import type { ErasureStore } from './erasures.ts'
import { untilWon } from './rows.ts'
import type { ChangeTeller, PageOutcome, SyncedSet, SyncPage } from './sync-types.ts'
import { PAGES_AT_ONCE, writePages } from './synced-pages.ts'
import { type KeptRow, keptData, keptRows } from './synced-upsert.ts'
import type { Tables } from './tables.ts'

/** What tells a set. */
export interface SetAddress {
  readonly environmentId: string
  readonly integratedAccountId: string
  readonly model: string
  readonly resource: string
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
          reconciled_generation: null,
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
   * whose account is gone, is left out and answered with null. What is to be told of goes to `tell`.
   */
  write(pages: readonly SyncPage[], now: number, tell?: ChangeTeller): Promise<readonly PageOutcome[]> {
    const [database, erasures] = [this.#database, this.#erasures]
    return database.db.transaction().execute((trx) => writePages({ trx, database, erasures, now }, pages, tell))
  }

  /** Pages that `write` is best given at once. */
  get pagesAtOnce(): number {
    return PAGES_AT_ONCE[this.#database.dialect]
  }

  /** What is kept of records of a set, by id. */
  rows(setId: number, ids: readonly string[]): Promise<ReadonlyMap<string, KeptRow>> {
    return keptRows(this.#database.db, this.#database.dialect, setId, ids)
  }

  /** Records of a set as JSON text, by id. */
  data(setId: number, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
    return keptData(this.#database.db, this.#database.dialect, setId, ids)
  }

  /** Says that everything made before an instant has been read; with a generation, that its list has found what is gone. */
  async complete(setId: number, until: number, generation: number | null): Promise<void> {
    const reconciled = generation === null ? {} : { reconciled_at: until, reconciled_generation: generation }
    await this.#database.db
      .updateTable('synced_sets')
      .set({ complete_until: until, ...reconciled })
      .where('id', '=', setId)
      .execute()
    // Until Postgres looks by itself, a minute later or more, it would read new rows by the wrong indexes.
    if (generation !== null && this.#database.dialect === 'postgres') {
      await this.#database.giveWay((db) => sql`analyze synced_records`.execute(db))
    }
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
    reconciledGeneration: row.reconciled_generation,
    lastChange: row.last_change,
    sweptChange: row.swept_change,
  }
}
