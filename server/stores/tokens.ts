import { createHash, randomBytes } from 'node:crypto'
import type { ExpressionBuilder, Insertable, Selectable } from 'kysely'
import { EngineError, Secret } from '../../engine/index.ts'
import type { Database, StoreLog } from './database.ts'
import { isMissingReference } from './driver.ts'
import type { EnvironmentSettings } from './environments.ts'
import { checkedId, checkedLimit, deleteAll, fromJson, isAfter, newId, type Page, toPage } from './rows.ts'
import type { Tables } from './tables.ts'
import type {
  AccountToken,
  ApiToken,
  IssuedToken,
  NewAccountToken,
  NewApiToken,
  RateLimit,
  Token,
  TokenCheck,
  TokenEffect,
  TokenQuery,
  TokenRole,
} from './token-types.ts'

type Row = Selectable<Tables['tokens']>

const TOKEN_BYTES = 32
const TOUCH_MS = 60_000

/** API and account tokens. Of a value only its sha256 is kept, so no stored token can be shown again. */
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
    const known = { token: toToken(row), limit: limitOf(row) }
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
    return row ? toToken(row) : null
  }

  /** Tokens of the environment (null: those that reach all), newest first, revoked and expired ones included. */
  async list(environmentId: string | null, query: TokenQuery = {}): Promise<Page<Token>> {
    const limit = checkedLimit(query)
    let rows = this.#database.db.selectFrom('tokens').selectAll().where(isOf(environmentId))
    if (query.kind !== undefined) rows = rows.where('kind', '=', query.kind)
    if (query.integratedAccountId !== undefined) {
      rows = rows.where('integrated_account_id', '=', query.integratedAccountId)
    }
    if (query.after) rows = rows.where(isAfter('created_at', query.after))
    const found = await rows
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc')
      .limit(limit + 1)
      .execute()
    return toPage(found, limit, (row) => row.created_at, toToken)
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

  async #insert(row: Insertable<Tables['tokens']>, whenMissing: EngineError): Promise<void> {
    try {
      await this.#database.db.insertInto('tokens').values(row).execute()
    } catch (error) {
      throw isMissingReference(error) ? whenMissing : error
    }
  }

  /** A call is not refused because its use could not be noted. */
  async #touch(row: Row, now: number): Promise<void> {
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

function randomToken(prefix: string): string {
  return `${prefix}${randomBytes(TOKEN_BYTES).toString('base64url')}`
}

function hashOf(value: string): string {
  return createHash('sha256').update(value).digest('hex')
}

function commonRow({ rateLimit }: Pick<NewApiToken, 'rateLimit'>, value: string, now: number) {
  const rate_limit = rateLimit ? JSON.stringify(rateLimit) : null
  return { hash: hashOf(value), created_at: now, revoked_at: null, last_used_at: null, rate_limit }
}

function limitOf(row: Row & { readonly environment_settings: string | null }): RateLimit | null {
  if (row.rate_limit !== null) return fromJson<RateLimit>(row.rate_limit)
  if (row.environment_settings === null) return null
  return fromJson<Partial<EnvironmentSettings>>(row.environment_settings).rateLimit ?? null
}

function apiRow(input: NewApiToken, value: string, now: number) {
  return {
    ...commonRow(input, value, now),
    kind: 'api',
    name: input.name ?? null,
    role: input.role,
    environment_id: input.environmentId,
    integrated_account_id: null,
    methods: null,
    resources: null,
    effects: null,
    customer_id: null,
    expires_at: input.expiresAt ?? null,
  }
}

function accountRow(environmentId: string, input: NewAccountToken, value: string, now: number) {
  return {
    ...commonRow(input, value, now),
    kind: 'account',
    name: input.name ?? null,
    role: null,
    environment_id: environmentId,
    integrated_account_id: input.integratedAccountId,
    methods: input.methods ? JSON.stringify(input.methods) : null,
    resources: input.resources ? JSON.stringify(input.resources) : null,
    effects: JSON.stringify(input.effects ?? ['read']),
    customer_id: input.customerId ?? null,
    expires_at: input.expiresAt,
  }
}

function toToken(row: Row): Token {
  const base = {
    id: row.id,
    name: row.name,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
    lastUsedAt: row.last_used_at,
    rateLimit: row.rate_limit === null ? null : fromJson<RateLimit>(row.rate_limit),
  }
  if (row.kind === 'api') {
    return { ...base, kind: 'api', environmentId: row.environment_id, role: row.role as TokenRole }
  }
  return {
    ...base,
    kind: 'account',
    environmentId: row.environment_id as string,
    integratedAccountId: row.integrated_account_id as string,
    methods: row.methods === null ? null : fromJson<string[]>(row.methods),
    resources: row.resources === null ? null : fromJson<string[]>(row.resources),
    effects: row.effects === null ? [] : fromJson<TokenEffect[]>(row.effects),
    customerId: row.customer_id,
  }
}
