import type { Selectable } from 'kysely'
import { Secret } from '../../engine/index.ts'
import type { Database } from './database.ts'
import { hashOf, newProof } from './link-tokens.ts'
import type { NewOAuthFlow, OAuthFlow } from './link-types.ts'
import { fromJson, newId } from './rows.ts'
import type { Tables } from './tables.ts'
import type { RowAddress, Vault } from './vault.ts'

type Row = Selectable<Tables['oauth_flows']>

/**
 * Authorizations on their way. A ticket takes one from the page into the window that goes to the provider; a state takes it
 * from the provider back, and only into the browser that took the ticket. Each works once.
 */
export class OAuthFlowStore {
  readonly #database: Database
  readonly #vault: Vault

  constructor(database: Database, vault: Vault) {
    this.#database = database
    this.#vault = vault
  }

  /** Begins an authorization; answers its ticket. */
  async begin(input: NewOAuthFlow, now: number): Promise<Secret<string>> {
    const id = newId('of')
    const { value, hash } = newProof()
    const row = {
      id,
      link_session_id: input.sessionId,
      integration: input.integration,
      method: input.method,
      window: input.window,
      ticket_hash: hash,
      ...{ state_hash: null, browser_hash: null, used_at: null },
      created_at: now,
      expires_at: input.expiresAt,
    }
    await this.#vault.writing(() =>
      this.#database.db
        .insertInto('oauth_flows')
        .values({ ...row, ...this.#sealed(id, input.kept) })
        .execute(),
    )
    return new Secret(value)
  }

  /** The authorization of a ticket that nobody has taken yet, or null. */
  async waiting(ticket: string, now: number): Promise<OAuthFlow | null> {
    const row = await this.#database.db
      .selectFrom('oauth_flows')
      .selectAll()
      .where('ticket_hash', '=', hashOf(ticket))
      .where('state_hash', 'is', null)
      .where('expires_at', '>', now)
      .executeTakeFirst()
    return row ? this.#toFlow(row) : null
  }

  /** Binds an authorization to its state and to the browser that took the ticket. False when another was first. */
  async depart(
    flow: OAuthFlow,
    bound: { readonly state: string; readonly browser: string; readonly expiresAt: number },
  ): Promise<boolean> {
    const { state, browser, expiresAt } = bound
    const proofs = { state_hash: hashOf(state), browser_hash: hashOf(browser), expires_at: expiresAt }
    const result = await this.#vault.writing(() =>
      this.#database.db
        .updateTable('oauth_flows')
        .set({ ...proofs, ...this.#sealed(flow.id, flow.kept) })
        .where('id', '=', flow.id)
        .where('state_hash', 'is', null)
        .executeTakeFirst(),
    )
    return result.numUpdatedRows > 0n
  }

  /**
   * Takes the authorization of a state, once: null when the state is unknown, used or over, or when `browser` is not the one
   * that went to the provider. `sessionId` tells whose it was, also of a refused one.
   */
  async arrive(
    state: string,
    browser: string | undefined,
    now: number,
  ): Promise<{ readonly flow: OAuthFlow | null; readonly sessionId: string | null }> {
    const row = await this.#database.db
      .selectFrom('oauth_flows')
      .selectAll()
      .where('state_hash', '=', hashOf(state))
      .executeTakeFirst()
    if (!row) return { flow: null, sessionId: null }
    const refused = { flow: null, sessionId: row.link_session_id }
    if (row.expires_at <= now || browser === undefined || row.browser_hash !== hashOf(browser)) return refused
    const taken = await this.#database.db
      .updateTable('oauth_flows')
      .set({ used_at: now })
      .where('id', '=', row.id)
      .where('used_at', 'is', null)
      .executeTakeFirst()
    return taken.numUpdatedRows > 0n ? { flow: this.#toFlow(row), sessionId: row.link_session_id } : refused
  }

  /** Deletes authorizations that ended before an instant (epoch ms). */
  async deleteEnded(before: number): Promise<void> {
    await this.#database.db.deleteFrom('oauth_flows').where('expires_at', '<', before).execute()
  }

  #sealed(id: string, kept: OAuthFlow['kept']): Pick<Row, 'sealed' | 'sealed_key_id'> {
    const { text, keyId } = this.#vault.encrypt(flowAddress(id), JSON.stringify(kept))
    return { sealed: text, sealed_key_id: keyId }
  }

  #toFlow(row: Row): OAuthFlow {
    const text = this.#vault.decrypt(flowAddress(row.id), row.sealed)
    return {
      id: row.id,
      sessionId: row.link_session_id,
      integration: row.integration,
      method: row.method,
      window: row.window === 'popup' ? 'popup' : 'page',
      kept: fromJson<Record<string, unknown>>(text),
    }
  }
}

/** Where an authorization is sealed to; its environment is that of its session. */
export const flowAddress = (id: string): RowAddress => ({ table: 'oauth_flows', environmentId: '', row: [id] })
