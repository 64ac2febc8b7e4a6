import type { Selectable } from 'kysely'
import { sql } from 'kysely'
import type { Database } from './database.ts'
import type { KeptQuery, KeptRecord, SyncedChange, SyncedSet } from './sync-types.ts'
import { type SetAddress, toSet } from './synced.ts'
import type { Tables } from './tables.ts'

/** Changes that are deleted at once: others get in between. */
const BATCH = 1_000

/** Reads what was synced, and lets go of changes that are past their retention. */
export class SyncedReads {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Every set of the accounts; of all accounts of the environment where they are null. */
  async setsOf(environmentId: string, accountIds: readonly string[] | null): Promise<readonly SyncedSet[]> {
    let rows = this.#database.db.selectFrom('synced_sets').selectAll().where('environment_id', '=', environmentId)
    if (accountIds !== null) rows = rows.where('integrated_account_id', 'in', accountIds)
    return (await rows.orderBy('id').execute()).map(toSet)
  }

  /** The sets of a resource of several accounts, as far as they are there. */
  async sets(of: Omit<SetAddress, 'integratedAccountId'> & { readonly integratedAccountIds: readonly string[] }) {
    const rows = await this.#database.db
      .selectFrom('synced_sets')
      .selectAll()
      .where('environment_id', '=', of.environmentId)
      .where('model', '=', of.model)
      .where('resource', '=', of.resource)
      .where('integrated_account_id', 'in', of.integratedAccountIds)
      .execute()
    return rows.map(toSet)
  }

  /** Records of a set. */
  async records(setId: number, query: KeptQuery): Promise<readonly KeptRecord[]> {
    const { descending, after, from, to, ids, limit } = query
    const way = descending ? 'desc' : 'asc'
    let rows = this.#database.db
      .selectFrom('synced_records')
      .select(['record_id', 'created_at', 'data', 'observed_at'])
      .where('set_id', '=', setId)
    if (from !== undefined) rows = rows.where('created_at', '>=', from)
    if (to !== undefined) rows = rows.where('created_at', '<', to)
    if (ids !== undefined) rows = rows.where('record_id', 'in', ids)
    if (after !== null) {
      const than = sql.raw(descending ? '<' : '>')
      rows = rows.where(sql<boolean>`(created_at, record_id) ${than} (${after.createdAt}, ${after.recordId})`)
    }
    const found = await rows.orderBy('created_at', way).orderBy('record_id', way).limit(limit).execute()
    return found.map(toKept)
  }

  /** Records of a set whose JSON holds one of the texts as a value, all of them. */
  async holding(setId: number, values: readonly string[]): Promise<readonly KeptRecord[]> {
    const at = this.#database.dialect === 'sqlite' ? sql.raw('instr') : sql.raw('strpos')
    const rows = await this.#database.db
      .selectFrom('synced_records')
      .select(['record_id', 'created_at', 'data', 'observed_at'])
      .where('set_id', '=', setId)
      .where(({ or }) => or(values.map((value) => sql<boolean>`${at}(data, ${JSON.stringify(value)}) > 0`)))
      .orderBy('created_at', 'desc')
      .orderBy('record_id', 'desc')
      .execute()
    return rows.map(toKept)
  }

  /** How many records of a set lie within bounds; counting ends at `most`. */
  async count(setId: number, { from, to, ids }: Pick<KeptQuery, 'from' | 'to' | 'ids'>, most: number): Promise<number> {
    let rows = this.#database.db.selectFrom('synced_records').select('set_id').where('set_id', '=', setId)
    if (from !== undefined) rows = rows.where('created_at', '>=', from)
    if (to !== undefined) rows = rows.where('created_at', '<', to)
    if (ids !== undefined) rows = rows.where('record_id', 'in', ids)
    const counted = this.#database.db.selectFrom(rows.limit(most).as('some')).select(({ fn }) => fn.countAll().as('n'))
    return Number((await counted.executeTakeFirstOrThrow()).n)
  }

  /** Up to which number the changes of a set are gone; null when the set is, too. */
  async swept(setId: number): Promise<number | null> {
    const { db } = this.#database
    const row = await db.selectFrom('synced_sets').select('swept_change').where('id', '=', setId).executeTakeFirst()
    return row?.swept_change ?? null
  }

  /** Changes of a set after one, oldest first, each with the record as it is now. */
  async changes(setId: number, after: number, limit: number): Promise<readonly SyncedChange[]> {
    const rows = await this.#database.db
      .selectFrom('synced_changes as log')
      .leftJoin('synced_records as kept', (join) =>
        join.onRef('kept.set_id', '=', 'log.set_id').onRef('kept.record_id', '=', 'log.record_id'),
      )
      .select(['log.seq', 'log.change', 'log.record_id', 'log.at'])
      .select(['kept.created_at', 'kept.data', 'kept.observed_at'])
      .where('log.set_id', '=', setId)
      .where('log.seq', '>', after)
      .orderBy('log.seq')
      .limit(limit)
      .execute()
    return rows.map(({ seq, change, record_id, at, created_at, data, observed_at }) => ({
      seq,
      change: change as SyncedChange['change'],
      recordId: record_id,
      at,
      record:
        data === null || created_at === null || observed_at === null
          ? null
          : toKept({ record_id, created_at, data, observed_at }),
    }))
  }

  /** Deletes changes of an environment from before an instant (epoch ms), the oldest first; answers how many. */
  async deleteChangesBefore(environmentId: string, at: number): Promise<number> {
    const { db } = this.#database
    const sets = await db.selectFrom('synced_sets').select('id').where('environment_id', '=', environmentId).execute()
    let deleted = 0
    for (const { id } of sets) {
      for (let some = BATCH; some === BATCH; deleted += some) {
        some = await this.#deleteOldest(id, at)
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
    return deleted
  }

  /** Whoever reads changes is told first that these are gone. */
  async #deleteOldest(setId: number, at: number): Promise<number> {
    const { db } = this.#database
    const log = db.selectFrom('synced_changes').select(['seq', 'at']).where('set_id', '=', setId)
    const oldest = await log.orderBy('seq').limit(BATCH).execute()
    const kept = oldest.findIndex((change) => change.at >= at)
    const old = kept < 0 ? oldest : oldest.slice(0, kept)
    const last = old.at(-1)?.seq
    if (last === undefined) return 0
    const swept = db.updateTable('synced_sets').set({ swept_change: last }).where('id', '=', setId)
    await swept.where('swept_change', '<', last).execute()
    await db.deleteFrom('synced_changes').where('set_id', '=', setId).where('seq', '<=', last).execute()
    return old.length
  }

  /** Forgets which records were found gone before an instant (epoch ms): no page is under way for that long. */
  async deleteDeletionsBefore(environmentId: string, at: number): Promise<void> {
    const { db } = this.#database
    const sets = db.selectFrom('synced_sets').select('id').where('environment_id', '=', environmentId)
    await db.deleteFrom('synced_deletions').where('set_id', 'in', sets).where('at', '<', at).execute()
  }
}

type Kept = Pick<Selectable<Tables['synced_records']>, 'record_id' | 'created_at' | 'data' | 'observed_at'>

const toKept = ({ record_id, created_at, data, observed_at }: Kept): KeptRecord => ({
  recordId: record_id,
  createdAt: created_at,
  data,
  observedAt: observed_at,
})
