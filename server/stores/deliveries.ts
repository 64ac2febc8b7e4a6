import { type Selectable, sql } from 'kysely'
import type { Database, StoreTransaction } from './database.ts'
import type { StoredEvent } from './event-types.ts'
import { insertMany } from './many-rows.ts'
import { RESTORED } from './restores.ts'
import { deleteAll, newestFirst, newId, type Page } from './rows.ts'
import type { Tables } from './tables.ts'
import { toDelivery, toWebhook } from './webhook-rows.ts'
import type { AttemptResult, Delivery, DeliveryFilters, DeliveryQuery, Webhook } from './webhook-types.ts'

/** A destination with something to send. */
export interface ReadyWebhook {
  readonly webhook: Webhook
  /** When its next delivery may be sent, epoch ms. */
  readonly at: number
}

/** How many deliveries there are in a status. */
export interface DeliveryCount {
  readonly status: string
  readonly count: number
}

/**
 * The events on their way. A row is made in the transaction of its event; whoever sends it claims it for a while, so that a
 * process that is killed loses nothing and one that comes back late settles nothing.
 */
export class DeliveryStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Has events delivered to destinations, in the transaction that stores them; what may have been is `unknown`. */
  async add(trx: StoreTransaction, wanted: readonly WantedDelivery[]): Promise<void> {
    const rows = wanted.map(({ event, webhookId, isInDoubt }) => ({
      environment_id: event.environmentId,
      event_id: event.id,
      event_type: event.type,
      integrated_account_id: event.integratedAccountId,
      next_at: event.createdAt,
      created_at: event.createdAt,
      ...UNTRIED,
      ...(isInDoubt ? { status: 'unknown', error: RESTORED } : {}),
      id: newId('whd'),
      webhook_id: webhookId,
    }))
    const [first] = rows
    if (first === undefined) return
    const into = { table: 'webhook_deliveries', columns: Object.keys(first) }
    await insertMany(
      trx,
      this.#database.dialect,
      into,
      rows.map((row) => Object.values(row)),
    )
  }

  /** Every destination that is on and has a delivery waiting, by when it may be sent; people wait after a restore. */
  async ready(): Promise<readonly ReadyWebhook[]> {
    const rows = await this.#database.db
      .selectFrom('webhooks as webhook')
      .selectAll('webhook')
      .select((eb) =>
        eb
          .selectFrom('webhook_deliveries as delivery')
          .select((due) => due.fn.min('delivery.next_at').as('due'))
          .whereRef('delivery.environment_id', '=', 'webhook.environment_id')
          .whereRef('delivery.webhook_id', '=', 'webhook.id')
          .where('delivery.status', '=', 'waiting')
          .as('due'),
      )
      .where('webhook.is_enabled', '=', 1)
      .where(({ or, not, exists, eb, selectFrom }) =>
        or([
          eb('webhook.kind', '=', 'webhook'),
          not(
            exists(
              selectFrom('restores as restore')
                .select('restore.environment_id')
                .whereRef('restore.environment_id', '=', 'webhook.environment_id')
                .where('restore.resumed_at', 'is', null),
            ),
          ),
        ]),
      )
      .execute()
    return rows.flatMap(({ due, ...row }) =>
      due === null ? [] : [{ webhook: toWebhook(row), at: Math.max(Number(due), row.paused_until ?? 0) }],
    )
  }

  /**
   * Claims up to `most` deliveries of a destination that are due, the oldest first, until `until`. One whose claim ran out
   * is given with `lease` as it was: its sender was cut off.
   */
  async claim(webhook: Webhook, most: number, now: number, until: number): Promise<readonly ClaimedDelivery[]> {
    const { db } = this.#database
    const due = await db
      .selectFrom('webhook_deliveries')
      .select(['id', 'lease'])
      .where('environment_id', '=', webhook.environmentId)
      .where('webhook_id', '=', webhook.id)
      .where('status', '=', 'waiting')
      .where('next_at', '<=', now)
      .orderBy('next_at')
      .orderBy('event_id')
      .limit(most)
      .execute()
    if (due.length === 0) return []
    const before = new Map(due.map(({ id, lease }) => [id, lease]))
    const rows = await db
      .updateTable('webhook_deliveries')
      .set((eb) => ({ lease: newId('try'), next_at: until, attempts: eb('attempts', '+', 1), attempted_at: now }))
      .where('environment_id', '=', webhook.environmentId)
      .where('id', 'in', [...before.keys()])
      .where('status', '=', 'waiting')
      .where('next_at', '<=', now)
      .returningAll()
      .execute()
    const claimed = rows.map((row) => ({ ...toDelivery(row), wasCutOff: (before.get(row.id) ?? null) !== null }))
    return claimed.sort((a, b) => (a.eventId < b.eventId ? -1 : 1))
  }

  /** Stores how an attempt ended, unless its claim does not stand any more. */
  async settle(delivery: Delivery, result: AttemptResult, now: number): Promise<void> {
    await this.#database.db
      .updateTable('webhook_deliveries')
      .set({
        status: result.status,
        next_at: result.nextAt,
        lease: null,
        response_status: result.responseStatus,
        response: result.response,
        error: result.error,
        duration_ms: result.durationMs,
        delivered_at: result.status === 'delivered' ? now : null,
      })
      .where('environment_id', '=', delivery.environmentId)
      .where('id', '=', delivery.id)
      .where('lease', '=', delivery.lease)
      .execute()
  }

  /** Has everything that was cut off tried again, or told, at once: for the one process that has a data folder. */
  async freeAll(now: number): Promise<void> {
    await this.#database.db
      .updateTable('webhook_deliveries')
      .set({ next_at: now })
      .where('status', '=', 'waiting')
      .where('lease', 'is not', null)
      .execute()
  }

  /** A delivery of a destination, or null. */
  async get(environmentId: string, webhookId: string, id: string): Promise<Delivery | null> {
    const row = await this.#database.db
      .selectFrom('webhook_deliveries')
      .selectAll()
      .where('environment_id', '=', environmentId)
      .where('webhook_id', '=', webhookId)
      .where('id', '=', id)
      .executeTakeFirst()
    return row ? toDelivery(row) : null
  }

  /** Deliveries of a destination, newest first. */
  async list(environmentId: string, webhookId: string, query: DeliveryQuery = {}): Promise<Page<Delivery>> {
    const rows = this.#database.db
      .selectFrom('webhook_deliveries')
      .selectAll()
      .where('environment_id', '=', environmentId)
      .where('webhook_id', '=', webhookId)
      .where(fitting(query))
    return await newestFirst(rows, { query, by: 'created_at' }, toDelivery)
  }

  /** Has deliveries sent again as if they were new, but for those just being sent; answers how many. */
  async redeliver(environmentId: string, webhookId: string, filters: Redelivered, now: number): Promise<number> {
    let rows = this.#database.db
      .updateTable('webhook_deliveries')
      .set({ ...UNTRIED, next_at: now })
      .where('environment_id', '=', environmentId)
      .where('webhook_id', '=', webhookId)
      .where('lease', 'is', null)
      .where(fitting(filters))
    if (filters.id !== undefined) rows = rows.where('id', '=', filters.id)
    return Number((await rows.executeTakeFirst()).numUpdatedRows)
  }

  /** How many there are by status, of all environments. */
  async counts(): Promise<readonly DeliveryCount[]> {
    const rows = await this.#database.db
      .selectFrom('webhook_deliveries')
      .select(['status', sql<number>`count(*)`.as('count')])
      .groupBy('status')
      .execute()
    return rows.map(({ status, count }) => ({ status, count: Number(count) }))
  }

  /** Deletes deliveries that were made before an instant (epoch ms); answers how many. */
  deleteBefore(environmentId: string, at: number): Promise<number> {
    const { db } = this.#database
    return deleteAll((batch) => {
      const old = db
        .selectFrom('webhook_deliveries')
        .select('id')
        .where('environment_id', '=', environmentId)
        .where('created_at', '<', at)
        .limit(batch)
      return db
        .deleteFrom('webhook_deliveries')
        .where('environment_id', '=', environmentId)
        .where('id', 'in', old)
        .executeTakeFirst()
    })
  }
}

/** Which deliveries to send again; all that fit. */
export interface Redelivered extends DeliveryFilters {
  readonly id?: string | undefined
}

/** An event for a destination. */
interface WantedDelivery {
  readonly event: StoredEvent
  readonly webhookId: string
  /** Whether a database that was lost may have sent it. */
  readonly isInDoubt: boolean
}

/** A delivery that is this process's to send. */
export interface ClaimedDelivery extends Delivery {
  /** Somebody had begun to send it, and was cut off. */
  readonly wasCutOff: boolean
}

const UNTRIED = Object.freeze({
  status: 'waiting',
  lease: null,
  attempts: 0,
  attempted_at: null,
  response_status: null,
  response: null,
  error: null,
  duration_ms: null,
  delivered_at: null,
} satisfies Partial<Selectable<Tables['webhook_deliveries']>>)

const fitting = (filters: DeliveryFilters) => {
  const { statuses, eventType, eventId, since, until } = filters
  const named = (statuses ?? []).map((status) => sql.lit(status))
  const terms = [
    ...(statuses === undefined ? [] : [sql<boolean>`status in (${sql.join(named)})`]),
    ...(eventType === undefined ? [] : [sql<boolean>`event_type = ${eventType}`]),
    ...(eventId === undefined ? [] : [sql<boolean>`event_id = ${eventId}`]),
    ...(since === undefined ? [] : [sql<boolean>`created_at >= ${since}`]),
    ...(until === undefined ? [] : [sql<boolean>`created_at < ${until}`]),
  ]
  return terms.length === 0 ? sql<boolean>`1 = 1` : sql<boolean>`${sql.join(terms, sql` and `)}`
}
