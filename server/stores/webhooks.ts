import type { Insertable, Selectable } from 'kysely'
import { EngineError, type Secret } from '../../engine/index.ts'
import type { Database, StoreTransaction } from './database.ts'
import { isMissingReference } from './driver.ts'
import type { NewEvent } from './event-types.ts'
import type { EventStore } from './events.ts'
import { newestFirst, newId, type Page, type PageQuery } from './rows.ts'
import type { Tables } from './tables.ts'
import type { Vault } from './vault.ts'
import { afterFailure, FAILING_AFTER, HEALTHY } from './webhook-health.ts'
import { webhookOut } from './webhook-out.ts'
import { healthColumns, openedSecrets, sealedSecrets, toWebhook, webhookColumns } from './webhook-rows.ts'
import type { NewWebhook, Webhook, WebhookPatch, WebhookSecrets } from './webhook-types.ts'

type Row = Selectable<Tables['webhooks']>

/** Where events of each environment go, and how each of these destinations has been doing. */
export class WebhookStore {
  readonly #database: Database
  readonly #vault: Vault
  readonly #events: EventStore

  constructor(database: Database, vault: Vault, events: EventStore) {
    this.#database = database
    this.#vault = vault
    this.#events = events
  }

  /** Makes a destination. Throws `not_found` for an unknown environment. */
  async create(environmentId: string, input: NewWebhook, now: number): Promise<Webhook> {
    const key = { environment_id: environmentId, id: newId('wh') }
    const { kind, secrets, ...given } = input
    const write = () =>
      this.#database.db
        .insertInto('webhooks')
        .values({
          ...key,
          kind,
          ...healthColumns({ ...HEALTHY, isEnabled: true }),
          previous_until: null,
          ...webhookColumns(given),
          ...sealedSecrets(this.#vault, key, secrets),
          created_at: now,
          updated_at: now,
        } as Insertable<Tables['webhooks']>)
        .returningAll()
        .executeTakeFirstOrThrow()
    try {
      return toWebhook(await this.#vault.writing(write))
    } catch (error) {
      if (!isMissingReference(error)) throw error
      throw new EngineError('not_found', `There is no environment ${environmentId}`, { cause: error })
    }
  }

  /** The destination, or null. */
  async get(environmentId: string, id: string): Promise<Webhook | null> {
    const row = await this.#row(environmentId, id)
    return row ? toWebhook(row) : null
  }

  /** The destination that rules call so, or null. */
  async named(environmentId: string, name: string): Promise<Webhook | null> {
    const row = await this.#database.db
      .selectFrom('webhooks')
      .selectAll()
      .where('environment_id', '=', environmentId)
      .where('name', '=', name)
      .executeTakeFirst()
    return row ? toWebhook(row) : null
  }

  /** What it is signed or reached with. Throws as Vault.decrypt, and `not_found`. */
  async secrets(environmentId: string, id: string): Promise<Secret<WebhookSecrets>> {
    const row = await this.#row(environmentId, id)
    if (!row) throw gone(id)
    return openedSecrets(this.#vault, row)
  }

  /** Destinations of the environment, newest first. */
  async list(environmentId: string, query: PageQuery = {}): Promise<Page<Webhook>> {
    const rows = this.#database.db.selectFrom('webhooks').selectAll().where('environment_id', '=', environmentId)
    return await newestFirst(rows, { query, by: 'created_at' }, toWebhook)
  }

  /** Those that are switched on, as a transaction sees them; none of them is deleted before it ends. */
  async enabled(trx: StoreTransaction, environmentId: string): Promise<readonly Webhook[]> {
    const named = trx
      .selectFrom('webhooks')
      .selectAll()
      .where('environment_id', '=', environmentId)
      .where('is_enabled', '=', 1)
    const rows = await (this.#isPostgres ? named.forKeyShare() : named).execute()
    return rows.map(toWebhook)
  }

  /** Changes a destination; one that is switched on starts without any trouble. Throws `not_found`. */
  async update(environmentId: string, id: string, patch: WebhookPatch, now: number): Promise<Webhook> {
    const { secrets, ...given } = patch
    const key = { environment_id: environmentId, id }
    const write = () =>
      this.#database.db
        .updateTable('webhooks')
        .set({
          ...(given.isEnabled === undefined ? {} : healthColumns({ ...HEALTHY, isEnabled: given.isEnabled })),
          ...webhookColumns(given),
          ...(secrets === undefined ? {} : sealedSecrets(this.#vault, key, secrets)),
          updated_at: now,
        })
        .where('environment_id', '=', environmentId)
        .where('id', '=', id)
        .returningAll()
        .executeTakeFirst()
    const row = await this.#vault.writing(write)
    if (!row) throw gone(id)
    return toWebhook(row)
  }

  /** Deletes a destination with its deliveries. False when there is none. */
  async delete(environmentId: string, id: string): Promise<boolean> {
    const { numDeletedRows } = await this.#database.db
      .deleteFrom('webhooks')
      .where('environment_id', '=', environmentId)
      .where('id', '=', id)
      .executeTakeFirst()
    return numDeletedRows > 0n
  }

  /** Notes that a delivery succeeded: all trouble is over. */
  async succeeded(environmentId: string, id: string): Promise<void> {
    await this.#database.db
      .updateTable('webhooks')
      .set(healthColumns({ ...HEALTHY, isEnabled: true }))
      .where('environment_id', '=', environmentId)
      .where('id', '=', id)
      .where('is_enabled', '=', 1)
      .execute()
  }

  /** Notes a failure; that it makes the destination failing, or ends it, is an event. */
  async failed(environmentId: string, id: string, now: number, isGone: boolean): Promise<void> {
    await this.#database.db.transaction().execute(async (trx) => {
      const named = trx
        .selectFrom('webhooks')
        .selectAll()
        .where('environment_id', '=', environmentId)
        .where('id', '=', id)
      // Failures of several deliveries come at once, and each counts.
      const row = await (this.#isPostgres ? named.forNoKeyUpdate() : named).executeTakeFirst()
      if (!row) return
      if (row.is_enabled === 0) {
        if (row.disabled_reason !== null) await giveUp(trx, environmentId, id)
        return
      }
      const before = toWebhook(row)
      const after = afterFailure(before, now, isGone)
      const { numUpdatedRows } = await trx
        .updateTable('webhooks')
        .set(healthColumns(after))
        .where('environment_id', '=', environmentId)
        .where('id', '=', id)
        .where('is_enabled', '=', 1)
        .executeTakeFirst()
      if (!after.isEnabled) await giveUp(trx, environmentId, id)
      const event = numUpdatedRows > 0n ? troubleEvent(before, { ...before, ...after }) : null
      if (event !== null) await this.#events.append(trx, environmentId, [event], now)
    })
  }

  get #isPostgres(): boolean {
    return this.#database.dialect === 'postgres'
  }

  #row(environmentId: string, id: string): Promise<Row | undefined> {
    return this.#database.db
      .selectFrom('webhooks')
      .selectAll()
      .where('environment_id', '=', environmentId)
      .where('id', '=', id)
      .executeTakeFirst()
  }
}

const gone = (id: string) => new EngineError('not_found', `There is no webhook ${id.slice(0, 64)}`, { where: 'id' })

/**
 * What still waits is dead, and can be delivered again once the destination is switched on. What is being sent just now is
 * left to whoever sends it, since it may yet be taken.
 */
async function giveUp(trx: StoreTransaction, environmentId: string, webhookId: string): Promise<void> {
  await trx
    .updateTable('webhook_deliveries')
    .set({ status: 'dead', error: 'webhook_disabled' })
    .where('environment_id', '=', environmentId)
    .where('webhook_id', '=', webhookId)
    .where('status', '=', 'waiting')
    .where('lease', 'is', null)
    .execute()
}

function troubleEvent(before: Webhook, after: Webhook): NewEvent | null {
  const isFailing = before.failures < FAILING_AFTER && after.failures >= FAILING_AFTER
  if (after.isEnabled && !isFailing) return null
  return {
    type: after.isEnabled ? 'webhook.failing' : 'webhook.disabled',
    integratedAccountId: null,
    tenantId: null,
    integration: null,
    livemode: null,
    data: webhookOut(after),
    reason: after.disabledReason,
  }
}
