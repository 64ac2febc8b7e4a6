import type { Kysely } from 'kysely'
import { EngineError } from '../../engine/index.ts'
import { erase } from './account-erase.ts'
import { accountChanged, accountCreated, accountDeleted, type ToldChange } from './account-events.ts'
import {
  type AccountRow,
  changedFields,
  dueAfter,
  fieldsOf,
  leftIn,
  openedCredentials,
  sealedCredentials,
  timesOf,
  toAccount,
  withReason,
} from './account-rows.ts'
import type { AccountPatch, AccountQuery, Credentials, IntegratedAccount, NewAccount } from './account-types.ts'
import type { Database, StoreTransaction } from './database.ts'
import { isMissingReference } from './driver.ts'
import type { NewEvent } from './event-types.ts'
import type { EventStore } from './events.ts'
import type { GrantTimes } from './grant-times.ts'
import { dropVerdicts } from './identity-verdicts.ts'
import type { LeftGrant } from './partings.ts'
import { checkedId, newestFirst, newId, type Page, untilWon } from './rows.ts'
import { eraseRules } from './rule-erase.ts'
import { eraseSynced } from './synced-erase.ts'
import type { Tables } from './tables.ts'
import type { Vault } from './vault.ts'

/** What else is written in the transaction of a change, such as a job; it awaits nothing but that. */
export type AccountFollower = (trx: StoreTransaction, account: IntegratedAccount) => Promise<void>

/** How a change of an account is made. */
export interface ChangeOptions extends ToldChange {
  readonly now: number
  /** Throws `conflict` when the account is at another version. */
  readonly ifVersion?: number | undefined
  /** Throws `conflict` when its credentials were changed since. */
  readonly ifTokenVersion?: number | undefined
  readonly follow?: AccountFollower | undefined
  /** No event tells of it. Default false. */
  readonly isQuiet?: boolean | undefined
}

/** How an account is deleted. */
export interface DeleteOptions extends Pick<ChangeOptions, 'now' | 'reason'> {
  /** What else is written in the transaction, told the credentials that it had. */
  readonly follow?: ((...of: [...Parameters<AccountFollower>, LeftGrant | null]) => Promise<void>) | undefined
  /** Empties what the audit log holds of it, and deletes the links that made it. Default false. */
  readonly erase?: boolean | undefined
}

/** Who is told of changes, in their transaction. */
interface Told {
  readonly events: EventStore
  readonly times: GrantTimes
}

interface Changed {
  readonly account: IntegratedAccount
  readonly event: NewEvent | null
  /** From when a token that was stored, or counts again, is to be renewed. */
  readonly due: number | null
}

/** The integrated accounts. Every call names its environment; an id of another one is as unknown as any. */
export class AccountStore {
  readonly #database: Database
  readonly #vault: Vault
  readonly #events: EventStore
  readonly #times: GrantTimes
  readonly #flushLogs: () => Promise<void>

  constructor(database: Database, vault: Vault, told: Told, flushLogs: () => Promise<void>) {
    this.#database = database
    this.#vault = vault
    this.#events = told.events
    this.#times = told.times
    this.#flushLogs = flushLogs
  }

  /** Makes an account at version 1. Throws `conflict` for a taken id, `not_found` for an unknown environment. */
  async create(
    environmentId: string,
    input: NewAccount,
    now: number,
    follow?: AccountFollower,
  ): Promise<IntegratedAccount> {
    const id = checkedId(input.id ?? newId('ia'), 'id')
    try {
      const made = await this.#vault.writing(() =>
        this.#told(environmentId, now, follow, async (trx) => {
          const row = await this.#insert(trx, environmentId, { ...input, id }, now)
          return row ? { account: toAccount(row), event: accountCreated(toAccount(row)), due: row.renew_at } : null
        }),
      )
      if (made) return made
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
    return row ? { account: toAccount(row), credentials: openedCredentials(this.#vault, row) } : null
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
    const rows = this.#database.db
      .selectFrom('integrated_accounts')
      .selectAll()
      .where('environment_id', '=', environmentId)
    const { integration, tenantId: tenant_id, status } = query
    return await newestFirst(rows, { query, by: 'created_at', only: { integration, tenant_id, status } }, toAccount)
  }

  /**
   * Changes an account. A new `settings.base_url` discards the stored credentials, and an active account left without
   * any becomes `needs_reauth`. Throws `unknown_account`, and `conflict` as `ifVersion` says.
   */
  update(environmentId: string, id: string, patch: AccountPatch, options: ChangeOptions): Promise<IntegratedAccount> {
    const { now, ifVersion, ifTokenVersion, follow } = options
    const attempt = () =>
      this.#told(environmentId, now, follow, async (trx) => {
        const current = await this.#row(environmentId, id, trx)
        if (!current) throw unknownAccount(id)
        if (ifVersion !== undefined && ifVersion !== current.version) {
          throw new EngineError('conflict', `The integrated account ${id} is at version ${current.version}`)
        }
        if (ifTokenVersion !== undefined && ifTokenVersion !== current.token_version) {
          throw new EngineError('conflict', `The credentials of the integrated account ${id} were changed`)
        }
        const row = await trx
          .updateTable('integrated_accounts')
          .set({
            ...changedFields(this.#vault, current, withReason(patch, options), now),
            updated_at: now,
            version: current.version + 1,
          })
          .where('environment_id', '=', environmentId)
          .where('id', '=', id)
          .where('version', '=', current.version)
          .returningAll()
          .executeTakeFirst()
        if (!row) return null
        const account = toAccount(row)
        const due = dueAfter(current, row)
        return { account, event: options.isQuiet ? null : accountChanged(toAccount(current), account, options), due }
      })
    return untilWon(() => this.#vault.writing(attempt))
  }

  /**
   * Deletes the account and, in one transaction, its tokens, overrides, idempotency records, request log, synced records,
   * events and their deliveries; that it was deleted is the last event of it. The audit log stays. False when there is none.
   */
  async delete(environmentId: string, id: string, options: DeleteOptions): Promise<boolean> {
    await this.#flushLogs()
    const attempt = () =>
      this.#told(environmentId, options.now, undefined, async (trx) => {
        await eraseSynced(trx, environmentId, id)
        await eraseRules(trx, environmentId, id)
        const row = await trx
          .deleteFrom('integrated_accounts')
          .where('environment_id', '=', environmentId)
          .where('id', '=', id)
          .returningAll()
          .executeTakeFirst()
        if (!row) return null
        for (const table of ['idempotency_records', 'request_log', 'webhook_deliveries', 'events'] as const) {
          await trx
            .deleteFrom(table)
            .where('environment_id', '=', environmentId)
            .where('integrated_account_id', '=', id)
            .execute()
        }
        await dropVerdicts(trx, environmentId, id)
        if (options.erase === true) await erase(trx, environmentId, id)
        await options.follow?.(trx, toAccount(row), leftIn(this.#vault, row))
        return { account: toAccount(row), event: accountDeleted(toAccount(row), options.reason), due: null }
      })
    return (await this.#vault.writing(attempt)) !== null
  }

  /** Ends accounts whose connecting was cut off: nobody proves them any more. Answers how many. */
  async endStuck(environmentId: string, before: number, now: number): Promise<number> {
    const stuck = await this.#database.db
      .selectFrom('integrated_accounts')
      .select(['id', 'version'])
      .where('environment_id', '=', environmentId)
      .where('status', '=', 'connecting')
      .where('updated_at', '<', before)
      .execute()
    const statusReason = {
      code: 'connect_interrupted',
      message: 'Connecting it was cut off; try it again',
      at: now,
    }
    let ended = 0
    for (const { id, version: ifVersion } of stuck) {
      const patch = { status: 'validation_error', statusReason } as const
      const changed = await this.update(environmentId, id, patch, { now, ifVersion }).catch(goneMeanwhile)
      if (changed !== null) ended += 1
    }
    return ended
  }

  /** Makes a change together with what follows from it and, as the last step, its event. */
  #told(
    environmentId: string,
    now: number,
    follow: AccountFollower | undefined,
    change: (trx: StoreTransaction) => Promise<Changed | null>,
  ): Promise<IntegratedAccount | null> {
    return this.#database.db.transaction().execute(async (trx) => {
      const changed = await change(trx)
      if (!changed) return null
      await follow?.(trx, changed.account)
      await this.#times.tell(trx, { environmentId, accountId: changed.account.id, renewAt: changed.due })
      if (changed.event) await this.#events.append(trx, environmentId, [changed.event], now)
      return changed.account
    })
  }

  #insert(
    trx: StoreTransaction,
    environmentId: string,
    input: NewAccount & { readonly id: string },
    now: number,
  ): Promise<AccountRow | undefined> {
    return trx
      .insertInto('integrated_accounts')
      .values({
        environment_id: environmentId,
        id: input.id,
        integration: input.integration,
        tenant_id: input.tenantId,
        ...fieldsOf(input, now),
        ...sealedCredentials(this.#vault, environmentId, input.id, input.credentials ?? null),
        ...timesOf(input),
        token_version: 1,
        created_at: now,
        updated_at: now,
        version: 1,
      })
      .onConflict((conflict) => conflict.columns(['environment_id', 'id']).doNothing())
      .returningAll()
      .executeTakeFirst()
  }

  #row(environmentId: string, id: string, db: Kysely<Tables> = this.#database.db): Promise<AccountRow | undefined> {
    return db
      .selectFrom('integrated_accounts')
      .selectAll()
      .where('environment_id', '=', environmentId)
      .where('id', '=', id)
      .executeTakeFirst()
  }
}

function unknownAccount(id: string): EngineError {
  return new EngineError('unknown_account', `There is no integrated account ${id}`)
}

/** Somebody else changed or deleted the account: it is not stuck. */
function goneMeanwhile(error: unknown): null {
  if (error instanceof EngineError && (error.code === 'conflict' || error.code === 'unknown_account')) return null
  throw error
}
