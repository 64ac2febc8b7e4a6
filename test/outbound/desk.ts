import { onTestFinished } from 'vitest'
import { type Catalog, Secret } from '../../engine/index.ts'
import type { SmtpSetting } from '../../server/config.ts'
import { createMetrics } from '../../server/metrics.ts'
import { createOutbound, type Outbound } from '../../server/outbound/index.ts'
import type { NewEvent, StoredEvent, Stores, Webhook } from '../../server/stores/index.ts'
import type { Delivery, NewWebhook } from '../../server/stores/webhook-types.ts'
import { listeningLog } from '../http/stand.ts'
import { type Backend, openAt, type Place, T0 } from '../stores/backends.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

export const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`

/** Outbound events over a real database and a real network, with a time that moves when told to. */
export interface Desk {
  readonly stores: Stores
  readonly outbound: Outbound
  readonly clock: VirtualClock
  readonly log: ReturnType<typeof listeningLog>
  readonly place: Place
  /** What the random port answers. */
  readonly random: { value: number }
  webhook(more?: Partial<NewWebhook>): Promise<Webhook>
  /** Stores events in one transaction each. */
  happen(...events: Partial<NewEvent>[]): Promise<StoredEvent[]>
  deliveries(webhook: Webhook): Promise<readonly Delivery[]>
}

interface DeskOptions {
  readonly place?: Place
  readonly masterKeys?: readonly string[]
  readonly smtp?: SmtpSetting
  readonly egressAllow?: readonly string[]
  readonly catalog?: Catalog
  readonly isIdle?: boolean
  readonly now?: number
}

const NO_MODELS = { models: new Map() } as unknown as Catalog

export async function openDesk(backend: Backend, options: DeskOptions = {}): Promise<Desk> {
  const place = options.place ?? (await backend.place())
  const { masterKeys, egressAllow = ['127.0.0.1'], smtp = null, catalog = NO_MODELS } = options
  const stores = await openAt(place, masterKeys === undefined ? {} : { masterKeys })
  const clock = new VirtualClock(options.now ?? T0)
  const log = listeningLog()
  const random = { value: 0 }
  const outbound = createOutbound({
    settings: { egressAllow, smtp },
    stores,
    clock,
    log,
    random: { next: () => random.value, id: () => 'x' },
    metrics: createMetrics(),
    catalog: () => catalog,
  })
  onTestFinished(() => outbound.stop(0))
  if (options.isIdle !== true) await outbound.start()
  return {
    stores,
    outbound,
    clock,
    log,
    place,
    random,
    webhook: (more = {}) => stores.webhooks.create('default', { ...WEBHOOK, ...more }, clock.now()),
    happen: (...events) => happen(stores, clock.now(), events),
    deliveries: async ({ id }) => (await stores.deliveries.list('default', id, { limit: 1_000 })).result,
  }
}

const WEBHOOK: NewWebhook = {
  kind: 'webhook',
  url: null,
  recipients: null,
  secrets: new Secret({ signing: [SECRET] }),
  eventTypes: ['*'],
  tenantId: null,
  integratedAccountId: null,
  integration: null,
  models: null,
  description: null,
  isEnabled: true,
}

export const EVENT: NewEvent = {
  type: 'payment.failed',
  integratedAccountId: 'ia_1',
  tenantId: 'tenant-1',
  integration: 'acme',
  livemode: false,
  data: { id: 'pay_1', object: 'payment', amount: 1999, currency: 'EUR' },
}

export async function happen(
  stores: Stores,
  now: number,
  events: readonly Partial<NewEvent>[],
): Promise<StoredEvent[]> {
  const stored: StoredEvent[] = []
  for (const event of events) {
    await stores.database.db.transaction().execute(async (trx) => {
      stored.push(...(await stores.events.append(trx, 'default', [{ ...EVENT, ...event }], now)))
    })
  }
  return stored
}
