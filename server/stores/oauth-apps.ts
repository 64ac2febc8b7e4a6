import { EngineError, Secret } from '../../engine/index.ts'
import type { Credentials } from './account-types.ts'
import type { Database } from './database.ts'
import { isMissingReference } from './driver.ts'
import { fromJson } from './rows.ts'
import type { RowAddress, Vault } from './vault.ts'

/** Which auth method of which integration an app is for. */
export interface OAuthAppKey {
  readonly environmentId: string
  readonly integration: string
  readonly method: string
}

/** An app as stored. Instants are epoch milliseconds. */
export interface StoredOAuthApp {
  readonly fields: Credentials
  readonly createdAt: number
  readonly updatedAt: number
}

/** What environments bring for all accounts of an auth method, sealed whole. */
export class OAuthAppStore {
  readonly #database: Database
  readonly #vault: Vault

  constructor(database: Database, vault: Vault) {
    this.#database = database
    this.#vault = vault
  }

  /** The app, or null. Throws as Vault.decrypt. */
  async get(environmentId: string, integration: string, method: string): Promise<StoredOAuthApp | null> {
    const row = await this.#database.db
      .selectFrom('oauth_apps')
      .selectAll()
      .where('environment_id', '=', environmentId)
      .where('integration', '=', integration)
      .where('method', '=', method)
      .executeTakeFirst()
    if (!row) return null
    const text = this.#vault.decrypt(oauthAppAddress(row), row.fields)
    const fields = new Secret(fromJson<Readonly<Record<string, string>>>(text))
    return { fields, createdAt: row.created_at, updatedAt: row.updated_at }
  }

  /** The fields alone: the engine's AppStore. Throws `oauth_app_missing`. */
  async load(environmentId: string, integration: string, method: string): Promise<Credentials> {
    const found = await this.get(environmentId, integration, method)
    if (found) return found.fields
    throw new EngineError('oauth_app_missing', `The environment has no app for ${method} of ${integration}`, {
      hint: `An admin sets it with PUT /environment/${environmentId}/oauth-app/${integration}/${method}.`,
    })
  }

  /** Stores an app in place of any before. Throws `not_found` for an unknown environment. */
  async set({ environmentId, integration, method }: OAuthAppKey, fields: Credentials, now: number): Promise<void> {
    const key = { environment_id: environmentId, integration, method }
    const sealed = this.#vault.encrypt(oauthAppAddress(key), JSON.stringify(fields.reveal()))
    const changed = { fields: sealed.text, fields_key_id: sealed.keyId, updated_at: now }
    try {
      await this.#database.db
        .insertInto('oauth_apps')
        .values({ ...key, ...changed, created_at: now })
        .onConflict((conflict) => conflict.columns(['environment_id', 'integration', 'method']).doUpdateSet(changed))
        .execute()
    } catch (error) {
      if (!isMissingReference(error)) throw error
      throw new EngineError('not_found', `There is no environment ${environmentId}`, { cause: error })
    }
  }

  /** False when there was none. */
  async delete({ environmentId, integration, method }: OAuthAppKey): Promise<boolean> {
    const { numDeletedRows } = await this.#database.db
      .deleteFrom('oauth_apps')
      .where('environment_id', '=', environmentId)
      .where('integration', '=', integration)
      .where('method', '=', method)
      .executeTakeFirst()
    return numDeletedRows > 0n
  }
}

/** Where the fields of an app are sealed to. */
export function oauthAppAddress(row: {
  readonly environment_id: string
  readonly integration: string
  readonly method: string
}): RowAddress {
  return { table: 'oauth_apps', environmentId: row.environment_id, row: [row.integration, row.method] }
}
