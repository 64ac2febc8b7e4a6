import {
  CompiledQuery,
  type DatabaseConnection,
  type DatabaseIntrospector,
  type Dialect,
  type DialectAdapter,
  type Driver,
  type Kysely,
  type QueryCompiler,
  type QueryResult,
  SqliteAdapter,
  type TransactionSettings,
} from 'kysely'
import { EngineError } from '../../engine/index.ts'

const FOREIGN_KEY_CODES: readonly unknown[] = ['SQLITE_CONSTRAINT_FOREIGNKEY', '23503']

/** Whether the write failed because the row it refers to does not exist. */
export function isMissingReference(error: unknown): boolean {
  return error instanceof EngineError && FOREIGN_KEY_CODES.includes(driverCode(error.details.cause))
}

type Begin = (connection: DatabaseConnection) => Promise<unknown>

/** A dialect with every failure as EngineError `store_failed`, and text with NUL refused on both databases alike. */
export class CodedDialect implements Dialect {
  readonly #inner: Dialect
  readonly #driver: CodedDriver

  constructor(inner: Dialect, begin: Begin | null = null) {
    this.#inner = inner
    this.#driver = new CodedDriver(inner.createDriver(), begin)
  }

  createAdapter(): DialectAdapter {
    return this.#inner.createAdapter()
  }

  createDriver(): Driver {
    return this.#driver
  }

  createQueryCompiler(): QueryCompiler {
    return this.#inner.createQueryCompiler()
  }

  createIntrospector(db: Kysely<unknown>): DatabaseIntrospector {
    return this.#inner.createIntrospector(db)
  }

  /** Closes the connections; a later query fails with `store_failed`. */
  close(): Promise<void> {
    return this.#driver.destroy()
  }
}

/** SQLite whose transactions take the write lock at once, and whose migrations run in one: none is left half done. */
export class CodedSqliteDialect extends CodedDialect {
  constructor(inner: Dialect) {
    super(inner, (connection) => connection.executeQuery(CompiledQuery.raw('begin immediate')))
  }

  override createAdapter(): DialectAdapter {
    return new TransactionalSqliteAdapter()
  }
}

class TransactionalSqliteAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}

class CodedDriver implements Driver {
  readonly #inner: Driver
  readonly #begin: Begin | null
  #closed = false

  constructor(inner: Driver, begin: Begin | null) {
    this.#inner = inner
    this.#begin = begin
  }

  init(): Promise<void> {
    return coded(() => this.#inner.init())
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    if (this.#closed) throw new EngineError('store_failed', 'The database is closed')
    return new CodedConnection(await coded(() => this.#inner.acquireConnection()))
  }

  async beginTransaction(connection: DatabaseConnection, settings: TransactionSettings): Promise<void> {
    const begin = this.#begin
    await coded(() =>
      begin ? begin(innerOf(connection)) : this.#inner.beginTransaction(innerOf(connection), settings),
    )
  }

  commitTransaction(connection: DatabaseConnection): Promise<void> {
    return coded(() => this.#inner.commitTransaction(innerOf(connection)))
  }

  rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    return coded(() => this.#inner.rollbackTransaction(innerOf(connection)))
  }

  releaseConnection(connection: DatabaseConnection): Promise<void> {
    return this.#inner.releaseConnection(innerOf(connection))
  }

  destroy(): Promise<void> {
    this.#closed = true
    return coded(() => this.#inner.destroy())
  }
}

class CodedConnection implements DatabaseConnection {
  readonly inner: DatabaseConnection

  constructor(inner: DatabaseConnection) {
    this.inner = inner
  }

  executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    return coded(() => {
      for (const parameter of query.parameters) refuseNul(parameter)
      return this.inner.executeQuery<R>(query)
    })
  }

  streamQuery<R>(query: CompiledQuery, chunkSize?: number): AsyncIterableIterator<QueryResult<R>> {
    return this.inner.streamQuery<R>(query, chunkSize)
  }
}

function innerOf(connection: DatabaseConnection): DatabaseConnection {
  return connection instanceof CodedConnection ? connection.inner : connection
}

function refuseNul(parameter: unknown): void {
  if (typeof parameter === 'string' && parameter.includes('\0')) {
    throw new EngineError('invalid_parameter', 'A value holds the character U+0000, which cannot be stored')
  }
}

async function coded<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (cause) {
    throw asStoreError(cause)
  }
}

function asStoreError(cause: unknown): EngineError {
  if (cause instanceof EngineError) return cause
  const code = driverCode(cause)
  return new EngineError('store_failed', `The database failed${code === undefined ? '' : ` (${code})`}`, { cause })
}

/** The database's own code of a failure. */
export function driverCode(cause: unknown): string | undefined {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : undefined
}
