import type { Clock, Log, Random } from '../../engine/index.ts'
import type { Settings } from '../config.ts'
import type { Metrics } from '../metrics.ts'
import {
  type NewEvent,
  newId,
  type StoredEvent,
  type Stores,
  type StoreTransaction,
  type Webhook,
} from '../stores/index.ts'
import { knownFrom } from '../stores/restores.ts'
import { createEgressPolicy, createTransport } from '../transport/index.ts'
import { type AttemptMeans, sendOnce } from './attempt.ts'
import type { Outcome } from './contract.ts'
import { Dispatcher } from './dispatcher.ts'
import { createEmailSender, createMailer } from './email.ts'
import { MOST_UNDER_WAY } from './lanes.ts'
import { wants } from './match.ts'
import { type Saying, say } from './say.ts'
import { createSlackSender } from './slack.ts'
import { createWebhookSender } from './webhook.ts'

/** What carries events to where they are wanted. */
export interface Outbound {
  /** Sends what is due from now on; events are followed before that. */
  start(): Promise<void>
  stop(graceMs: number): Promise<void>
  /** Says that something was made due. */
  wake(): void
  /** Sends a test event now, and once; nothing of it is kept. */
  test(webhook: Webhook): Promise<Outcome & { readonly eventId: string; readonly durationMs: number }>
  /** Says something to people once; whoever asks keeps what became of it. */
  say(saying: Saying, signal: AbortSignal): Promise<Outcome>
}

/** What it needs of the server. */
interface Needed {
  readonly settings: Pick<Settings, 'egressAllow' | 'smtp'>
  readonly stores: Stores
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly metrics: Metrics
}

/** Sends events to webhooks, chats and mailboxes, over sockets of its own under the egress policy. */
export function createOutbound(needed: Needed): Outbound {
  const { settings, stores, clock, random, log, metrics } = needed
  const egress = createEgressPolicy({ allow: settings.egressAllow })
  const transport = createTransport({ egress, connections: MOST_UNDER_WAY, connectTimeoutMs: 5_000 })
  const means = { transport, clock, random, log }
  const mail = createMailer({ egress }, settings.smtp)
  const senders = {
    webhook: createWebhookSender(means),
    slack: createSlackSender(means),
    email: createEmailSender(mail),
  }
  const attempts: AttemptMeans = { ...means, stores, senders, metrics }
  const dispatcher = new Dispatcher(attempts)
  const follower = createFollower(needed, () => dispatcher.nudge())
  const leaving = new AbortController()
  const sayMeans = { ...means, stores, mail }
  let stopping: Promise<void> | null = null
  stores.events.followAll(follower)
  return {
    start: () => dispatcher.start(),
    stop: (graceMs) => {
      stopping ??= dispatcher
        .stop(graceMs)
        .finally(() => leaving.abort())
        .finally(() => transport.close())
      return stopping
    },
    wake: () => dispatcher.wake(),
    test: async (webhook) => {
      const event = testEvent(webhook, clock.now())
      const outcome = await sendOnce(attempts, webhook, event, leaving.signal)
      return { ...outcome, eventId: event.id, durationMs: clock.now() - event.createdAt }
    },
    say: (saying, signal) => say(sayMeans, saying, AbortSignal.any([signal, leaving.signal])),
  }
}

/** Makes the deliveries of events, all of one environment, in their transaction. A destination is not told of its own troubles. */
function createFollower({ stores }: Needed, nudge: () => void) {
  return async (trx: StoreTransaction, events: readonly StoredEvent[]): Promise<void> => {
    const webhooks = await stores.webhooks.enabled(trx, events[0]?.environmentId ?? '')
    const wanted = events.flatMap((event) =>
      webhooks
        .filter((webhook) => wants(webhook, event) && !isOwn(webhook, event))
        .map(({ id: webhookId, kind }) => ({ event, webhookId, isToPeople: kind !== 'webhook' })),
    )
    const [first] = wanted
    if (first === undefined) return
    const isToPeople = wanted.some((one) => one.isToPeople)
    const restore = isToPeople ? await stores.restores.of(first.event.environmentId, trx) : null
    const isInDoubt = (event: StoredEvent) => restore !== null && knownFrom(restore, event) <= restore.foundAt
    await stores.deliveries.add(
      trx,
      wanted.map(({ isToPeople, ...one }) => ({ ...one, isInDoubt: isToPeople && isInDoubt(one.event) })),
    )
    nudge()
  }
}

const isOwn = ({ id }: Webhook, { type, data }: NewEvent): boolean => type.startsWith('webhook.') && data.id === id

function testEvent({ id, environmentId }: Webhook, now: number): StoredEvent {
  return {
    id: newId('test'),
    environmentId,
    type: 'webhook.test',
    integratedAccountId: null,
    tenantId: null,
    integration: null,
    livemode: null,
    reason: null,
    data: { id, object: 'test', message: 'A test of this destination; nothing has happened.' },
    changes: null,
    rawEventId: null,
    about: null,
    createdAt: now,
  }
}
