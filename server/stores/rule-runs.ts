import { createHash } from 'node:crypto'
import { type Selectable, sql } from 'kysely'
import type { Database, StoreTransaction } from './database.ts'
import { RESTORED } from './restores.ts'
import { cleanText, deleteAll, fromJson, type JsonObject, type Keyset, newestFirst, newId, type Page } from './rows.ts'
import {
  type NewRuleRun,
  OPEN_STATUSES,
  type RuleRun,
  type RuleRunPatch,
  type RuleRunQuery,
  type RuleRunStatus,
} from './rule-types.ts'
import type { Tables } from './tables.ts'

type Row = Selectable<Tables['rule_runs']>

/** Longest subject or key; longer ones are told apart by their hash. */
const LONGEST = 300
const LONGEST_REASON = 500

/** What rules are at work on, and what is left for them to look at. A run changes by whoever finds it as it was. */
export class RuleRunStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Puts an event before the rules, in its transaction. */
  async put(trx: StoreTransaction, environmentId: string, eventId: string): Promise<void> {
    await trx.insertInto('rule_inbox').values({ environment_id: environmentId, event_id: eventId }).execute()
  }

  /** The oldest events that rules have not looked at. */
  async waiting(environmentId: string, limit: number): Promise<readonly string[]> {
    const rows = await this.#database.db
      .selectFrom('rule_inbox')
      .select('event_id')
      .where('environment_id', '=', environmentId)
      .orderBy('event_id')
      .limit(limit)
      .execute()
    return rows.map(({ event_id: id }) => id)
  }

  /** Notes that rules have looked at an event. False when somebody else has. */
  async looked(trx: StoreTransaction, environmentId: string, eventId: string): Promise<boolean> {
    const { numDeletedRows } = await trx
      .deleteFrom('rule_inbox')
      .where('environment_id', '=', environmentId)
      .where('event_id', '=', eventId)
      .executeTakeFirst()
    return numDeletedRows > 0n
  }

  /** Makes a run; null when the rule has one for this key of the account. */
  async begin(trx: StoreTransaction, run: NewRuleRun): Promise<RuleRun | null> {
    const isOver = !OPEN_STATUSES.includes(run.status)
    const row = await trx
      .insertInto('rule_runs')
      .values({
        ...{ environment_id: run.environmentId, id: newId('rr'), rule: run.rule, version: run.version },
        ...{ scope: fitting(`${run.integratedAccountId ?? ''} ${run.key}`), subject: fitting(run.subject) },
        ...{ key: fitting(run.key), integrated_account_id: run.integratedAccountId, tenant_id: run.tenantId },
        ...{ integration: run.integration, livemode: run.livemode === null ? null : Number(run.livemode) },
        ...{ model: run.about.model, resource: run.about.resource, record_id: run.about.recordId },
        ...{ customer_id: run.customerId, event_id: run.eventId, event: JSON.stringify(run.event) },
        ...{ status: run.status, reason: reasonOf(run.reason), step: 0, next_at: run.nextAt },
        ...{ created_at: run.now, updated_at: run.now, ended_at: isOver ? run.now : null },
      })
      .onConflict((conflict) => conflict.columns(['environment_id', 'rule', 'scope']).doNothing())
      .returningAll()
      .executeTakeFirst()
    return row ? toRun(row) : null
  }

  /** The run where one of these environments has it, or null. */
  async get(environments: readonly string[], id: string): Promise<RuleRun | null> {
    const row = await this.#database.db
      .selectFrom('rule_runs')
      .selectAll()
      .where('environment_id', 'in', environments)
      .where('id', '=', id)
      .executeTakeFirst()
    return row ? toRun(row) : null
  }

  list(query: RuleRunQuery): Promise<Page<RuleRun>> {
    const rows = this.#database.db.selectFrom('rule_runs').selectAll().where(fits(query))
    return newestFirst(rows, { query, by: 'created_at' }, toRun)
  }

  /** How many a list has behind a place in it. */
  async countBehind(query: RuleRunQuery, { at, id }: Keyset): Promise<number> {
    const { count } = await this.#database.db
      .selectFrom('rule_runs')
      .select(({ fn }) => fn.countAll().as('count'))
      .where(fits(query))
      .where(sql<boolean>`(created_at, id) < (${at}, ${id})`)
      .executeTakeFirstOrThrow()
    return Number(count)
  }

  /** Runs of a rule on a subject of an account that go on. */
  async open(
    trx: StoreTransaction,
    {
      environmentId,
      rule,
      integratedAccountId,
      subject,
    }: Pick<NewRuleRun, 'environmentId' | 'rule' | 'integratedAccountId' | 'subject'>,
  ): Promise<readonly RuleRun[]> {
    const rows = await trx
      .selectFrom('rule_runs')
      .selectAll()
      .where('environment_id', '=', environmentId)
      .where('rule', '=', rule)
      .where('subject', '=', fitting(subject))
      .where('status', 'in', OPEN_STATUSES)
      .execute()
    return rows.filter((row) => row.integrated_account_id === integratedAccountId).map(toRun)
  }

  /** Runs of an environment that have something to do until an instant (epoch ms). */
  async due(trx: StoreTransaction, environmentId: string, until: number) {
    const rows = await trx
      .selectFrom('rule_runs')
      .select(['id', 'next_at'])
      .where('environment_id', '=', environmentId)
      .where('status', 'in', ['starting', 'active'])
      .where('next_at', '<=', until)
      .execute()
    return rows.map(({ id, next_at: nextAt }) => ({ environmentId, id, nextAt: nextAt ?? until }))
  }

  /** Changes a run that is as it was: in the same status, at the same step. False when it is not. */
  async change(trx: StoreTransaction, run: RuleRun, patch: RuleRunPatch, now: number): Promise<boolean> {
    const { status, reason, step, nextAt, event, version } = patch
    const isOver = status !== undefined && !OPEN_STATUSES.includes(status)
    const { numUpdatedRows } = await trx
      .updateTable('rule_runs')
      .set({
        ...(status === undefined ? {} : { status }),
        ...(reason === undefined ? {} : { reason: reasonOf(reason) }),
        ...(step === undefined ? {} : { step }),
        ...(nextAt === undefined ? {} : { next_at: nextAt }),
        ...(event === undefined ? {} : { event: JSON.stringify(event) }),
        ...(version === undefined ? {} : { version }),
        ...(isOver ? { ended_at: now, next_at: null } : {}),
        updated_at: now,
      })
      .where('environment_id', '=', run.environmentId)
      .where('id', '=', run.id)
      .where('status', '=', run.status)
      .where('step', '=', run.step)
      .executeTakeFirst()
    return numUpdatedRows > 0n
  }

  /** Forgets a run that did not start after all. */
  async forget(trx: StoreTransaction, { environmentId, id }: RuleRun): Promise<void> {
    await trx
      .deleteFrom('rule_runs')
      .where('environment_id', '=', environmentId)
      .where('id', '=', id)
      .where('status', '=', 'starting')
      .execute()
  }

  /** How many there are by status, of all environments. */
  async counts(): Promise<readonly { readonly status: string; readonly count: number }[]> {
    const rows = await this.#database.db
      .selectFrom('rule_runs')
      .select(['status', sql<number>`count(*)`.as('count')])
      .groupBy('status')
      .execute()
    return rows.map(({ status, count }) => ({ status, count: Number(count) }))
  }

  /** Empties what ended runs knew and said before an instant (epoch ms). */
  async emptyEnded(environmentId: string, before: number): Promise<void> {
    const { db } = this.#database
    const old = db
      .selectFrom('rule_runs')
      .select('id')
      .where('environment_id', '=', environmentId)
      .where('ended_at', '<', before)
      .where('event', '<>', '{}')
    await db
      .updateTable('rule_messages')
      .set({ content: null, response: null })
      .where('environment_id', '=', environmentId)
      .where('run_id', 'in', old)
      .execute()
    await db
      .updateTable('rule_runs')
      .set({ event: '{}' })
      .where('environment_id', '=', environmentId)
      .where('ended_at', '<', before)
      .execute()
  }

  /** Deletes runs that ended before an instant (epoch ms) with what they said; answers how many. */
  deleteEnded(environmentId: string, before: number): Promise<number> {
    const { db } = this.#database
    return deleteAll((batch) => {
      const old = db
        .selectFrom('rule_runs')
        .select('id')
        .where('environment_id', '=', environmentId)
        .where('ended_at', '<', before)
        .limit(batch)
      return db
        .deleteFrom('rule_runs')
        .where('environment_id', '=', environmentId)
        .where('id', 'in', old)
        .executeTakeFirst()
    })
  }
}

const IS_DOUBTED = sql<boolean>`exists (select 1 from rule_messages m where m.environment_id = rule_runs.environment_id
  and m.run_id = rule_runs.id and m.step = rule_runs.step and m.status = 'outcome_unknown' and m.error = ${RESTORED})`

function fits(query: RuleRunQuery) {
  const { environments, rule, status, integratedAccountId, subject, customerId, unchangedSince, isOfRestore } = query
  const only = {
    ...{ rule, status, integrated_account_id: integratedAccountId, customer_id: customerId },
    subject: subject === undefined ? undefined : fitting(subject),
  }
  const terms = Object.entries(only).filter(([, value]) => value !== undefined)
  return sql.join<boolean>(
    [
      sql`environment_id in (${sql.join(environments)})`,
      ...terms.map(([column, value]) => sql`${sql.ref(column)} = ${value}`),
      ...(unchangedSince === undefined ? [] : [sql`updated_at <= ${unchangedSince}`]),
      ...(isOfRestore === undefined ? [] : [isOfRestore ? IS_DOUBTED : sql`not ${IS_DOUBTED}`]),
    ],
    sql` and `,
  )
}

const reasonOf = (reason: string | null): string | null => (reason === null ? null : cleanText(reason, LONGEST_REASON))

function fitting(text: string): string {
  return text.length <= LONGEST ? cleanText(text, LONGEST) : createHash('sha256').update(text).digest('base64url')
}

function toRun(row: Row): RuleRun {
  return {
    id: row.id,
    environmentId: row.environment_id,
    rule: row.rule,
    version: row.version,
    subject: row.subject,
    key: row.key,
    integratedAccountId: row.integrated_account_id,
    tenantId: row.tenant_id,
    integration: row.integration,
    livemode: row.livemode === null ? null : row.livemode === 1,
    about: { model: row.model, resource: row.resource, recordId: row.record_id },
    customerId: row.customer_id,
    eventId: row.event_id,
    event: fromJson<JsonObject>(row.event),
    status: row.status as RuleRunStatus,
    reason: row.reason,
    step: row.step,
    nextAt: row.next_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    endedAt: row.ended_at,
  }
}
