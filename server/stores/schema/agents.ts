import type { Kysely } from 'kysely'
import { index } from './create.ts'

/** Tokens for agents: their accounts, what they spend, and what waits for somebody to let it through. */
export async function agents(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('tokens').addColumn('policy', 'text').execute()
  await tokenAccounts(db)
  await tokenSpend(db)
  await approvals(db)
}

async function tokenAccounts(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('token_accounts')
    .addColumn('token_id', 'text', (col) => col.notNull().references('tokens.id').onDelete('cascade'))
    .addColumn('environment_id', 'text', (col) => col.notNull())
    .addColumn('integrated_account_id', 'text', (col) => col.notNull())
    .addPrimaryKeyConstraint('token_accounts_pk', ['token_id', 'integrated_account_id'])
    .addForeignKeyConstraint(
      'token_accounts_account_fk',
      ['environment_id', 'integrated_account_id'],
      'integrated_accounts',
      ['environment_id', 'id'],
      (constraint) => constraint.onDelete('cascade'),
    )
    .execute()
  await index(db, 'token_accounts', 'account', ['environment_id', 'integrated_account_id'])
}

async function tokenSpend(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('token_spend')
    .addColumn('token_id', 'text', (col) => col.notNull().references('tokens.id').onDelete('cascade'))
    .addColumn('currency', 'text', (col) => col.notNull())
    .addColumn('day', 'text', (col) => col.notNull())
    .addColumn('amount', 'bigint', (col) => col.notNull())
    .addPrimaryKeyConstraint('token_spend_pk', ['token_id', 'currency', 'day'])
    .execute()
  await index(db, 'token_spend', 'day', ['day'])
}

async function approvals(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('approvals')
    .addColumn('id', 'text', (col) => col.primaryKey().notNull())
    .addColumn('environment_id', 'text', (col) => col.notNull())
    .addColumn('token_id', 'text', (col) => col.notNull().references('tokens.id').onDelete('cascade'))
    .addColumn('integrated_account_id', 'text', (col) => col.notNull())
    .addColumn('operation', 'text', (col) => col.notNull())
    .addColumn('effect', 'text', (col) => col.notNull())
    .addColumn('policy', 'text', (col) => col.notNull())
    .addColumn('state', 'text', (col) => col.notNull())
    .addColumn('amount', 'bigint')
    .addColumn('currency', 'text')
    .addColumn('request', 'text', (col) => col.notNull())
    .addColumn('request_key_id', 'text', (col) => col.notNull().references('master_keys.id'))
    .addColumn('request_hash', 'text', (col) => col.notNull())
    .addColumn('built_hash', 'text', (col) => col.notNull())
    .addColumn('definition', 'text', (col) => col.notNull())
    .addColumn('created_at', 'bigint', (col) => col.notNull())
    .addColumn('expires_at', 'bigint', (col) => col.notNull())
    .addColumn('decided_at', 'bigint')
    .addColumn('decided_by', 'text')
    .addColumn('note', 'text')
    .addColumn('used_at', 'bigint')
    .addColumn('outcome', 'text')
    .addForeignKeyConstraint(
      'approvals_account_fk',
      ['environment_id', 'integrated_account_id'],
      'integrated_accounts',
      ['environment_id', 'id'],
      (constraint) => constraint.onDelete('cascade'),
    )
    .execute()
  await index(db, 'approvals', 'list', ['environment_id', 'created_at', 'id'])
  await index(db, 'approvals', 'request', ['token_id', 'request_hash'])
  await index(db, 'approvals', 'account', ['environment_id', 'integrated_account_id'])
  await index(db, 'approvals', 'key', ['request_key_id'])
}
