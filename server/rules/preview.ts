import type { Rule } from '../../engine/index.ts'
import { asEngineError } from '../api/problem.ts'
import { placeBefore } from '../stores/event-since.ts'
import type { JsonObject, StoredEvent } from '../stores/index.ts'
import { compose } from './compose.ts'
import type { RuleReader } from './customer.ts'
import { customerOf, type Heard, heardOf, hears } from './heard.ts'
import { endsByState, judge, type Verdict } from './judge.ts'
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
  readonly messages: PreviewedMessage[]
  readonly heard: StoredEvent
}

/** Plays the stored events of the past through a rule, each at its time, as far as its last step. Nothing is stored or sent. */
export class RulePreview {
  readonly #means: PreviewMeans
  readonly #ask: PreviewAsk
  readonly #signal: AbortSignal
  readonly #runs = new Map<string, Played>()
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
    const shown = runs.slice(-limit).reverse()
    return {
      events: this.#events,
      matched: runs.length,
      isPartial: this.#isPartial || shown.length < runs.length,
      runs: shown.map(({ event: _event, step: _step, nextAt: _nextAt, heard: _heard, ...run }) => run),
    }
  }

  async #hear(heard: Heard): Promise<void> {
    const { event } = heard
    await this.#passUntil(event.createdAt)
    const verdict = await this.#judged(heard)
    if (verdict === null || verdict.subject === null) return
    const { subject, key, stops, starts } = verdict
    for (const run of this.#runs.values()) {
      if (run.status !== 'active' || run.subject !== subject) continue
      if (run.integratedAccountId !== event.integratedAccountId) continue
      if (run.heard.about?.recordId === event.about?.recordId) run.event = { ...run.event, data: event.data }
      if (stops) end(run, 'stopped', event.id)
    }
    if (starts === false || stops || !(starts === true || (await this.#meetsCustomer(heard)))) return
    this.#begin(heard, { subject, key })
  }

  async #judged(heard: Heard): Promise<Verdict | null> {
    try {
      return await judge(this.#means.words, this.#ask.rule, heard)
    } catch (thrown) {
      const { event } = heard
      end(this.#begin(heard, { subject: `event/${event.id}`, key: event.id }), 'failed', wordsOf(thrown))
      return null
    }
  }

  #begin({ event, shown }: Heard, { subject, key }: { readonly subject: string; readonly key: string }): Played {
    const at = JSON.stringify([event.integratedAccountId, key])
    const known = this.#runs.get(at)
    if (known !== undefined) return known
    const run: Played = {
      ...{
        eventId: event.id,
        subject,
        key,
        integratedAccountId: event.integratedAccountId,
        startedAt: event.createdAt,
      },
      ...{ status: 'active', reason: null, event: shown, step: 0, messages: [], heard: event },
      nextAt: stepAt(this.#ask.rule, event.createdAt, 0),
    }
    this.#runs.set(at, run)
    return run
  }

  async #meetsCustomer({ event, shown }: Heard): Promise<boolean> {
    const { words } = this.#means
    const { condition } = this.#ask.rule
    if (condition === undefined) return true
    const customer = await this.#customer(event)
    const [value] = await words.values(event.environmentId, [
      { expression: condition, event: shown, variables: { customer } },
    ])
    return isTrue(value)
  }

  /** Every step that is due until an instant, in the order of their times. */
  async #passUntil(instant: number): Promise<void> {
    for (;;) {
      const due = [...this.#runs.values()].filter(({ status, nextAt }) => status === 'active' && nextAt !== null)
      const next = due.sort((a, b) => Number(a.nextAt) - Number(b.nextAt))[0]
      if (next === undefined || Number(next.nextAt) > instant || this.#signal.aborted) return
      await this.#step(next, Number(next.nextAt)).catch((thrown) => end(next, 'failed', wordsOf(thrown)))
    }
  }

  async #step(run: Played, at: number): Promise<void> {
    const { words } = this.#means
    const { rule, environmentId } = this.#ask
    if (await endsByState(words, rule, environmentId, run.event)) return end(run, 'stopped', 'condition')
    const shown = { id: 'preview', rule: rule.name, key: run.key, started_at: new Date(run.startedAt).toISOString() }
    const customer = () => this.#customer(run.heard)
    const telling = { environmentId, event: run.event, run: shown, step: run.step, customer }
    const contents = await compose(words, rule, telling)
    run.messages.push(...contents.map((content, action) => messageOf(rule, run.step, { action, at, ...content })))
    run.step += 1
    run.nextAt = nextStepAt(rule, run.startedAt, run.step, at)
    // What lies ahead is told, and has not happened yet.
    if (run.nextAt === null && at <= this.#means.services.clock.now()) end(run, 'done', null)
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

function end(run: Played, status: PreviewedRun['status'], reason: string | null): void {
  Object.assign(run, { status, reason, nextAt: null })
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
