import { EngineError } from '../../../engine/index.ts'
import { audit } from '../../api/audit.ts'
import type { Reply } from '../../api/context.ts'
import { instantIn, pageReply, readPageQuery } from '../../api/wire.ts'
import { deliveryOut, type Webhook } from '../../stores/index.ts'
import { DELIVERY_STATUSES, type DeliveryFilters, type DeliveryStatus } from '../../stores/webhook-types.ts'
import type { Route, RouteCall } from '../route.ts'
import { object, PAGING, pageOf, text } from '../schemas.ts'
import { DELIVERY } from '../webhook-schemas.ts'
import { namedWebhook } from './webhooks.ts'

const tag = 'Webhooks'
const ID = '/webhook/{id}'
const instantText = (description: string) => text(description, { format: 'date-time' })
const parameter = (description: string, more: object = {}) => ({ description, schema: { type: 'string', ...more } })

/** What was sent, or is to be, and sending it again. */
export const DELIVERY_ROUTES: readonly Route[] = [
  {
    ...{ verb: 'get', path: `${ID}/delivery`, tag, rank: 'read', answer: pageOf(DELIVERY), handle: list },
    summary: 'Lists the deliveries of a webhook, newest first, with what became of them.',
    query: {
      ...PAGING,
      status: parameter('In this status.', { enum: DELIVERY_STATUSES }),
      event_type: parameter('Of events of this type.'),
      event_id: parameter('Of this event.'),
      since: parameter('Made at or after this instant.', { format: 'date-time' }),
      until: parameter('Made before this instant.', { format: 'date-time' }),
    },
  },
  {
    ...{ verb: 'get', path: `${ID}/delivery/{delivery_id}`, tag, rank: 'read', query: {}, answer: DELIVERY },
    summary: 'Gets a delivery.',
    handle: async (call) => ({ status: 200, body: deliveryOut(await named(call, await namedWebhook(call))) }),
  },
  {
    ...{
      verb: 'post',
      path: `${ID}/delivery/{delivery_id}/redeliver`,
      tag,
      rank: 'write',
      query: {},
      answer: DELIVERY,
    },
    summary: 'Sends an event again, under the same webhook-id.',
    handle: redeliverOne,
  },
  {
    ...{ verb: 'post', path: `${ID}/redeliver`, tag, rank: 'write', query: {}, handle: redeliverRange },
    summary: 'Sends the events of a time again; those that were given up, or whose fate is unknown, by default.',
    body: object(
      {
        since: instantText('Deliveries made at or after this instant.'),
        until: instantText('Made before this instant; now by default.'),
        status: {
          ...{ type: 'array', minItems: 1, items: { type: 'string', enum: DELIVERY_STATUSES } },
          description: 'In these statuses; dead and unknown by default.',
        },
        event_type: text('Of events of this type.'),
      },
      ['until', 'status', 'event_type'],
    ),
    answer: object({ count: { type: 'integer', description: 'How many are sent again.' } }),
  },
]

async function named({ context, params }: RouteCall, { id }: Webhook) {
  const { services, caller } = context
  const delivery = await services.stores.deliveries.get(caller.environmentId, id, params.delivery_id ?? '')
  if (delivery !== null) return delivery
  throw new EngineError('not_found', 'There is no such delivery; it may be past its retention', {
    where: 'delivery_id',
  })
}

async function list(call: RouteCall): Promise<Reply> {
  const { context } = call
  const webhook = await namedWebhook(call)
  const { page, filters, binding } = readPageQuery(context, `deliveries of ${webhook.id}`, call.query)
  const status = DELIVERY_STATUSES.find((one) => one === filters.status)
  if (filters.status !== undefined && status === undefined) {
    throw new EngineError('invalid_parameter', 'This is no status', { where: 'status', valid: DELIVERY_STATUSES })
  }
  const found = await context.services.stores.deliveries.list(webhook.environmentId, webhook.id, {
    ...page,
    statuses: status && [status],
    eventType: filters.event_type,
    eventId: filters.event_id,
    since: instantIn(filters.since, 'since'),
    until: instantIn(filters.until, 'until'),
  })
  return pageReply(context, binding, found, deliveryOut)
}

async function redeliverOne(call: RouteCall): Promise<Reply> {
  const webhook = await namedWebhook(call)
  const { id } = await named(call, webhook)
  if ((await redeliver(call, webhook, { id })) === 0) {
    throw new EngineError('conflict', 'It is being sent just now', { where: 'delivery_id' })
  }
  return { status: 200, body: deliveryOut(await named(call, webhook)) }
}

interface RangeBody {
  readonly since: string
  readonly until?: string
  readonly status?: readonly DeliveryStatus[]
  readonly event_type?: string
}

async function redeliverRange(call: RouteCall): Promise<Reply> {
  const given = call.body as RangeBody
  const count = await redeliver(call, await namedWebhook(call), {
    statuses: given.status ?? ['dead', 'unknown'],
    eventType: given.event_type,
    since: instantIn(given.since, '/since'),
    until: instantIn(given.until, '/until'),
  })
  return { status: 200, body: { count } }
}

async function redeliver(
  { context }: RouteCall,
  webhook: Webhook,
  filters: DeliveryFilters & { readonly id?: string },
): Promise<number> {
  const { stores, clock, outbound } = context.services
  if (!webhook.isEnabled) {
    throw new EngineError('conflict', 'The webhook is switched off', {
      where: 'id',
      hint: 'Switch it on first: PATCH /webhook/{id} with is_enabled true.',
    })
  }
  const count = await stores.deliveries.redeliver(webhook.environmentId, webhook.id, filters, clock.now())
  outbound.wake()
  const details = { count, ...(filters.id === undefined ? {} : { delivery: filters.id }) }
  await audit(context, 'webhook.redeliver', `webhook:${webhook.id}`, 'succeeded', details)
  return count
}
