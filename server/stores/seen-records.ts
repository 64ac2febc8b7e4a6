import type { Kysely, Selectable } from 'kysely'
import type { Database, StoreTransaction } from './database.ts'
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

const KEYS_AT_ONCE = 200

/** Records of accounts as they were last seen, and how far feeds were read. */
export class SeenRecords {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Those of the records that were seen before, by `resource/id`. */
  async find(
    environmentId: string,
    accountId: string,
    wanted: readonly { readonly resource: string; readonly recordId: string }[],
    db: Kysely<Tables> = this.#database.db,
  ): Promise<ReadonlyMap<string, SeenRecord>> {
    const found = new Map<string, SeenRecord>()
    for (let at = 0; at < wanted.length; at += KEYS_AT_ONCE) {
      const some = wanted.slice(at, at + KEYS_AT_ONCE)
      const rows = await db
        .selectFrom('seen_records')
        .selectAll()
        .where('environment_id', '=', environmentId)
        .where('integrated_account_id', '=', accountId)
        .where((eb) =>
          eb.or(some.map(({ resource, recordId }) => eb('resource', '=', resource).and('record_id', '=', recordId))),
        )
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
    const rows = records.map(({ resource, recordId, at, isFetched, isSynced, hash, record }) => ({
      environment_id: environmentId,
      integrated_account_id: accountId,
      resource,
      record_id: recordId,
      at,
      is_fetched: Number(isFetched),
      is_synced: Number(isSynced),
      hash,
      record: JSON.stringify(record),
      seen_at: now,
    }))
    if (rows.length === 0) return
    await trx
      .insertInto('seen_records')
      .values(rows)
      .onConflict((conflict) =>
        conflict.columns(['environment_id', 'integrated_account_id', 'resource', 'record_id']).doUpdateSet((eb) => ({
          at: eb.ref('excluded.at'),
          is_fetched: eb.ref('excluded.is_fetched'),
          is_synced: eb.ref('excluded.is_synced'),
          hash: eb.ref('excluded.hash'),
          record: eb.ref('excluded.record'),
          seen_at: eb.ref('excluded.seen_at'),
        })),
      )
      .execute()
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

  /** Has a feed polled from an instant on, unless it is already. */
  async startPolling(environmentId: string, accountId: string, since: number): Promise<void> {
    await this.#database.db
      .insertInto('inbound_feeds')
      .values({ environment_id: environmentId, integrated_account_id: accountId, since })
      .onConflict((conflict) => conflict.columns(['environment_id', 'integrated_account_id']).doNothing())
      .execute()
  }

  /** Notes how far a feed was read. */
  async movePolling(trx: StoreTransaction, environmentId: string, accountId: string, since: number): Promise<void> {
    await trx
      .updateTable('inbound_feeds')
      .set({ since })
      .where('environment_id', '=', environmentId)
      .where('integrated_account_id', '=', accountId)
      .where('since', '<', since)
      .execute()
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
