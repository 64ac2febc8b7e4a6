import type { Rule } from '../../engine/index.ts'
import type { StoreTransaction } from '../stores/index.ts'
import { ruleRunOut } from '../stores/rule-out.ts'
import type { RuleRun, RuleRunStatus } from '../stores/rule-types.ts'
import { stepJob } from './queue.ts'
import { nextStepAt } from './schedule.ts'
import type { RuleServices } from './services.ts'

type Means = Pick<RuleServices, 'stores' | 'jobs' | 'clock'>

/** Ends a run that is as it was; that it failed is an event. False when it is not as it was. */
export async function endRun(
  means: Means,
  trx: StoreTransaction,
  run: RuleRun,
  status: Extract<RuleRunStatus, 'done' | 'stopped' | 'failed'>,
  reason: string | null,
): Promise<boolean> {
  const { stores, clock } = means
  const isEnded = await stores.ruleRuns.change(trx, run, { status, reason }, clock.now())
  if (isEnded && status === 'failed') await tellRun(means, trx, { ...run, status, reason }, 'rule_run.failed')
  return isEnded
}

/** Brings a run to its next step, or to its end after the last one. False when it is not as it was. */
export async function advance(
  { stores, jobs, clock }: Means,
  trx: StoreTransaction,
  run: RuleRun,
  rule: Rule,
): Promise<boolean> {
  const now = clock.now()
  const step = run.step + 1
  const next = nextStepAt(rule, run.createdAt, step, now)
  const patch =
    next === null
      ? ({ status: 'done', reason: null, step, nextAt: null } as const)
      : ({ status: 'active', reason: null, step, nextAt: next } as const)
  const isMoved = await stores.ruleRuns.change(trx, run, { ...patch, version: rule.version }, now)
  if (isMoved && next !== null) await jobs.enqueue(trx, stepJob(run, next))
  return isMoved
}

/** Holds a run until a person says what becomes of a message of unknown outcome; that is an event. */
export async function hold(means: Means, trx: StoreTransaction, run: RuleRun): Promise<void> {
  const { stores, clock } = means
  const held = { status: 'held', reason: 'outcome_unknown', nextAt: null } as const
  if (await stores.ruleRuns.change(trx, run, held, clock.now())) {
    await tellRun(means, trx, { ...run, ...held }, 'rule_run.held')
  }
}

/** Tells of a run, as the last step of its transaction. */
export async function tellRun(
  { stores, clock }: Means,
  trx: StoreTransaction,
  run: RuleRun,
  type: string,
): Promise<void> {
  const { integratedAccountId, tenantId, integration, livemode, reason } = run
  const of = { integratedAccountId, tenantId, integration, livemode }
  const event = { ...of, type, data: ruleRunOut(run), reason }
  await stores.events.append(trx, run.environmentId, [event], clock.now())
}
