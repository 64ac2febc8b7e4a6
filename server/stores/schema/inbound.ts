import type { Kysely } from 'kysely'
import { index } from './create.ts'

/** Addresses that providers deliver to, what came there, what was last seen of each record, and feeds that are polled. */
export async function inbound(db: Kysely<unknown>): Promise<void> {
  await endpoints(db)
  await attachments(db)
  await rawEvents(db)
  await seenRecords(db)
  await feeds(db)
  await db.schema.alterTable('integrated_accounts').addColumn('webhook', 'text').execute()
  for (const column of ['model', 'resource', 'record_id']) {
    await db.schema.alterTable('events').addColumn(column, 'text').execute()
  }
  await db.schema.alterTable('events').addColumn('occurred_at', 'bigint').execute()
}

async function endpoints(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('inbound_endpoints')
    .addColumn('environment_id', 'text', (col) => col.notNull().references('environments.id'))
    .addColumn('id', 'text', (col) => col.notNull())
    .addColumn('integration', 'text', (col) => col.notNull())
    .addColumn('owner', 'text', (col) => col.notNull())
    .addColumn('url_id', 'text', (col) => col.notNull().unique())
    .addColumn('provider_id', 'text')
    .addColumn('secrets', 'text')
    .addColumn('secrets_key_id', 'text', (col) => col.references('master_keys.id'))
    .addColumn('created_at', 'bigint', (col) => col.notNull())
    .addColumn('updated_at', 'bigint', (col) => col.notNull())
    .addColumn('version', 'integer', (col) => col.notNull())
    .addPrimaryKeyConstraint('inbound_endpoints_pk', ['environment_id', 'id'])
    .addUniqueConstraint('inbound_endpoints_owner', ['environment_id', 'integration', 'owner'])
    .execute()
  await index(db, 'inbound_endpoints', 'key', ['secrets_key_id'])
}

async function attachments(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('inbound_attachments')
    .addColumn('environment_id', 'text', (col) => col.notNull())
    .addColumn('integrated_account_id', 'text', (col) => col.notNull())
    .addColumn('endpoint_id', 'text', (col) => col.notNull())
    .addPrimaryKeyConstraint('inbound_attachments_pk', ['environment_id', 'integrated_account_id'])
    .addForeignKeyConstraint(
      'inbound_attachments_account_fk',
      ['environment_id', 'integrated_account_id'],
      'integrated_accounts',
      ['environment_id', 'id'],
      (constraint) => constraint.onDelete('cascade'),
    )
    .addForeignKeyConstraint(
      'inbound_attachments_endpoint_fk',
      ['environment_id', 'endpoint_id'],
      'inbound_endpoints',
      ['environment_id', 'id'],
      (constraint) => constraint.onDelete('cascade'),
    )
    .execute()
  await index(db, 'inbound_attachments', 'endpoint', ['environment_id', 'endpoint_id'])
}

async function rawEvents(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('inbound_events')
    .addColumn('environment_id', 'text', (col) => col.notNull())
    .addColumn('integrated_account_id', 'text', (col) => col.notNull())
    .addColumn('provider_id', 'text', (col) => col.notNull())
    .addColumn('id', 'text', (col) => col.notNull())
    .addColumn('type', 'text', (col) => col.notNull())
    .addColumn('api_version', 'text')
    .addColumn('source', 'text', (col) => col.notNull())
    .addColumn('status', 'text', (col) => col.notNull())
    .addColumn('error', 'text')
    .addColumn('body', 'text', (col) => col.notNull())
    .addColumn('received_at', 'bigint', (col) => col.notNull())
    .addPrimaryKeyConstraint('inbound_events_pk', ['environment_id', 'integrated_account_id', 'provider_id'])
    .addForeignKeyConstraint(
      'inbound_events_account_fk',
      ['environment_id', 'integrated_account_id'],
      'integrated_accounts',
      ['environment_id', 'id'],
      (constraint) => constraint.onDelete('cascade'),
    )
    .execute()
  await index(db, 'inbound_events', 'id', ['environment_id', 'id'])
  await index(db, 'inbound_events', 'list', ['environment_id', 'received_at', 'id'])
  await index(db, 'inbound_events', 'waiting', ['environment_id', 'integrated_account_id', 'status', 'received_at'])
}

async function seenRecords(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('seen_records')
    .addColumn('environment_id', 'text', (col) => col.notNull())
    .addColumn('integrated_account_id', 'text', (col) => col.notNull())
    .addColumn('resource', 'text', (col) => col.notNull())
    .addColumn('record_id', 'text', (col) => col.notNull())
    .addColumn('at', 'bigint', (col) => col.notNull())
    .addColumn('is_fetched', 'integer', (col) => col.notNull())
    .addColumn('hash', 'text', (col) => col.notNull())
    .addColumn('record', 'text', (col) => col.notNull())
    .addColumn('seen_at', 'bigint', (col) => col.notNull())
    .addPrimaryKeyConstraint('seen_records_pk', ['environment_id', 'integrated_account_id', 'resource', 'record_id'])
    .addForeignKeyConstraint(
      'seen_records_account_fk',
      ['environment_id', 'integrated_account_id'],
      'integrated_accounts',
      ['environment_id', 'id'],
      (constraint) => constraint.onDelete('cascade'),
    )
    .execute()
  await index(db, 'seen_records', 'seen', ['environment_id', 'seen_at'])
}

async function feeds(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('inbound_feeds')
    .addColumn('environment_id', 'text', (col) => col.notNull())
    .addColumn('integrated_account_id', 'text', (col) => col.notNull())
    .addColumn('since', 'bigint', (col) => col.notNull())
    .addPrimaryKeyConstraint('inbound_feeds_pk', ['environment_id', 'integrated_account_id'])
    .addForeignKeyConstraint(
      'inbound_feeds_account_fk',
      ['environment_id', 'integrated_account_id'],
      'integrated_accounts',
      ['environment_id', 'id'],
      (constraint) => constraint.onDelete('cascade'),
    )
    .execute()
}
