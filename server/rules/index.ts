import { compileRules, EngineError, type Fault, type Issue, type Rule } from '../../engine/index.ts'
import type { StoreTransaction } from '../stores/index.ts'
import type { RuleRun } from '../stores/rule-types.ts'
import type { RuleBook } from './book.ts'
import { RuleReader } from './customer.ts'
import { eventTypes } from './event-types.ts'
import { followEvents, inboxHandler } from './inbox.ts'
import type { Preview, PreviewAsk, RuleDecision, Rules } from './port.ts'
import { RulePreview } from './preview.ts'
import { INBOX_JOB, STEP_JOB, stepJob } from './queue.ts'
import { advance, endRun } from './run-state.ts'
import { RuleRunner } from './runner.ts'
import type { RuleServices } from './services.ts'
import { RuleWords } from './words.ts'

export { RuleBook } from './book.ts'

const TEN_MINUTES_MS = 600_000
const MINUTE_MS = 60_000
const LOSSES = 20

/** What rules are made with. */
interface DeskMeans {
  readonly services: RuleServices
  readonly book: RuleBook
}

/** Everything that is done with rules; what follows from a change is enqueued in its transaction. */
export class RulesDesk implements Rules {
  readonly #services: RuleServices
  readonly #book: RuleBook
  readonly #words: RuleWords
  readonly #reader: RuleReader

  constructor({ services, book }: DeskMeans) {
    this.#services = services
    this.#book = book
    this.#words = new RuleWords(services.isolate)
    this.#reader = new RuleReader(services)
  }

  /** Has events looked at and runs done by the jobs of this process; before they start. */
  register(): void {
    const means = { services: this.#services, book: this.#book, words: this.#words, reader: this.#reader }
    const runner = new RuleRunner(means)
    const { jobs } = this.#services
    jobs.handle(INBOX_JOB, inboxHandler(means), { timeoutMs: TEN_MINUTES_MS })
    jobs.handle(STEP_JOB, (payload, context) => runner.handle(payload, context))
    followEvents(means)
  }

  list(environmentId: string): readonly Rule[] {
    return [...this.#book.all.values()]
      .filter(({ environments }) => environments.includes(environmentId))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  read(text: string): Rule {
    const stem = /^name: *([a-z][a-z0-9_]*) *$/m.exec(text)?.[1] ?? 'rule'
    const { rules, issues } = compileRules(
      [{ path: `rules/${stem}.yaml`, text }],
      eventTypes(this.#services.engine.catalog()),
    )
    const [rule] = rules?.values() ?? []
    if (rule !== undefined) return rule
    const [first] = issues
    const faults = issues.map(faultOf)
    throw new EngineError('invalid_body', first?.message ?? 'The rule is empty', {
      where: '/text',
      hint: first?.hint,
      faults,
    })
  }

  preview(ask: PreviewAsk, signal: AbortSignal): Promise<Preview> {
    return new RulePreview({ services: this.#services, words: this.#words, reader: this.#reader }, ask, signal).play()
  }

  async change(run: RuleRun, decision: RuleDecision): Promise<void> {
    const { stores } = this.#services
    for (let losses = 0; losses < LOSSES; losses++) {
      const now = await stores.ruleRuns.get([run.environmentId], run.id)
      if (now === null || now.endedAt !== null) throw new EngineError('conflict', 'The run is over', { where: 'id' })
      if (await this.#act(now, decision)) return
    }
    throw new EngineError('conflict', 'The run is changed by others all the time', { where: 'id' })
  }

  async decide(held: RuleRun, decision: RuleDecision): Promise<boolean> {
    const now = await this.#services.stores.ruleRuns.get([held.environmentId], held.id)
    return now?.status === 'held' && now.updatedAt === held.updatedAt && (await this.#act(now, decision))
  }

  async resume(environmentId: string, by: string): Promise<void> {
    const { stores, jobs, clock, outbound } = this.#services
    await stores.database.db.transaction().execute(async (trx) => {
      const now = clock.now()
      if (!(await stores.restores.resume(trx, environmentId, by, now))) {
        throw new EngineError('conflict', 'Nothing waits in this environment')
      }
      // A job that came while this went on has left its run.
      const due = await stores.ruleRuns.due(trx, environmentId, now + MINUTE_MS)
      for (const run of due) await jobs.enqueue(trx, stepJob(run, run.nextAt))
    })
    outbound.wake()
  }

  /** Does what somebody said to a run that is as it was. False when it is not. */
  #act(run: RuleRun, decision: RuleDecision): Promise<boolean> {
    const { stores } = this.#services
    const rule = this.#book.working(run.rule, run.environmentId)
    return stores.database.db.transaction().execute(async (trx) => {
      if (decision === 'stop') return endRun(this.#services, trx, run, 'stopped', 'by_hand')
      if (decision === 'resend') return this.#resend(trx, run)
      if (rule === undefined) throw new EngineError('conflict', 'Its rule is not at work any more')
      if (run.status === 'starting') throw new EngineError('conflict', 'The run has not started yet')
      if (!(await advance(this.#services, trx, run, rule))) return false
      for (const status of ['outcome_unknown', 'waiting'] as const) {
        await stores.ruleMessages.turn(trx, run, status, { status: 'skipped' })
      }
      return true
    })
  }

  async #resend(trx: StoreTransaction, run: RuleRun): Promise<boolean> {
    const { stores, jobs, clock } = this.#services
    if (run.status !== 'held') throw new EngineError('conflict', 'No message of this run is of unknown outcome')
    const nextAt = clock.now()
    if (!(await stores.ruleRuns.change(trx, run, { status: 'active', reason: null, nextAt }, nextAt))) return false
    await stores.ruleMessages.turn(trx, run, 'outcome_unknown', { status: 'waiting', nextAt })
    await jobs.enqueue(trx, stepJob(run, nextAt))
    return true
  }
}

const faultOf = ({ code, message, hint, valid, pointer, line, column }: Issue): Fault => ({
  code,
  message,
  hint,
  valid,
  pointer,
  line,
  column,
})
