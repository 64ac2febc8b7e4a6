import type { Kysely } from 'kysely'
import { index } from './create.ts'

/** Where events go, and each event on its way there. */
export async function webhooks(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('webhooks')
    .addColumn('environment_id', 'text', (col) => col.notNull().references('environments.id'))
    .addColumn('id', 'text', (col) => col.notNull())
    .addColumn('kind', 'text', (col) => col.notNull())
    .addColumn('url', 'text')
    .addColumn('recipients', 'text')
    .addColumn('sealed', 'text')
    .addColumn('sealed_key_id', 'text', (col) => col.references('master_keys.id'))
    .addColumn('previous_until', 'bigint')
    .addColumn('event_types', 'text', (col) => col.notNull())
    .addColumn('tenant_id', 'text')
    .addColumn('integrated_account_id', 'text')
    .addColumn('integration', 'text')
    .addColumn('models', 'text')
    .addColumn('description', 'text')
    .addColumn('is_enabled', 'integer', (col) => col.notNull())
    .addColumn('disabled_reason', 'text')
    .addColumn('failures', 'integer', (col) => col.notNull())
    .addColumn('failing_since', 'bigint')
    .addColumn('failed_at', 'bigint')
    .addColumn('paused_until', 'bigint')
    .addColumn('created_at', 'bigint', (col) => col.notNull())
    .addColumn('updated_at', 'bigint', (col) => col.notNull())
    .addPrimaryKeyConstraint('webhooks_pk', ['environment_id', 'id'])
    .execute()
  await index(db, 'webhooks', 'key', ['sealed_key_id'])
  await deliveries(db)
}

/** One row for each event and webhook: an event is never delivered under two ids. */
async function deliveries(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('webhook_deliveries')
    .addColumn('environment_id', 'text', (col) => col.notNull())
    .addColumn('id', 'text', (col) => col.notNull())
    .addColumn('webhook_id', 'text', (col) => col.notNull())
    .addColumn('event_id', 'text', (col) => col.notNull())
    .addColumn('event_type', 'text', (col) => col.notNull())
    .addColumn('integrated_account_id', 'text')
    .addColumn('status', 'text', (col) => col.notNull())
    .addColumn('next_at', 'bigint', (col) => col.notNull())
    .addColumn('lease', 'text')
    .addColumn('attempts', 'integer', (col) => col.notNull())
    .addColumn('attempted_at', 'bigint')
    .addColumn('response_status', 'integer')
    .addColumn('response', 'text')
    .addColumn('error', 'text')
    .addColumn('duration_ms', 'integer')
    .addColumn('created_at', 'bigint', (col) => col.notNull())
    .addColumn('delivered_at', 'bigint')
    .addPrimaryKeyConstraint('webhook_deliveries_pk', ['environment_id', 'id'])
    .addUniqueConstraint('webhook_deliveries_once', ['environment_id', 'webhook_id', 'event_id'])
    .addForeignKeyConstraint(
      'webhook_deliveries_webhook_fk',
      ['environment_id', 'webhook_id'],
      'webhooks',
      ['environment_id', 'id'],
      (constraint) => constraint.onDelete('cascade'),
    )
    .execute()
  await index(db, 'webhook_deliveries', 'due', ['environment_id', 'webhook_id', 'status', 'next_at'])
  await index(db, 'webhook_deliveries', 'age', ['environment_id', 'webhook_id', 'created_at'])
  await index(db, 'webhook_deliveries', 'account', ['environment_id', 'integrated_account_id'])
}
