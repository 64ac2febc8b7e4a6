import { type Kysely, type MigrationProvider, Migrator } from 'kysely'
import { EngineError } from '../../engine/index.ts'
import { MIGRATIONS } from './schema/index.ts'
import type { Tables } from './tables.ts'

const TABLE = 'onefold_migration'

const provider: MigrationProvider = { getMigrations: () => Promise.resolve({ ...MIGRATIONS }) }

/** Names of migrations the database lacks. Throws `store_failed` when a newer version of Onefold has been at work there. */
export async function pendingMigrations(db: Kysely<Tables>): Promise<readonly string[]> {
  const state = await migrator(db).getMigrations()
  const pending = state.filter((migration) => migration.executedAt === undefined).map((migration) => migration.name)
  if (pending.length === state.length) return pending
  const applied = await db.withTables<{ [TABLE]: { name: string } }>().selectFrom(TABLE).select('name').execute()
  const unknown = applied.map((row) => row.name).filter((name) => !Object.hasOwn(MIGRATIONS, name))
  if (unknown.length > 0) {
    throw new EngineError('store_failed', `The database was changed by a newer version: ${unknown.join(', ')}`, {
      hint: 'Start the version that made these changes, or restore a backup from before.',
    })
  }
  return pending
}

/** Brings the schema up to date. Safe when several processes do so at once: they take turns. Throws `store_failed`. */
export async function migrate(db: Kysely<Tables>): Promise<void> {
  const { error } = await migrator(db).migrateToLatest()
  if (error instanceof EngineError) throw error
  if (error !== undefined) throw new EngineError('store_failed', 'The schema cannot be migrated', { cause: error })
}

function migrator(db: Kysely<Tables>): Migrator {
  return new Migrator({ db, provider, migrationTableName: TABLE, migrationLockTableName: `${TABLE}_lock` })
}
