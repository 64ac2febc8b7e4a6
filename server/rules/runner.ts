import type { Rule } from '../../engine/index.ts'
import { asEngineError } from '../api/problem.ts'
import type { JobContext } from '../jobs/index.ts'
import type { JsonObject } from '../stores/index.ts'
import type { RuleMessage, RuleRun } from '../stores/rule-types.ts'
import type { RuleBook } from './book.ts'
import { compose } from './compose.ts'
import type { RuleReader } from './customer.ts'
import { endsByState } from './judge.ts'
import { stepJob } from './queue.ts'
import { isStepInDoubt, wasAsked } from './restored.ts'
import { advance, endRun, hold } from './run-state.ts'
import { openAt, stepAt } from './schedule.ts'
import { act } from './send.ts'
import type { RuleServices } from './services.ts'
import { isTrue, type RuleWords } from './words.ts'

/** What runs work with. */
export interface RunnerMeans {
  readonly services: RuleServices
  readonly book: RuleBook
  readonly words: RuleWords
  readonly reader: RuleReader
}

/** What another set of credentials may end. */
const OF_THE_ACCOUNT: readonly string[] = ['needs_reauth', 'account_not_active', 'provider_forbidden', 'missing_scope']

/** How long a message is its sender's; longer than any attempt. */
const LEASE_MS = 30_000
const CUT_OFF = 'outcome_unknown: the process ended while it was being sent'

/** Does what runs have to do, each by one process at a time. Whatever is cut off is done again, but for messages under way. */
export class RuleRunner {
  readonly #means: RunnerMeans

  constructor(means: RunnerMeans) {
    this.#means = means
  }

  /** Handles the job of a run. Throws what passes, so that it is tried again. */
  async handle({ run: id }: JsonObject, context: JobContext): Promise<void> {
    const { services, book } = this.#means
    const { stores, clock, jobs } = services
    const run = await stores.ruleRuns.get([context.environmentId ?? ''], String(id))
    if (run === null || (await this.#isPaused(run))) return
    const free = await this.#settleCutOff(run)
    if (free !== null) return run.status === 'active' ? this.#wait(run, free) : jobs.add(stepJob(run, free))
    if (run.nextAt === null || (run.status !== 'starting' && run.status !== 'active')) return
    if (run.nextAt > clock.now()) return jobs.add(stepJob(run, run.nextAt))
    const rule = book.working(run.rule, run.environmentId)
    if (rule === undefined) return this.#end(run, 'stopped', 'rule_gone')
    try {
      await (run.status === 'starting' ? this.#start(rule, run, context) : this.#step(rule, run, context))
    } catch (thrown) {
      const error = asEngineError(thrown)
      const isForNow = error.retryable || OF_THE_ACCOUNT.includes(error.code)
      if (context.signal.aborted || error.code === 'store_failed' || (isForNow && !context.isLastAttempt)) throw thrown
      services.log.warn({ err: error, rule: rule.name, run: run.id }, 'a run of a rule failed')
      await this.#end(run, 'failed', `${error.code}: ${error.message}`)
    }
  }

  /** Whether all waits since a restore: letting go on enqueues what is due. */
  async #isPaused({ environmentId }: RuleRun): Promise<boolean> {
    const restore = await this.#means.services.stores.restores.of(environmentId)
    return restore !== null && restore.resumedAt === null
  }

  /** Finds out whether a run starts that depends on its customer. */
  async #start(rule: Rule, run: RuleRun, { signal }: JobContext): Promise<void> {
    const { words, reader, services } = this.#means
    const { stores, clock, jobs } = services
    const customer = await reader.customer(run, signal)
    const asks =
      rule.condition === undefined ? [] : [{ expression: rule.condition, event: run.event, variables: { customer } }]
    const [value] = await words.values(run.environmentId, asks)
    const nextAt = stepAt(rule, run.createdAt, 0) ?? clock.now()
    await stores.database.db.transaction().execute(async (trx) => {
      if (!isTrue(value)) return stores.ruleRuns.forget(trx, run)
      const isOurs = await stores.ruleRuns.change(trx, run, { status: 'active', nextAt }, clock.now())
      if (isOurs) await jobs.enqueue(trx, stepJob(run, nextAt))
    })
  }

  async #step(rule: Rule, run: RuleRun, context: JobContext): Promise<void> {
    const { services, words } = this.#means
    const { stores, clock } = services
    if (rule.steps[run.step] === undefined) return this.#end(run, 'done', null)
    const opens = openAt(rule, clock.now())
    if (opens > clock.now()) return this.#wait(run, opens)
    const now = await this.#refreshed(rule, run, context)
    if (await endsByState(words, rule, run.environmentId, now.event)) return this.#end(run, 'stopped', 'condition')
    if (!(await this.#doAll(rule, now, context))) return
    const left = (await stores.ruleMessages.ofRun(run)).filter(({ step }) => step === run.step)
    if (left.some(({ status }) => status === 'outcome_unknown')) {
      return stores.database.db.transaction().execute((trx) => hold(services, trx, run))
    }
    const waiting = left.filter(({ status }) => status === 'waiting').map(({ nextAt }) => nextAt ?? clock.now())
    if (waiting.length > 0) return this.#wait(run, Math.min(...waiting))
    await stores.database.db.transaction().execute((trx) => advance(services, trx, run, rule))
  }

  /**
   * What somebody had begun to send, and was cut off, may have gone out: only a person sends it again. Answers until when
   * something may still be under way, or null.
   */
  async #settleCutOff(run: RuleRun): Promise<number | null> {
    const { stores, clock } = this.#means.services
    const now = clock.now()
    const sending = (await stores.ruleMessages.ofRun(run)).filter(({ status }) => status === 'sending')
    if (sending.length === 0) return null
    const free = Math.max(...sending.map(({ attemptedAt }) => (attemptedAt ?? 0) + LEASE_MS))
    if (free > now) return free
    await stores.ruleMessages.giveUp(run, now - LEASE_MS, CUT_OFF)
    return null
  }

  /** Does the actions of the step that are not done. False when the run does not stand where it stood. */
  async #doAll(rule: Rule, run: RuleRun, { signal }: JobContext): Promise<boolean> {
    const { services, words, reader } = this.#means
    const customer = () => reader.customer(run, signal)
    const telling = {
      environmentId: run.environmentId,
      event: run.event,
      run: shownToTexts(run),
      step: run.step,
      customer,
    }
    const contents = await compose(words, rule, telling)
    const known = await services.stores.ruleMessages.ofRun(run)
    const restore = await services.stores.restores.of(run.environmentId)
    const isInDoubt = isStepInDoubt(rule, run, restore)
    for (const [action, content] of contents.entries()) {
      const kind = rule.steps[run.step]?.actions[action]?.kind ?? 'note'
      const before = known.find((one) => one.step === run.step && one.action === action)
      if (before !== undefined && !isDue(before, services.clock.now())) continue
      if (restore !== null && isInDoubt && isToPeople(kind) && !wasAsked(before, restore)) {
        const message = { step: run.step, action, kind, content }
        if (await services.stores.ruleMessages.doubt(run, message, services.clock.now())) continue
        return false
      }
      const doing = { run, rule: rule.name, steps: rule.steps.length, action, kind, content }
      if (!(await act(services, doing, signal as AbortSignal))) return false
    }
    return true
  }

  async #refreshed(rule: Rule, run: RuleRun, { signal }: JobContext): Promise<RuleRun> {
    const { services, reader } = this.#means
    const data = rule.refresh ? await reader.subject(run, signal) : null
    if (data === null) return run
    const event = { ...run.event, data }
    const { stores, clock } = services
    await stores.database.db.transaction().execute((trx) => stores.ruleRuns.change(trx, run, { event }, clock.now()))
    return { ...run, event }
  }

  async #wait(run: RuleRun, nextAt: number): Promise<void> {
    const { stores, jobs, clock } = this.#means.services
    await stores.database.db.transaction().execute(async (trx) => {
      if (await stores.ruleRuns.change(trx, run, { nextAt }, clock.now())) await jobs.enqueue(trx, stepJob(run, nextAt))
    })
  }

  async #end(run: RuleRun, status: 'done' | 'stopped' | 'failed', reason: string | null): Promise<void> {
    const { services } = this.#means
    await services.stores.database.db.transaction().execute((trx) => endRun(services, trx, run, status, reason))
  }
}

/** They cannot tell a repeat. */
const isToPeople = (kind: RuleMessage['kind']): boolean => kind === 'slack' || kind === 'email'

const isDue = ({ status, nextAt }: RuleMessage, now: number): boolean => status === 'waiting' && (nextAt ?? now) <= now

/** `$run`. */
const shownToTexts = ({ id, rule, key, createdAt }: RuleRun): JsonObject => ({
  id,
  rule,
  key,
  started_at: new Date(createdAt).toISOString(),
})
