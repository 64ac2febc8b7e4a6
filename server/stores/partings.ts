import type { Selectable } from 'kysely'
import { type GrantStore, Secret, type StoredGrant } from '../../engine/index.ts'
import type { Credentials, IntegratedAccount } from './account-types.ts'
import type { Database, StoreTransaction } from './database.ts'
import { deleteAll, fromJson, newId } from './rows.ts'
import type { Tables } from './tables.ts'
import type { RowAddress, Vault } from './vault.ts'

type Row = Selectable<Tables['partings']>

/** Credentials that an account had when it was deleted, and when they end (epoch ms; null when they are taken to last). */
export interface LeftGrant {
  readonly credentials: Credentials
  readonly expiresAt: number | null
  readonly renewAt: number | null
}

/** An account that is deleted here while its provider still is to be told. */
export interface Parting extends LeftGrant {
  readonly id: string
  readonly account: IntegratedAccount
}

interface Kept extends Omit<LeftGrant, 'credentials'> {
  readonly account: IntegratedAccount
  readonly credentials: Readonly<Record<string, string>>
}

/** What deleted accounts leave behind until their provider knows: sealed whole, and erased when it was told or given up. */
export class PartingStore {
  readonly #database: Database
  readonly #vault: Vault

  constructor(database: Database, vault: Vault) {
    this.#database = database
    this.#vault = vault
  }

  /** Keeps what an account leaves, in the transaction that deletes it; notes for it are not kept. Answers the id. */
  async begin(trx: StoreTransaction, account: IntegratedAccount, left: LeftGrant, now: number): Promise<string> {
    const id = newId('prt')
    const { environmentId } = account
    const sealed = this.#sealed({ id, account: { ...account, context: {} }, ...left })
    await trx
      .insertInto('partings')
      .values({ id, environment_id: environmentId, ...sealed, created_at: now })
      .execute()
    return id
  }

  /** The parting, or null when it is over. Throws as Vault.decrypt. */
  async get(environmentId: string, id: string): Promise<Parting | null> {
    const row = await this.#database.db
      .selectFrom('partings')
      .selectAll()
      .where('environment_id', '=', environmentId)
      .where('id', '=', id)
      .executeTakeFirst()
    if (!row) return null
    const kept = fromJson<Kept>(this.#vault.decrypt(partingAddress(row), row.sealed))
    return { ...kept, id, credentials: new Secret(kept.credentials) }
  }

  /** Whether an account of the environment is connected to the account of the provider that this one, deleted, was. */
  async isConnected({ environmentId, integration, identity }: IntegratedAccount): Promise<boolean> {
    if (identity === null) return false
    const row = await this.#database.db
      .selectFrom('integrated_accounts')
      .select('id')
      .where('environment_id', '=', environmentId)
      .where('integration', '=', integration)
      .where('identity', '=', identity)
      .where('credentials', 'is not', null)
      .limit(1)
      .executeTakeFirst()
    return row !== undefined
  }

  /** Erases a parting. */
  async end(environmentId: string, id: string): Promise<void> {
    await this.#database.db
      .deleteFrom('partings')
      .where('environment_id', '=', environmentId)
      .where('id', '=', id)
      .execute()
  }

  /** Erases those that were begun before an instant (epoch ms), whatever became of their jobs; answers how many. */
  deleteBefore(environmentId: string, at: number): Promise<number> {
    const { db } = this.#database
    return deleteAll((batch) => {
      const old = db
        .selectFrom('partings')
        .select('id')
        .where('environment_id', '=', environmentId)
        .where('created_at', '<', at)
        .limit(batch)
      return db.deleteFrom('partings').where('id', 'in', old).executeTakeFirst()
    })
  }

  /** The grant of a parting for the engine: a token that is renewed on the way is stored in its row before it is used. */
  grantsOf(parting: Parting): GrantStore {
    const { credentials, expiresAt, renewAt } = parting
    let held: StoredGrant = { credentials, expiresAt, renewAt, tokenVersion: 1, pendingFence: null, isOver: false }
    const read = () => Promise.resolve(held)
    return {
      current: read,
      read,
      begin: () => Promise.resolve(true),
      settle: () => Promise.resolve(),
      giveUp: () => Promise.resolve(true),
      replace: async (_environmentId, _accountId, grant) => {
        const next = { credentials: grant.credentials, expiresAt: grant.expiresAt, renewAt: grant.renewAt }
        await this.#vault.writing(() => this.#keep({ ...parting, ...next }))
        held = { ...held, ...next, tokenVersion: grant.tokenVersion + 1 }
        return true
      },
    }
  }

  async #keep(parting: Parting): Promise<void> {
    await this.#database.db
      .updateTable('partings')
      .set(this.#sealed(parting))
      .where('environment_id', '=', parting.account.environmentId)
      .where('id', '=', parting.id)
      .execute()
  }

  #sealed({ id, account, credentials, expiresAt, renewAt }: Parting): Pick<Row, 'sealed' | 'sealed_key_id'> {
    const kept: Kept = { account, credentials: credentials.reveal(), expiresAt, renewAt }
    const address = partingAddress({ environment_id: account.environmentId, id })
    const { text, keyId } = this.#vault.encrypt(address, JSON.stringify(kept))
    return { sealed: text, sealed_key_id: keyId }
  }
}

/** Where a parting is sealed to. */
export function partingAddress(row: Pick<Row, 'environment_id' | 'id'>): RowAddress {
  return { table: 'partings', environmentId: row.environment_id, row: [row.id] }
}
