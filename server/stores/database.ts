import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import BetterSqlite from 'better-sqlite3'
import {
  Kysely,
  PostgresDialect,
  type SqliteDatabase,
  SqliteDialect,
  type SqliteStatement,
  type Transaction,
} from 'kysely'
import pg from 'pg'
import { EngineError, type Log } from '../../engine/index.ts'
import { CodedDialect, CodedSqliteDialect } from './driver.ts'
import type { Tables } from './tables.ts'

const BUSY_TIMEOUT_MS = 2_000
const CONNECT_TIMEOUT_MS = 10_000
const CACHED_STATEMENTS = 500
const INT8 = 20

/** Where the stores tell what nobody waits for. */
export type StoreLog = Pick<Log, 'warn' | 'error'>

/**
 * One database behind Kysely. On SQLite there is one connection and a transaction holds it: other callers wait, so
 * their writes never join it. Hence await nothing but the transaction's own queries inside one.
 */
export interface Database {
  readonly db: Kysely<Tables>
  readonly dialect: 'sqlite' | 'postgres'
  /**
   * Changes with every row that this connection or another one writes; null where that cannot be told. What was read
   * after taking a stamp still holds while the stamp is the same.
   */
  stamp(): string | null
  /** The connections of a Postgres, for a library that speaks to it directly; null on SQLite. */
  readonly pool: pg.Pool | null
  close(): Promise<void>
}

/** Work of one caller that happens whole or not at all. */
export type StoreTransaction = Transaction<Tables>

/** Opens `<dataDir>/onefold.db` (made with mode 0600, WAL, every commit synced). Throws `store_failed`. */
export function openSqlite(dataDir: string, readonly: boolean): Database {
  const path = join(dataDir, 'onefold.db')
  const file = openFile(path, readonly)
  const dialect = new CodedSqliteDialect(new SqliteDialect({ database: cachingStatements(file) }))
  const close = () => dialect.close().finally(() => file.close())
  return { db: new Kysely({ dialect }), dialect: 'sqlite', stamp: stampOf(file), pool: null, close }
}

/** Connects to a Postgres by its `postgres://` URL, which no message ever shows. Throws `config_invalid`. */
export function openPostgres(databaseUrl: string, readonly: boolean, log: StoreLog): Database {
  const pool = new pg.Pool({
    connectionString: checkedUrl(databaseUrl),
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: 'onefold',
    types: { getTypeParser },
    ...(readonly ? { options: '-c default_transaction_read_only=on' } : {}),
  })
  pool.on('error', (error) => log.error({ err: error }, 'an idle connection to Postgres was lost'))
  const dialect = new CodedDialect(new PostgresDialect({ pool }))
  return { db: new Kysely({ dialect }), dialect: 'postgres', stamp: () => null, pool, close: () => dialect.close() }
}

/** Makes the data folder (mode 0700) when it is not there. Throws `store_failed`. */
export function makeDataFolder(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  } catch (cause) {
    throw new EngineError('store_failed', `The data folder ${dataDir} cannot be made`, { cause })
  }
}

/** Opens a SQLite file so that it and its journals are readable by the owner only. Throws `store_failed`. */
export function openOwnerOnly(path: string, options: BetterSqlite.Options): BetterSqlite.Database {
  try {
    if (options.readonly !== true) {
      if (!existsSync(path)) createOwnerOnly(path)
      chmodSync(path, 0o600)
    }
    return new BetterSqlite(path, options)
  } catch (cause) {
    throw new EngineError('store_failed', `The file ${path} cannot be opened as a database`, { cause })
  }
}

/** Never opens a file that is there: closing it again would drop the locks this process holds on it (POSIX). */
function createOwnerOnly(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
}

function openFile(path: string, readonly: boolean): BetterSqlite.Database {
  if (readonly && !existsSync(path)) {
    throw new EngineError('store_failed', `There is no database at ${path}`, { hint: 'Start the server once.' })
  }
  const file = openOwnerOnly(path, { readonly, fileMustExist: readonly, timeout: BUSY_TIMEOUT_MS })
  try {
    if (!readonly) file.pragma('journal_mode = WAL')
    file.pragma('synchronous = FULL')
    file.pragma('foreign_keys = ON')
    return file
  } catch (cause) {
    file.close()
    throw new EngineError('store_failed', `The file ${path} is not a usable database`, { cause })
  }
}

/** Own writes are counted by the connection; those of others by the file, which is asked once for each turn of the event loop. */
function stampOf(file: BetterSqlite.Database): () => string {
  const own = file.prepare('select total_changes()').pluck()
  const others = file.prepare('pragma data_version').pluck()
  let known: unknown = null
  return () => {
    if (known === null) {
      known = others.get()
      setImmediate(() => {
        known = null
      })
    }
    return `${own.get()}.${known}`
  }
}

/** Kysely prepares each query anew, which costs several times the query itself where it is a look-up by key. */
function cachingStatements(file: BetterSqlite.Database): SqliteDatabase {
  const statements = new Map<string, SqliteStatement>()
  return {
    close: () => void file.close(),
    prepare(sql) {
      const known = statements.get(sql)
      if (known) return known
      const statement = file.prepare(sql) as unknown as SqliteStatement
      if (statements.size >= CACHED_STATEMENTS) statements.clear()
      statements.set(sql, statement)
      return statement
    },
  }
}

function checkedUrl(databaseUrl: string): string {
  const protocol = URL.canParse(databaseUrl) ? new URL(databaseUrl).protocol : ''
  if (protocol === 'postgres:' || protocol === 'postgresql:') return databaseUrl
  throw new EngineError('config_invalid', 'DATABASE_URL is not a URL of the form postgres://user:password@host/name', {
    where: 'DATABASE_URL',
  })
}

/** Epoch milliseconds and counts are bigint in Postgres; both fit a number. */
const getTypeParser: typeof pg.types.getTypeParser = (oid: number, format?: 'text' | 'binary') =>
  oid === INT8 ? Number : pg.types.getTypeParser(oid, format as 'text')
