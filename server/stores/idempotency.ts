import type { Selectable } from 'kysely'
import { EngineError } from '../../engine/index.ts'
import type { Database } from './database.ts'
import { deleteAll, fromJson, newId, untilWon } from './rows.ts'
import type { Tables } from './tables.ts'
import type { RowAddress, Vault } from './vault.ts'

type Row = Selectable<Tables['idempotency_records']>

/** What an idempotency key is scoped to. */
export interface IdempotencyKey {
  readonly environmentId: string
  readonly integratedAccountId: string
  readonly operation: string
  /** 1 to 255 characters. */
  readonly key: string
}

/** A write about to be made. */
export interface NewAttempt extends IdempotencyKey {
  readonly tenantId: string
  readonly bodyHash: string
  /** The key that goes to the provider. */
  readonly providerKey: string
  /** After this long without an outcome the attempt counts as crashed. Longer than the longest request. */
  readonly leaseMs: number
  /** How long a finished answer is repeated. */
  readonly ttlMs: number
}

/** The answer kept for repeats, before any redaction. */
export interface KeptResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** A write whose outcome nobody knows; with `lease` it can be settled once it was looked up. */
export interface UnknownAttempt extends IdempotencyKey {
  readonly tenantId: string
  readonly providerKey: string
  readonly lease: string
  readonly createdAt: number
}

/** What to do with a write: make it (`new`), or answer as the former attempt demands. */
export type BeginResult =
  | { readonly state: 'new'; readonly lease: string }
  | { readonly state: 'in_flight'; readonly leaseUntil: number }
  | { readonly state: 'done'; readonly response: KeptResponse; readonly createdAt: number }
  | { readonly state: 'conflict' }
  | ({ readonly state: 'unknown' } & UnknownAttempt)

/** Idempotency records. The caller's clock decides on leases and expiry: every call takes `now` (epoch ms). */
export class IdempotencyStore {
  readonly #database: Database
  readonly #vault: Vault

  constructor(database: Database, vault: Vault) {
    this.#database = database
    this.#vault = vault
  }

  /**
   * Claims the key for one attempt; of any number of callers at once exactly one gets `new`. Another body or tenant is a
   * `conflict`; an attempt past its lease becomes `unknown` and is never given out again.
   */
  begin(attempt: NewAttempt, now: number): Promise<BeginResult> {
    return untilWon(async () => (await this.#claim(attempt, now)) ?? (await this.#former(attempt, now)))
  }

  /** Keeps the answer of an attempt, also of one that counted as unknown. False when the lease no longer stands. */
  async complete(key: IdempotencyKey, lease: string, response: KeptResponse): Promise<boolean> {
    const row = await this.#find(key)
    if (!row || row.lease !== lease) return false
    const result = await this.#vault.writing(() => {
      const sealed = this.#vault.encrypt(responseAddress(row), JSON.stringify(response))
      const done = { state: 'done', response: sealed.text, response_key_id: sealed.keyId }
      return this.#ofLease(key, lease).set(done).executeTakeFirst()
    })
    return result.numUpdatedRows > 0n
  }

  /** Says that the write was sent and not answered. False when the lease no longer stands. */
  async markUnknown(key: IdempotencyKey, lease: string): Promise<boolean> {
    const result = await this.#ofLease(key, lease).set({ state: 'unknown' }).executeTakeFirst()
    return result.numUpdatedRows > 0n
  }

  /** Forgets an attempt that surely had no effect, so that the key can be used again. False when the lease is gone. */
  async release(key: IdempotencyKey, lease: string): Promise<boolean> {
    const result = await this.#database.db
      .deleteFrom('idempotency_records')
      .where('environment_id', '=', key.environmentId)
      .where('integrated_account_id', '=', key.integratedAccountId)
      .where('operation', '=', key.operation)
      .where('key', '=', key.key)
      .where('lease', '=', lease)
      .where('state', '!=', 'done')
      .executeTakeFirst()
    return result.numDeletedRows > 0n
  }

  /** Attempts of the environment without a known outcome, crashed ones included, oldest first; all of them. */
  async listUnknown(environmentId: string, now: number): Promise<readonly UnknownAttempt[]> {
    const rows = await this.#database.db
      .selectFrom('idempotency_records')
      .selectAll()
      .where('environment_id', '=', environmentId)
      .where('state', 'in', ['unknown', 'in_flight'])
      .where((eb) => eb.or([eb('state', '=', 'unknown'), eb('lease_until', '<=', now)]))
      .orderBy('created_at')
      .execute()
    return rows.map(toUnknown)
  }

  /** Deletes finished answers past their time; answers how many. What is unknown stays until it is settled. */
  deleteExpired(environmentId: string, now: number): Promise<number> {
    const { db } = this.#database
    return deleteAll((batch) => {
      const expired = db
        .selectFrom('idempotency_records')
        .select(['integrated_account_id', 'operation', 'key'])
        .where('environment_id', '=', environmentId)
        .where('state', '=', 'done')
        .where('expires_at', '<=', now)
        .limit(batch)
        .$asTuple('integrated_account_id', 'operation', 'key')
      return db
        .deleteFrom('idempotency_records')
        .where('environment_id', '=', environmentId)
        .where((eb) => eb(eb.refTuple('integrated_account_id', 'operation', 'key'), 'in', expired))
        .where('state', '=', 'done')
        .where('expires_at', '<=', now)
        .executeTakeFirst()
    })
  }

  /** One statement: a new row, or the takeover of a finished one past its time. */
  async #claim(attempt: NewAttempt, now: number): Promise<BeginResult | null> {
    if (attempt.key.length < 1 || attempt.key.length > 255) {
      throw new EngineError('invalid_parameter', 'An idempotency key has 1 to 255 characters', {
        where: 'Idempotency-Key',
      })
    }
    const fresh = {
      tenant_id: attempt.tenantId,
      body_hash: attempt.bodyHash,
      state: 'in_flight',
      provider_key: attempt.providerKey,
      lease: newId('try'),
      lease_until: now + attempt.leaseMs,
      response: null,
      response_key_id: null,
      created_at: now,
      expires_at: now + attempt.ttlMs,
    }
    const claimed = await this.#database.db
      .insertInto('idempotency_records')
      .values({
        environment_id: attempt.environmentId,
        integrated_account_id: attempt.integratedAccountId,
        operation: attempt.operation,
        key: attempt.key,
        ...fresh,
      })
      .onConflict((conflict) =>
        conflict
          .columns(['environment_id', 'integrated_account_id', 'operation', 'key'])
          .doUpdateSet(fresh)
          .where('idempotency_records.state', '=', 'done')
          .where('idempotency_records.expires_at', '<=', now),
      )
      .returning('lease')
      .executeTakeFirst()
    return claimed ? { state: 'new', lease: claimed.lease } : null
  }

  /** What the former attempt demands; null when it went away meanwhile. */
  async #former(attempt: NewAttempt, now: number): Promise<BeginResult | null> {
    const row = await this.#find(attempt)
    if (!row || (row.state === 'done' && row.expires_at <= now)) return null
    if (row.body_hash !== attempt.bodyHash || row.tenant_id !== attempt.tenantId) return { state: 'conflict' }
    if (row.state === 'done') return { state: 'done', response: this.#opened(row), createdAt: row.created_at }
    if (row.state === 'unknown') return { state: 'unknown', ...toUnknown(row) }
    if (row.lease_until > now) return { state: 'in_flight', leaseUntil: row.lease_until }
    return (await this.markUnknown(attempt, row.lease)) ? { state: 'unknown', ...toUnknown(row) } : null
  }

  #find(key: IdempotencyKey): Promise<Row | undefined> {
    return this.#database.db
      .selectFrom('idempotency_records')
      .selectAll()
      .where('environment_id', '=', key.environmentId)
      .where('integrated_account_id', '=', key.integratedAccountId)
      .where('operation', '=', key.operation)
      .where('key', '=', key.key)
      .executeTakeFirst()
  }

  /** An update of the record while it has no outcome and is still this attempt's. */
  #ofLease(key: IdempotencyKey, lease: string) {
    return this.#database.db
      .updateTable('idempotency_records')
      .where('environment_id', '=', key.environmentId)
      .where('integrated_account_id', '=', key.integratedAccountId)
      .where('operation', '=', key.operation)
      .where('key', '=', key.key)
      .where('lease', '=', lease)
      .where('state', 'in', ['in_flight', 'unknown'])
  }

  #opened(row: Row): KeptResponse {
    if (row.response === null) throw new EngineError('internal', 'A finished idempotency record has no answer')
    return fromJson<KeptResponse>(this.#vault.decrypt(responseAddress(row), row.response))
  }
}

/** Where a kept answer is sealed to: the record and its tenant. */
export function responseAddress(
  row: Pick<Row, 'environment_id' | 'integrated_account_id' | 'operation' | 'key' | 'tenant_id'>,
): RowAddress {
  return {
    table: 'idempotency_records',
    environmentId: row.environment_id,
    row: [row.integrated_account_id, row.operation, row.key, row.tenant_id],
  }
}

function toUnknown(row: Row): UnknownAttempt {
  return {
    environmentId: row.environment_id,
    integratedAccountId: row.integrated_account_id,
    operation: row.operation,
    key: row.key,
    tenantId: row.tenant_id,
    providerKey: row.provider_key,
    lease: row.lease,
    createdAt: row.created_at,
  }
}
