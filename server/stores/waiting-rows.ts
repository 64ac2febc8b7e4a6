import type { CompiledQuery, Insertable } from 'kysely'
import { EngineError } from '../../engine/index.ts'
import type { Database, StoreLog } from './database.ts'
import type { Tables } from './tables.ts'

type Log = 'request_log' | 'audit_log'

const BATCH = 256
const MOST_WAITING = 20_000
const NAMES: Readonly<Record<Log, string>> = { request_log: 'the request log', audit_log: 'the audit log' }

/**
 * Rows of a log that only wait at first, and are written in batches: when 256 wait, at `flush` and at `close`. A batch leaves
 * once it is stored; ids make a repeat after a lost answer harmless.
 */
export class WaitingRows<Table extends Log> {
  readonly #database: Database
  readonly #table: Table
  readonly #log: StoreLog
  readonly #waiting: Insertable<Tables[Table]>[] = []
  readonly #statements = new Map<number, CompiledQuery>()
  #flushing: Promise<void> | null = null
  #closed = false

  constructor(database: Database, table: Table, log: StoreLog) {
    this.#database = database
    this.#table = table
    this.#log = log
  }

  /**
   * Takes a row; false when 20,000 wait already, as they do while the database fails. All rows have their columns in the
   * same order. Throws `store_failed` after `close`.
   */
  add(row: Insertable<Tables[Table]>): boolean {
    if (this.#closed) throw new EngineError('store_failed', `${NAMES[this.#table]} is closed`)
    if (this.#waiting.length >= MOST_WAITING) return false
    this.#waiting.push(row)
    if (this.#waiting.length % BATCH !== 0) return true
    const message = `${NAMES[this.#table]} could not be written; it waits`
    this.flush().catch((error) => this.#log.error({ err: error }, message))
    return true
  }

  /** Writes everything taken so far. Throws `store_failed`, and the rows stay for the next time. */
  flush(): Promise<void> {
    if (this.#waiting.length === 0) return Promise.resolve()
    this.#flushing ??= this.#drain()
    return this.#flushing
  }

  /** Writes what waits and takes no more. Throws `store_failed`. */
  close(): Promise<void> {
    this.#closed = true
    return this.flush()
  }

  /** One at a time. */
  async #drain(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        const batch = this.#waiting.slice(0, BATCH)
        await this.#store(batch)
        this.#waiting.splice(0, batch.length)
      }
    } finally {
      this.#flushing = null
    }
  }

  /** A statement is made once for each number of rows, which is a power of two: putting one together costs more than running it. */
  #store(rows: readonly Insertable<Tables[Table]>[]): Promise<void> {
    return this.#database.db.transaction().execute(async (trx) => {
      for (let at = 0; at < rows.length; ) {
        const count = 2 ** Math.floor(Math.log2(rows.length - at))
        const some = rows.slice(at, at + count)
        const parameters = some.flatMap((row) => Object.values(row))
        await trx.executeQuery({ ...this.#statement(some), parameters })
        at += count
      }
    })
  }

  #statement(rows: readonly Insertable<Tables[Table]>[]): CompiledQuery {
    const known = this.#statements.get(rows.length)
    if (known !== undefined) return known
    const made = this.#database.db
      .insertInto(this.#table as Log)
      .values([...rows] as Insertable<Tables[Log]>[])
      .onConflict((conflict) => conflict.column('id').doNothing())
      .compile()
    this.#statements.set(rows.length, made)
    return made
  }
}
