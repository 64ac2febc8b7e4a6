import { sql } from 'kysely'
import { EngineError, type GrantEnd, type GrantStore, type RenewedGrant, type StoredGrant } from '../../engine/index.ts'
import { openedCredentials, sealedCredentials } from './account-rows.ts'
import type { AccountStore } from './accounts.ts'
import type { Database } from './database.ts'
import type { GrantTimes } from './grant-times.ts'
import type { Vault } from './vault.ts'

const MOST_DUE = 500

/** The grants of accounts: what the engine renews, each write only in place of the version that it was made from. */
export class DatabaseGrants implements Omit<GrantStore, 'current'> {
  readonly #database: Database
  readonly #vault: Vault
  readonly #accounts: AccountStore
  readonly #times: GrantTimes

  constructor(database: Database, vault: Vault, accounts: AccountStore, times: GrantTimes) {
    this.#database = database
    this.#vault = vault
    this.#accounts = accounts
    this.#times = times
  }

  /** Throws `unknown_account`, `needs_reauth` without credentials, and as Vault.decrypt. */
  async read(environmentId: string, accountId: string): Promise<StoredGrant> {
    const row = await this.#database.db
      .selectFrom('integrated_accounts as account')
      .leftJoin('token_renewals as renewal', (join) =>
        join
          .onRef('renewal.environment_id', '=', 'account.environment_id')
          .onRef('renewal.integrated_account_id', '=', 'account.id')
          .onRef('renewal.token_version', '=', 'account.token_version'),
      )
      .select(['account.environment_id', 'account.id', 'account.credentials', 'account.status'])
      .select(['account.expires_at', 'account.renew_at', 'account.token_version', 'renewal.fence'])
      .where('account.environment_id', '=', environmentId)
      .where('account.id', '=', accountId)
      .executeTakeFirst()
    if (!row) throw new EngineError('unknown_account', `There is no integrated account ${accountId}`)
    const credentials = openedCredentials(this.#vault, row)
    if (!credentials) {
      throw new EngineError('needs_reauth', `The integrated account ${accountId} has no credentials`)
    }
    return {
      credentials,
      expiresAt: row.expires_at,
      renewAt: row.renew_at,
      tokenVersion: row.token_version,
      pendingFence: row.fence,
      isOver: row.status === 'needs_reauth' && row.fence !== null,
    }
  }

  /** Active accounts whose token is to be renewed by `now`, at most 500, those that came due last first. */
  async due(now: number): Promise<readonly { readonly environmentId: string; readonly id: string }[]> {
    const rows = await this.#database.db
      .selectFrom('integrated_accounts')
      .select(['environment_id', 'id'])
      .where('renew_at', '<=', now)
      .where('status', '=', 'active')
      .orderBy('renew_at', 'desc')
      .limit(MOST_DUE)
      .execute()
    return rows.map(({ environment_id, id }) => ({ environmentId: environment_id, id }))
  }

  /** Durable before it resolves; a note of the same version that was there keeps its time. */
  async begin(
    environmentId: string,
    accountId: string,
    { tokenVersion, fence, now }: { readonly tokenVersion: number; readonly fence: number; readonly now: number },
  ): Promise<boolean> {
    const { numAffectedRows } = await sql`
      insert into token_renewals (environment_id, integrated_account_id, token_version, fence, started_at)
      select environment_id, id, token_version, cast(${fence} as bigint), cast(${now} as bigint)
      from integrated_accounts
      where environment_id = ${environmentId} and id = ${accountId} and token_version = ${tokenVersion}
      on conflict (environment_id, integrated_account_id) do update
      set token_version = excluded.token_version, fence = excluded.fence,
        started_at = case when token_renewals.token_version = excluded.token_version
          then token_renewals.started_at else excluded.started_at end`.execute(this.#database.db)
    return numAffectedRows === 1n
  }

  /** Leaves the note of any other holder. */
  async settle(environmentId: string, accountId: string, fence: number): Promise<void> {
    await this.#database.db
      .deleteFrom('token_renewals')
      .where('environment_id', '=', environmentId)
      .where('integrated_account_id', '=', accountId)
      .where('fence', '=', fence)
      .execute()
  }

  /** The renewed credentials and the end of the note, in one transaction. */
  replace(environmentId: string, accountId: string, grant: RenewedGrant): Promise<boolean> {
    return this.#vault.writing(() => this.#replace(environmentId, accountId, grant))
  }

  #replace(environmentId: string, accountId: string, grant: RenewedGrant): Promise<boolean> {
    const sealed = sealedCredentials(this.#vault, environmentId, accountId, grant.credentials)
    return this.#database.db.transaction().execute(async (trx) => {
      const { numUpdatedRows } = await trx
        .updateTable('integrated_accounts')
        .set((row) => ({
          ...sealed,
          expires_at: grant.expiresAt,
          renew_at: grant.renewAt,
          token_version: grant.tokenVersion + 1,
          updated_at: grant.now,
          version: row('version', '+', 1),
        }))
        .where('environment_id', '=', environmentId)
        .where('id', '=', accountId)
        .where('token_version', '=', grant.tokenVersion)
        .executeTakeFirst()
      if (numUpdatedRows === 0n) return false
      await trx
        .deleteFrom('token_renewals')
        .where('environment_id', '=', environmentId)
        .where('integrated_account_id', '=', accountId)
        .execute()
      await this.#times.tell(trx, { environmentId, accountId, renewAt: grant.renewAt })
      return true
    })
  }

  /** The note stays, so that whoever waited for the lock does not ask again. */
  async giveUp(
    environmentId: string,
    accountId: string,
    { tokenVersion, reason, now }: { readonly tokenVersion: number; readonly reason: GrantEnd; readonly now: number },
  ): Promise<boolean> {
    const options = { now, ifTokenVersion: tokenVersion, reason }
    try {
      await this.#accounts.update(environmentId, accountId, { status: 'needs_reauth' }, options)
      return true
    } catch (error) {
      if (error instanceof EngineError && error.code === 'conflict') return false
      throw error
    }
  }
}
