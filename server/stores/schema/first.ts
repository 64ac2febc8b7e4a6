import type { Kysely } from 'kysely'
import { index } from './create.ts'

/** Environments. */
export async function environments(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('environments')
    .addColumn('id', 'text', (col) => col.primaryKey().notNull())
    .addColumn('name', 'text', (col) => col.notNull())
    .addColumn('settings', 'text', (col) => col.notNull())
    .addColumn('overrides', 'text', (col) => col.notNull())
    .addColumn('created_at', 'bigint', (col) => col.notNull())
    .addColumn('updated_at', 'bigint', (col) => col.notNull())
    .addColumn('version', 'integer', (col) => col.notNull())
    .execute()
}

/** Integrated accounts. */
export async function integratedAccounts(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('integrated_accounts')
    .addColumn('environment_id', 'text', (col) => col.notNull().references('environments.id'))
    .addColumn('id', 'text', (col) => col.notNull())
    .addColumn('integration', 'text', (col) => col.notNull())
    .addColumn('tenant_id', 'text', (col) => col.notNull())
    .addColumn('status', 'text', (col) => col.notNull())
    .addColumn('authentication_method', 'text')
    .addColumn('credentials', 'text')
    .addColumn('credentials_key_id', 'text')
    .addColumn('settings', 'text', (col) => col.notNull())
    .addColumn('context', 'text', (col) => col.notNull())
    .addColumn('traits', 'text', (col) => col.notNull())
    .addColumn('identity', 'text')
    .addColumn('mode', 'text')
    .addColumn('livemode', 'integer')
    .addColumn('overrides', 'text', (col) => col.notNull())
    .addColumn('created_at', 'bigint', (col) => col.notNull())
    .addColumn('updated_at', 'bigint', (col) => col.notNull())
    .addColumn('version', 'integer', (col) => col.notNull())
    .addPrimaryKeyConstraint('integrated_accounts_pk', ['environment_id', 'id'])
    .execute()
  await index(db, 'integrated_accounts', 'list', ['environment_id', 'created_at', 'id'])
  await index(db, 'integrated_accounts', 'tenant', ['environment_id', 'tenant_id', 'created_at', 'id'])
  await index(db, 'integrated_accounts', 'key', ['credentials_key_id'])
}

/** API and account tokens. */
export async function tokens(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('tokens')
    .addColumn('id', 'text', (col) => col.primaryKey().notNull())
    .addColumn('hash', 'text', (col) => col.notNull().unique())
    .addColumn('kind', 'text', (col) => col.notNull())
    .addColumn('name', 'text')
    .addColumn('role', 'text')
    .addColumn('environment_id', 'text', (col) => col.references('environments.id'))
    .addColumn('integrated_account_id', 'text')
    .addColumn('methods', 'text')
    .addColumn('resources', 'text')
    .addColumn('effects', 'text')
    .addColumn('customer_id', 'text')
    .addColumn('created_at', 'bigint', (col) => col.notNull())
    .addColumn('expires_at', 'bigint')
    .addColumn('revoked_at', 'bigint')
    .addColumn('last_used_at', 'bigint')
    .addForeignKeyConstraint(
      'tokens_account_fk',
      ['environment_id', 'integrated_account_id'],
      'integrated_accounts',
      ['environment_id', 'id'],
      (constraint) => constraint.onDelete('cascade'),
    )
    .execute()
  await index(db, 'tokens', 'list', ['environment_id', 'created_at', 'id'])
  await index(db, 'tokens', 'account', ['environment_id', 'integrated_account_id'])
}

/** Idempotency records. */
export async function idempotencyRecords(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('idempotency_records')
    .addColumn('environment_id', 'text', (col) => col.notNull())
    .addColumn('integrated_account_id', 'text', (col) => col.notNull())
    .addColumn('operation', 'text', (col) => col.notNull())
    .addColumn('key', 'text', (col) => col.notNull())
    .addColumn('tenant_id', 'text', (col) => col.notNull())
    .addColumn('body_hash', 'text', (col) => col.notNull())
    .addColumn('state', 'text', (col) => col.notNull())
    .addColumn('provider_key', 'text', (col) => col.notNull())
    .addColumn('lease', 'text', (col) => col.notNull())
    .addColumn('lease_until', 'bigint', (col) => col.notNull())
    .addColumn('response', 'text')
    .addColumn('response_key_id', 'text')
    .addColumn('created_at', 'bigint', (col) => col.notNull())
    .addColumn('expires_at', 'bigint', (col) => col.notNull())
    .addPrimaryKeyConstraint('idempotency_records_pk', ['environment_id', 'integrated_account_id', 'operation', 'key'])
    .execute()
  await index(db, 'idempotency_records', 'expiry', ['environment_id', 'state', 'expires_at'])
  await index(db, 'idempotency_records', 'key', ['response_key_id'])
}

/** The request log and the audit log. */
export async function logs(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('request_log')
    .addColumn('id', 'text', (col) => col.primaryKey().notNull())
    .addColumn('environment_id', 'text')
    .addColumn('request_id', 'text', (col) => col.notNull())
    .addColumn('integrated_account_id', 'text')
    .addColumn('token_id', 'text')
    .addColumn('method', 'text', (col) => col.notNull())
    .addColumn('path', 'text', (col) => col.notNull())
    .addColumn('status', 'integer', (col) => col.notNull())
    .addColumn('duration_ms', 'bigint', (col) => col.notNull())
    .addColumn('upstream_requests', 'integer', (col) => col.notNull())
    .addColumn('error_code', 'text')
    .addColumn('at', 'bigint', (col) => col.notNull())
    .execute()
  await index(db, 'request_log', 'list', ['environment_id', 'at', 'id'])
  await index(db, 'request_log', 'account', ['environment_id', 'integrated_account_id', 'at', 'id'])
  await db.schema
    .createTable('audit_log')
    .addColumn('id', 'text', (col) => col.primaryKey().notNull())
    .addColumn('environment_id', 'text', (col) => col.notNull())
    .addColumn('actor', 'text', (col) => col.notNull())
    .addColumn('action', 'text', (col) => col.notNull())
    .addColumn('target', 'text', (col) => col.notNull())
    .addColumn('outcome', 'text', (col) => col.notNull())
    .addColumn('request_id', 'text')
    .addColumn('details', 'text', (col) => col.notNull())
    .addColumn('at', 'bigint', (col) => col.notNull())
    .execute()
  await index(db, 'audit_log', 'list', ['environment_id', 'at', 'id'])
}

/** Versions of overrides; what was in the two columns that go could not be set by anybody. */
export async function overrideVersions(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('override_versions')
    .addColumn('environment_id', 'text', (col) => col.notNull().references('environments.id'))
    .addColumn('target', 'text', (col) => col.notNull())
    .addColumn('version', 'integer', (col) => col.notNull())
    .addColumn('integration', 'text', (col) => col.notNull())
    .addColumn('integrated_account_id', 'text')
    .addColumn('change', 'text', (col) => col.notNull())
    .addColumn('restored', 'integer')
    .addColumn('override', 'text', (col) => col.notNull())
    .addColumn('note', 'text')
    .addColumn('actor', 'text', (col) => col.notNull())
    .addColumn('at', 'bigint', (col) => col.notNull())
    .addPrimaryKeyConstraint('override_versions_pk', ['environment_id', 'target', 'version'])
    .addForeignKeyConstraint(
      'override_versions_account_fk',
      ['environment_id', 'integrated_account_id'],
      'integrated_accounts',
      ['environment_id', 'id'],
      (constraint) => constraint.onDelete('cascade'),
    )
    .execute()
  await index(db, 'override_versions', 'account', ['environment_id', 'integrated_account_id'])
  await db.schema.alterTable('environments').dropColumn('overrides').execute()
  await db.schema.alterTable('integrated_accounts').dropColumn('overrides').execute()
}
