import { type Kysely, SqliteAdapter } from 'kysely'
import { index } from './create.ts'

/** Events, with the place that each environment has come to. */
export async function events(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('event_heads')
    .addColumn('environment_id', 'text', (col) => col.primaryKey().notNull().references('environments.id'))
    .addColumn('last', 'bigint', (col) => col.notNull())
    .addColumn('swept', 'bigint', (col) => col.notNull())
    .execute()
  await db.schema
    .createTable('events')
    .addColumn('environment_id', 'text', (col) => col.notNull().references('environments.id'))
    .addColumn('seq', 'bigint', (col) => col.notNull())
    .addColumn('id', 'text', (col) => col.notNull())
    .addColumn('type', 'text', (col) => col.notNull())
    .addColumn('integrated_account_id', 'text')
    .addColumn('tenant_id', 'text')
    .addColumn('integration', 'text')
    .addColumn('livemode', 'integer')
    .addColumn('reason', 'text')
    .addColumn('data', 'text', (col) => col.notNull())
    .addColumn('changes', 'text')
    .addColumn('raw_event_id', 'text')
    .addColumn('created_at', 'bigint', (col) => col.notNull())
    .addPrimaryKeyConstraint('events_pk', ['environment_id', 'seq'])
    .execute()
  await index(db, 'events', 'account', ['environment_id', 'integrated_account_id', 'seq'])
}

/** When each schedule fired last; and, on SQLite, the jobs themselves: on Postgres they live in the schema of a library. */
export async function jobs(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('job_schedules')
    .addColumn('name', 'text', (col) => col.primaryKey().notNull())
    .addColumn('fired_at', 'bigint', (col) => col.notNull())
    .execute()
  if (!(db.getExecutor().adapter instanceof SqliteAdapter)) return
  await db.schema
    .createTable('jobs')
    .addColumn('id', 'integer', (col) => col.primaryKey().autoIncrement().notNull())
    .addColumn('name', 'text', (col) => col.notNull())
    .addColumn('environment_id', 'text')
    .addColumn('payload', 'text', (col) => col.notNull())
    .addColumn('key', 'text', (col) => col.unique())
    .addColumn('queue', 'text')
    .addColumn('status', 'text', (col) => col.notNull())
    .addColumn('run_at', 'bigint', (col) => col.notNull())
    .addColumn('attempts', 'integer', (col) => col.notNull())
    .addColumn('max_attempts', 'integer', (col) => col.notNull())
    .addColumn('lease', 'text')
    .addColumn('lease_until', 'bigint')
    .addColumn('last_error', 'text')
    .addColumn('created_at', 'bigint', (col) => col.notNull())
    .execute()
  await index(db, 'jobs', 'due', ['status', 'run_at', 'id'])
  await index(db, 'jobs', 'queue', ['queue', 'status'])
}
