import { createHash } from 'node:crypto'
import type { Selectable } from 'kysely'
import type { Database, StoreTransaction } from './database.ts'
import type { ErasureStore } from './erasures.ts'
import { insertMany, isAnyOf } from './many-rows.ts'
import { cleanText, deleteAll, fromJson, growingId, newestFirst, type Page, type PageQuery } from './rows.ts'
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
  /** How often it could not be read for a while. */
  readonly attempts: number
  /** Epoch milliseconds. */
  readonly receivedAt: number
}

/** Which raw events, newest first; every filter is an exact match. */
export interface RawEventQuery extends PageQuery {
  readonly accountId?: string | undefined
  readonly type?: string | undefined
  readonly status?: RawStatus | undefined
}

type AccountKey = Pick<RawEvent, 'environmentId' | 'accountId'>

/** What providers told, as they told it, each event of an account once. */
export class RawEventStore {
  readonly #database: Database
  readonly #erasures: ErasureStore

  constructor(database: Database, erasures: ErasureStore) {
    this.#database = database
    this.#erasures = erasures
  }

  /** Stores the events that are not there yet, but those about somebody who was erased; answers the accounts that have new ones. */
  async put(
    trx: StoreTransaction,
    environmentId: string,
    events: readonly NewRawEvent[],
    now: number,
  ): Promise<ReadonlySet<string>> {
    const guard = await this.#erasures.guard(trx, environmentId)
    const free = events.filter(({ accountId, value }) => guard?.holdsOff(accountId, value) !== true)
    await guard?.settle()
    const rows = free.map((event) => toRow(environmentId, event, now)).sort(byAddress)
    const values = rows.map((row) => Object.values(row))
    const stored = await insertMany<Pick<Row, 'integrated_account_id'>>(trx, this.#database.dialect, INTO, values)
    return new Set(stored.map((row) => row.integrated_account_id))
  }

  /** Events of an account that are due (epoch ms) and nobody has dealt with: those never tried before, the oldest first. */
  async waiting(
    { environmentId, accountId }: AccountKey,
    { now, limit }: { readonly now: number; readonly limit: number },
  ): Promise<readonly RawEvent[]> {
    const rows = await this.#database.db
      .selectFrom('inbound_events')
      .selectAll()
      .where('environment_id', '=', environmentId)
      .where('integrated_account_id', '=', accountId)
      .where('status', '=', 'waiting')
      .where('due_at', '<=', now)
      .orderBy('due_at')
      .orderBy('received_at')
      .orderBy('id')
      .limit(limit)
      .execute()
    return rows.map(toEvent)
  }

  /** When the next event of an account is due that was put off (epoch ms), or null. */
  async nextDue({ environmentId, accountId }: AccountKey): Promise<number | null> {
    const row = await this.#database.db
      .selectFrom('inbound_events')
      .select((eb) => eb.fn.min('due_at').as('due'))
      .where('environment_id', '=', environmentId)
      .where('integrated_account_id', '=', accountId)
      .where('status', '=', 'waiting')
      .where('due_at', '>', 0)
      .executeTakeFirst()
    return row?.due ?? null
  }

  /** Puts a waiting event off until an instant (epoch ms), with the code of what was in its way. */
  async putOff(trx: StoreTransaction, event: RawEvent, until: number, code: string): Promise<void> {
    await trx
      .updateTable('inbound_events')
      .set({ attempts: event.attempts + 1, due_at: until, error: cleanText(code, 200) })
      .where('environment_id', '=', event.environmentId)
      .where('integrated_account_id', '=', event.accountId)
      .where('id', '=', event.id)
      .where('status', '=', 'waiting')
      .execute()
  }

  /** Has everything that was put off tried at once, as if for the first time: what was in its way may be over. */
  async hasten({ environmentId, accountId }: AccountKey): Promise<void> {
    await this.#database.db
      .updateTable('inbound_events')
      .set({ attempts: 0, due_at: 0 })
      .where('environment_id', '=', environmentId)
      .where('integrated_account_id', '=', accountId)
      .where('status', '=', 'waiting')
      .where('due_at', '>', 0)
      .execute()
  }

  /** Notes how waiting events of an account ended; answers how many still waited. */
  async settle(
    trx: StoreTransaction,
    { environmentId, accountId }: AccountKey,
    ids: readonly string[],
    end: { readonly status: RawStatus; readonly error?: string | undefined },
  ): Promise<number> {
    if (ids.length === 0) return 0
    const { numUpdatedRows } = await trx
      .updateTable('inbound_events')
      .set({ status: end.status, error: end.error === undefined ? null : cleanText(end.error, 200) })
      .where('environment_id', '=', environmentId)
      .where('integrated_account_id', '=', accountId)
      .where(isAnyOf(this.#database.dialect, 'id', ids))
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

/** Values have the order in which toRow writes them. */
const INTO = {
  table: 'inbound_events',
  columns: [
    ...['environment_id', 'integrated_account_id', 'provider_id', 'id', 'type', 'api_version', 'source', 'status'],
    ...['error', 'body', 'received_at', 'attempts', 'due_at'],
  ],
  after: `on conflict (environment_id, integrated_account_id, provider_id) do nothing returning integrated_account_id`,
}

/** The same order in every process: two that store the same events at once would wait for each other. */
const byAddress = (a: Row, b: Row): number =>
  compare(a.integrated_account_id, b.integrated_account_id) || compare(a.provider_id, b.provider_id)

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b))

function toRow(environmentId: string, event: NewRawEvent, now: number): Row {
  const id = growingId('rev', now)
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
    attempts: 0,
    due_at: 0,
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
    attempts: row.attempts,
    value: fromJson<unknown>(row.body),
    receivedAt: row.received_at,
  }
}
