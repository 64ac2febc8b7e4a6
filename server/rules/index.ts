import { compileRules, EngineError, type Fault, type Issue, type Rule } from '../../engine/index.ts'
import type { StoreTransaction } from '../stores/index.ts'
import type { RuleRun } from '../stores/rule-types.ts'
import type { RuleBook } from './book.ts'
import { RuleReader } from './customer.ts'
import { eventTypes } from './event-types.ts'
import { followEvents, inboxHandler } from './inbox.ts'
import type { Preview, PreviewAsk, Rules } from './port.ts'
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

  stop(run: RuleRun): Promise<void> {
    return this.#change(run, (trx, now) => endRun(this.#services, trx, now, 'stopped', 'by_hand'))
  }

  resend(run: RuleRun): Promise<void> {
    const { stores, jobs, clock } = this.#services
    return this.#change(run, async (trx, held) => {
      if (held.status !== 'held') throw new EngineError('conflict', 'No message of this run is of unknown outcome')
      const nextAt = clock.now()
      await stores.ruleMessages.turn(trx, held, 'outcome_unknown', { status: 'waiting', nextAt })
      const isOurs = await stores.ruleRuns.change(trx, held, { status: 'active', reason: null, nextAt }, nextAt)
      if (isOurs) await jobs.enqueue(trx, stepJob(held, nextAt))
      return isOurs
    })
  }

  skip(run: RuleRun): Promise<void> {
    const { stores } = this.#services
    const rule = this.#book.working(run.rule, run.environmentId)
    return this.#change(run, async (trx, open) => {
      if (rule === undefined) throw new EngineError('conflict', 'Its rule is not at work any more')
      if (open.status === 'starting') throw new EngineError('conflict', 'The run has not started yet')
      for (const status of ['outcome_unknown', 'waiting'] as const) {
        await stores.ruleMessages.turn(trx, open, status, { status: 'skipped' })
      }
      return advance(this.#services, trx, open, rule)
    })
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

  /** Changes a run as it is now; what others change meanwhile has it looked at again. */
  async #change(run: RuleRun, change: (trx: StoreTransaction, now: RuleRun) => Promise<boolean>): Promise<void> {
    const { stores } = this.#services
    for (let losses = 0; losses < LOSSES; losses++) {
      const now = await stores.ruleRuns.get([run.environmentId], run.id)
      if (now === null || now.endedAt !== null) throw new EngineError('conflict', 'The run is over', { where: 'id' })
      if (await stores.database.db.transaction().execute((trx) => change(trx, now))) return
    }
    throw new EngineError('conflict', 'The run is changed by others all the time', { where: 'id' })
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
