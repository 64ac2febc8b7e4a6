import type { Rule } from '../../engine/index.ts'
import { asEngineError } from '../api/problem.ts'
import type { JobHandler } from '../jobs/index.ts'
import type { StoredEvent, StoreTransaction } from '../stores/index.ts'
import type { NewRuleRun, RuleRun } from '../stores/rule-types.ts'
import type { RuleBook } from './book.ts'
import { customerOf, type Heard, heardOf, hears } from './heard.ts'
import { judge, subjectAnyway, type Verdict } from './judge.ts'
import { inboxJob, stepJob } from './queue.ts'
import { endRun, tellRun } from './run-state.ts'
import { stepAt } from './schedule.ts'
import type { RuleServices } from './services.ts'
import type { RuleWords } from './words.ts'

/** What looking at events works with. */
export interface InboxMeans {
  readonly services: RuleServices
  readonly book: RuleBook
  readonly words: RuleWords
}

const BATCH = 100

/** Puts events that a rule wants before the rules, in their transaction. */
export function followEvents({ services: { stores, jobs }, book }: Pick<InboxMeans, 'services' | 'book'>): void {
  const called = new WeakSet<StoreTransaction>()
  stores.events.follow(async (trx, { environmentId, type, id }) => {
    if (!book.hears(environmentId, type)) return
    await stores.ruleRuns.put(trx, environmentId, id)
    if (called.has(trx)) return
    called.add(trx)
    await jobs.enqueue(trx, inboxJob(environmentId))
  })
}

/** Looks at what is before the rules, in the order in which it happened: what ends a run never comes before what starts it. */
export function inboxHandler(means: InboxMeans): JobHandler {
  const { stores } = means.services
  return async (_payload, { environmentId, signal }) => {
    const environment = environmentId ?? ''
    for (let isMore = true; isMore && !signal.aborted; ) {
      const waiting = await stores.ruleRuns.waiting(environment, BATCH)
      isMore = waiting.length === BATCH
      for (const id of waiting) {
        if (signal.aborted) return
        await look(means, environment, id)
      }
    }
  }
}

/** One event before all rules; what follows from it is stored with the note that it was looked at. */
async function look(means: InboxMeans, environmentId: string, eventId: string): Promise<void> {
  const { services, book } = means
  const { stores, metrics } = services
  const event = await stores.events.get(environmentId, eventId)
  const rules = event === null ? [] : book.of(environmentId).filter((rule) => hears(rule, event.type))
  const heard = event === null ? null : heardOf(event)
  const judged = heard === null ? [] : await Promise.all(rules.map((rule) => judgedBy(means, rule, heard)))
  await stores.database.db.transaction().execute(async (trx) => {
    if (!(await stores.ruleRuns.looked(trx, environmentId, eventId)) || heard === null) return
    for (const { rule, verdict } of judged) {
      if (verdict !== null) await apply(services, trx, rule, heard, verdict)
    }
    for (const each of judged) if (each.failure !== null) await fail(services, trx, heard, each)
  })
  metrics.count('rule_events', { outcome: judged.some(({ failure }) => failure !== null) ? 'failed' : 'looked_at' })
}

interface Judged {
  readonly rule: Rule
  readonly verdict: Verdict | null
  /** Of one that failed, what the event is about as far as that is known. */
  readonly subject: string | null
  readonly failure: string | null
}

/** What a rule makes of an event, or why it cannot be told. Throws what passes, such as `overloaded`. */
async function judgedBy({ services, words }: InboxMeans, rule: Rule, heard: Heard): Promise<Judged> {
  try {
    return { rule, verdict: await judge(words, rule, heard), subject: null, failure: null }
  } catch (thrown) {
    const error = asEngineError(thrown)
    if (error.retryable) throw thrown
    services.log.warn({ err: error, rule: rule.name, event: heard.event.id }, 'a rule failed on an event')
    const subject = await subjectAnyway(words, rule, heard)
    return { rule, verdict: null, subject, failure: `${error.code}: ${error.message}` }
  }
}

/**
 * Ends what goes on about the subject, since nobody knows whether the event ends it; where nothing does, a run of its own shows
 * that the rule failed on the event.
 */
async function fail(services: RuleServices, trx: StoreTransaction, heard: Heard, judged: Judged): Promise<void> {
  const { rule, subject, failure } = judged
  const { event } = heard
  const { environmentId, integratedAccountId } = event
  const of = { environmentId, integratedAccountId, rule: rule.name }
  const open = subject === null ? [] : await services.stores.ruleRuns.open(trx, { ...of, subject })
  for (const run of open) await endRun(services, trx, run, 'failed', failure)
  if (open.length > 0) return
  const run = await begin(services, trx, rule, heard, failedStart(event, failure ?? ''))
  if (run !== null) await tellRun(services, trx, run, 'rule_run.failed')
}

/** A run that shows that the rule failed on an event: it is not lost without a word. */
const failedStart = ({ id }: StoredEvent, failure: string): Starting => ({
  subject: `event/${id}`,
  key: id,
  status: 'failed',
  reason: failure,
  nextAt: null,
})

type Starting = Pick<NewRuleRun, 'subject' | 'key' | 'status' | 'reason' | 'nextAt'>

async function apply(
  services: RuleServices,
  trx: StoreTransaction,
  rule: Rule,
  heard: Heard,
  { subject, key, stops, starts }: Verdict,
): Promise<void> {
  if (subject === null) return
  const { stores, clock } = services
  const { event } = heard
  const of = { environmentId: event.environmentId, rule: rule.name, subject }
  for (const run of await stores.ruleRuns.open(trx, { ...of, integratedAccountId: event.integratedAccountId })) {
    const isSame = event.about?.recordId === run.about.recordId && event.about?.resource === run.about.resource
    if (isSame) await stores.ruleRuns.change(trx, run, { event: { ...run.event, data: event.data } }, clock.now())
    if (stops) await endRun(services, trx, run, 'stopped', event.id)
  }
  if (starts === false || stops) return
  const nextAt = starts === 'ask' ? clock.now() : stepAt(rule, event.createdAt, 0)
  const status = starts === 'ask' ? 'starting' : 'active'
  await begin(services, trx, rule, heard, { subject, key, status, reason: null, nextAt })
}

async function begin(
  { stores, jobs }: RuleServices,
  trx: StoreTransaction,
  rule: Rule,
  { event, shown }: Heard,
  starting: Starting,
): Promise<RuleRun | null> {
  const { environmentId, integratedAccountId, tenantId, integration, livemode, about } = event
  const run = await stores.ruleRuns.begin(trx, {
    ...{ environmentId, rule: rule.name, version: rule.version, integratedAccountId, tenantId, integration, livemode },
    about: about ?? { model: null, resource: null, recordId: null },
    customerId: customerOf(event),
    ...{ eventId: event.id, event: shown, now: event.createdAt },
    ...starting,
  })
  if (run?.nextAt != null) await jobs.enqueue(trx, stepJob(run, run.nextAt))
  return run
}
