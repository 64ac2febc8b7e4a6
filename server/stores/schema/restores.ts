import type { Kysely } from 'kysely'

/** That the database came out of a backup, for each environment: what goes to people waits until somebody lets it go on. */
export async function restores(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('restores')
    .addColumn('environment_id', 'text', (col) => col.primaryKey().notNull().references('environments.id'))
    .addColumn('known_until', 'bigint')
    .addColumn('found_at', 'bigint')
    .addColumn('resumed_at', 'bigint')
    .addColumn('resumed_by', 'text')
    .execute()
}
