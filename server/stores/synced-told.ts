import { EngineError } from '../../engine/index.ts'
import type { Database, StoreTransaction } from './database.ts'
import type { ErasureStore } from './erasures.ts'
import { isAnyOf } from './many-rows.ts'
import { fromJson, type JsonObject } from './rows.ts'
import { seenKey } from './seen-records.ts'
import type { SyncedRow } from './sync-types.ts'
import { type Change, freeRows, type HeldSet, holdSets, keepDeletions, logChanges } from './synced-log.ts'
import { upsertRows } from './synced-upsert.ts'

/** A record as a sync keeps it. */
export interface KeptState {
  readonly setId: number
  readonly version: number
  readonly observedAt: number
  readonly record: JsonObject
}

/** What is kept of records: the sets by `model/resource`, the records by `model/resource/id`. */
export interface KeptStates {
  readonly sets: ReadonlyMap<string, number>
  readonly records: ReadonlyMap<string, KeptState>
}

/** A state of a record that was told. */
export interface ToldState {
  readonly setId: number
  readonly recordId: string
  /** What was kept when it was decided; undefined where nothing was. */
  readonly kept: KeptState | undefined
  /** Null where the record is gone; undefined where it is as it is kept. */
  readonly row: SyncedRow | null | undefined
}

/** Brings what providers tell into the rows of sets that are synced. */
export class SyncedTold {
  readonly #database: Database
  readonly #erasures: ErasureStore

  constructor(database: Database, erasures: ErasureStore) {
    this.#database = database
    this.#erasures = erasures
  }

  /** What is kept of records of an account. */
  async find(
    environmentId: string,
    accountId: string,
    wanted: readonly { readonly resource: string; readonly recordId: string }[],
  ): Promise<KeptStates> {
    const { db, dialect } = this.#database
    const all = await db
      .selectFrom('synced_sets')
      .select(['id', 'model', 'resource'])
      .where('environment_id', '=', environmentId)
      .where('integrated_account_id', '=', accountId)
      .execute()
    const names = new Set(wanted.map(({ resource }) => resource))
    const sets = all.map(({ id, model, resource }) => [`${model}/${resource}`, id] as const)
    const found = new Map(sets.filter(([name]) => names.has(name)))
    const records = new Map<string, KeptState>()
    for (const [name, setId] of found) {
      const ids = wanted.filter(({ resource }) => resource === name).map(({ recordId }) => recordId)
      const rows = await db
        .selectFrom('synced_records')
        .select(['record_id', 'version', 'observed_at', 'data'])
        .where('set_id', '=', setId)
        .where(isAnyOf(dialect, 'record_id', ids))
        .execute()
      for (const { record_id: id, version, observed_at: observedAt, data } of rows) {
        records.set(seenKey(name, id), { setId, version, observedAt, record: fromJson<JsonObject>(data) })
      }
    }
    return { sets: found, records }
  }

  /** Keeps what was told. Throws `conflict` where a record is not kept any more as it was when that was decided. */
  async put(trx: StoreTransaction, told: readonly ToldState[], now: number): Promise<void> {
    const ids = [...new Set(told.map(({ setId }) => setId))]
    if (ids.length === 0) return
    const held = await holdSets(trx, this.#database, ids)
    for (const set of held.values()) {
      const states = told.filter(({ setId }) => setId === set.id)
      await refuseChanged(trx, this.#database.dialect, set.id, states)
      await logChanges(trx, this.#database, set.id, await this.#keep(trx, set, states, now), now)
    }
  }

  async #keep(
    trx: StoreTransaction,
    set: HeldSet,
    states: readonly ToldState[],
    now: number,
  ): Promise<readonly Change[]> {
    const { id: setId, generation } = set
    const told = states.flatMap(({ row }) => (row == null ? [] : [row]))
    const rows = await freeRows(trx, this.#erasures, set, told)
    const changed = await upsertRows(trx, this.#database.dialect, { setId, generation, observedAt: 0, rows })
    const gone = states.filter(({ row }) => row === null)
    // Whether it was kept or not: a page on its way may bring it.
    await keepDeletions(
      trx,
      this.#database,
      setId,
      gone.map(({ recordId }) => recordId),
      now,
    )
    const kept = gone.filter((state) => state.kept !== undefined).map(({ recordId }) => recordId)
    if (kept.length > 0) {
      await trx
        .deleteFrom('synced_records')
        .where('set_id', '=', setId)
        .where(isAnyOf(this.#database.dialect, 'record_id', kept))
        .execute()
    }
    return [
      ...changed.map(({ recordId, isNew }): Change => ({ recordId, change: isNew ? 'added' : 'updated' })),
      ...kept.map((recordId): Change => ({ recordId, change: 'deleted' })),
    ]
  }
}

async function refuseChanged(
  trx: StoreTransaction,
  dialect: Database['dialect'],
  setId: number,
  states: readonly ToldState[],
): Promise<void> {
  const ids = states.map(({ recordId }) => recordId)
  const rows = await trx
    .selectFrom('synced_records')
    .select(['record_id', 'version'])
    .where('set_id', '=', setId)
    .where(isAnyOf(dialect, 'record_id', ids))
    .execute()
  const versions = new Map(rows.map(({ record_id, version }) => [record_id, version]))
  if (states.every(({ recordId, kept }) => versions.get(recordId) === kept?.version)) return
  throw new EngineError('conflict', 'A sync has written a record that was told of, meanwhile')
}
