import { type CallOptions, EngineError, type NativeEvent, type UnifiedEvent } from '../../engine/index.ts'
import { toEngineAccount } from '../api/accounts.ts'
import type { Services } from '../api/context.ts'
import { asEngineError } from '../api/problem.ts'
import type { JobHandler } from '../jobs/index.ts'
import { type IntegratedAccount, type NewEvent, type RawEvent, seenKey } from '../stores/index.ts'
import { type NewState, type RecordEvent, statesAfter } from './hydrate.ts'
import { type Known, keepTold, knownOf } from './kept.ts'
import { changesSince } from './records.ts'

const BATCH = 50

/** Deals with everything that waits for an account, in batches. What fails for now is tried again with the job. */
export function processHandler(services: Services): JobHandler {
  return async (payload, { environmentId, signal, isLastAttempt }) => {
    const id = String(payload.account)
    for (let isMore = true; isMore && !signal.aborted; ) {
      const account = await services.stores.accounts.get(environmentId ?? '', id)
      // An account that is not active is taken up again when it becomes so.
      if (account?.status !== 'active') return
      const waiting = await services.stores.inbound.raw.waiting(account.environmentId, id, BATCH)
      isMore = waiting.length === BATCH
      await processBatch(services, account, waiting, { signal, isLastAttempt })
    }
  }
}

type Ending = Pick<Parameters<JobHandler>[1], 'signal' | 'isLastAttempt'>

/** A batch at once; when something in it fails, one by one, so that nothing waits for what cannot be read. */
async function processBatch(
  services: Services,
  account: IntegratedAccount,
  batch: readonly RawEvent[],
  ending: Ending,
): Promise<void> {
  try {
    await tell(services, account, batch, ending)
  } catch (thrown) {
    const error = asEngineError(thrown)
    if (batch.length > 1 && !ending.signal.aborted) {
      let failure: unknown
      for (const one of batch) {
        await processBatch(services, account, [one], ending).catch((each: unknown) => {
          failure ??= each
        })
      }
      if (failure !== undefined) throw failure
      return
    }
    const isForNow = error.retryable || OF_THE_ACCOUNT.includes(error.code)
    if (ending.signal.aborted || (isForNow && !ending.isLastAttempt)) throw thrown
    services.log.warn(
      { err: error, raw_event: batch[0]?.id, integrated_account_id: account.id },
      'an event was given up',
    )
    await giveUp(services, account, batch, error)
  }
}

/** What another set of credentials may end. */
const OF_THE_ACCOUNT: readonly string[] = ['needs_reauth', 'account_not_active', 'provider_forbidden', 'missing_scope']

async function giveUp(
  { stores }: Services,
  account: IntegratedAccount,
  batch: readonly RawEvent[],
  error: EngineError,
) {
  const owner = { environmentId: account.environmentId, accountId: account.id }
  await stores.database.db.transaction().execute(async (trx) => {
    const ids = batch.map(({ id }) => id)
    await stores.inbound.raw.settle(trx, owner, ids, { status: 'failed', error: error.code })
  })
}

/** Tells a batch: what it means, the records behind it, and all of it in one transaction. */
async function tell(
  services: Services,
  stored: IntegratedAccount,
  batch: readonly RawEvent[],
  { signal }: Ending,
): Promise<void> {
  if (batch.length === 0) return
  const { stores, engine, reads, random, clock } = services
  const account = toEngineAccount(stored, await reads.overrides(stored))
  const requestId = `inbound_${random.id(16)}`
  const options: CallOptions = { requestId, priority: 'sync', onLimit: 'wait', signal, maxRequests: 20 * BATCH }
  const meant = await engine.mapEvents(account, batch.map(nativeOf), options)
  const all = meant.map((event, at) => ({ event, raw: batch[at] as RawEvent }))
  const told = all.filter(({ event }) => isTold(event))
  const events = told.flatMap(({ event, raw }) => recordEvents(event, raw))
  const known = await knownOf(services, stored, events)
  const readAt = clock.now()
  const states = await statesAfter(services, account, events, known.now, options)
  const isSigned = engine.integration(account).webhooks?.signature !== undefined
  const fresh = told.flatMap(({ event, raw }) => eventsOf(stored, { event, raw, isSigned }, known, states))
  const receivedAt = new Map(told.map(({ event, raw }) => [event, raw.receivedAt]))
  const owner = { environmentId: stored.environmentId, accountId: stored.id }
  await stores.database.db.transaction().execute(async (trx) => {
    const now = clock.now()
    const done = told.map(({ raw }) => raw.id)
    const ignored = all.filter(({ event }) => !isTold(event)).map(({ raw }) => raw.id)
    const settled = await stores.inbound.raw.settle(trx, owner, done, { status: 'done' })
    const left = await stores.inbound.raw.settle(trx, owner, ignored, { status: 'ignored' })
    if (settled + left !== batch.length) throw new EngineError('conflict', 'Somebody else dealt with these events')
    const newer = [...states.values()].filter(({ by }) => by !== null)
    await keepTold(services, trx, known, newer, { now, readAt, receivedAt })
    await stores.inbound.seen.put(trx, owner.environmentId, owner.accountId, newer, now)
    await stores.events.append(trx, owner.environmentId, fresh, now)
  })
}

const nativeOf = ({ providerId, type, apiVersion, value }: RawEvent): NativeEvent => ({
  id: providerId,
  type,
  account: null,
  apiVersion,
  value,
})

/** What has a unified name; that some record changed, only where the record has one, too. */
const isTold = ({ type, target, recordId }: UnifiedEvent): boolean =>
  type !== null && (!type.startsWith('record:') || (target !== null && recordId !== null))

function recordEvents(event: UnifiedEvent, raw: RawEvent): RecordEvent[] {
  const { target, recordId, occurredAt } = event
  if (target === null || recordId === null) return []
  return [{ event, resource: `${target.model}/${target.resource}`, recordId, at: occurredAt ?? raw.receivedAt }]
}

interface Telling {
  readonly event: UnifiedEvent
  readonly raw: RawEvent
  readonly isSigned: boolean
}

/** The unified event: its data is the record as it is known now, never older than what an event before it had. */
function eventsOf(
  account: IntegratedAccount,
  { event, raw, isSigned }: Telling,
  known: Known,
  states: ReadonlyMap<string, NewState>,
): NewEvent[] {
  const { target, recordId, occurredAt } = event
  const key = target && recordId !== null ? seenKey(`${target.model}/${target.resource}`, recordId) : ''
  const state = states.get(key)
  const before = known.told.get(key) ?? known.now.get(key)
  const isNewest = state?.by === event
  // What a sync has read may say less than what is told: only what was told is compared.
  const changes = state !== undefined && isNewest ? changesSince(known.told.get(key), state.record) : null
  // A sync has found it before the provider told.
  if (event.type?.startsWith('record:') && before?.isSynced && before.hash === state?.hash) return []
  // Nobody signed what happened: what differs from what was seen tells it.
  if (!isSigned && before !== undefined && before.hash === state?.hash) return []
  const type = isSigned ? (event.type ?? '') : before === undefined ? 'record:created' : 'record:updated'
  return [
    {
      type,
      integratedAccountId: account.id,
      tenantId: account.tenantId,
      integration: account.integration,
      livemode: account.livemode,
      data: state?.record ?? { id: recordId },
      changes: changes ?? toldChanges(event),
      rawEventId: raw.id,
      about: { model: target?.model ?? null, resource: target?.resource ?? null, recordId, occurredAt },
    },
  ]
}

/** What the provider says that changed. */
function toldChanges({ changes }: UnifiedEvent): NewEvent['changes'] {
  if (changes === null) return null
  const entries = Object.entries(changes)
  return Object.fromEntries(
    entries.map(([name, { before, after }]) => [name, { from: before ?? null, to: after ?? null }]),
  )
}
