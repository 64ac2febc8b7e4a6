import type { Database, StoreTransaction } from './database.ts'
import type { ErasureStore } from './erasures.ts'
import { isAnyOf } from './many-rows.ts'
import type { ChangeTeller, FoundChange, SyncedRow, Telling } from './sync-types.ts'
import { freeRows, holdSets, keepDeletions, logChanges } from './synced-log.ts'
import { foundIn, keptBefore, markSeen, upsertRows } from './synced-upsert.ts'

/** Rows that are looked at by one statement: others get in between. */
const LOOKED_AT = 2_000

/** Rows that a full list has not seen. */
export interface Gone {
  readonly setId: number
  /** Generation that a row must have been seen in to stay. */
  readonly before: number
  /** A row that was first read, or changed, since this instant stays. */
  readonly observedBefore: number
}

/** What some rows of a set came to. */
export interface MissingPart {
  readonly rows: number
  readonly missing: readonly string[]
  /** Where to go on; null at the end. */
  readonly last: string | null
}

/** What is to become of rows that a full list has not seen. */
export interface Settling {
  /** The run that found it: nothing is done for one that does not run. */
  readonly runId: string
  readonly gone: Gone
  readonly generation: number
  /** Ids of records that are gone. */
  readonly deleted: readonly string[]
  /** Ids of records that are there all the same; `changed` are those that are kept in another state. */
  readonly found: readonly string[]
  readonly changed: readonly SyncedRow[]
  readonly observedAt: number
  readonly telling: Telling | null
}

/** Finds what full lists have missed, and lets go of it. */
export class SyncedGone {
  readonly #database: Database
  readonly #erasures: ErasureStore

  constructor(database: Database, erasures: ErasureStore) {
    this.#database = database
    this.#erasures = erasures
  }

  /** Looks at the next rows of a set, in the order of their ids. */
  async missing({ setId, before, observedBefore }: Gone, after: string | null): Promise<MissingPart> {
    const { db } = this.#database
    let some = db.selectFrom('synced_records').select(['record_id', 'seen', 'observed_at']).where('set_id', '=', setId)
    if (after !== null) some = some.where('record_id', '>', after)
    const part = some.orderBy('record_id').limit(LOOKED_AT)
    const missing = await db
      .selectFrom(part.as('some'))
      .select('record_id')
      .where('seen', '<', before)
      .where('observed_at', '<', observedBefore)
      .orderBy('record_id')
      .execute()
    const { rows, last } = await db
      .selectFrom(part.as('some'))
      .select(({ fn }) => [fn.countAll<number>().as('rows'), fn.max('record_id').as('last')])
      .executeTakeFirstOrThrow()
    const isEnd = Number(rows) < LOOKED_AT
    return { rows: Number(rows), missing: missing.map(({ record_id: id }) => id), last: isEnd ? null : last }
  }

  /**
   * Deletes rows that are gone, and says so in the change log; those that are there count as seen. Answers
   * how many went, or null when the run does not run any more.
   */
  settle(settling: Settling, now: number, tell: ChangeTeller): Promise<number | null> {
    const { gone, generation, observedAt, telling } = settling
    const { setId } = gone
    return this.#database.db.transaction().execute(async (trx) => {
      const held = await holdSets(trx, this.#database, [setId])
      const set = held.get(setId)
      if (set === undefined || !(await isRunning(trx, settling.runId))) return null
      const rows = await freeRows(trx, this.#erasures, set, settling.changed)
      const upsert = { setId, generation, observedAt, rows }
      const kept = telling === null ? new Map() : await keptBefore(trx, this.#database.dialect, upsert)
      const changed = await upsertRows(trx, this.#database.dialect, upsert)
      await markSeen(trx, this.#database.dialect, upsert, settling.found)
      const deleted = await this.#delete(trx, settling, now)
      const changes = [
        ...changed.map(({ recordId }) => ({ recordId, change: 'updated' as const })),
        ...deleted.map(({ record_id: recordId }) => ({ recordId, change: 'deleted' as const })),
      ]
      await logChanges(trx, this.#database, setId, changes, now)
      const told =
        telling === null ? [] : [...foundIn(telling, upsert, kept, changed), ...goneOf(telling, settling, deleted)]
      if (told.length > 0) await tell(trx, told, now)
      return deleted.length
    })
  }

  async #delete(trx: StoreTransaction, { gone, deleted: ids }: Settling, now: number) {
    if (ids.length === 0) return []
    const { setId, before, observedBefore } = gone
    const deleted = await trx
      .deleteFrom('synced_records')
      .where('set_id', '=', setId)
      .where(isAnyOf(this.#database.dialect, 'record_id', ids))
      .where('seen', '<', before)
      .where('observed_at', '<', observedBefore)
      .returning(['record_id', 'data'])
      .execute()
    await keepDeletions(
      trx,
      this.#database,
      setId,
      deleted.map(({ record_id: id }) => id),
      now,
    )
    return deleted
  }
}

async function isRunning(trx: StoreTransaction, runId: string): Promise<boolean> {
  const runs = trx.selectFrom('sync_runs').select('id').where('id', '=', runId).where('status', '=', 'running')
  return (await runs.executeTakeFirst()) !== undefined
}

function goneOf(
  telling: Telling,
  { observedAt }: Settling,
  deleted: readonly { readonly record_id: string; readonly data: string }[],
): FoundChange[] {
  return deleted.map(({ record_id: recordId, data }) => {
    return { telling, recordId, before: data, after: null, comparable: null, observedAt }
  })
}
