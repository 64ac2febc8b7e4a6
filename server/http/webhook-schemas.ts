import { DELIVERY_STATUSES, WEBHOOK_KINDS } from '../stores/webhook-types.ts'
import type { Schema } from './route.ts'
import { instantSchema, object, text, textOrNull, texts } from './schemas.ts'

const EVENT_TYPE = { type: 'string', maxLength: 128, pattern: '^([a-z0-9_]+[.:])*([a-z0-9_]+|[a-z0-9_]*\\*)$' }
const filter = (description: string): Schema => textOrNull(description, { minLength: 1, maxLength: 255 })

/** What a caller may say of a destination of events. */
export const WEBHOOK_FIELDS: Readonly<Record<string, Schema>> = Object.freeze({
  url: text('Where to post; of the kinds webhook and slack. https, but for hosts of your own.', { maxLength: 2_048 }),
  to: { ...texts('Mail addresses; of the kind email.'), minItems: 1, maxItems: 20 },
  name: textOrNull('What rules call it; unique in its environment.', { pattern: '^[a-z][a-z0-9_]*$', maxLength: 64 }),
  event_types: {
    ...{ type: 'array', maxItems: 100, items: EVENT_TYPE },
    description: 'Types of events, each exact or with a * at the end; all by default, none by an empty list.',
  },
  tenant_id: filter('Only events of this tenant.'),
  integrated_account_id: filter('Only events of this account.'),
  integration: filter('Only events of this integration.'),
  models: {
    ...{ type: ['array', 'null'], minItems: 1, maxItems: 100, items: { type: 'string' } },
    description: 'Only records of these unified models (payment-gateway) or resources (payment-gateway/payments).',
  },
  description: textOrNull('For people.', { maxLength: 500 }),
  is_enabled: { type: 'boolean', description: 'Whether events are sent; true by default.' },
})

/** The kind, which stays. */
export const WEBHOOK_KIND = text('webhook by default.', { enum: WEBHOOK_KINDS })

const instantOrNull = (description: string): Schema => textOrNull(description, { format: 'date-time' })

const SHOWN = {
  id: text('Id.'),
  environment: text('Environment.'),
  name: textOrNull('What rules call it.'),
  kind: text('What it is.', { enum: WEBHOOK_KINDS }),
  url: textOrNull('Where events are posted; of webhooks only.'),
  to: { type: ['array', 'null'], items: { type: 'string' }, description: 'Mail addresses; of emails only.' },
  event_types: texts('Types of events.'),
  tenant_id: textOrNull('Of this tenant.'),
  integrated_account_id: textOrNull('Of this account.'),
  integration: textOrNull('Of this integration.'),
  models: { type: ['array', 'null'], items: { type: 'string' }, description: 'Of these models or resources.' },
  description: textOrNull('For people.'),
  is_enabled: { type: 'boolean', description: 'Whether events are sent.' },
  status: text('failing: five or more failures in a row.', { enum: ['ok', 'failing', 'disabled'] }),
  disabled_reason: textOrNull('Why it was switched off by itself: gone or failing.'),
  failing_since: instantOrNull('First of the failures in a row.'),
  paused_until: instantOrNull('Nothing is sent until then.'),
  previous_secret_until: instantOrNull('Until when the secret before the newest one signs, too.'),
  created_at: instantSchema('When it was made.'),
  updated_at: instantSchema('When it was changed last.'),
}

/** A destination of events. */
export const WEBHOOK = object(SHOWN)

/** A destination with its secret, as it is answered once. */
export const WEBHOOK_ONCE = object({
  ...SHOWN,
  secret: textOrNull('Signs deliveries; it is not shown again. Null where nothing is signed.'),
})

const ANSWERED = {
  response_status: { type: ['integer', 'null'], description: 'Status of the last answer.' },
  response: textOrNull('First bytes of the last answer, with secrets cut.'),
  error: textOrNull('Code of the last failure, with words where there are any.'),
  duration_ms: { type: ['integer', 'null'], description: 'How long the last attempt took.' },
}

/** An event on its way. */
export const DELIVERY = object({
  id: text('Id of the delivery.'),
  webhook_id: text('Where to.'),
  event_id: text('Id of the event, and webhook-id of every attempt.'),
  event_type: text('Type of the event.'),
  integrated_account_id: textOrNull('Account it is about.'),
  status: text('dead: given up. unknown: cut off while being sent, and not repeated by itself.', {
    enum: [...DELIVERY_STATUSES, 'sending'],
  }),
  attempts: { type: 'integer', description: 'Attempts so far.' },
  next_attempt_at: instantOrNull('When it is tried next.'),
  last_attempt_at: instantOrNull('When it was tried last.'),
  ...ANSWERED,
  created_at: instantSchema('When it was made.'),
  delivered_at: instantOrNull('When it was taken.'),
})

/** What became of a test. */
export const TESTED = object({
  event_id: text('Id of the test event.'),
  status: text('What became of it.', { enum: ['delivered', 'failed', 'unknown'] }),
  ...ANSWERED,
})
