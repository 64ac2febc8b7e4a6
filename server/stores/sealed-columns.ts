import { sql } from 'kysely'
import { credentialsAddress } from './account-rows.ts'
import { requestAddress } from './approvals.ts'
import type { Database } from './database.ts'
import { responseAddress } from './idempotency.ts'
import { secretsAddress } from './inbound-endpoints.ts'
import { oauthAppAddress } from './oauth-apps.ts'
import { flowAddress } from './oauth-flows.ts'
import { partingAddress } from './partings.ts'
import type { Tables } from './tables.ts'
import type { RowAddress, Vault } from './vault.ts'
import { webhookAddress } from './webhook-rows.ts'

/** A column of sealed values. */
interface SealedColumn {
  readonly table: keyof Tables
  readonly value: string
  /** Names the master key; it refers to `master_keys`, so that none is forgotten while a row needs it. */
  readonly keyId: string
  /** The primary key. */
  readonly primary: readonly string[]
  // biome-ignore lint/suspicious/noExplicitAny: a row of this table
  readonly addressOf: (row: any) => RowAddress
}

/** Every column whose values a master key opens. */
export const SEALED_COLUMNS: readonly SealedColumn[] = Object.freeze([
  {
    table: 'integrated_accounts',
    value: 'credentials',
    keyId: 'credentials_key_id',
    primary: ['environment_id', 'id'],
    addressOf: (row) => credentialsAddress(row.environment_id, row.id),
  },
  {
    table: 'idempotency_records',
    value: 'response',
    keyId: 'response_key_id',
    primary: ['environment_id', 'integrated_account_id', 'operation', 'key'],
    addressOf: responseAddress,
  },
  {
    table: 'oauth_apps',
    value: 'fields',
    keyId: 'fields_key_id',
    primary: ['environment_id', 'integration', 'method'],
    addressOf: oauthAppAddress,
  },
  {
    table: 'oauth_flows',
    value: 'sealed',
    keyId: 'sealed_key_id',
    primary: ['id'],
    addressOf: (row) => flowAddress(row.id),
  },
  {
    table: 'partings',
    value: 'sealed',
    keyId: 'sealed_key_id',
    primary: ['id'],
    addressOf: partingAddress,
  },
  {
    table: 'approvals',
    value: 'request',
    keyId: 'request_key_id',
    primary: ['id'],
    addressOf: requestAddress,
  },
  {
    table: 'inbound_endpoints',
    value: 'secrets',
    keyId: 'secrets_key_id',
    primary: ['environment_id', 'id'],
    addressOf: secretsAddress,
  },
  {
    table: 'webhooks',
    value: 'sealed',
    keyId: 'sealed_key_id',
    primary: ['environment_id', 'id'],
    addressOf: webhookAddress,
  },
] satisfies SealedColumn[])

/** Rows of a column on a key. */
export async function countOn({ db }: Database, { table, keyId }: SealedColumn, id: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) as count from ${sql.table(table)}
    where ${sql.ref(keyId)} = ${id}`.execute(db)
  return Number(rows[0]?.count ?? 0)
}

/**
 * Puts one row on the key that encrypts, unless somebody changed it meanwhile; then it is seen again. False when no row is
 * left on the key `from`. Throws as Vault.rewrap.
 */
export async function rewrapOne({ db }: Database, vault: Vault, column: SealedColumn, from: string): Promise<boolean> {
  const { table, value, keyId, primary, addressOf } = column
  const { rows } = await sql<Record<string, string>>`select * from ${sql.table(table)}
    where ${sql.ref(keyId)} = ${from} limit 1`.execute(db)
  const [row] = rows
  if (row === undefined) return false
  const old = row[value] ?? ''
  const sealed = vault.rewrap(addressOf(row), old)
  const isRow = primary.map((name) => sql`${sql.ref(name)} = ${row[name]}`)
  await sql`update ${sql.table(table)} set ${sql.ref(value)} = ${sealed.text}, ${sql.ref(keyId)} = ${sealed.keyId}
    where ${sql.join([...isRow, sql`${sql.ref(value)} = ${old}`], sql` and `)}`.execute(db)
  return true
}
