import type { Rule } from '../../engine/index.ts'
import { asEngineError } from '../api/problem.ts'
import { placeBefore } from '../stores/event-since.ts'
import type { JsonObject, StoredEvent } from '../stores/index.ts'
import { compose } from './compose.ts'
import type { RuleReader } from './customer.ts'
import { customerOf, type Heard, heardOf, hears } from './heard.ts'
import { endsByState, judge, subjectAnyway } from './judge.ts'
import type { Preview, PreviewAsk, PreviewedMessage, PreviewedRun } from './port.ts'
import { nextStepAt, stepAt } from './schedule.ts'
import type { RuleServices } from './services.ts'
import { isTrue, type RuleWords } from './words.ts'

/** What previews work with. */
interface PreviewMeans {
  readonly services: Pick<RuleServices, 'stores' | 'clock'>
  readonly words: RuleWords
  readonly reader: RuleReader
}

const MOST_EVENTS = 20_000
const PAGE = 1_000
/** Customers that a preview reads of providers. */
const MOST_READ = 20

/** A run as it would have gone. */
interface Played extends Omit<PreviewedRun, 'status' | 'reason' | 'messages'> {
  status: PreviewedRun['status']
  reason: string | null
  event: JsonObject
  step: number
  nextAt: number | null
  readonly heard: StoredEvent
  /** Steps that would have been done, each with what was known then. */
  readonly done: { readonly step: number; readonly at: number; readonly event: JsonObject }[]
}

/** Plays the stored events of the past through a rule, each at its time, as far as its last step. Nothing is stored or sent. */
export class RulePreview {
  readonly #means: PreviewMeans
  readonly #ask: PreviewAsk
  readonly #signal: AbortSignal
  readonly #runs = new Map<string, Played>()
  /** Those that have steps ahead. */
  readonly #active = new Set<Played>()
  #events = 0
  #read = 0
  #isPartial = false

  constructor(means: PreviewMeans, ask: PreviewAsk, signal: AbortSignal) {
    this.#means = means
    this.#ask = ask
    this.#signal = signal
  }

  async play(): Promise<Preview> {
    const { stores } = this.#means.services
    const { environmentId, since, rule, limit } = this.#ask
    let after = await placeBefore(stores.database, environmentId, since)
    for (let isMore = true; isMore; ) {
      const page = await stores.events.pull(environmentId, { after, limit: PAGE })
      for (const event of page.result) {
        this.#events++
        if (hears(rule, event.type)) await this.#hear(heardOf(event))
      }
      after = page.next
      isMore = page.hasMore && this.#events < MOST_EVENTS && !this.#signal.aborted
      this.#isPartial ||= page.hasMore && !isMore
    }
    await this.#passUntil(Number.POSITIVE_INFINITY)
    const runs = [...this.#runs.values()]
    const shown: PreviewedRun[] = []
    for (const run of runs.slice(-limit).reverse()) shown.push(await this.#shown(run))
    const isPartial = this.#isPartial || shown.length < runs.length
    return { events: this.#events, matched: runs.length, isPartial, runs: shown }
  }

  async #hear(heard: Heard): Promise<void> {
    const { event } = heard
    const { words } = this.#means
    const { rule } = this.#ask
    await this.#passUntil(event.createdAt)
    try {
      const { subject, key, stops, starts } = await judge(words, rule, heard)
      if (subject === null) return
      for (const run of this.#about(event, subject)) {
        if (run.heard.about?.recordId === event.about?.recordId) run.event = { ...run.event, data: event.data }
        if (stops) this.#end(run, 'stopped', event.id)
      }
      if (starts === false || stops || !(starts === true || (await this.#meetsCustomer(heard)))) return
      this.#begin(heard, { subject, key })
    } catch (thrown) {
      const subject = await subjectAnyway(words, rule, heard)
      const open = this.#about(event, subject)
      const own = { subject: `event/${event.id}`, key: event.id }
      for (const run of open.length > 0 ? open : [this.#begin(heard, own)]) this.#end(run, 'failed', wordsOf(thrown))
    }
  }

  #about({ integratedAccountId }: StoredEvent, subject: string | null): readonly Played[] {
    return [...this.#active].filter((run) => run.subject === subject && run.integratedAccountId === integratedAccountId)
  }

  #begin({ event, shown }: Heard, { subject, key }: { readonly subject: string; readonly key: string }): Played {
    const { id: eventId, integratedAccountId, createdAt: startedAt } = event
    const at = JSON.stringify([integratedAccountId, key])
    const known = this.#runs.get(at)
    if (known !== undefined) return known
    const run: Played = {
      ...{ eventId, subject, key, integratedAccountId, startedAt },
      ...{ status: 'active', reason: null, event: shown, step: 0, heard: event, done: [] },
      nextAt: stepAt(this.#ask.rule, startedAt, 0),
    }
    this.#runs.set(at, run)
    this.#active.add(run)
    return run
  }

  #end(run: Played, status: PreviewedRun['status'], reason: string | null): void {
    Object.assign(run, { status, reason, nextAt: null })
    this.#active.delete(run)
  }

  async #meetsCustomer({ event, shown }: Heard): Promise<boolean> {
    const { condition } = this.#ask.rule
    if (condition === undefined) return true
    const variables = { customer: await this.#customer(event) }
    const asks = [{ expression: condition, event: shown, variables }]
    const [value] = await this.#means.words.values(event.environmentId, asks)
    return isTrue(value)
  }

  /** Every step that is due until an instant, in the order of their times. */
  async #passUntil(instant: number): Promise<void> {
    while (!this.#signal.aborted) {
      let next: Played | null = null
      for (const run of this.#active) if (next === null || Number(run.nextAt) < Number(next.nextAt)) next = run
      if (next === null || Number(next.nextAt) > instant) return
      const run = next
      await this.#step(run, Number(run.nextAt)).catch((thrown) => this.#end(run, 'failed', wordsOf(thrown)))
    }
  }

  async #step(run: Played, at: number): Promise<void> {
    const { rule, environmentId } = this.#ask
    if (await endsByState(this.#means.words, rule, environmentId, run.event))
      return this.#end(run, 'stopped', 'condition')
    run.done.push({ step: run.step, at, event: run.event })
    run.step += 1
    run.nextAt = nextStepAt(rule, run.startedAt, run.step, at)
    // What lies ahead is told, and has not happened yet.
    if (run.nextAt === null) this.#end(run, at <= this.#means.services.clock.now() ? 'done' : 'active', null)
  }

  /** A run with what it would have said. */
  async #shown(run: Played): Promise<PreviewedRun> {
    const { rule, environmentId } = this.#ask
    const { eventId, subject, key, integratedAccountId, startedAt, status, reason } = run
    const own = { eventId, subject, key, integratedAccountId, startedAt, status, reason }
    const shown = { id: 'preview', rule: rule.name, key, started_at: new Date(startedAt).toISOString() }
    const messages: PreviewedMessage[] = []
    try {
      for (const { step, at, event } of run.done) {
        const telling = { environmentId, event, run: shown, step, customer: () => this.#customer(run.heard) }
        const contents = await compose(this.#means.words, rule, telling)
        messages.push(...contents.map((content, action) => messageOf(rule, step, { action, at, ...content })))
      }
    } catch (thrown) {
      return { ...own, status: 'failed', reason: wordsOf(thrown), messages }
    }
    return { ...own, messages }
  }

  #customer(event: StoredEvent): Promise<JsonObject | null> {
    if (++this.#read > MOST_READ) {
      this.#isPartial = true
      return Promise.resolve(null)
    }
    const { environmentId, integratedAccountId, about } = event
    const of = { environmentId, integratedAccountId, customerId: customerOf(event) }
    const none = { model: null, resource: null, recordId: null }
    return this.#means.reader.customer({ ...of, about: about ?? none }, this.#signal)
  }
}

function wordsOf(thrown: unknown): string {
  const { code, message } = asEngineError(thrown)
  return `${code}: ${message}`
}

interface Said {
  readonly action: number
  readonly at: number
  readonly to?: string | undefined
  readonly subject?: string | undefined
  readonly text: string
}

const messageOf = (rule: Rule, step: number, { action, at, to, subject, text }: Said): PreviewedMessage => ({
  step: step + 1,
  at,
  kind: rule.steps[step]?.actions[action]?.kind ?? '',
  to: to ?? null,
  subject: subject ?? null,
  text: text === '' ? null : text,
})
