import type { Selectable } from 'kysely'
import { EngineError } from '../../engine/index.ts'
import type { Database, StoreLog } from './database.ts'
import { type RequestEntry, RequestInserts, type RequestRow, toRow } from './request-rows.ts'
import { checkedLimit, deleteAll, isAfter, type Page, type PageQuery, toPage } from './rows.ts'
import type { Tables } from './tables.ts'

/** A stored call. */
export interface LoggedRequest extends RequestEntry {
  readonly id: string
}

/** Which calls of an environment. */
export interface RequestQuery extends PageQuery {
  readonly integratedAccountId?: string | undefined
  readonly requestId?: string | undefined
}

const BATCH = 256
const MOST_WAITING = 20_000

/** The request log: `append` only remembers; entries are written in batches when 256 wait, at `flush` and at `close`. */
export class RequestLog {
  readonly #database: Database
  readonly #log: StoreLog
  readonly #waiting: RequestRow[] = []
  readonly #inserts = new RequestInserts()
  #flushing: Promise<void> | null = null
  #lost = 0
  #closed = false

  constructor(database: Database, log: StoreLog) {
    this.#database = database
    this.#log = log
  }

  /** Remembers a call. While the database fails, at most 20,000 wait; what comes on top is lost and logged as such. */
  append(entry: RequestEntry): void {
    if (this.#closed) throw new EngineError('store_failed', 'The request log is closed')
    if (this.#waiting.length >= MOST_WAITING) {
      this.#lost++
      if (this.#lost % 1_000 === 1) this.#log.error({ lost: this.#lost }, 'entries of the request log are lost')
      return
    }
    this.#waiting.push(toRow(entry))
    if (this.#waiting.length % BATCH !== 0) return
    this.flush().catch((error) => this.#log.error({ err: error }, 'the request log could not be written; it waits'))
  }

  /** Writes everything appended so far. Throws `store_failed`, and the entries stay for the next time. */
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

  /** Stored calls of the environment (null: those refused before one was known), newest first. */
  async list(environmentId: string | null, query: RequestQuery = {}): Promise<Page<LoggedRequest>> {
    const limit = checkedLimit(query)
    let rows = this.#database.db
      .selectFrom('request_log')
      .selectAll()
      .where('environment_id', environmentId === null ? 'is' : '=', environmentId)
    if (query.integratedAccountId !== undefined) {
      rows = rows.where('integrated_account_id', '=', query.integratedAccountId)
    }
    if (query.requestId !== undefined) rows = rows.where('request_id', '=', query.requestId)
    if (query.after) rows = rows.where(isAfter('at', query.after))
    const found = await rows
      .orderBy('at', 'desc')
      .orderBy('id', 'desc')
      .limit(limit + 1)
      .execute()
    return toPage(found, limit, (row) => row.at, toEntry)
  }

  /** Deletes calls before an instant (epoch ms); answers how many. */
  deleteBefore(environmentId: string | null, at: number): Promise<number> {
    const { db } = this.#database
    return deleteAll((batch) => {
      const old = db
        .selectFrom('request_log')
        .select('id')
        .where('environment_id', environmentId === null ? 'is' : '=', environmentId)
        .where('at', '<', at)
        .limit(batch)
      return db.deleteFrom('request_log').where('id', 'in', old).executeTakeFirst()
    })
  }

  /** One at a time. A batch leaves the queue once it is stored; its ids make a repeat after a lost answer harmless. */
  async #drain(): Promise<void> {
    try {
      while (this.#waiting.length > 0) {
        const batch = this.#waiting.slice(0, BATCH)
        await this.#database.db.transaction().execute((trx) => this.#inserts.run(trx, batch))
        this.#waiting.splice(0, batch.length)
      }
    } finally {
      this.#flushing = null
    }
  }
}

function toEntry(row: Selectable<Tables['request_log']>): LoggedRequest {
  return {
    id: row.id,
    requestId: row.request_id,
    environmentId: row.environment_id,
    integratedAccountId: row.integrated_account_id,
    tokenId: row.token_id,
    method: row.method,
    path: row.path,
    status: row.status,
    durationMs: row.duration_ms,
    upstreamRequests: row.upstream_requests,
    errorCode: row.error_code,
    at: row.at,
  }
}
