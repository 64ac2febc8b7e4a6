import { createHash } from 'node:crypto'
import type { Selectable } from 'kysely'
import type { Database, StoreTransaction } from './database.ts'
import { cleanText, deleteAll, fromJson, newestFirst, newId, type Page, type PageQuery } from './rows.ts'
import type { Tables } from './tables.ts'

type Row = Selectable<Tables['inbound_events']>

/** How far a raw event has come: `ignored` tells nothing under the unified names, `failed` could not be read. */
export const RAW_STATUSES = Object.freeze(['waiting', 'done', 'ignored', 'failed'] as const)

/** One of RAW_STATUSES. */
export type RawStatus = (typeof RAW_STATUSES)[number]

/** An event of a provider to be kept. */
export interface NewRawEvent {
  readonly accountId: string
  /** The provider's id; null is one that never comes again. */
  readonly providerId: string | null
  readonly type: string
  readonly apiVersion: string | null
  readonly source: 'webhook' | 'feed'
  /** As the provider sent it, without its secrets. */
  readonly value: unknown
}

/** An event of a provider as kept. */
export interface RawEvent extends NewRawEvent {
  readonly id: string
  readonly environmentId: string
  readonly providerId: string
  readonly status: RawStatus
  /** Why it failed, as a code. */
  readonly error: string | null
  /** Epoch milliseconds. */
  readonly receivedAt: number
}

/** Which raw events, newest first; every filter is an exact match. */
export interface RawEventQuery extends PageQuery {
  readonly accountId?: string | undefined
  readonly type?: string | undefined
  readonly status?: RawStatus | undefined
}

const ROWS_AT_ONCE = 500

/** What providers told, as they told it, each event of an account once. */
export class RawEventStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Stores the events that are not there yet; answers the accounts that have new ones. */
  async put(
    trx: StoreTransaction,
    environmentId: string,
    events: readonly NewRawEvent[],
    now: number,
  ): Promise<ReadonlySet<string>> {
    const fresh = new Set<string>()
    const rows = events.map((event) => toRow(environmentId, event, now))
    for (let at = 0; at < rows.length; at += ROWS_AT_ONCE) {
      const stored = await trx
        .insertInto('inbound_events')
        .values(rows.slice(at, at + ROWS_AT_ONCE))
        .onConflict((conflict) =>
          conflict.columns(['environment_id', 'integrated_account_id', 'provider_id']).doNothing(),
        )
        .returning('integrated_account_id')
        .execute()
      for (const row of stored) fresh.add(row.integrated_account_id)
    }
    return fresh
  }

  /** Events of an account that nobody has dealt with, the oldest first. */
  async waiting(environmentId: string, accountId: string, limit: number): Promise<readonly RawEvent[]> {
    const rows = await this.#database.db
      .selectFrom('inbound_events')
      .selectAll()
      .where('environment_id', '=', environmentId)
      .where('integrated_account_id', '=', accountId)
      .where('status', '=', 'waiting')
      .orderBy('received_at')
      .orderBy('id')
      .limit(limit)
      .execute()
    return rows.map(toEvent)
  }

  /** Notes how waiting events of an account ended; answers how many still waited. */
  async settle(
    trx: StoreTransaction,
    { environmentId, accountId }: Pick<RawEvent, 'environmentId' | 'accountId'>,
    ids: readonly string[],
    end: { readonly status: RawStatus; readonly error?: string | undefined },
  ): Promise<number> {
    if (ids.length === 0) return 0
    const { numUpdatedRows } = await trx
      .updateTable('inbound_events')
      .set({ status: end.status, error: end.error === undefined ? null : cleanText(end.error, 200) })
      .where('environment_id', '=', environmentId)
      .where('integrated_account_id', '=', accountId)
      .where('id', 'in', ids)
      .where('status', '=', 'waiting')
      .executeTakeFirst()
    return Number(numUpdatedRows)
  }

  /** A raw event of the environment, or null. */
  async get(environmentId: string, id: string): Promise<RawEvent | null> {
    const row = await this.#database.db
      .selectFrom('inbound_events')
      .selectAll()
      .where('environment_id', '=', environmentId)
      .where('id', '=', id)
      .executeTakeFirst()
    return row ? toEvent(row) : null
  }

  /** Raw events, newest first. */
  async list(environmentId: string, query: RawEventQuery = {}): Promise<Page<RawEvent>> {
    const rows = this.#database.db.selectFrom('inbound_events').selectAll().where('environment_id', '=', environmentId)
    const only = { integrated_account_id: query.accountId, type: query.type, status: query.status }
    return await newestFirst(rows, { query, by: 'received_at', only }, toEvent)
  }

  /** Deletes events received before an instant (epoch ms); answers how many. */
  deleteBefore(environmentId: string, at: number): Promise<number> {
    const { db } = this.#database
    return deleteAll((batch) => {
      const old = db
        .selectFrom('inbound_events')
        .select('id')
        .where('environment_id', '=', environmentId)
        .where('received_at', '<', at)
        .limit(batch)
      return db
        .deleteFrom('inbound_events')
        .where('environment_id', '=', environmentId)
        .where('id', 'in', old)
        .executeTakeFirst()
    })
  }
}

function toRow(environmentId: string, event: NewRawEvent, now: number): Row {
  const id = newId('rev')
  return {
    environment_id: environmentId,
    integrated_account_id: event.accountId,
    provider_id: event.providerId === null ? id : keyOf(event.providerId),
    id,
    type: cleanText(event.type, 200),
    api_version: event.apiVersion === null ? null : cleanText(event.apiVersion, 100),
    source: event.source,
    status: 'waiting',
    error: null,
    body: JSON.stringify(event.value ?? null),
    received_at: now,
  }
}

/** Ids are short and plain; one that is not is told apart by its hash. */
const keyOf = (id: string): string =>
  /^[\x20-\x7e]{1,255}$/.test(id) ? id : `sha256:${createHash('sha256').update(id).digest('hex')}`

function toEvent(row: Row): RawEvent {
  return {
    id: row.id,
    environmentId: row.environment_id,
    accountId: row.integrated_account_id,
    providerId: row.provider_id,
    type: row.type,
    apiVersion: row.api_version,
    source: row.source as RawEvent['source'],
    status: row.status as RawStatus,
    error: row.error,
    value: fromJson<unknown>(row.body),
    receivedAt: row.received_at,
  }
}
