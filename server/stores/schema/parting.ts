import type { Kysely } from 'kysely'
import { index } from './create.ts'

/** What deleted accounts leave behind until their provider knows. Authorizations on their way name their master key too. */
export async function partings(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('partings')
    .addColumn('id', 'text', (col) => col.primaryKey().notNull())
    .addColumn('environment_id', 'text', (col) => col.notNull().references('environments.id'))
    .addColumn('sealed', 'text', (col) => col.notNull())
    .addColumn('sealed_key_id', 'text', (col) => col.notNull().references('master_keys.id'))
    .addColumn('created_at', 'bigint', (col) => col.notNull())
    .execute()
  await index(db, 'partings', 'key', ['sealed_key_id'])
  await index(db, 'partings', 'age', ['environment_id', 'created_at'])
  // What is on its way is sealed in another form, and lasts for minutes.
  await db.withTables<{ oauth_flows: object }>().deleteFrom('oauth_flows').execute()
  await db.schema
    .alterTable('oauth_flows')
    .addColumn('sealed_key_id', 'text', (col) => col.references('master_keys.id'))
    .execute()
  await index(db, 'oauth_flows', 'key', ['sealed_key_id'])
}
