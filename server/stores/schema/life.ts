import { type Kysely, sql } from 'kysely'
import { index } from './create.ts'

/** Why an account is in its status. */
export async function statusReasons(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('integrated_accounts').addColumn('status_reason', 'text').execute()
}

/** What tokens may call, and on Postgres what they have called. */
export async function rateLimits(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('tokens').addColumn('rate_limit', 'text').execute()
  await db.schema
    .createTable('token_windows')
    .addColumn('token_id', 'text', (col) => col.primaryKey().notNull().references('tokens.id').onDelete('cascade'))
    .addColumn('started_at', 'bigint', (col) => col.notNull())
    .addColumn('used', 'integer', (col) => col.notNull())
    .execute()
}

/** Master keys by id. Every sealed row refers to its key from now on. */
export async function masterKeys(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('master_keys')
    .addColumn('id', 'text', (col) => col.primaryKey().notNull())
    .addColumn('is_active', 'integer', (col) => col.notNull())
    .execute()
  await db.schema
    .createTable('key_holders')
    .addColumn('id', 'text', (col) => col.primaryKey().notNull())
    .addColumn('keys', 'text', (col) => col.notNull())
    .addColumn('seen_at', 'bigint', (col) => col.notNull())
    .execute()
  await referToKeys(db, 'integrated_accounts', 'credentials_key_id')
  await referToKeys(db, 'idempotency_records', 'response_key_id')
  await referToKeys(db, 'oauth_apps', 'fields_key_id')
}

/** SQLite takes a reference only with a new column. */
async function referToKeys(db: Kysely<unknown>, table: string, column: string): Promise<void> {
  const [of, old, fresh] = [sql.table(table), sql.ref(column), sql.ref('new_key_id')]
  await sql`insert into master_keys (id, is_active)
    select distinct ${old}, 0 from ${of} where ${old} is not null and ${old} not in (select id from master_keys)`.execute(
    db,
  )
  await db.schema
    .alterTable(table)
    .addColumn('new_key_id', 'text', (col) => col.references('master_keys.id'))
    .execute()
  await sql`update ${of} set ${fresh} = ${old} where ${old} is not null`.execute(db)
  await db.schema.dropIndex(`${table}_key`).execute()
  await db.schema.alterTable(table).dropColumn(column).execute()
  await db.schema.alterTable(table).renameColumn('new_key_id', column).execute()
  await index(db, table, 'key', [column])
}
