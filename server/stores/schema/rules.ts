import type { Kysely } from 'kysely'
import { index } from './create.ts'

/** What rules have to look at, what they are about to say, what they have said, and what they noted. */
export async function rules(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('webhooks').addColumn('name', 'text').execute()
  await db.schema.createIndex('webhooks_name').on('webhooks').columns(['environment_id', 'name']).unique().execute()
  await db.schema
    .createTable('rule_inbox')
    .addColumn('environment_id', 'text', (col) => col.notNull().references('environments.id'))
    .addColumn('event_id', 'text', (col) => col.notNull())
    .addPrimaryKeyConstraint('rule_inbox_pk', ['environment_id', 'event_id'])
    .execute()
  await runs(db)
  await messages(db)
  await notes(db)
}

/** One row for each rule and key of an account, ever; `scope` holds both of the latter. */
async function runs(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('rule_runs')
    .addColumn('environment_id', 'text', (col) => col.notNull().references('environments.id'))
    .addColumn('id', 'text', (col) => col.notNull())
    .addColumn('rule', 'text', (col) => col.notNull())
    .addColumn('version', 'text', (col) => col.notNull())
    .addColumn('scope', 'text', (col) => col.notNull())
    .addColumn('subject', 'text', (col) => col.notNull())
    .addColumn('key', 'text', (col) => col.notNull())
    .addColumn('integrated_account_id', 'text')
    .addColumn('tenant_id', 'text')
    .addColumn('integration', 'text')
    .addColumn('livemode', 'integer')
    .addColumn('model', 'text')
    .addColumn('resource', 'text')
    .addColumn('record_id', 'text')
    .addColumn('customer_id', 'text')
    .addColumn('event_id', 'text', (col) => col.notNull())
    .addColumn('event', 'text', (col) => col.notNull())
    .addColumn('status', 'text', (col) => col.notNull())
    .addColumn('reason', 'text')
    .addColumn('step', 'integer', (col) => col.notNull())
    .addColumn('next_at', 'bigint')
    .addColumn('created_at', 'bigint', (col) => col.notNull())
    .addColumn('updated_at', 'bigint', (col) => col.notNull())
    .addColumn('ended_at', 'bigint')
    .addPrimaryKeyConstraint('rule_runs_pk', ['environment_id', 'id'])
    .addUniqueConstraint('rule_runs_once', ['environment_id', 'rule', 'scope'])
    .execute()
  await index(db, 'rule_runs', 'subject', ['environment_id', 'rule', 'subject'])
  await index(db, 'rule_runs', 'age', ['environment_id', 'created_at'])
  await index(db, 'rule_runs', 'customer', ['environment_id', 'customer_id'])
  await index(db, 'rule_runs', 'account', ['environment_id', 'integrated_account_id'])
}

/** One row for each action of a step of a run: it is claimed before it is sent. */
async function messages(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('rule_messages')
    .addColumn('environment_id', 'text', (col) => col.notNull())
    .addColumn('id', 'text', (col) => col.notNull())
    .addColumn('run_id', 'text', (col) => col.notNull())
    .addColumn('step', 'integer', (col) => col.notNull())
    .addColumn('action', 'integer', (col) => col.notNull())
    .addColumn('kind', 'text', (col) => col.notNull())
    .addColumn('content', 'text')
    .addColumn('status', 'text', (col) => col.notNull())
    .addColumn('lease', 'text')
    .addColumn('attempts', 'integer', (col) => col.notNull())
    .addColumn('next_at', 'bigint')
    .addColumn('error', 'text')
    .addColumn('response', 'text')
    .addColumn('event_id', 'text')
    .addColumn('created_at', 'bigint', (col) => col.notNull())
    .addColumn('attempted_at', 'bigint')
    .addColumn('sent_at', 'bigint')
    .addPrimaryKeyConstraint('rule_messages_pk', ['environment_id', 'id'])
    .addUniqueConstraint('rule_messages_once', ['environment_id', 'run_id', 'step', 'action'])
    .addForeignKeyConstraint(
      'rule_messages_run_fk',
      ['environment_id', 'run_id'],
      'rule_runs',
      ['environment_id', 'id'],
      (constraint) => constraint.onDelete('cascade'),
    )
    .execute()
}

async function notes(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('rule_notes')
    .addColumn('environment_id', 'text', (col) => col.notNull().references('environments.id'))
    .addColumn('id', 'text', (col) => col.notNull())
    .addColumn('run_id', 'text', (col) => col.notNull())
    .addColumn('rule', 'text', (col) => col.notNull())
    .addColumn('subject', 'text', (col) => col.notNull())
    .addColumn('integrated_account_id', 'text')
    .addColumn('model', 'text')
    .addColumn('resource', 'text')
    .addColumn('record_id', 'text')
    .addColumn('customer_id', 'text')
    .addColumn('note', 'text', (col) => col.notNull())
    .addColumn('created_at', 'bigint', (col) => col.notNull())
    .addPrimaryKeyConstraint('rule_notes_pk', ['environment_id', 'id'])
    .execute()
  await index(db, 'rule_notes', 'age', ['environment_id', 'created_at'])
  await index(db, 'rule_notes', 'customer', ['environment_id', 'customer_id'])
  await index(db, 'rule_notes', 'account', ['environment_id', 'integrated_account_id'])
}
