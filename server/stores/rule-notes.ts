import type { Selectable } from 'kysely'
import type { Database, StoreTransaction } from './database.ts'
import { deleteAll, newestFirst, newId, type Page } from './rows.ts'
import type { RuleNote, RuleNoteQuery, RuleRun } from './rule-types.ts'
import type { Tables } from './tables.ts'

/** What rules noted of their subjects. */
export class RuleNoteStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async add(trx: StoreTransaction, run: RuleRun, note: string, now: number): Promise<void> {
    const { model, resource, recordId } = run.about
    await trx
      .insertInto('rule_notes')
      .values({
        ...{ environment_id: run.environmentId, id: newId('rn'), run_id: run.id, rule: run.rule, subject: run.subject },
        ...{ integrated_account_id: run.integratedAccountId, model, resource, record_id: recordId },
        ...{ customer_id: run.customerId, note, created_at: now },
      })
      .execute()
  }

  /** Notes, newest first. */
  list(query: RuleNoteQuery): Promise<Page<RuleNote>> {
    const rows = this.#database.db
      .selectFrom('rule_notes')
      .selectAll()
      .where('environment_id', 'in', query.environments)
    const only = {
      integrated_account_id: query.integratedAccountId,
      resource: query.resource,
      record_id: query.recordId,
      customer_id: query.customerId,
      run_id: query.runId,
    } as const
    return newestFirst(rows, { query, by: 'created_at', only }, toNote)
  }

  /** Deletes notes made before an instant (epoch ms); answers how many. */
  deleteBefore(environmentId: string, at: number): Promise<number> {
    const { db } = this.#database
    return deleteAll((batch) => {
      const old = db
        .selectFrom('rule_notes')
        .select('id')
        .where('environment_id', '=', environmentId)
        .where('created_at', '<', at)
        .limit(batch)
      return db
        .deleteFrom('rule_notes')
        .where('environment_id', '=', environmentId)
        .where('id', 'in', old)
        .executeTakeFirst()
    })
  }
}

function toNote(row: Selectable<Tables['rule_notes']>): RuleNote {
  return {
    id: row.id,
    environmentId: row.environment_id,
    runId: row.run_id,
    rule: row.rule,
    subject: row.subject,
    integratedAccountId: row.integrated_account_id,
    about: { model: row.model, resource: row.resource, recordId: row.record_id },
    customerId: row.customer_id,
    note: row.note,
    createdAt: row.created_at,
  }
}
