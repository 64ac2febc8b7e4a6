import { CURRENCIES } from '../../engine/index.ts'
import type { Schema } from './route.ts'
import { anyObject, object, RATE_LIMIT, TOKEN, text, texts } from './schemas.ts'

const effects = ['read', 'write', 'money', 'credential']
const amount = (description: string): Schema => ({
  ...{ type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description },
})

const LIMITS: Schema = {
  type: ['array', 'null'],
  maxItems: 200,
  description:
    'Most money by currency, in minor units; one that is not listed is denied. null, the default: no limits.',
  items: object({
    currency: text('ISO 4217.', { enum: [...CURRENCIES.keys()] }),
    per_call: amount('Most of one call.'),
    per_day: amount('Most of a day in UTC, everything under way included.'),
  }),
}

const named = (description: string): Schema => ({ ...texts(description), maxItems: 200 })

/** What a token for an agent may do. */
const CONFIG: Readonly<Record<string, Schema>> = {
  integrated_account_ids: named('Further accounts of the same tenant.'),
  methods: named('Methods by name, or the groups read, write and custom; all by default.'),
  tags: named('Tags of native operations; what is answered by others is left out. All by default.'),
  resources: named('Resources, such as payments or payment-gateway/payments; all by default.'),
  effects: texts('Effects it may have; read by default.', effects),
  limits: LIMITS,
  approval: text(
    'Before money moves: human (the default) a person agrees, confirm the agent confirms what it was shown, deny never.',
    { enum: ['human', 'confirm', 'deny'] },
  ),
  elicitation: {
    type: 'boolean',
    description:
      'Whether an answer given in the client counts as that of a person, within the limits; true by default.',
  },
  redact: { type: 'boolean', description: 'Whether personal data is left out; false by default.' },
  rate_limit: RATE_LIMIT,
}

/** The body of POST /integrated-account/{id}/mcp. */
export const AGENT_TOKEN_BODY = object(
  {
    name: text('A name to tell it by.', { minLength: 1, maxLength: 200 }),
    config: object(CONFIG, Object.keys(CONFIG)),
    expires_at: {
      type: ['string', 'null'],
      description: 'When it ends, RFC 3339; in 30 days by default, null when it is revoked.',
    },
  },
  ['config', 'expires_at'],
)

/** A token for an agent, without its value. */
export const AGENT_TOKEN: Schema = {
  ...TOKEN,
  properties: {
    ...(TOKEN.properties as object),
    tenant_id: text('Tenant of its accounts.'),
    integrated_account_ids: texts('Accounts that it reaches.'),
    tags: { type: ['array', 'null'], items: { type: 'string' }, description: 'Tags that it reaches; null is all.' },
    limits: LIMITS,
    approval: CONFIG.approval,
    elicitation: CONFIG.elicitation,
    redact: CONFIG.redact,
  },
}

/** A token for an agent with its value, as it is answered once. */
export const AGENT_TOKEN_ONCE: Schema = {
  ...AGENT_TOKEN,
  properties: {
    ...(AGENT_TOKEN.properties as object),
    token: text('The token itself; it is not shown again.'),
    url: text('Address of the MCP server.', { format: 'uri' }),
  },
}

const orNull = (description: string, type = 'string'): Schema => ({ type: [type, 'null'], description })

/** An approval. */
export const APPROVAL = object(
  {
    id: text('Id.'),
    state: text('pending: nobody decided; released: may be confirmed once, by the token that asked.', {
      enum: ['pending', 'released', 'refused', 'used', 'expired'],
    }),
    approval: text('human: a person decides; confirm: the token itself.', { enum: ['human', 'confirm'] }),
    environment: text('Environment.'),
    token_id: text('The token that asked.'),
    integrated_account_id: text('Account that it is for.'),
    operation: text('What, such as unified/payment-gateway/payments/refund.'),
    effect: text('money or credential.'),
    amount: orNull('Minor units; null where the request names no amount.', 'integer'),
    currency: orNull('ISO 4217; null where it is not known.'),
    summary: text('All that in a line for people.'),
    url: text('Page on which a person decides.', { format: 'uri' }),
    created_at: text('When it was asked for.', { format: 'date-time' }),
    expires_at: text('Until when it can be decided and confirmed.', { format: 'date-time' }),
    decided_at: orNull('When it was decided.'),
    decided_by: orNull('By whom, such as token:tok_1.'),
    note: orNull('Why.'),
    used_at: orNull('When it was confirmed.'),
    outcome: orNull('How that went: succeeded, failed or unknown.'),
    request: anyObject(
      'The call that was held: surface, model, resource, method, id, query and body. For those who decide.',
    ),
    sends: object({
      verb: text('Method of the request to the provider.'),
      url: text('Where it would go.'),
      body: orNull('Its body, as text.'),
    }),
  },
  ['request', 'sends'],
)
