import { sql } from 'kysely'
import { EngineError } from '../../engine/index.ts'
import { credentialsAddress } from './account-rows.ts'
import type { Database } from './database.ts'
import { responseAddress } from './idempotency.ts'
import { oauthAppAddress } from './oauth-apps.ts'
import { untilWon } from './rows.ts'
import type { Vault } from './vault.ts'

const SEALED_COLUMNS = [
  ['integrated_accounts', 'credentials_key_id'],
  ['idempotency_records', 'response_key_id'],
  ['oauth_apps', 'fields_key_id'],
] as const

type Step = 'none_left' | 'rewrapped'

const REWRAP = { integrated_accounts: rewrapAccount, idempotency_records: rewrapRecord, oauth_apps: rewrapApp }

/** Stops the start when rows are encrypted with keys that were not given. Throws `key_missing` naming their ids. */
export async function checkKeys(database: Database, vault: Vault): Promise<void> {
  const used = await Promise.all(SEALED_COLUMNS.map(([table, column]) => keyIdsOf(database, table, column)))
  const missing = [...new Set(used.flat())].filter((id) => !vault.keyIds.has(id))
  if (missing.length === 0) return
  throw new EngineError('key_missing', `Stored rows are encrypted with master keys not given: ${missing.join(', ')}`, {
    where: 'ONEFOLD_MASTER_KEY',
    hint: 'Add the old keys after the new one, divided by commas.',
  })
}

/**
 * Brings every sealed row under the first master key, so that the others can be taken out of the setting. Works while
 * the server serves; answers how many rows it wrapped anew. Throws as Vault.decrypt.
 */
export async function rewrapAll(database: Database, vault: Vault): Promise<number> {
  let count = 0
  for (const [table, column] of SEALED_COLUMNS) {
    for (const keyId of await keyIdsOf(database, table, column)) {
      if (keyId !== vault.keyId) count += await rewrapWhile(() => REWRAP[table](database, vault, keyId))
    }
  }
  return count
}

/** Each distinct id by one seek in the index, however many rows there are. */
async function keyIdsOf(database: Database, table: string, column: string): Promise<string[]> {
  const ids: string[] = []
  for (;;) {
    const { rows } = await sql<{ id: string | null }>`select min(${sql.ref(column)}) as id from ${sql.table(table)}
      where ${sql.ref(column)} > ${ids.at(-1) ?? ''}`.execute(database.db)
    const id = rows[0]?.id
    if (!id) return ids
    ids.push(id)
  }
}

/** Row by row, letting other work in between. */
async function rewrapWhile(rewrapOne: () => Promise<Step | null>): Promise<number> {
  for (let count = 0; ; count++) {
    if ((await untilWon(rewrapOne)) === 'none_left') return count
    await new Promise((resolve) => setImmediate(resolve))
  }
}

async function rewrapAccount({ db }: Database, vault: Vault, keyId: string): Promise<Step | null> {
  const row = await db
    .selectFrom('integrated_accounts')
    .select(['environment_id', 'id', 'credentials'])
    .where('credentials_key_id', '=', keyId)
    .executeTakeFirst()
  if (!row || row.credentials === null) return 'none_left'
  const sealed = vault.rewrap(credentialsAddress(row.environment_id, row.id), row.credentials)
  const result = await db
    .updateTable('integrated_accounts')
    .set({ credentials: sealed.text, credentials_key_id: sealed.keyId })
    .where('environment_id', '=', row.environment_id)
    .where('id', '=', row.id)
    .where('credentials', '=', row.credentials)
    .executeTakeFirst()
  return result.numUpdatedRows > 0n ? 'rewrapped' : null
}

async function rewrapRecord({ db }: Database, vault: Vault, keyId: string): Promise<Step | null> {
  const row = await db
    .selectFrom('idempotency_records')
    .selectAll()
    .where('response_key_id', '=', keyId)
    .executeTakeFirst()
  if (!row || row.response === null) return 'none_left'
  const sealed = vault.rewrap(responseAddress(row), row.response)
  const result = await db
    .updateTable('idempotency_records')
    .set({ response: sealed.text, response_key_id: sealed.keyId })
    .where('environment_id', '=', row.environment_id)
    .where('integrated_account_id', '=', row.integrated_account_id)
    .where('operation', '=', row.operation)
    .where('key', '=', row.key)
    .where('response', '=', row.response)
    .executeTakeFirst()
  return result.numUpdatedRows > 0n ? 'rewrapped' : null
}

async function rewrapApp({ db }: Database, vault: Vault, keyId: string): Promise<Step | null> {
  const row = await db.selectFrom('oauth_apps').selectAll().where('fields_key_id', '=', keyId).executeTakeFirst()
  if (!row) return 'none_left'
  const sealed = vault.rewrap(oauthAppAddress(row), row.fields)
  const result = await db
    .updateTable('oauth_apps')
    .set({ fields: sealed.text, fields_key_id: sealed.keyId })
    .where('environment_id', '=', row.environment_id)
    .where('integration', '=', row.integration)
    .where('method', '=', row.method)
    .where('fields', '=', row.fields)
    .executeTakeFirst()
  return result.numUpdatedRows > 0n ? 'rewrapped' : null
}
