import type { Selectable } from 'kysely'
import type { Database, StoreLog } from './database.ts'
import { type RequestEntry, toRow } from './request-rows.ts'
import { deleteAll, newestFirst, type Page, type PageQuery } from './rows.ts'
import type { Tables } from './tables.ts'
import { WaitingRows } from './waiting-rows.ts'

/** A stored call. */
export interface LoggedRequest extends RequestEntry {
  readonly id: string
}

/** Which calls of an environment. */
export interface RequestQuery extends PageQuery {
  readonly integratedAccountId?: string | undefined
  readonly requestId?: string | undefined
}

/** The request log: `append` only remembers; entries are written in batches, at `flush` and at `close`. */
export class RequestLog {
  readonly #database: Database
  readonly #log: StoreLog
  readonly #waiting: WaitingRows<'request_log'>
  #lost = 0

  constructor(database: Database, log: StoreLog) {
    this.#database = database
    this.#log = log
    this.#waiting = new WaitingRows(database, 'request_log', log)
  }

  /** Remembers a call. While the database fails, at most 20,000 wait; what comes on top is lost and logged as such. */
  append(entry: RequestEntry): void {
    if (this.#waiting.add(toRow(entry))) return
    this.#lost++
    if (this.#lost % 1_000 === 1) this.#log.error({ lost: this.#lost }, 'entries of the request log are lost')
  }

  /** Writes everything appended so far. Throws `store_failed`, and the entries stay for the next time. */
  flush(): Promise<void> {
    return this.#waiting.flush()
  }

  /** Writes what waits and takes no more. Throws `store_failed`. */
  close(): Promise<void> {
    return this.#waiting.close()
  }

  /** Stored calls of the environment (null: those refused before one was known), newest first. */
  async list(environmentId: string | null, query: RequestQuery = {}): Promise<Page<LoggedRequest>> {
    const { integratedAccountId: integrated_account_id, requestId: request_id } = query
    const rows = this.#database.db
      .selectFrom('request_log')
      .selectAll()
      .where('environment_id', environmentId === null ? 'is' : '=', environmentId)
    return await newestFirst(rows, { query, by: 'at', only: { integrated_account_id, request_id } }, toEntry)
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
