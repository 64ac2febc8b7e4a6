import type { Kysely } from 'kysely'

/** Synced data that moves with what providers tell, and tells what nobody has told. */
export async function syncFlow(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('synced_sets').addColumn('reconciled_generation', 'integer').execute()
  await db.schema
    .alterTable('synced_records')
    .addColumn('is_told', 'integer', (col) => col.notNull().defaultTo(0))
    .execute()
  await db.schema
    .alterTable('sync_jobs')
    .addColumn('push', 'text', (col) => col.notNull().defaultTo('changes'))
    .execute()
  await db.schema
    .alterTable('seen_records')
    .addColumn('is_synced', 'integer', (col) => col.notNull().defaultTo(0))
    .execute()
  await db.schema
    .createTable('synced_deletions')
    .addColumn('set_id', 'integer', (col) => col.notNull())
    .addColumn('at', 'bigint', (col) => col.notNull())
    .addColumn('record_id', 'text', (col) => col.notNull())
    .addPrimaryKeyConstraint('synced_deletions_pk', ['set_id', 'at', 'record_id'])
    .execute()
}
