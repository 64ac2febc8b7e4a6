import { randomBytes } from 'node:crypto'
import type { Selectable } from 'kysely'
import { EngineError, Secret } from '../../engine/index.ts'
import type { Database, StoreTransaction } from './database.ts'
import { isAnyOf } from './many-rows.ts'
import { fromJson, newId, untilWon } from './rows.ts'
import type { Tables } from './tables.ts'
import type { RowAddress, Vault } from './vault.ts'

type Row = Selectable<Tables['inbound_endpoints']>

/** A secret that deliveries are signed with. */
export interface EndpointSecret {
  readonly value: string
  /** Epoch ms from which it does not hold any more; null is the one in use. */
  readonly until: number | null
}

/** An address that a provider delivers to. */
export interface InboundEndpoint {
  readonly environmentId: string
  readonly id: string
  readonly integration: string
  /** `account:<id>`, or `app:<auth method>` where accounts share it. */
  readonly owner: string
  /** The random part of its URL. */
  readonly urlId: string
  /** What the provider calls it; null before it knows it, and where a person set it up. */
  readonly providerId: string | null
  readonly secrets: Secret<readonly EndpointSecret[]>
  readonly version: number
}

/** An account that hears of what comes to an endpoint. */
export interface AttachedAccount {
  readonly id: string
  readonly identity: string | null
}

/** An endpoint with the account that it belongs to; of one that accounts share, any of them. Null where none is attached. */
export interface FoundEndpoint {
  readonly endpoint: InboundEndpoint
  readonly account: AttachedAccount | null
}

/** What to change of an endpoint; what is not named stays. */
export interface EndpointPatch {
  readonly providerId?: string | null | undefined
  readonly secrets?: readonly EndpointSecret[] | undefined
  readonly urlId?: string | undefined
}

/** The addresses that providers deliver to, their secrets sealed. */
export class InboundEndpoints {
  readonly #database: Database
  readonly #vault: Vault

  constructor(database: Database, vault: Vault) {
    this.#database = database
    this.#vault = vault
  }

  /** The endpoint of a URL, or null. */
  async find(urlId: string): Promise<FoundEndpoint | null> {
    const { db } = this.#database
    const endpoint = db.selectFrom('inbound_endpoints').selectAll().where('url_id', '=', urlId).executeTakeFirst()
    const account = db
      .selectFrom('inbound_endpoints as endpoint')
      .innerJoin('inbound_attachments as attached', (join) =>
        join
          .onRef('attached.environment_id', '=', 'endpoint.environment_id')
          .onRef('attached.endpoint_id', '=', 'endpoint.id'),
      )
      .innerJoin('integrated_accounts as account', (join) =>
        join
          .onRef('account.environment_id', '=', 'attached.environment_id')
          .onRef('account.id', '=', 'attached.integrated_account_id'),
      )
      .select(['account.id', 'account.identity'])
      .where('endpoint.url_id', '=', urlId)
      .limit(1)
      .executeTakeFirst()
    // Both at once: on a database over the network one waits for the other.
    const [row, attached] = await Promise.all([endpoint, account])
    return row === undefined ? null : { endpoint: this.#toEndpoint(row), account: attached ?? null }
  }

  /** Of the accounts attached to an endpoint, those of these identities. */
  named(
    { environmentId, integration, id }: InboundEndpoint,
    identities: readonly string[],
  ): Promise<readonly AttachedAccount[]> {
    const { db, dialect } = this.#database
    return db
      .selectFrom('integrated_accounts as account')
      .innerJoin('inbound_attachments as attached', (join) =>
        join
          .onRef('account.environment_id', '=', 'attached.environment_id')
          .onRef('account.id', '=', 'attached.integrated_account_id'),
      )
      .select(['account.id', 'account.identity'])
      .where('account.environment_id', '=', environmentId)
      .where('account.integration', '=', integration)
      .where(isAnyOf(dialect, 'account.identity', identities))
      .where('attached.endpoint_id', '=', id)
      .execute()
  }

  /** Ids of all accounts attached to an endpoint. */
  async attachedTo(environmentId: string, id: string): Promise<readonly string[]> {
    const rows = await this.#database.db
      .selectFrom('inbound_attachments')
      .select('integrated_account_id')
      .where('environment_id', '=', environmentId)
      .where('endpoint_id', '=', id)
      .execute()
    return rows.map((row) => row.integrated_account_id)
  }

  /** The endpoint that an account is attached to, or null. */
  async ofAccount(environmentId: string, accountId: string): Promise<InboundEndpoint | null> {
    const row = await this.#database.db
      .selectFrom('inbound_endpoints as endpoint')
      .innerJoin('inbound_attachments as attached', (join) =>
        join
          .onRef('endpoint.environment_id', '=', 'attached.environment_id')
          .onRef('endpoint.id', '=', 'attached.endpoint_id'),
      )
      .selectAll('endpoint')
      .where('attached.environment_id', '=', environmentId)
      .where('attached.integrated_account_id', '=', accountId)
      .executeTakeFirst()
    return row === undefined ? null : this.#toEndpoint(row)
  }

  /** The endpoint of an owner, or null; also when no account is attached to it any more. */
  async ofOwner(environmentId: string, integration: string, owner: string): Promise<InboundEndpoint | null> {
    const row = await this.#ownerRow(environmentId, integration, owner)
    return row === undefined ? null : this.#toEndpoint(row)
  }

  /** Attaches an account to the endpoint of an owner, which is made when there is none. */
  async attach(
    { environmentId, integration, accountId }: Attaching,
    owner: string,
    now: number,
  ): Promise<InboundEndpoint> {
    await this.#database.db
      .insertInto('inbound_endpoints')
      .values({
        environment_id: environmentId,
        id: newId('whi'),
        integration,
        owner,
        url_id: newUrlId(),
        provider_id: null,
        secrets: null,
        secrets_key_id: null,
        created_at: now,
        updated_at: now,
        version: 1,
      })
      .onConflict((conflict) => conflict.columns(['environment_id', 'integration', 'owner']).doNothing())
      .execute()
    const row = await this.#ownerRow(environmentId, integration, owner)
    if (row === undefined) throw new EngineError('conflict', 'The address was deleted meanwhile')
    await this.#database.db
      .insertInto('inbound_attachments')
      .values({ environment_id: environmentId, integrated_account_id: accountId, endpoint_id: row.id })
      .onConflict((conflict) =>
        conflict.columns(['environment_id', 'integrated_account_id']).doUpdateSet({ endpoint_id: row.id }),
      )
      .execute()
    return this.#toEndpoint(row)
  }

  /** Changes an endpoint. Throws `not_found`. */
  update(
    environmentId: string,
    id: string,
    patch: (endpoint: InboundEndpoint) => EndpointPatch,
    now: number,
  ): Promise<InboundEndpoint> {
    const attempt = () =>
      this.#database.db.transaction().execute(async (trx) => {
        const row = await this.#row(trx, environmentId, id)
        if (row === undefined) throw new EngineError('not_found', 'There is no such address')
        const { providerId, secrets, urlId } = patch(this.#toEndpoint(row))
        const sealed = secrets && this.#vault.encrypt(secretsAddress(row), JSON.stringify(secrets))
        const changed = await trx
          .updateTable('inbound_endpoints')
          .set({
            ...(providerId === undefined ? {} : { provider_id: providerId }),
            ...(sealed === undefined ? {} : { secrets: sealed.text, secrets_key_id: sealed.keyId }),
            ...(urlId === undefined ? {} : { url_id: urlId }),
            updated_at: now,
            version: row.version + 1,
          })
          .where('environment_id', '=', environmentId)
          .where('id', '=', id)
          .where('version', '=', row.version)
          .returningAll()
          .executeTakeFirst()
        return changed === undefined ? null : this.#toEndpoint(changed)
      })
    return untilWon(() => this.#vault.writing(attempt))
  }

  /** Deletes an endpoint; deliveries to it are answered as to any unknown address. */
  async delete(environmentId: string, id: string): Promise<void> {
    await this.#database.db
      .deleteFrom('inbound_endpoints')
      .where('environment_id', '=', environmentId)
      .where('id', '=', id)
      .execute()
  }

  #row(db: StoreTransaction, environmentId: string, id: string): Promise<Row | undefined> {
    return db
      .selectFrom('inbound_endpoints')
      .selectAll()
      .where('environment_id', '=', environmentId)
      .where('id', '=', id)
      .executeTakeFirst()
  }

  #ownerRow(environmentId: string, integration: string, owner: string): Promise<Row | undefined> {
    return this.#database.db
      .selectFrom('inbound_endpoints')
      .selectAll()
      .where('environment_id', '=', environmentId)
      .where('integration', '=', integration)
      .where('owner', '=', owner)
      .executeTakeFirst()
  }

  #toEndpoint(row: Row): InboundEndpoint {
    const secrets = row.secrets === null ? '[]' : this.#vault.decrypt(secretsAddress(row), row.secrets)
    return {
      environmentId: row.environment_id,
      id: row.id,
      integration: row.integration,
      owner: row.owner,
      urlId: row.url_id,
      providerId: row.provider_id,
      secrets: new Secret(fromJson<readonly EndpointSecret[]>(secrets)),
      version: row.version,
    }
  }
}

interface Attaching {
  readonly environmentId: string
  readonly integration: string
  readonly accountId: string
}

/** The random part of a URL: 256 bits, as nobody is to guess it. */
export const newUrlId = (): string => randomBytes(32).toString('base64url')

/** Where the secrets of an endpoint are sealed to. */
export function secretsAddress(row: { readonly environment_id: string; readonly id: string }): RowAddress {
  return { table: 'inbound_endpoints', environmentId: row.environment_id, row: [row.id] }
}
