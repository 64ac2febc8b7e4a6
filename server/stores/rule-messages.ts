import type { Selectable } from 'kysely'
import type { Database, StoreTransaction } from './database.ts'
import { RESTORED } from './restores.ts'
import { fromJson, newId } from './rows.ts'
import type {
  NewRuleMessage,
  RuleContent,
  RuleMessage,
  RuleMessageStatus,
  RuleRun,
  RuleSendResult,
} from './rule-types.ts'
import type { Tables } from './tables.ts'

type Row = Selectable<Tables['rule_messages']>

/** What runs have said, and what of it is under way: one row for each action of a step. */
export class RuleMessageStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Everything of a run, in its order. */
  async ofRun({ environmentId, id }: Pick<RuleRun, 'environmentId' | 'id'>): Promise<readonly RuleMessage[]> {
    const rows = await this.#database.db
      .selectFrom('rule_messages')
      .selectAll()
      .where('environment_id', '=', environmentId)
      .where('run_id', '=', id)
      .orderBy('step')
      .orderBy('action')
      .execute()
    return rows.map(toMessage)
  }

  /** Notes something done within a transaction: it is done exactly when that commits. */
  async done(
    trx: StoreTransaction,
    run: RuleRun,
    message: NewRuleMessage,
    { eventId, now }: { readonly eventId: string | null; readonly now: number },
  ): Promise<void> {
    const settled = { status: 'sent', lease: null, attempts: 1, event_id: eventId, attempted_at: now, sent_at: now }
    await trx
      .insertInto('rule_messages')
      .values({ ...rowOf(run, message, now), ...settled })
      .execute()
  }

  /**
   * Claims an action of the present step before it is sent, for the first time or again after a failure. Null when another
   * process has it, or the run does not stand where it stood: one that was stopped sends nothing more.
   */
  claim(run: RuleRun, message: NewRuleMessage, now: number): Promise<RuleMessage | null> {
    return this.#database.db.transaction().execute(async (trx) => {
      if (!(await isThere(trx, run, now))) return null
      const attempt = {
        status: 'sending',
        lease: newId('try'),
        attempted_at: now,
        content: JSON.stringify(message.content),
      }
      const row = await trx
        .insertInto('rule_messages')
        .values({ ...rowOf(run, message, now), ...attempt, attempts: 1 })
        .onConflict((conflict) =>
          conflict
            .columns(['environment_id', 'run_id', 'step', 'action'])
            .doUpdateSet((eb) => ({ ...attempt, next_at: null, attempts: eb('rule_messages.attempts', '+', 1) }))
            .where('rule_messages.status', '=', 'waiting'),
        )
        .returningAll()
        .executeTakeFirst()
      return row ? toMessage(row) : null
    })
  }

  /** Stores how an attempt ended, unless its claim does not stand any more. */
  async settle(message: RuleMessage, result: RuleSendResult, now: number): Promise<void> {
    const { status, nextAt, error, response } = result
    await this.#database.db
      .updateTable('rule_messages')
      .set({ status, next_at: nextAt, error, response, lease: null, sent_at: status === 'sent' ? now : null })
      .where('environment_id', '=', message.environmentId)
      .where('id', '=', message.id)
      .where('lease', '=', message.lease)
      .execute()
  }

  /** Notes an action that cannot be done. */
  async fail(trx: StoreTransaction, run: RuleRun, message: NewRuleMessage, error: string, now: number): Promise<void> {
    await trx
      .insertInto('rule_messages')
      .values({ ...rowOf(run, message, now), status: 'failed', error })
      .onConflict((conflict) => conflict.columns(['environment_id', 'run_id', 'step', 'action']).doNothing())
      .execute()
  }

  /** Notes that an action of the present step may have been done by a database that was lost. False when the run is elsewhere. */
  doubt(run: RuleRun, message: NewRuleMessage, now: number): Promise<boolean> {
    const doubted = { status: 'outcome_unknown', error: RESTORED } as const
    return this.#database.db.transaction().execute(async (trx) => {
      if (!(await isThere(trx, run, now))) return false
      await trx
        .insertInto('rule_messages')
        .values({ ...rowOf(run, message, now), ...doubted })
        .onConflict((conflict) =>
          conflict
            .columns(['environment_id', 'run_id', 'step', 'action'])
            .doUpdateSet({ ...doubted, next_at: null })
            .where('rule_messages.status', '=', 'waiting'),
        )
        .execute()
      return true
    })
  }

  /** Gives up attempts of a run that were begun before an instant (epoch ms): whoever made them is gone. */
  async giveUp(run: RuleRun, before: number, error: string): Promise<void> {
    await this.#database.db
      .updateTable('rule_messages')
      .set({ status: 'outcome_unknown', lease: null, error })
      .where('environment_id', '=', run.environmentId)
      .where('run_id', '=', run.id)
      .where('status', '=', 'sending')
      .where('attempted_at', '<=', before)
      .execute()
  }

  /** Brings messages of the present step of a run from one status to another. */
  async turn(
    trx: StoreTransaction,
    run: RuleRun,
    from: RuleMessageStatus,
    to: { readonly status: RuleMessageStatus; readonly nextAt?: number | null },
  ): Promise<void> {
    const { status, nextAt = null } = to
    await trx
      .updateTable('rule_messages')
      .set({ status, lease: null, next_at: nextAt })
      .where('environment_id', '=', run.environmentId)
      .where('run_id', '=', run.id)
      .where('step', '=', run.step)
      .where('status', '=', from)
      .execute()
  }
}

/** Whether a run is at its step, and holds it there until the transaction ends. */
async function isThere(trx: StoreTransaction, run: RuleRun, now: number): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('rule_runs')
    .set({ updated_at: now })
    .where('environment_id', '=', run.environmentId)
    .where('id', '=', run.id)
    .where('status', '=', 'active')
    .where('step', '=', run.step)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

const rowOf = (run: RuleRun, { step, action, kind, content }: NewRuleMessage, now: number): Row => ({
  ...{ environment_id: run.environmentId, id: newId('rm'), run_id: run.id, step, action, kind },
  ...{ content: JSON.stringify(content), status: 'waiting', lease: null, attempts: 0, next_at: null },
  ...{ error: null, response: null, event_id: null, created_at: now, attempted_at: null, sent_at: null },
})

function toMessage(row: Row): RuleMessage {
  return {
    id: row.id,
    environmentId: row.environment_id,
    runId: row.run_id,
    step: row.step,
    action: row.action,
    kind: row.kind as RuleMessage['kind'],
    content: row.content === null ? null : fromJson<RuleContent>(row.content),
    status: row.status as RuleMessageStatus,
    lease: row.lease,
    attempts: row.attempts,
    nextAt: row.next_at,
    error: row.error,
    response: row.response,
    eventId: row.event_id,
    createdAt: row.created_at,
    attemptedAt: row.attempted_at,
    sentAt: row.sent_at,
  }
}
