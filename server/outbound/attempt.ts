import { EngineError } from '../../engine/index.ts'
import type { Metrics } from '../metrics.ts'
import type { ClaimedDelivery } from '../stores/deliveries.ts'
import type { StoredEvent, Stores, Webhook } from '../stores/index.ts'
import type { AttemptResult, WebhookKind } from '../stores/webhook-types.ts'
import { pauseAfter } from './backoff.ts'
import type { Outcome, Sender, SendMeans, Shipment } from './contract.ts'

/** What attempts are made with. */
export interface AttemptMeans extends SendMeans {
  readonly stores: Pick<Stores, 'webhooks' | 'deliveries' | 'events' | 'dialect'>
  readonly senders: Readonly<Record<WebhookKind, Sender>>
  readonly metrics: Metrics
}

/** Longest time of an attempt, in milliseconds; the claim on its delivery lasts longer. */
const LONGEST_MS = 20_000

/** Sends an event to a destination once, for at most 20 seconds. */
export async function sendOnce(
  { clock, senders, stores }: Pick<AttemptMeans, 'clock' | 'senders' | 'stores'>,
  webhook: Webhook,
  event: StoredEvent,
  stop: AbortSignal,
): Promise<Outcome> {
  return await send({ clock, senders }, { webhook, event, secrets: await secretsOf({ stores }, webhook) }, stop)
}

const secretsOf = (
  { stores }: Pick<AttemptMeans, 'stores'>,
  { environmentId, id }: Webhook,
): Promise<Shipment['secrets']> => stores.webhooks.secrets(environmentId, id)

async function send(
  { clock, senders }: Pick<AttemptMeans, 'clock' | 'senders'>,
  shipment: Omit<Shipment, 'signal'>,
  stop: AbortSignal,
): Promise<Outcome> {
  const over = new AbortController()
  const timer = new AbortController()
  clock.sleep(LONGEST_MS, timer.signal).then(
    () => over.abort(),
    () => undefined,
  )
  const signal = AbortSignal.any([stop, over.signal])
  return await senders[shipment.webhook.kind]({ ...shipment, signal }).finally(() => timer.abort())
}

/** Makes the attempt of a claimed delivery and stores how it ended. True when it was delivered. Throws store_failed. */
export async function attempt(
  means: AttemptMeans,
  webhook: Webhook,
  delivery: ClaimedDelivery,
  stop: AbortSignal,
): Promise<boolean> {
  const { stores, clock, metrics } = means
  const began = clock.now()
  const { isOurs = false, ...outcome } = await outcomeOf(means, webhook, delivery, stop)
  const now = clock.now()
  const result = settled(outcome, delivery, { now, chance: means.random.next(), isStopped: stop.aborted })
  await stores.deliveries.settle(delivery, { ...result, durationMs: Math.max(0, now - began) }, now)
  metrics.count('webhook_attempts', { kind: webhook.kind, outcome: outcome.result })
  metrics.observe('webhook_attempt_seconds', now - began, { kind: webhook.kind })
  const { environmentId, id } = webhook
  if (outcome.result === 'delivered') {
    if (webhook.failures > 0) await stores.webhooks.succeeded(environmentId, id)
    return true
  }
  const isTheirs = !stop.aborted && !isOurs && outcome.error !== CUT_OFF && outcome.error !== EVENT_GONE
  if (isTheirs) await stores.webhooks.failed(environmentId, id, now, outcome.isGone ?? false)
  return false
}

const CUT_OFF = 'outcome_unknown'
const EVENT_GONE = 'event_gone'

async function outcomeOf(
  means: AttemptMeans,
  webhook: Webhook,
  delivery: ClaimedDelivery,
  stop: AbortSignal,
): Promise<Outcome & { readonly isOurs?: boolean }> {
  // Only receivers of webhooks can tell a repeat: a message to people is not sent twice blindly.
  if (delivery.wasCutOff && webhook.kind !== 'webhook') return { result: 'unknown', error: CUT_OFF }
  let shipment: Omit<Shipment, 'signal'>
  try {
    const event = await means.stores.events.get(delivery.environmentId, delivery.eventId)
    if (event === null) return { result: 'failed', error: EVENT_GONE }
    shipment = { webhook, event, secrets: await secretsOf(means, webhook) }
  } catch (thrown) {
    // Nothing was sent, which is known now: left to the end of its claim, it would count as cut off.
    means.log.error({ err: thrown, delivery: delivery.id }, 'a delivery could not be prepared; it is tried again')
    const error = thrown instanceof EngineError ? thrown.code : 'store_failed'
    return { result: 'failed', error, isOurs: true }
  }
  return send(means, shipment, stop)
}

interface Circumstances {
  readonly now: number
  readonly chance: number
  /** The attempt may have been cut off by our own stop. */
  readonly isStopped: boolean
}

function settled(
  { result, error, isGone, retryAfterMs, responseStatus, response }: Outcome,
  { attempts }: ClaimedDelivery,
  { now, chance, isStopped }: Circumstances,
): Omit<AttemptResult, 'durationMs'> {
  const told = { responseStatus: responseStatus ?? null, response: response ?? null, error: error ?? null }
  if (result !== 'failed') return { ...told, status: result, nextAt: now }
  if (isStopped) return { ...told, status: 'waiting', nextAt: now }
  const pause = isGone === true || error === EVENT_GONE ? null : pauseAfter(attempts, chance, retryAfterMs)
  return { ...told, status: pause === null ? 'dead' : 'waiting', nextAt: now + (pause ?? 0) }
}
