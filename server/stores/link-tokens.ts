import { createHash, randomBytes } from 'node:crypto'
import type { Selectable } from 'kysely'
import { EngineError, Secret } from '../../engine/index.ts'
import type { Database } from './database.ts'
import { isMissingReference } from './driver.ts'
import type { LinkOutcome, LinkSession, LinkToken, LinkTokenCheck, NewLinkToken } from './link-types.ts'
import { deleteAll, fromJson, type JsonObject, newId } from './rows.ts'
import type { Tables } from './tables.ts'

type Row = Selectable<Tables['link_tokens']>

const SECRET_BYTES = 32

/** A random value that proves something, and the sha256 (hex) that is kept of it. */
export function newProof(prefix = ''): { readonly value: string; readonly hash: string } {
  const value = `${prefix}${randomBytes(SECRET_BYTES).toString('base64url')}`
  return { value, hash: hashOf(value) }
}

/** What is kept of a value that proves something: its sha256, hex. */
export function hashOf(value: string): string {
  return createHash('sha256').update(value).digest('hex')
}

/** Link tokens and the browsers that opened them. Of a value only its sha256 is kept. */
export class LinkStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Makes a link token; its value starts with its id. Throws `unknown_account` for an account that is not there. */
  async create(
    environmentId: string,
    input: NewLinkToken,
    now: number,
  ): Promise<{ readonly value: Secret<string>; readonly link: LinkToken }> {
    const id = newId('lnk')
    const { value, hash } = newProof(`${id}_`)
    const row: Row = {
      id,
      hash,
      environment_id: environmentId,
      tenant_id: input.tenantId,
      integrations: input.integrations && JSON.stringify(input.integrations),
      integrated_account_id: input.integratedAccountId,
      redirect_uri: input.redirectUri,
      origin: input.origin,
      scopes: input.scopes && JSON.stringify(input.scopes),
      context: JSON.stringify(input.context),
      ...{ account_id: null, lease: null, lease_until: null, spent_at: null },
      created_at: now,
      expires_at: input.expiresAt,
    }
    try {
      await this.#database.db.insertInto('link_tokens').values(row).execute()
    } catch (error) {
      if (!isMissingReference(error)) throw error
      throw new EngineError('unknown_account', `There is no integrated account ${input.integratedAccountId}`)
    }
    return { value: new Secret(value), link: toLink(row) }
  }

  /** The link token of this id, or null. An id opens nothing: it only says how the page looks. */
  async get(id: string): Promise<LinkToken | null> {
    const row = await this.#database.db.selectFrom('link_tokens').selectAll().where('id', '=', id).executeTakeFirst()
    return row ? toLink(row) : null
  }

  /** What a presented value is. Looking at it does not spend it. */
  async check(value: string, now: number): Promise<LinkTokenCheck> {
    const row = await this.#database.db
      .selectFrom('link_tokens')
      .selectAll()
      .where('hash', '=', hashOf(value))
      .executeTakeFirst()
    if (!row) return { state: 'unknown' }
    const link = toLink(row)
    if (link.spentAt !== null) return { state: 'spent', link }
    return { state: link.expiresAt <= now ? 'expired' : 'valid', link }
  }

  /** Lets one attempt at a time run; answers its lease, or null while another runs or when the token is spent. */
  async claim(id: string, now: number, leaseMs: number): Promise<string | null> {
    const lease = newId('lease')
    const result = await this.#database.db
      .updateTable('link_tokens')
      .set({ lease, lease_until: now + leaseMs })
      .where('id', '=', id)
      .where('spent_at', 'is', null)
      .where((eb) => eb.or([eb('lease_until', 'is', null), eb('lease_until', '<=', now)]))
      .executeTakeFirst()
    return result.numUpdatedRows > 0n ? lease : null
  }

  /** Remembers the account of an attempt, so that the next attempt goes on with it. */
  async remember(id: string, lease: string, accountId: string | null): Promise<void> {
    await this.#end(id, lease, { account_id: accountId })
  }

  /** Ends an attempt that failed; the token can be used again. */
  async release(id: string, lease: string): Promise<void> {
    await this.#end(id, lease, { lease: null, lease_until: null })
  }

  /** Ends the attempt that connected the account. False when its lease went to another one meanwhile. */
  spend(id: string, lease: string, now: number): Promise<boolean> {
    return this.#end(id, lease, { lease: null, lease_until: null, spent_at: now })
  }

  /** Makes a session for a browser; the value is for its cookie. */
  async openSession(link: LinkToken, now: number, expiresAt: number): Promise<Secret<string>> {
    const { value, hash } = newProof()
    const row = { hash, link_token_id: link.id, outcome: null, created_at: now, expires_at: expiresAt }
    await this.#database.db
      .insertInto('link_sessions')
      .values({ id: newId('ls'), ...row })
      .execute()
    return new Secret(value)
  }

  /** The session behind a cookie, or null when it is unknown or over. */
  session(value: string, now: number): Promise<LinkSession | null> {
    return this.#session('hash', hashOf(value), now)
  }

  /** The session of this id, or null when it is unknown or over. */
  sessionById(id: string, now: number): Promise<LinkSession | null> {
    return this.#session('id', id, now)
  }

  /** Notes how an attempt of a session ended. */
  async settle(sessionId: string, outcome: LinkOutcome | null): Promise<void> {
    await this.#database.db
      .updateTable('link_sessions')
      .set({ outcome: outcome && JSON.stringify(outcome) })
      .where('id', '=', sessionId)
      .execute()
  }

  /** Deletes a link token with its sessions and authorizations. False when there is none. */
  async delete(environmentId: string, id: string): Promise<boolean> {
    const result = await this.#database.db
      .deleteFrom('link_tokens')
      .where('environment_id', '=', environmentId)
      .where('id', '=', id)
      .executeTakeFirst()
    return result.numDeletedRows > 0n
  }

  /** Deletes link tokens that ended before an instant (epoch ms), with their sessions; answers how many. */
  deleteEnded(environmentId: string, before: number): Promise<number> {
    const { db } = this.#database
    return deleteAll((batch) => {
      const ended = db
        .selectFrom('link_tokens')
        .select('id')
        .where('environment_id', '=', environmentId)
        .where('expires_at', '<', before)
        .limit(batch)
      return db.deleteFrom('link_tokens').where('id', 'in', ended).executeTakeFirst()
    })
  }

  async #end(
    id: string,
    lease: string,
    changes: Partial<Pick<Row, 'account_id' | 'lease' | 'lease_until' | 'spent_at'>>,
  ): Promise<boolean> {
    const result = await this.#database.db
      .updateTable('link_tokens')
      .set(changes)
      .where('id', '=', id)
      .where('lease', '=', lease)
      .executeTakeFirst()
    return result.numUpdatedRows > 0n
  }

  async #session(column: 'id' | 'hash', value: string, now: number): Promise<LinkSession | null> {
    const row = await this.#database.db
      .selectFrom('link_sessions')
      .selectAll()
      .where(column, '=', value)
      .where('expires_at', '>', now)
      .executeTakeFirst()
    const link = row && (await this.get(row.link_token_id))
    if (!row || !link) return null
    const outcome = row.outcome === null ? null : fromJson<LinkOutcome>(row.outcome)
    return { id: row.id, link, outcome, expiresAt: row.expires_at }
  }
}

function toLink(row: Row): LinkToken {
  return {
    id: row.id,
    environmentId: row.environment_id,
    tenantId: row.tenant_id,
    integrations: row.integrations === null ? null : fromJson<string[]>(row.integrations),
    integratedAccountId: row.integrated_account_id,
    redirectUri: row.redirect_uri,
    origin: row.origin,
    scopes: row.scopes === null ? null : fromJson<string[]>(row.scopes),
    context: fromJson<JsonObject>(row.context),
    accountId: row.account_id,
    spentAt: row.spent_at,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  }
}
