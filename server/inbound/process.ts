import { type CallOptions, EngineError, type NativeEvent, type UnifiedEvent } from '../../engine/index.ts'
import { toEngineAccount } from '../api/accounts.ts'
import type { Services } from '../api/context.ts'
import { asEngineError } from '../api/problem.ts'
import { type JobHandler, pauseMs } from '../jobs/index.ts'
import type { IntegratedAccount, RawEvent, StoreTransaction } from '../stores/index.ts'
import type { ToldState } from '../stores/synced-told.ts'
import { type RecordEvent, statesAfter } from './hydrate.ts'
import { laterJob, processJob } from './intake.ts'
import { keptAfter, knownOf } from './kept.ts'
import { keyOf, type Meant, type Told, toldOf, touchedTold } from './told.ts'
import { touchedBy } from './touched.ts'

const BATCH = 200
/** Of one run: others have their turn. */
const MOST_BATCHES = 50
/** Over about a day and a half. */
const MOST_ATTEMPTS = 12

/**
 * Deals with everything that is due for an account, in batches. What cannot be read for now is put off by itself, and what
 * comes behind it goes on; when its time comes, another job takes it up.
 */
export function processHandler(services: Services): JobHandler {
  return async ({ account: id, isAnew }, { environmentId, signal }) => {
    const { stores, jobs, clock } = services
    const owner = { environmentId: environmentId ?? '', accountId: String(id) }
    if (isAnew === true) await stores.inbound.raw.hasten(owner)
    for (let batches = 0; !signal.aborted; batches++) {
      if (batches === MOST_BATCHES) return await jobs.add(processJob(owner.environmentId, owner.accountId))
      const account = await stores.accounts.get(owner.environmentId, owner.accountId)
      // An account that is not active is taken up again when it becomes so.
      if (account?.status !== 'active') return
      const waiting = await stores.inbound.raw.waiting(owner, { now: clock.now(), limit: BATCH })
      const dealtWith = await processBatch(services, account, waiting, signal)
      // What came meanwhile is taken as well. A provider that answers nothing now is not asked for all that waits behind.
      if (dealtWith === 0) break
    }
    const due = await stores.inbound.raw.nextDue(owner)
    if (due !== null) await jobs.add(laterJob(owner.environmentId, owner.accountId, Math.max(due, clock.now())))
  }
}

type Signal = Parameters<JobHandler>[1]['signal']

/**
 * A batch at once; when it cannot be mapped, one by one, so that nothing waits for what cannot be read. Answers how many are
 * dealt with.
 */
async function processBatch(
  services: Services,
  account: IntegratedAccount,
  batch: readonly RawEvent[],
  signal: Signal,
): Promise<number> {
  if (batch.length === 0) return 0
  try {
    return await tell(services, account, batch, signal)
  } catch (thrown) {
    const error = asEngineError(thrown)
    if (signal.aborted || OURS.includes(error.code)) throw thrown
    if (batch.length > 1) {
      let dealtWith = 0
      for (const one of batch) dealtWith += await processBatch(services, account, [one], signal)
      return dealtWith
    }
    await services.stores.database.db.transaction().execute((trx) => hinder(services, trx, batch, error))
    return 0
  }
}

/** Troubles of this server say nothing of an event: the job is tried again. */
const OURS: readonly string[] = ['store_failed', 'conflict', 'canceled', 'key_missing']

/** What another set of credentials, or another definition, may end. */
const FOR_NOW: readonly string[] = [
  ...['needs_reauth', 'account_not_active', 'provider_forbidden', 'missing_scope'],
  'expression_failed',
]

/** Puts events off that could not be read, or gives them up. */
async function hinder(
  { stores, clock, log }: Services,
  trx: StoreTransaction,
  events: readonly RawEvent[],
  error: EngineError,
): Promise<void> {
  const isForNow = error.retryable || FOR_NOW.includes(error.code)
  for (const event of events) {
    const attempts = event.attempts + 1
    if (isForNow && attempts < MOST_ATTEMPTS) {
      await stores.inbound.raw.putOff(trx, event, clock.now() + pauseMs(attempts), error.code)
      continue
    }
    log.warn({ err: error, raw_event: event.id, integrated_account_id: event.accountId }, 'an event was given up')
    await stores.inbound.raw.settle(trx, event, [event.id], { status: 'failed', error: error.code })
  }
}

/** Tells a batch: what it means, the records behind it, and all of it in one transaction. Answers how many are dealt with. */
async function tell(
  services: Services,
  account: IntegratedAccount,
  batch: readonly RawEvent[],
  signal: Signal,
): Promise<number> {
  const { stores, clock } = services
  const owner = { environmentId: account.environmentId, accountId: account.id }
  const { told, kept, done, ignored, hindered } = await understand(services, account, batch, signal)
  await stores.database.db.transaction().execute(async (trx) => {
    const now = clock.now()
    const settled = await stores.inbound.raw.settle(trx, owner, done, { status: 'done' })
    const left = await stores.inbound.raw.settle(trx, owner, ignored, { status: 'ignored' })
    if (settled !== done.length || left !== ignored.length) {
      throw new EngineError('conflict', 'Somebody else dealt with these events')
    }
    for (const { raw, error } of hindered) await hinder(services, trx, [raw], error)
    await stores.syncedTold.put(trx, kept, now)
    await stores.inbound.seen.put(trx, owner.environmentId, owner.accountId, told.news, now)
    await stores.events.append(trx, owner.environmentId, told.events, now)
  })
  return batch.length - hindered.length
}

/** A batch as it is understood: ids of events that are told, and of those that tell nothing. */
interface Understood {
  readonly told: Told
  /** What becomes of the rows of syncs. */
  readonly kept: readonly ToldState[]
  readonly done: readonly string[]
  readonly ignored: readonly string[]
  /** Those whose record could not be read. */
  readonly hindered: readonly { readonly raw: RawEvent; readonly error: EngineError }[]
}

async function understand(
  services: Services,
  stored: IntegratedAccount,
  batch: readonly RawEvent[],
  signal: Signal,
): Promise<Understood> {
  const { engine, reads, random, clock } = services
  const account = toEngineAccount(stored, await reads.overrides(stored))
  const requestId = `inbound_${random.id(16)}`
  const options: CallOptions = { requestId, priority: 'sync', onLimit: 'wait', signal, maxRequests: 20 * BATCH }
  const mapped = await engine.mapEvents(account, batch.map(nativeOf), options)
  const all = mapped.map((event, at) => ({ event, raw: batch[at] as RawEvent })).filter(({ event }) => !event.failure)
  const named = all.filter(({ event }) => isTold(event))
  const about = named.flatMap(recordEvents)
  const known = await knownOf(services, stored, about)
  const readAt = clock.now()
  const own = await statesAfter(services, account, about, known.now, options)
  const touched = await touchedBy(services, { stored, account, options }, named, own.states)
  const failures = new Map([...touched.failures, ...own.failures])
  const isSigned = engine.integration(account).webhooks?.signature !== undefined
  const meant = named.filter(({ event }) => !failures.has(keyOf(event)))
  const told = toldOf(stored, meant, { isSigned, ...known, states: own.states })
  const further = touchedTold(stored, touched.meant, { ...touched.known, states: touched.states })
  const receivedAt = new Map([...meant, ...touched.meant].map(({ event, raw }) => [event, raw.receivedAt]))
  const times = { readAt, receivedAt }
  return {
    told: { events: [...told.events, ...further.events], news: [...told.news, ...further.news] },
    kept: [...keptAfter(known, told.news, times), ...keptAfter(touched.known, further.news, times)],
    done: meant.map(({ raw }) => raw.id),
    ignored: all.filter(({ event }) => !isTold(event)).map(({ raw }) => raw.id),
    hindered: [
      ...mapped.flatMap(({ failure }, at) =>
        failure === null ? [] : [{ raw: batch[at] as RawEvent, error: failure }],
      ),
      ...named.flatMap(({ event, raw }) => {
        const error = failures.get(keyOf(event))
        return error === undefined ? [] : [{ raw, error }]
      }),
    ],
  }
}

/** What had no id at the provider is stored under its own. */
const nativeOf = ({ id, providerId, type, apiVersion, value }: RawEvent): NativeEvent => ({
  id: providerId === id ? null : providerId,
  type,
  account: null,
  apiVersion,
  value,
})

/** What has a unified name; that some record changed, only where the record has one, too. */
const isTold = ({ type, target, recordId }: UnifiedEvent): boolean =>
  type !== null && (!type.startsWith('record:') || (target !== null && recordId !== null))

function recordEvents({ event, raw }: Meant): RecordEvent[] {
  const { target, recordId, occurredAt } = event
  if (target === null || recordId === null) return []
  return [{ event, resource: `${target.model}/${target.resource}`, recordId, at: occurredAt ?? raw.receivedAt }]
}
