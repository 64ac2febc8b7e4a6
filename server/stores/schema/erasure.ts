import type { Kysely } from 'kysely'
import { index } from './create.ts'

/** Who was erased, as hashes only, so that they do not come back with the next event or run. */
export async function erasures(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('erasures')
    .addColumn('environment_id', 'text', (col) => col.notNull().references('environments.id'))
    .addColumn('id', 'text', (col) => col.notNull())
    .addColumn('status', 'text', (col) => col.notNull())
    .addColumn('is_dry_run', 'integer', (col) => col.notNull())
    .addColumn('tenant_id', 'text')
    .addColumn('integrated_account_id', 'text')
    .addColumn('counts', 'text', (col) => col.notNull())
    .addColumn('held_off', 'bigint', (col) => col.notNull())
    .addColumn('created_at', 'bigint', (col) => col.notNull())
    .addColumn('ended_at', 'bigint')
    .addPrimaryKeyConstraint('erasures_pk', ['environment_id', 'id'])
    .execute()
  await index(db, 'erasures', 'list', ['environment_id', 'created_at', 'id'])
  await db.schema
    .createTable('erased_terms')
    .addColumn('environment_id', 'text', (col) => col.notNull())
    .addColumn('erasure_id', 'text', (col) => col.notNull())
    .addColumn('hash', 'text', (col) => col.notNull())
    .addPrimaryKeyConstraint('erased_terms_pk', ['environment_id', 'erasure_id', 'hash'])
    .addForeignKeyConstraint(
      'erased_terms_erasure_fk',
      ['environment_id', 'erasure_id'],
      'erasures',
      ['environment_id', 'id'],
      (constraint) => constraint.onDelete('cascade'),
    )
    .execute()
  await db.schema
    .createTable('erasure_salts')
    .addColumn('environment_id', 'text', (col) => col.primaryKey().notNull().references('environments.id'))
    .addColumn('salt', 'text', (col) => col.notNull())
    .execute()
}

/** Which views there are over synced data, and with which columns. */
export async function syncedViews(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('synced_views')
    .addColumn('name', 'text', (col) => col.primaryKey().notNull())
    .addColumn('columns', 'text', (col) => col.notNull())
    .addColumn('digest', 'text', (col) => col.notNull())
    .execute()
}
