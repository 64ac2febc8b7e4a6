import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import BetterSqlite from 'better-sqlite3'
import {
  Kysely,
  PostgresDialect,
  type SqliteDatabase,
  SqliteDialect,
  type SqliteStatement,
  sql,
  type Transaction,
} from 'kysely'
import type { Pool, types } from 'pg'
import { EngineError, type Log } from '../../engine/index.ts'
import { CodedDialect, CodedSqliteDialect, driverCode } from './driver.ts'
import type { Tables } from './tables.ts'

const BUSY_TIMEOUT_MS = 2_000
const CONNECT_TIMEOUT_MS = 10_000
const CACHED_STATEMENTS = 500
const INT8 = 20
const LOCK_NOT_AVAILABLE = '55P03'

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
   * Changes with every statement that writes rows, of this connection or another one; null where that cannot be told. What
   * was read after taking a stamp still holds while the stamp is the same.
   */
  stamp(): string | null
  /** Runs one statement that gives way: null when it would have to wait for others (Postgres; on SQLite nobody waits long). */
  giveWay<T>(statement: (db: Kysely<Tables>) => Promise<T>): Promise<T | null>
  /** The connections of a Postgres, for a library that speaks to it directly; null on SQLite. */
  readonly pool: Pool | null
  close(): Promise<void>
}

/** Work of one caller that happens whole or not at all. */
export type StoreTransaction = Transaction<Tables>

/** Opens `<dataDir>/onefold.db` (made with mode 0600, WAL, every commit synced). Throws `store_failed`. */
export function openSqlite(dataDir: string, readonly: boolean): Database {
  const path = join(dataDir, 'onefold.db')
  const file = openFile(path, readonly)
  const own = { writes: 0 }
  const dialect = new CodedSqliteDialect(new SqliteDialect({ database: cachingStatements(file, own) }))
  const close = () => dialect.close().finally(() => file.close())
  const db = new Kysely<Tables>({ dialect })
  return { db, dialect: 'sqlite', stamp: stampOf(file, own), pool: null, giveWay: (statement) => statement(db), close }
}

/** Connects to a Postgres by its `postgres://` URL, which no message ever shows. Its driver is loaded here. Throws `config_invalid`. */
export async function openPostgres(databaseUrl: string, readonly: boolean, log: StoreLog): Promise<Database> {
  const { default: pg } = await import('pg')
  const pool = new pg.Pool({
    connectionString: checkedUrl(databaseUrl),
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: 'onefold',
    types: { getTypeParser: numbersFrom(pg.types) },
    ...(readonly ? { options: '-c default_transaction_read_only=on' } : {}),
  })
  // A connection can be lost while somebody uses it: the query tells them, and nothing else may fall over it.
  pool.on('connect', (client) => client.on('error', () => undefined))
  pool.on('error', (error) => log.error({ err: error }, 'an idle connection to Postgres was lost'))
  const dialect = new CodedDialect(new PostgresDialect({ pool }))
  const db = new Kysely<Tables>({ dialect })
  const close = (): Promise<void> => dialect.close()
  return { db, dialect: 'postgres', stamp: () => null, pool, giveWay: (statement) => givingWay(db, statement), close }
}

/** Before Postgres looks for a deadlock (after a second) and may end the transaction of somebody else. */
async function givingWay<T>(db: Kysely<Tables>, statement: (db: Kysely<Tables>) => Promise<T>): Promise<T | null> {
  try {
    return await db.transaction().execute(async (trx) => {
      await sql`set local lock_timeout = '200ms'`.execute(trx)
      return await statement(trx)
    })
  } catch (error) {
    if (error instanceof EngineError && driverCode(error.details.cause) === LOCK_NOT_AVAILABLE) return null
    throw error
  }
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

/** Statements of this connection that wrote rows. */
interface Own {
  writes: number
}

/** Writes of others are told by the file, which is asked once a millisecond at most: it takes a lock to answer. */
function stampOf(file: BetterSqlite.Database, own: Own): () => string {
  const others = file.prepare('pragma data_version').pluck()
  let stamp = ''
  let writes = -1
  let askedAt = 0
  return () => {
    const now = Date.now()
    if (now === askedAt && writes === own.writes) return stamp
    askedAt = now
    writes = own.writes
    stamp = `${writes}.${others.get()}`
    return stamp
  }
}

/** Kysely prepares each query anew, which costs several times the query itself where it is a look-up by key. */
function cachingStatements(file: BetterSqlite.Database, own: Own): SqliteDatabase {
  const statements = new Map<string, SqliteStatement>()
  return {
    close: () => void file.close(),
    prepare(sql) {
      const known = statements.get(sql)
      if (known) return known
      const statement = counted(file.prepare(sql), own)
      if (statements.size >= CACHED_STATEMENTS) statements.clear()
      statements.set(sql, statement)
      return statement
    },
  }
}

/** A statement that is counted at the moment when it wrote a row. */
function counted(prepared: BetterSqlite.Statement, own: Own): SqliteStatement {
  const statement = prepared as unknown as SqliteStatement
  if (prepared.readonly) return statement
  return {
    reader: statement.reader,
    all(parameters) {
      const rows = statement.all(parameters)
      if (rows.length > 0) own.writes += 1
      return rows
    },
    run(parameters) {
      const result = statement.run(parameters)
      if (Number(result.changes) > 0) own.writes += 1
      return result
    },
    iterate: (parameters) => statement.iterate(parameters),
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
const numbersFrom =
  ({ getTypeParser }: typeof types): typeof types.getTypeParser =>
  (oid: number, format?: 'text' | 'binary') =>
    oid === INT8 ? Number : getTypeParser(oid, format as 'text')
