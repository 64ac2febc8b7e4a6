import type { Selectable } from 'kysely'
import type { Database, StoreLog } from './database.ts'
import {
  cleanText,
  deleteAll,
  fromJson,
  growingId,
  type JsonObject,
  newestFirst,
  type Page,
  type PageQuery,
  startsWith,
} from './rows.ts'
import type { Tables } from './tables.ts'
import { WaitingRows } from './waiting-rows.ts'

/** How an audited act ended; held: it waits for approval. */
export type AuditOutcome = 'succeeded' | 'failed' | 'denied' | 'unknown' | 'held'

/** Who did what to what. */
export interface AuditEntry {
  /** Who, such as `token:tok_1` or `system`. */
  readonly actor: string
  /** What, such as `integrated_account.update`. */
  readonly action: string
  /** To what, such as `integrated_account:ia_1`. */
  readonly target: string
  readonly outcome: AuditOutcome
  readonly requestId?: string | null | undefined
  /** Facts worth keeping; never a secret, a body or personal data. */
  readonly details?: JsonObject | undefined
  /** Epoch milliseconds. */
  readonly at: number
}

/** A stored act. */
export interface AuditedAct extends AuditEntry {
  readonly id: string
  readonly environmentId: string
  readonly requestId: string | null
  readonly details: JsonObject
}

/** Which acts of an environment. */
export interface AuditQuery extends PageQuery {
  readonly actor?: string | undefined
  /** With a * at the end: all that start so. */
  readonly action?: string | undefined
  readonly target?: string | undefined
  readonly outcome?: string | undefined
  readonly requestId?: string | undefined
  /** Epoch milliseconds: at or after, and before. */
  readonly from?: number | undefined
  readonly until?: number | undefined
}

/** The audit log; entries never change. */
export class AuditLog {
  readonly #database: Database
  readonly #waiting: WaitingRows<'audit_log'>

  constructor(database: Database, log: StoreLog) {
    this.#database = database
    this.#waiting = new WaitingRows(database, 'audit_log', log)
  }

  /** Stores an act before its call goes on, and answers it as stored. Throws `store_failed`. */
  async record(environmentId: string, entry: AuditEntry): Promise<AuditedAct> {
    const row = toRow(environmentId, entry)
    await this.#database.db.insertInto('audit_log').values(row).execute()
    return toAct(row)
  }

  /**
   * Remembers an act that changed nothing; it is written within a second, at `flush` and at `close`, and lost with a process
   * that is killed before. With 20,000 waiting, while the database fails, it is stored as by `record`. Throws `store_failed`.
   */
  async append(environmentId: string, entry: AuditEntry): Promise<void> {
    if (!this.#waiting.add(toRow(environmentId, entry))) await this.record(environmentId, entry)
  }

  /** Writes everything appended so far. Throws `store_failed`, and the acts stay for the next time. */
  flush(): Promise<void> {
    return this.#waiting.flush()
  }

  /** Writes what waits and takes no more. Throws `store_failed`. */
  close(): Promise<void> {
    return this.#waiting.close()
  }

  /** Acts of the environment, newest first; what this process has appended is written before. */
  async list(environmentId: string, query: AuditQuery = {}): Promise<Page<AuditedAct>> {
    await this.flush()
    const { actor, target, outcome, requestId: request_id, action, from, until } = query
    let rows = this.#database.db.selectFrom('audit_log').selectAll().where('environment_id', '=', environmentId)
    if (action?.endsWith('*')) rows = rows.where(startsWith('action', action.slice(0, -1)))
    if (from !== undefined) rows = rows.where('at', '>=', from)
    if (until !== undefined) rows = rows.where('at', '<', until)
    const only = { actor, target, outcome, request_id, action: action?.endsWith('*') ? undefined : action }
    return await newestFirst(rows, { query, by: 'at', only }, toAct)
  }

  /** Deletes acts before an instant (epoch ms); answers how many. */
  deleteBefore(environmentId: string, at: number): Promise<number> {
    const { db } = this.#database
    return deleteAll((batch) => {
      const old = db
        .selectFrom('audit_log')
        .select('id')
        .where('environment_id', '=', environmentId)
        .where('at', '<', at)
        .limit(batch)
      return db.deleteFrom('audit_log').where('id', 'in', old).executeTakeFirst()
    })
  }
}

const toRow = (environmentId: string, entry: AuditEntry) => ({
  id: growingId('aud', entry.at),
  environment_id: environmentId,
  actor: cleanText(entry.actor),
  action: cleanText(entry.action),
  target: cleanText(entry.target),
  outcome: entry.outcome,
  request_id: entry.requestId ?? null,
  details: JSON.stringify(entry.details ?? {}),
  at: entry.at,
})

function toAct(row: Selectable<Tables['audit_log']>): AuditedAct {
  return {
    id: row.id,
    environmentId: row.environment_id,
    actor: row.actor,
    action: row.action,
    target: row.target,
    outcome: row.outcome as AuditOutcome,
    requestId: row.request_id,
    details: fromJson<JsonObject>(row.details),
    at: row.at,
  }
}
