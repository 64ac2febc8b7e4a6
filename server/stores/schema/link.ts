import type { Kysely } from 'kysely'
import { index } from './create.ts'

/** Link tokens, the sessions of browsers that opened them, and authorizations on their way through a provider. */
export async function link(db: Kysely<unknown>): Promise<void> {
  await linkTokens(db)
  await linkSessions(db)
  await oauthFlows(db)
}

async function linkTokens(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('link_tokens')
    .addColumn('id', 'text', (col) => col.primaryKey().notNull())
    .addColumn('hash', 'text', (col) => col.notNull().unique())
    .addColumn('environment_id', 'text', (col) => col.notNull().references('environments.id'))
    .addColumn('tenant_id', 'text', (col) => col.notNull())
    .addColumn('integrations', 'text')
    .addColumn('integrated_account_id', 'text')
    .addColumn('redirect_uri', 'text')
    .addColumn('origin', 'text')
    .addColumn('scopes', 'text')
    .addColumn('context', 'text', (col) => col.notNull())
    .addColumn('account_id', 'text')
    .addColumn('lease', 'text')
    .addColumn('lease_until', 'bigint')
    .addColumn('spent_at', 'bigint')
    .addColumn('created_at', 'bigint', (col) => col.notNull())
    .addColumn('expires_at', 'bigint', (col) => col.notNull())
    .addForeignKeyConstraint(
      'link_tokens_account_fk',
      ['environment_id', 'integrated_account_id'],
      'integrated_accounts',
      ['environment_id', 'id'],
      (constraint) => constraint.onDelete('cascade'),
    )
    .execute()
  await index(db, 'link_tokens', 'account', ['environment_id', 'integrated_account_id'])
  await index(db, 'link_tokens', 'expiry', ['environment_id', 'expires_at'])
}

async function linkSessions(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('link_sessions')
    .addColumn('id', 'text', (col) => col.primaryKey().notNull())
    .addColumn('hash', 'text', (col) => col.notNull().unique())
    .addColumn('link_token_id', 'text', (col) => col.notNull().references('link_tokens.id').onDelete('cascade'))
    .addColumn('outcome', 'text')
    .addColumn('created_at', 'bigint', (col) => col.notNull())
    .addColumn('expires_at', 'bigint', (col) => col.notNull())
    .execute()
  await index(db, 'link_sessions', 'token', ['link_token_id'])
}

async function oauthFlows(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('oauth_flows')
    .addColumn('id', 'text', (col) => col.primaryKey().notNull())
    .addColumn('link_session_id', 'text', (col) => col.notNull().references('link_sessions.id').onDelete('cascade'))
    .addColumn('integration', 'text', (col) => col.notNull())
    .addColumn('method', 'text', (col) => col.notNull())
    .addColumn('window', 'text', (col) => col.notNull())
    .addColumn('ticket_hash', 'text', (col) => col.notNull().unique())
    .addColumn('state_hash', 'text', (col) => col.unique())
    .addColumn('browser_hash', 'text')
    .addColumn('sealed', 'text', (col) => col.notNull())
    .addColumn('created_at', 'bigint', (col) => col.notNull())
    .addColumn('expires_at', 'bigint', (col) => col.notNull())
    .addColumn('used_at', 'bigint')
    .execute()
  await index(db, 'oauth_flows', 'session', ['link_session_id'])
}
