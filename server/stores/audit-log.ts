import type { Selectable } from 'kysely'
import type { Database } from './database.ts'
import {
  checkedLimit,
  cleanText,
  deleteAll,
  fromJson,
  isAfter,
  type JsonObject,
  newId,
  type Page,
  type PageQuery,
  startsWith,
  toPage,
} from './rows.ts'
import type { Tables } from './tables.ts'

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

/** The audit log. Each entry is stored before the call that made it goes on, denied acts too; entries never change. */
export class AuditLog {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Stores an act and answers it as stored. Throws `store_failed`. */
  async record(environmentId: string, entry: AuditEntry): Promise<AuditedAct> {
    const row = {
      id: newId('aud'),
      environment_id: environmentId,
      actor: cleanText(entry.actor),
      action: cleanText(entry.action),
      target: cleanText(entry.target),
      outcome: entry.outcome,
      request_id: entry.requestId ?? null,
      details: JSON.stringify(entry.details ?? {}),
      at: entry.at,
    }
    await this.#database.db.insertInto('audit_log').values(row).execute()
    return toAct(row)
  }

  /** Acts of the environment, newest first. */
  async list(environmentId: string, query: AuditQuery = {}): Promise<Page<AuditedAct>> {
    const limit = checkedLimit(query)
    let rows = this.#database.db.selectFrom('audit_log').selectAll().where('environment_id', '=', environmentId)
    const { actor, target, outcome, requestId: request_id, action, from, until } = query
    const exact = { actor, target, outcome, request_id, action: action?.endsWith('*') ? undefined : action }
    for (const [column, value] of Object.entries(exact)) {
      if (value !== undefined) rows = rows.where(column as keyof typeof exact, '=', value)
    }
    if (action?.endsWith('*')) rows = rows.where(startsWith('action', action.slice(0, -1)))
    if (from !== undefined) rows = rows.where('at', '>=', from)
    if (until !== undefined) rows = rows.where('at', '<', until)
    if (query.after) rows = rows.where(isAfter('at', query.after))
    const found = await rows
      .orderBy('at', 'desc')
      .orderBy('id', 'desc')
      .limit(limit + 1)
      .execute()
    return toPage(found, limit, (row) => row.at, toAct)
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
