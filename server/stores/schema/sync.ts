import { type Kysely, SqliteAdapter, sql } from 'kysely'
import { index } from './create.ts'

/** Synced records with their change log, and the jobs, runs and partitions that bring them in. */
export async function sync(db: Kysely<unknown>): Promise<void> {
  await syncedSets(db)
  await syncedRows(db)
  await syncJobs(db)
  await syncRuns(db)
}

/** One resource of one account: rows refer to it by a number, which keeps their index small. */
async function syncedSets(db: Kysely<unknown>): Promise<void> {
  const isSqlite = db.getExecutor().adapter instanceof SqliteAdapter
  await db.schema
    .createTable('synced_sets')
    .addColumn('id', isSqlite ? 'integer' : 'serial', (col) =>
      isSqlite ? col.primaryKey().autoIncrement().notNull() : col.primaryKey().notNull(),
    )
    .addColumn('environment_id', 'text', (col) => col.notNull())
    .addColumn('integrated_account_id', 'text', (col) => col.notNull())
    .addColumn('model', 'text', (col) => col.notNull())
    .addColumn('resource', 'text', (col) => col.notNull())
    .addColumn('generation', 'integer', (col) => col.notNull())
    .addColumn('complete_until', 'bigint')
    .addColumn('reconciled_at', 'bigint')
    .addColumn('last_change', 'bigint', (col) => col.notNull())
    .addColumn('swept_change', 'bigint', (col) => col.notNull())
    .addColumn('created_at', 'bigint', (col) => col.notNull())
    .addUniqueConstraint('synced_sets_address', ['environment_id', 'integrated_account_id', 'model', 'resource'])
    .addForeignKeyConstraint(
      'synced_sets_account_fk',
      ['environment_id', 'integrated_account_id'],
      'integrated_accounts',
      ['environment_id', 'id'],
      (constraint) => constraint.onDelete('cascade'),
    )
    .execute()
}

/** Without references: a check for each of a million rows costs more than the deletion of an account looks after. */
async function syncedRows(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('synced_records')
    .addColumn('set_id', 'integer', (col) => col.notNull())
    .addColumn('record_id', 'text', (col) => col.notNull())
    .addColumn('created_at', 'bigint', (col) => col.notNull())
    .addColumn('version', 'integer', (col) => col.notNull())
    .addColumn('seen', 'integer', (col) => col.notNull())
    .addColumn('hash', 'text', (col) => col.notNull())
    .addColumn('data', 'text', (col) => col.notNull())
    .addColumn('observed_at', 'bigint', (col) => col.notNull())
    .addUniqueConstraint('synced_records_id', ['set_id', 'record_id'])
    .execute()
  await index(db, 'synced_records', 'created', ['set_id', 'created_at', 'record_id'])
  await db.schema
    .createTable('synced_changes')
    .addColumn('set_id', 'integer', (col) => col.notNull())
    .addColumn('seq', 'bigint', (col) => col.notNull())
    .addColumn('record_id', 'text', (col) => col.notNull())
    .addColumn('change', 'text', (col) => col.notNull())
    .addColumn('at', 'bigint', (col) => col.notNull())
    .addPrimaryKeyConstraint('synced_changes_pk', ['set_id', 'seq'])
    .execute()
}

async function syncJobs(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('sync_jobs')
    .addColumn('id', 'text', (col) => col.primaryKey().notNull())
    .addColumn('environment_id', 'text', (col) => col.notNull().references('environments.id'))
    .addColumn('integrated_account_id', 'text')
    .addColumn('tenant_id', 'text')
    .addColumn('resources', 'text', (col) => col.notNull())
    .addColumn('schedule', 'text')
    .addColumn('full_schedule', 'text')
    .addColumn('max_deleted_share', 'double precision', (col) => col.notNull())
    .addColumn('is_paused', 'integer', (col) => col.notNull())
    .addColumn('next_run_at', 'bigint')
    .addColumn('next_full_at', 'bigint')
    .addColumn('created_at', 'bigint', (col) => col.notNull())
    .addColumn('updated_at', 'bigint', (col) => col.notNull())
    .addForeignKeyConstraint(
      'sync_jobs_account_fk',
      ['environment_id', 'integrated_account_id'],
      'integrated_accounts',
      ['environment_id', 'id'],
      (constraint) => constraint.onDelete('cascade'),
    )
    .execute()
  await index(db, 'sync_jobs', 'account', ['environment_id', 'integrated_account_id'])
  await index(db, 'sync_jobs', 'due', ['is_paused', 'next_run_at'])
}

async function syncRuns(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('sync_runs')
    .addColumn('id', 'text', (col) => col.primaryKey().notNull())
    .addColumn('environment_id', 'text', (col) => col.notNull().references('environments.id'))
    .addColumn('sync_job_id', 'text', (col) => col.notNull().references('sync_jobs.id').onDelete('cascade'))
    .addColumn('mode', 'text', (col) => col.notNull())
    .addColumn('status', 'text', (col) => col.notNull())
    .addColumn('max_deleted_share', 'double precision', (col) => col.notNull())
    .addColumn('plan', 'text')
    .addColumn('error', 'text')
    .addColumn('created_at', 'bigint', (col) => col.notNull())
    .addColumn('started_at', 'bigint')
    .addColumn('ended_at', 'bigint')
    .execute()
  await index(db, 'sync_runs', 'job', ['sync_job_id', 'created_at'])
  await index(db, 'sync_runs', 'environment', ['environment_id', 'created_at'])
  // One run of a job at a time, whoever starts it.
  await sql`create unique index sync_runs_active on sync_runs (sync_job_id)
    where status in ('waiting', 'running', 'paused')`.execute(db)
  await db.schema
    .createTable('sync_partitions')
    .addColumn('run_id', 'text', (col) => col.notNull().references('sync_runs.id').onDelete('cascade'))
    .addColumn('n', 'integer', (col) => col.notNull())
    .addColumn('set_id', 'integer', (col) => col.notNull().references('synced_sets.id').onDelete('cascade'))
    .addColumn('asked_from', 'bigint')
    .addColumn('lower', 'bigint')
    .addColumn('upper', 'bigint')
    .addColumn('cursor', 'text')
    .addColumn('position', 'bigint')
    .addColumn('is_done', 'integer', (col) => col.notNull())
    .addColumn('pages', 'integer', (col) => col.notNull())
    .addColumn('records', 'integer', (col) => col.notNull())
    .addColumn('added', 'integer', (col) => col.notNull())
    .addColumn('updated', 'integer', (col) => col.notNull())
    .addColumn('updated_at', 'bigint', (col) => col.notNull())
    .addPrimaryKeyConstraint('sync_partitions_pk', ['run_id', 'n'])
    .execute()
  await index(db, 'sync_partitions', 'set', ['set_id'])
}
