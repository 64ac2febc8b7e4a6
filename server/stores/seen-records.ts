import type { Kysely, Selectable } from 'kysely'
import type { Database, StoreTransaction } from './database.ts'
import type { ErasureStore } from './erasures.ts'
import { insertMany, isAnyOf } from './many-rows.ts'
import { deleteAll, fromJson, type JsonObject } from './rows.ts'
import type { Tables } from './tables.ts'

type Row = Selectable<Tables['seen_records']>

/** A record as it was last seen. Instants are epoch milliseconds. */
export interface SeenRecord {
  /** `model/resource`. */
  readonly resource: string
  readonly recordId: string
  /** When the newest event of it happened. */
  readonly at: number
  /** Whether it was read from the provider after that: it may be newer. */
  readonly isFetched: boolean
  /** Whether a sync told of this state: an event of the provider that says the same is no news. */
  readonly isSynced: boolean
  /** Tells whether it changed, but for when and how it was read. */
  readonly hash: string
  readonly record: JsonObject
}

/** An account whose feed of events is polled. */
export interface PolledAccount {
  readonly environmentId: string
  readonly accountId: string
  /** Events from this instant (epoch ms) on are asked for. */
  readonly since: number
}

/** Values have the order in which they are put. */
const INTO = {
  table: 'seen_records',
  columns: [
    ...['environment_id', 'integrated_account_id', 'resource', 'record_id', 'at', 'is_fetched', 'hash', 'record'],
    ...['seen_at', 'is_synced'],
  ],
  after: `on conflict (environment_id, integrated_account_id, resource, record_id) do update set
    at = excluded.at, is_fetched = excluded.is_fetched, hash = excluded.hash, record = excluded.record,
    seen_at = excluded.seen_at, is_synced = excluded.is_synced`,
}

/** Records of accounts as they were last seen, and how far feeds were read. */
export class SeenRecords {
  readonly #database: Database
  readonly #erasures: ErasureStore

  constructor(database: Database, erasures: ErasureStore) {
    this.#database = database
    this.#erasures = erasures
  }

  /** Those of the records that were seen before, by `resource/id`. */
  async find(
    environmentId: string,
    accountId: string,
    wanted: readonly { readonly resource: string; readonly recordId: string }[],
    db: Kysely<Tables> = this.#database.db,
  ): Promise<ReadonlyMap<string, SeenRecord>> {
    const { dialect } = this.#database
    const found = new Map<string, SeenRecord>()
    for (const resource of new Set(wanted.map((one) => one.resource))) {
      const ids = new Set(wanted.filter((one) => one.resource === resource).map(({ recordId }) => recordId))
      const rows = await db
        .selectFrom('seen_records')
        .selectAll()
        .where('environment_id', '=', environmentId)
        .where('integrated_account_id', '=', accountId)
        .where('resource', '=', resource)
        .where(isAnyOf(dialect, 'record_id', [...ids]))
        .execute()
      for (const row of rows) found.set(seenKey(row.resource, row.record_id), toSeen(row))
    }
    return found
  }

  /** Stores records as they are seen now. */
  async put(
    trx: StoreTransaction,
    environmentId: string,
    accountId: string,
    records: readonly SeenRecord[],
    now: number,
  ): Promise<void> {
    const guard = await this.#erasures.guard(trx, environmentId)
    const free = records.filter(({ record }) => guard?.holdsOff(accountId, record) !== true)
    const rows = free.map(({ resource, recordId, at, isFetched, isSynced, hash, record }) => [
      ...[environmentId, accountId, resource, recordId, at, Number(isFetched), hash, JSON.stringify(record), now],
      Number(isSynced),
    ])
    await insertMany(trx, this.#database.dialect, INTO, rows)
  }

  /** Deletes what was not seen since an instant (epoch ms); answers how many. */
  deleteBefore(environmentId: string, at: number): Promise<number> {
    const { db } = this.#database
    return deleteAll((batch) => {
      const old = db
        .selectFrom('seen_records')
        .select(['integrated_account_id', 'resource', 'record_id'])
        .where('environment_id', '=', environmentId)
        .where('seen_at', '<', at)
        .limit(batch)
      return db
        .deleteFrom('seen_records')
        .where('environment_id', '=', environmentId)
        .where((eb) =>
          eb(
            eb.refTuple('integrated_account_id', 'resource', 'record_id'),
            'in',
            old.$asTuple('integrated_account_id', 'resource', 'record_id'),
          ),
        )
        .executeTakeFirst()
    })
  }

  /** Accounts whose feeds are polled, of all environments. */
  async polled(): Promise<readonly PolledAccount[]> {
    const rows = await this.#database.db.selectFrom('inbound_feeds').selectAll().execute()
    return rows.map((row) => ({
      environmentId: row.environment_id,
      accountId: row.integrated_account_id,
      since: row.since,
    }))
  }

  /** Where the feed of an account was left, or null when it is not polled. */
  async since(environmentId: string, accountId: string): Promise<number | null> {
    const row = await this.#database.db
      .selectFrom('inbound_feeds')
      .select('since')
      .where('environment_id', '=', environmentId)
      .where('integrated_account_id', '=', accountId)
      .executeTakeFirst()
    return row?.since ?? null
  }

  /** Has a feed polled unless it is already: from what came last, by whichever way, or else from now (epoch ms) on. */
  async startPolling(environmentId: string, accountId: string, now: number): Promise<void> {
    const { db } = this.#database
    const last = await db
      .selectFrom('inbound_events')
      .select('received_at')
      .where('environment_id', '=', environmentId)
      .where('integrated_account_id', '=', accountId)
      .orderBy('received_at', 'desc')
      .limit(1)
      .executeTakeFirst()
    const since = Math.min(now, last?.received_at ?? now)
    await db
      .insertInto('inbound_feeds')
      .values({ environment_id: environmentId, integrated_account_id: accountId, since })
      .onConflict((conflict) => conflict.columns(['environment_id', 'integrated_account_id']).doNothing())
      .execute()
  }

  /** Notes how far a feed was read; false when it was read that far before, or is not polled. */
  async movePolling(trx: StoreTransaction, environmentId: string, accountId: string, since: number): Promise<boolean> {
    const { numUpdatedRows } = await trx
      .updateTable('inbound_feeds')
      .set({ since })
      .where('environment_id', '=', environmentId)
      .where('integrated_account_id', '=', accountId)
      .where('since', '<', since)
      .executeTakeFirst()
    return numUpdatedRows > 0n
  }

  /** Ends the polling of an account. */
  async stopPolling(environmentId: string, accountId: string): Promise<void> {
    await this.#database.db
      .deleteFrom('inbound_feeds')
      .where('environment_id', '=', environmentId)
      .where('integrated_account_id', '=', accountId)
      .execute()
  }
}

/** Names a record of an account. */
export const seenKey = (resource: string, recordId: string): string => `${resource}/${recordId}`

const toSeen = (row: Row): SeenRecord => ({
  resource: row.resource,
  recordId: row.record_id,
  at: row.at,
  isFetched: row.is_fetched === 1,
  isSynced: row.is_synced === 1,
  hash: row.hash,
  record: fromJson<JsonObject>(row.record),
})
