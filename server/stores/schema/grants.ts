import type { Kysely } from 'kysely'
import { index } from './create.ts'

/** Grants of accounts, the apps they are got with, and the locks under which they are renewed. */
export async function grants(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('integrated_accounts').addColumn('expires_at', 'bigint').execute()
  await db.schema.alterTable('integrated_accounts').addColumn('renew_at', 'bigint').execute()
  await db.schema
    .alterTable('integrated_accounts')
    .addColumn('token_version', 'integer', (col) => col.notNull().defaultTo(1))
    .execute()
  await oauthApps(db)
  await tokenRenewals(db)
  await db.schema
    .createTable('locks')
    .addColumn('name', 'text', (col) => col.primaryKey().notNull())
    .addColumn('holder', 'text', (col) => col.notNull())
    .addColumn('fence', 'bigint', (col) => col.notNull())
    .addColumn('until', 'bigint', (col) => col.notNull())
    .execute()
}

async function oauthApps(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('oauth_apps')
    .addColumn('environment_id', 'text', (col) => col.notNull().references('environments.id'))
    .addColumn('integration', 'text', (col) => col.notNull())
    .addColumn('method', 'text', (col) => col.notNull())
    .addColumn('fields', 'text', (col) => col.notNull())
    .addColumn('fields_key_id', 'text', (col) => col.notNull())
    .addColumn('created_at', 'bigint', (col) => col.notNull())
    .addColumn('updated_at', 'bigint', (col) => col.notNull())
    .addPrimaryKeyConstraint('oauth_apps_pk', ['environment_id', 'integration', 'method'])
    .execute()
  await index(db, 'oauth_apps', 'key', ['fields_key_id'])
}

async function tokenRenewals(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('token_renewals')
    .addColumn('environment_id', 'text', (col) => col.notNull())
    .addColumn('integrated_account_id', 'text', (col) => col.notNull())
    .addColumn('token_version', 'integer', (col) => col.notNull())
    .addColumn('fence', 'bigint', (col) => col.notNull())
    .addColumn('started_at', 'bigint', (col) => col.notNull())
    .addPrimaryKeyConstraint('token_renewals_pk', ['environment_id', 'integrated_account_id'])
    .addForeignKeyConstraint(
      'token_renewals_account_fk',
      ['environment_id', 'integrated_account_id'],
      'integrated_accounts',
      ['environment_id', 'id'],
      (constraint) => constraint.onDelete('cascade'),
    )
    .execute()
}
