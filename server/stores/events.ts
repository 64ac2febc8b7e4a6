import type { Selectable } from 'kysely'
import type { Database, StoreTransaction } from './database.ts'
import type { ErasureStore } from './erasures.ts'
import { freeEvents } from './event-guard.ts'
import { checkPlace, placeOf, positionOf, START, seqOf } from './event-places.ts'
import type { EventSubject, NewEvent, StoredEvent } from './event-types.ts'
import { insertMany, isAnyOf } from './many-rows.ts'
import { checkedLimit, cleanText, deleteAll, fromJson, type JsonObject, newId, startsWith } from './rows.ts'
import type { Tables } from './tables.ts'

type Row = Selectable<Tables['events']>

/** Which events of an environment, oldest first; every filter is an exact match. */
export interface EventQuery {
  /** Id of the last event seen, or `next` of an earlier answer; default: from the oldest kept. */
  readonly after?: string | undefined
  /** 1 to 1,000; default 20. */
  readonly limit?: number | undefined
  /** One type, or all that start with it where it ends in `*`. */
  readonly type?: string | undefined
  readonly integratedAccountId?: string | undefined
  readonly tenantId?: string | undefined
  readonly integration?: string | undefined
}

/** Events in their order; `next` is where to go on, also when nothing more is there yet. */
export interface EventPage {
  readonly result: readonly StoredEvent[]
  readonly next: string
  readonly hasMore: boolean
  readonly limit: number
}

/** Writes what follows from events into their transaction, such as jobs that deliver them. Nothing else is awaited there. */
export type EventsFollower = (trx: StoreTransaction, events: readonly StoredEvent[]) => Promise<void>

/**
 * The events of each environment, numbered in the order in which they became visible: whoever appends holds the head of
 * the environment until the transaction ends, so no event turns up later behind one that was already read.
 */
export class EventStore {
  readonly #database: Database
  readonly #erasures: ErasureStore
  readonly #followers: EventsFollower[] = []

  constructor(database: Database, erasures: ErasureStore) {
    this.#database = database
    this.#erasures = erasures
  }

  /** Has every event from now on followed within its transaction. */
  follow(follower: (trx: StoreTransaction, event: StoredEvent) => Promise<void>): void {
    this.followAll(async (trx, events) => {
      for (const event of events) await follower(trx, event)
    })
  }

  /** The same for those who have less to do where many events are stored at once. */
  followAll(follower: EventsFollower): void {
    this.#followers.push(follower)
  }

  /**
   * Stores events as the last step of the transaction of the state that they follow: other writers of the environment's
   * events wait from here on until it ends.
   */
  async append(
    trx: StoreTransaction,
    environmentId: string,
    told: readonly NewEvent[],
    now: number,
  ): Promise<readonly StoredEvent[]> {
    const events = await freeEvents(trx, this.#erasures, environmentId, told)
    if (events.length === 0) return []
    const { last } = await trx
      .insertInto('event_heads')
      .values({ environment_id: environmentId, last: events.length, swept: 0 })
      .onConflict((conflict) =>
        conflict.column('environment_id').doUpdateSet((eb) => ({ last: eb('event_heads.last', '+', events.length) })),
      )
      .returning('last')
      .executeTakeFirstOrThrow()
    const rows = events.map((event, at) => toRow(environmentId, Number(last) - events.length + 1 + at, event, now))
    const values = rows.map((row) => Object.values(row))
    await insertMany(trx, this.#database.dialect, INTO, values)
    const stored = rows.map((row, at) => toEvent(row, events[at]))
    for (const follower of this.#followers) await follower(trx, stored)
    return stored
  }

  /** An event of the environment, or null. */
  async get(environmentId: string, id: string): Promise<StoredEvent | null> {
    const row = await this.#database.db
      .selectFrom('events')
      .selectAll()
      .where('environment_id', '=', environmentId)
      .where('seq', '=', seqOf(id) ?? -1)
      .where('id', '=', id)
      .executeTakeFirst()
    return row ? toEvent(row) : null
  }

  /**
   * Events after a place, in one snapshot. Throws `invalid_cursor` for what is no place here, `expired_cursor` when
   * events after it are past their retention: they would be missing without a word.
   */
  async pull(environmentId: string, query: EventQuery = {}): Promise<EventPage> {
    const limit = checkedLimit({ limit: query.limit })
    const after = placeOf(query.after)
    const found = await this.#database.db
      .selectFrom('event_heads as head')
      .leftJoin('events as event', (join) => {
        let on = join.onRef('event.environment_id', '=', 'head.environment_id').on('event.seq', '>', after ?? -1)
        const { type } = query
        if (type?.endsWith('*')) on = on.on(startsWith('event.type', type.slice(0, -1)))
        else if (type !== undefined) on = on.on('event.type', '=', type)
        const { integratedAccountId, tenantId, integration } = query
        if (integratedAccountId !== undefined) on = on.on('event.integrated_account_id', '=', integratedAccountId)
        if (tenantId !== undefined) on = on.on('event.tenant_id', '=', tenantId)
        if (integration !== undefined) on = on.on('event.integration', '=', integration)
        return on
      })
      .selectAll('event')
      .select(['head.last as last', 'head.swept as swept'])
      .where('head.environment_id', '=', environmentId)
      .orderBy('event.seq')
      .limit(limit + 1)
      .execute()
    const { last, swept } = found[0] ?? { last: 0, swept: 0 }
    checkPlace(after, last, swept)
    const rows = found.filter((row): row is typeof row & Row => row.seq !== null)
    const result = rows.slice(0, limit).map((row) => toEvent(row))
    const hasMore = rows.length > limit
    return { result, next: hasMore ? (result.at(-1)?.id ?? START) : positionOf(last), hasMore, limit }
  }

  /** The place of the newest event of each of these environments that has had any. */
  async heads(environmentIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const { db, dialect } = this.#database
    const rows = await db
      .selectFrom('event_heads')
      .select(['environment_id', 'last'])
      .where(isAnyOf(dialect, 'environment_id', [...new Set(environmentIds)]))
      .execute()
    return new Map(rows.map((row) => [row.environment_id, positionOf(row.last)]))
  }

  /** Deletes the oldest events, up to the first one from this instant (epoch ms) or later; answers how many. */
  async deleteBefore(environmentId: string, at: number): Promise<number> {
    const { db } = this.#database
    // The head is read first: an event written since is behind it and stays.
    const head = await db
      .selectFrom('event_heads')
      .select('last')
      .where('environment_id', '=', environmentId)
      .executeTakeFirst()
    const kept = await db
      .selectFrom('events')
      .select('seq')
      .where('environment_id', '=', environmentId)
      .where('created_at', '>=', at)
      .orderBy('seq')
      .limit(1)
      .executeTakeFirst()
    const until = kept ? kept.seq - 1 : (head?.last ?? 0)
    if (!head) return 0
    await db
      .updateTable('event_heads')
      .set({ swept: until })
      .where('environment_id', '=', environmentId)
      .where('swept', '<', until)
      .execute()
    return deleteAll((batch) => {
      const old = db
        .selectFrom('events')
        .select('seq')
        .where('environment_id', '=', environmentId)
        .where('seq', '<=', until)
        .limit(batch)
      return db
        .deleteFrom('events')
        .where('environment_id', '=', environmentId)
        .where('seq', 'in', old)
        .executeTakeFirst()
    })
  }
}

/** Values have the order in which toRow writes them. */
const INTO = {
  table: 'events',
  columns: [
    ...['environment_id', 'seq', 'id', 'type', 'integrated_account_id', 'tenant_id', 'integration', 'livemode'],
    ...['reason', 'data', 'changes', 'raw_event_id', 'model', 'resource', 'record_id', 'occurred_at', 'created_at'],
  ],
}

function toRow(environmentId: string, seq: number, event: NewEvent, now: number): Row {
  return {
    environment_id: environmentId,
    seq,
    id: `${positionOf(seq)}${newId('').slice(1, 17)}`,
    type: event.type,
    integrated_account_id: event.integratedAccountId,
    tenant_id: event.tenantId,
    integration: event.integration,
    livemode: event.livemode === null ? null : Number(event.livemode),
    reason: event.reason == null ? null : cleanText(event.reason, 200),
    data: JSON.stringify(event.data),
    changes: event.changes == null ? null : JSON.stringify(event.changes),
    raw_event_id: event.rawEventId ?? null,
    model: event.about?.model ?? null,
    resource: event.about?.resource ?? null,
    record_id: event.about?.recordId ?? null,
    occurred_at: event.about?.occurredAt ?? null,
    created_at: now,
  }
}

const aboutOf = (row: Row): EventSubject => ({
  model: row.model,
  resource: row.resource,
  recordId: row.record_id,
  occurredAt: row.occurred_at,
})

/** A row as an event; `given` has what the row holds as text. */
function toEvent(row: Row, given?: NewEvent): StoredEvent {
  return {
    id: row.id,
    environmentId: row.environment_id,
    type: row.type,
    integratedAccountId: row.integrated_account_id,
    tenantId: row.tenant_id,
    integration: row.integration,
    livemode: row.livemode === null ? null : row.livemode === 1,
    reason: row.reason,
    data: given?.data ?? fromJson<JsonObject>(row.data),
    changes: row.changes === null ? null : (given?.changes ?? fromJson<JsonObject>(row.changes)),
    rawEventId: row.raw_event_id,
    about: row.raw_event_id === null && row.record_id === null ? null : aboutOf(row),
    createdAt: row.created_at,
  }
}
