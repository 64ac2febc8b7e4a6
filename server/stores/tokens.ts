import type { ExpressionBuilder, Insertable } from 'kysely'
import { EngineError, Secret } from '../../engine/index.ts'
import type { Database, StoreLog } from './database.ts'
import { isMissingReference } from './driver.ts'
import { checkedId, deleteAll, newestFirst, newId, type Page } from './rows.ts'
import type { Tables } from './tables.ts'
import { accountRow, agentRow, apiRow, hashOf, limitOf, randomToken, type TokenRow, toToken } from './token-rows.ts'
import type {
  AccountToken,
  AgentToken,
  ApiToken,
  IssuedToken,
  NewAccountToken,
  NewAgentToken,
  NewApiToken,
  Token,
  TokenCheck,
  TokenQuery,
} from './token-types.ts'

const TOUCH_MS = 60_000

/** Tokens of every kind. Of a value only its sha256 is kept, so no stored token can be shown again. */
export class TokenStore {
  readonly #database: Database
  readonly #log: StoreLog
  readonly #readonly: boolean
  readonly #touching = new Set<string>()

  constructor(database: Database, log: StoreLog, readonly: boolean) {
    this.#database = database
    this.#log = log
    this.#readonly = readonly
  }

  /** Makes an API token. Throws `not_found` for an unknown environment. */
  async createApi(input: NewApiToken, now: number): Promise<IssuedToken<ApiToken>> {
    const value = randomToken(input.prefix ?? 'ofk_')
    const row = { ...apiRow(input, value, now), id: newId('tok') }
    await this.#insert(row, new EngineError('not_found', `There is no environment ${input.environmentId}`))
    return { value: new Secret(value), token: toToken(row) as ApiToken }
  }

  /** Makes a token for one account. Throws `unknown_account` when the environment has no such account. */
  async createAccount(environmentId: string, input: NewAccountToken, now: number): Promise<IssuedToken<AccountToken>> {
    const value = randomToken(input.prefix ?? 'ofa_')
    const row = { ...accountRow(environmentId, input, value, now), id: newId('tok') }
    const unknown = new EngineError('unknown_account', `There is no integrated account ${input.integratedAccountId}`)
    await this.#insert(row, unknown)
    return { value: new Secret(value), token: toToken(row) as AccountToken }
  }

  /** Makes a token for an agent. Throws `unknown_account` when the environment lacks one of its accounts. */
  async createAgent(environmentId: string, input: NewAgentToken, now: number): Promise<IssuedToken<AgentToken>> {
    const value = randomToken('ofm_')
    const row = { ...agentRow(environmentId, input, value, now), id: newId('tok') }
    const accounts = input.integratedAccountIds.map((id) => ({
      ...{ token_id: row.id, environment_id: environmentId, integrated_account_id: id },
    }))
    try {
      await this.#database.db.transaction().execute(async (trx) => {
        await trx.insertInto('tokens').values(row).execute()
        await trx.insertInto('token_accounts').values(accounts).execute()
      })
    } catch (error) {
      if (!isMissingReference(error)) throw error
      throw new EngineError('unknown_account', 'The environment lacks one of the accounts')
    }
    return { value: new Secret(value), token: toToken(row, input.integratedAccountIds) as AgentToken }
  }

  /** Puts a token whose value was given from outside (a setting) under a fixed id; a former value stops working. */
  async adoptApi(id: string, value: Secret<string>, input: NewApiToken, now: number): Promise<ApiToken> {
    const row = { ...apiRow(input, value.reveal(), now), id: checkedId(id, 'id') }
    const { id: _id, created_at: _createdAt, last_used_at: _lastUsedAt, ...changes } = row
    const stored = await this.#database.db
      .insertInto('tokens')
      .values(row)
      .onConflict((conflict) => conflict.column('id').doUpdateSet(changes))
      .returningAll()
      .executeTakeFirstOrThrow()
    return toToken(stored) as ApiToken
  }

  /** What a presented value is, in one indexed query. Notes the use, at most once a minute. */
  async check(value: string, now: number): Promise<TokenCheck> {
    const row = await this.#database.db
      .selectFrom('tokens')
      .leftJoin('environments', 'environments.id', 'tokens.environment_id')
      .selectAll('tokens')
      .select('environments.settings as environment_settings')
      .where('tokens.hash', '=', hashOf(value))
      .executeTakeFirst()
    if (!row) return { state: 'unknown' }
    const known = { token: await this.#read(row), limit: limitOf(row) }
    if (row.revoked_at !== null) return { state: 'revoked', ...known }
    if (row.expires_at !== null && row.expires_at <= now) return { state: 'expired', ...known }
    await this.#touch(row, now)
    return { state: 'valid', ...known }
  }

  /** A token of the environment (null: of those that reach all), or null. */
  async get(environmentId: string | null, id: string): Promise<Token | null> {
    const row = await this.#database.db
      .selectFrom('tokens')
      .selectAll()
      .where(isOf(environmentId))
      .where('id', '=', id)
      .executeTakeFirst()
    return row ? await this.#read(row) : null
  }

  /** Tokens of the environment (null: those that reach all), newest first, revoked and expired ones included. */
  async list(environmentId: string | null, query: TokenQuery = {}): Promise<Page<Token>> {
    const { integratedAccountId: account, kind } = query
    let rows = this.#database.db.selectFrom('tokens').selectAll().where(isOf(environmentId))
    if (account !== undefined) rows = rows.where(reaches(environmentId, account))
    const listing = { query, by: 'created_at', only: { kind } } as const
    const { result, ...page } = await newestFirst(rows, listing, (row) => this.#read(row))
    return { ...page, result: await Promise.all(result) }
  }

  /** Ends a token at once. False when the environment has none of this id that still stood. */
  async revoke(environmentId: string | null, id: string, now: number): Promise<boolean> {
    const result = await this.#database.db
      .updateTable('tokens')
      .set({ revoked_at: now })
      .where(isOf(environmentId))
      .where('id', '=', id)
      .where('revoked_at', 'is', null)
      .executeTakeFirst()
    return result.numUpdatedRows > 0n
  }

  /** Deletes tokens that expired or were revoked before an instant (epoch ms); answers how many. */
  deleteEnded(environmentId: string | null, before: number): Promise<number> {
    const { db } = this.#database
    return deleteAll((batch) => {
      const ended = db
        .selectFrom('tokens')
        .select('id')
        .where(isOf(environmentId))
        .where((eb) => eb.or([eb('expires_at', '<', before), eb('revoked_at', '<', before)]))
        .limit(batch)
      return db.deleteFrom('tokens').where('id', 'in', ended).executeTakeFirst()
    })
  }

  /** The token of a row; those for agents keep their accounts apart, so that one that is deleted is gone from them. */
  async #read(row: TokenRow): Promise<Token> {
    if (row.policy === null) return toToken(row)
    const accounts = await this.#database.db
      .selectFrom('token_accounts')
      .select('integrated_account_id')
      .where('token_id', '=', row.id)
      .execute()
    return toToken(
      row,
      accounts.map(({ integrated_account_id: id }) => id),
    )
  }

  async #insert(row: Insertable<Tables['tokens']>, whenMissing: EngineError): Promise<void> {
    try {
      await this.#database.db.insertInto('tokens').values(row).execute()
    } catch (error) {
      throw isMissingReference(error) ? whenMissing : error
    }
  }

  /** A call is not refused because its use could not be noted. */
  async #touch(row: TokenRow, now: number): Promise<void> {
    const fresh = row.last_used_at !== null && now - row.last_used_at < TOUCH_MS
    if (fresh || this.#readonly || this.#touching.has(row.id)) return
    this.#touching.add(row.id)
    try {
      await this.#database.db.updateTable('tokens').set({ last_used_at: now }).where('id', '=', row.id).execute()
    } catch (error) {
      this.#log.warn({ err: error, token_id: row.id }, 'the use of a token could not be noted')
    } finally {
      this.#touching.delete(row.id)
    }
  }
}

const isOf = (environmentId: string | null) => (eb: ExpressionBuilder<Tables, 'tokens'>) =>
  environmentId === null ? eb('environment_id', 'is', null) : eb('environment_id', '=', environmentId)

/** Tokens of one account: its own, and those for agents that reach it. */
const reaches = (environmentId: string | null, account: string) => (eb: ExpressionBuilder<Tables, 'tokens'>) =>
  eb.or([
    eb('integrated_account_id', '=', account),
    eb(
      'id',
      'in',
      eb
        .selectFrom('token_accounts')
        .select('token_id')
        .where('environment_id', '=', environmentId)
        .where('integrated_account_id', '=', account),
    ),
  ])
