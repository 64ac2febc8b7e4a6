import type { Selectable } from 'kysely'
import { EngineError, Secret } from '../../engine/index.ts'
import type {
  AccountPatch,
  AccountQuery,
  AccountStatus,
  Credentials,
  IntegratedAccount,
  NewAccount,
  StatusReason,
} from './account-types.ts'
import type { Database } from './database.ts'
import { isMissingReference } from './driver.ts'
import {
  checkedId,
  checkedLimit,
  fromJson,
  isAfter,
  type JsonObject,
  newId,
  type Page,
  toPage,
  untilWon,
} from './rows.ts'
import type { Tables } from './tables.ts'
import type { RowAddress, Vault } from './vault.ts'

type Row = Selectable<Tables['integrated_accounts']>

/** The integrated accounts. Every call names its environment; an id of another one is as unknown as any. */
export class AccountStore {
  readonly #database: Database
  readonly #vault: Vault
  readonly #flushLogs: () => Promise<void>

  constructor(database: Database, vault: Vault, flushLogs: () => Promise<void>) {
    this.#database = database
    this.#vault = vault
    this.#flushLogs = flushLogs
  }

  /** Makes an account at version 1. Throws `conflict` for a taken id, `not_found` for an unknown environment. */
  async create(environmentId: string, input: NewAccount, now: number): Promise<IntegratedAccount> {
    const id = checkedId(input.id ?? newId('ia'), 'id')
    try {
      const row = await this.#vault.writing(() => this.#insert(environmentId, { ...input, id }, now))
      if (row) return toAccount(row)
    } catch (error) {
      if (!isMissingReference(error)) throw error
      throw new EngineError('not_found', `There is no environment ${environmentId}`, { cause: error })
    }
    throw new EngineError('conflict', `There is an integrated account ${id} already`, { where: 'id' })
  }

  /** The account, or null. */
  async get(environmentId: string, id: string): Promise<IntegratedAccount | null> {
    const row = await this.#row(environmentId, id)
    return row ? toAccount(row) : null
  }

  /** The account with its credentials (null when none are stored) in one query, or null. Throws as Vault.decrypt. */
  async getWithCredentials(
    environmentId: string,
    id: string,
  ): Promise<{ readonly account: IntegratedAccount; readonly credentials: Credentials | null } | null> {
    const row = await this.#row(environmentId, id)
    return row ? { account: toAccount(row), credentials: this.#opened(row) } : null
  }

  /** The credentials alone: the engine's CredentialStore. Throws `unknown_account`, or `needs_reauth` without any. */
  async load(environmentId: string, accountId: string): Promise<Credentials> {
    const found = await this.getWithCredentials(environmentId, accountId)
    if (!found) throw unknownAccount(accountId)
    if (found.credentials) return found.credentials
    throw new EngineError('needs_reauth', `The integrated account ${accountId} has no credentials`)
  }

  /** Accounts newest first; every filter is an exact match. */
  async list(environmentId: string, query: AccountQuery = {}): Promise<Page<IntegratedAccount>> {
    const limit = checkedLimit(query)
    let rows = this.#database.db
      .selectFrom('integrated_accounts')
      .selectAll()
      .where('environment_id', '=', environmentId)
    if (query.integration !== undefined) rows = rows.where('integration', '=', query.integration)
    if (query.tenantId !== undefined) rows = rows.where('tenant_id', '=', query.tenantId)
    if (query.status !== undefined) rows = rows.where('status', '=', query.status)
    if (query.after) rows = rows.where(isAfter('created_at', query.after))
    const found = await rows
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc')
      .limit(limit + 1)
      .execute()
    return toPage(found, limit, (row) => row.created_at, toAccount)
  }

  /**
   * Changes an account. A new `settings.base_url` discards the stored credentials, and an active account left without
   * any becomes `needs_reauth`. With `ifVersion`, throws `conflict` when it was changed meanwhile; also `unknown_account`.
   */
  update(
    environmentId: string,
    id: string,
    patch: AccountPatch,
    options: { readonly now: number; readonly ifVersion?: number | undefined },
  ): Promise<IntegratedAccount> {
    const attempt = async (): Promise<IntegratedAccount | null> => {
      const current = await this.#row(environmentId, id)
      if (!current) throw unknownAccount(id)
      if (options.ifVersion !== undefined && options.ifVersion !== current.version) {
        throw new EngineError('conflict', `The integrated account ${id} is at version ${current.version}`)
      }
      const row = await this.#database.db
        .updateTable('integrated_accounts')
        .set({ ...this.#changed(current, patch, options.now), updated_at: options.now, version: current.version + 1 })
        .where('environment_id', '=', environmentId)
        .where('id', '=', id)
        .where('version', '=', current.version)
        .returningAll()
        .executeTakeFirst()
      return row ? toAccount(row) : null
    }
    return untilWon(() => this.#vault.writing(attempt))
  }

  /**
   * Deletes the account and, in one transaction, its tokens, overrides, idempotency records and request log. The audit
   * log stays. False when there is none.
   */
  async delete(environmentId: string, id: string): Promise<boolean> {
    await this.#flushLogs()
    return this.#database.db.transaction().execute(async (trx) => {
      const deleted = await trx
        .deleteFrom('integrated_accounts')
        .where('environment_id', '=', environmentId)
        .where('id', '=', id)
        .executeTakeFirst()
      if (deleted.numDeletedRows === 0n) return false
      for (const table of ['idempotency_records', 'request_log'] as const) {
        await trx
          .deleteFrom(table)
          .where('environment_id', '=', environmentId)
          .where('integrated_account_id', '=', id)
          .execute()
      }
      return true
    })
  }

  #insert(environmentId: string, input: NewAccount & { readonly id: string }, now: number): Promise<Row | undefined> {
    return this.#database.db
      .insertInto('integrated_accounts')
      .values({
        environment_id: environmentId,
        id: input.id,
        integration: input.integration,
        tenant_id: input.tenantId,
        ...fieldsOf(input, now),
        ...this.#sealed(environmentId, input.id, input.credentials ?? null),
        created_at: now,
        updated_at: now,
        version: 1,
      })
      .onConflict((conflict) => conflict.columns(['environment_id', 'id']).doNothing())
      .returningAll()
      .executeTakeFirst()
  }

  #row(environmentId: string, id: string): Promise<Row | undefined> {
    return this.#database.db
      .selectFrom('integrated_accounts')
      .selectAll()
      .where('environment_id', '=', environmentId)
      .where('id', '=', id)
      .executeTakeFirst()
  }

  #changed(current: Row, patch: AccountPatch, now: number) {
    const before = toAccount(current)
    const given = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined))
    const next = {
      ...before,
      ...(given.status === undefined || given.status === before.status ? {} : { statusReason: null }),
      ...given,
    }
    const fields = fieldsOf(next, now)
    if (patch.credentials) {
      return { ...fields, ...this.#sealed(current.environment_id, current.id, patch.credentials) }
    }
    const keeps = patch.credentials === undefined && next.settings.base_url === before.settings.base_url
    if (keeps || current.credentials === null) return fields
    const gone = { ...fields, credentials: null, credentials_key_id: null }
    if (fields.status !== 'active') return gone
    return { ...gone, status: 'needs_reauth', status_reason: JSON.stringify({ ...WITHOUT_CREDENTIALS, at: now }) }
  }

  #sealed(environmentId: string, id: string, credentials: Credentials | null) {
    if (!credentials) return { credentials: null, credentials_key_id: null }
    const sealed = this.#vault.encrypt(credentialsAddress(environmentId, id), JSON.stringify(credentials.reveal()))
    return { credentials: sealed.text, credentials_key_id: sealed.keyId }
  }

  #opened(row: Row): Credentials | null {
    if (row.credentials === null) return null
    const text = this.#vault.decrypt(credentialsAddress(row.environment_id, row.id), row.credentials)
    return new Secret(fromJson<Readonly<Record<string, string>>>(text))
  }
}

/** Where an account's credentials are sealed to. */
export function credentialsAddress(environmentId: string, id: string): RowAddress {
  return { table: 'integrated_accounts', environmentId, row: [id] }
}

const WITHOUT_CREDENTIALS = { code: 'no_credentials', message: 'It has no credentials any more' }

/** What stands for a reason where none was given. */
const REASONS: Readonly<Record<AccountStatus, string | null>> = {
  connecting: null,
  active: null,
  needs_reauth: 'It must be connected again',
  validation_error: 'The credentials are not proven',
  post_install_error: 'Setting it up at the provider failed',
  disabled: 'It is switched off',
}

function fieldsOf(input: AccountPatch, now: number) {
  const { status = 'connecting' } = input
  const message = REASONS[status]
  const reason = message === null ? null : (input.statusReason ?? { code: status, message, at: now })
  return {
    status,
    status_reason: reason === null ? null : JSON.stringify(reason),
    authentication_method: input.authenticationMethod ?? null,
    settings: JSON.stringify(input.settings ?? {}),
    context: JSON.stringify(input.context ?? {}),
    traits: JSON.stringify(input.traits ?? {}),
    identity: input.identity ?? null,
    mode: input.mode ?? null,
    livemode: input.livemode === undefined || input.livemode === null ? null : Number(input.livemode),
  }
}

function toAccount(row: Row): IntegratedAccount {
  return {
    id: row.id,
    environmentId: row.environment_id,
    integration: row.integration,
    tenantId: row.tenant_id,
    status: row.status as AccountStatus,
    statusReason: row.status_reason === null ? null : fromJson<StatusReason>(row.status_reason),
    authenticationMethod: row.authentication_method,
    hasCredentials: row.credentials !== null,
    settings: fromJson<JsonObject>(row.settings),
    context: fromJson<JsonObject>(row.context),
    traits: fromJson<JsonObject>(row.traits),
    identity: row.identity,
    mode: row.mode,
    livemode: row.livemode === null ? null : row.livemode === 1,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    version: row.version,
  }
}

function unknownAccount(id: string): EngineError {
  return new EngineError('unknown_account', `There is no integrated account ${id}`)
}
