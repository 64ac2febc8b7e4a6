import {
  MOST_AT_ONCE,
  MOST_CALLS,
  MOST_PARTS,
  USUAL_AT_ONCE,
  USUAL_ITERATIONS,
  USUAL_REQUESTS,
} from './batch-contract.ts'

const NAME = '^[A-Za-z][A-Za-z0-9_-]{0,63}$'

const text = (description: string, more: object = {}) => ({ type: 'string', minLength: 1, description, ...more })

const PART = {
  type: 'object',
  required: ['name'],
  additionalProperties: false,
  oneOf: [{ required: ['resource', 'method'] }, { required: ['custom'] }],
  properties: {
    name: text('What other parts call it by.', { pattern: NAME }),
    resource: text('`model/resource` for a unified call, a native resource for one with provider fields.'),
    custom: text("A path of the provider's own, passed on as it is; a value in it fills one segment.", {
      pattern: '^/',
    }),
    method: text('Method of the resource, such as list or create; of a custom part the HTTP method, GET by default.'),
    id: { type: ['string', 'integer'], description: 'Id of the record.' },
    query: {
      type: 'object',
      description: 'Parameters, as in the query of the same call made alone; a list repeats its parameter.',
      additionalProperties: {
        type: ['string', 'number', 'boolean', 'array'],
        items: { type: ['string', 'number', 'boolean'] },
      },
    },
    headers: {
      type: 'object',
      description: 'Headers of a custom part.',
      additionalProperties: { type: 'string' },
      propertyNames: { pattern: '^[A-Za-z0-9-]{1,64}$' },
    },
    body: { description: 'Body of the call.' },
    integrated_account_id: text('Account of this part, where it is not that of the batch.'),
    depends_on: {
      type: ['string', 'array'],
      items: { type: 'string' },
      description: 'Parts that must be done before; those that its expressions read are among them anyway.',
    },
    when: { type: ['string', 'boolean'], description: 'The part is skipped unless this gives true.' },
    for_each: { type: ['string', 'array'], description: 'A list: the call is made once for each `item`.' },
    max_iterations: {
      type: 'integer',
      minimum: 1,
      maximum: MOST_CALLS,
      default: USUAL_ITERATIONS,
      description: 'A longer list fails the part before its first call.',
    },
    concurrency: {
      type: 'integer',
      minimum: 1,
      maximum: MOST_AT_ONCE,
      default: USUAL_AT_ONCE,
      description: 'Calls of the loop under way at the same time.',
    },
    on_error: {
      type: 'string',
      enum: ['continue', 'stop'],
      default: 'continue',
      description: 'When this part fails: go on with all that does not depend on it, or begin nothing more.',
    },
  },
}

/** JSON Schema of a batch. */
export const BATCH_BODY = Object.freeze({
  type: 'object',
  required: ['resources'],
  additionalProperties: false,
  properties: {
    integrated_account_id: text('Account of the parts that name none; an account token has its own.'),
    args: { type: 'object', description: 'Values that expressions read as `args`.' },
    deadline_ms: {
      type: 'integer',
      minimum: 1,
      maximum: 600_000,
      description: 'Milliseconds after which no call begins and those under way end.',
    },
    max_requests: {
      type: 'integer',
      minimum: 1,
      maximum: 1_000,
      default: USUAL_REQUESTS,
      description: 'Most requests to providers, all parts together.',
    },
    resources: { type: 'array', minItems: 1, maxItems: MOST_PARTS, items: PART, description: 'The parts.' },
  },
})

const RESULT = {
  status: { type: 'string', enum: ['done', 'failed', 'skipped', 'not_run'] },
  answer: { description: 'What the call answered, as it would have alone; of a custom part `{ status, body }`.' },
  replayed: { type: 'boolean', description: 'True where it is the answer of an earlier call with the same key.' },
  error: { $ref: '#/components/schemas/Problem' },
  reason: {
    type: 'object',
    description: 'Why it was skipped, or never begun, or has no answer here.',
    required: ['code', 'message'],
    properties: { code: { type: 'string' }, message: { type: 'string' }, because: { type: 'string' } },
  },
}

/** JSON Schema of the answer to a batch. */
export const BATCH_ANSWER = Object.freeze({
  type: 'object',
  required: ['resources', 'cost'],
  properties: {
    resources: {
      type: 'array',
      description: 'How each part ended, in the order of the request.',
      items: {
        type: 'object',
        required: ['name', 'status'],
        properties: {
          name: { type: 'string' },
          ...RESULT,
          iterations: {
            type: 'array',
            description: 'Of a loop, in the order of its list.',
            items: { type: 'object', required: ['status'], properties: RESULT },
          },
        },
      },
    },
    cost: {
      type: 'object',
      description: 'What all parts came to.',
      required: ['calls', 'upstream_requests', 'answer_bytes', 'budgets'],
      properties: {
        calls: { type: 'integer', description: 'Calls made.' },
        upstream_requests: { type: 'integer', description: 'Requests to providers, repeats included.' },
        answer_bytes: { type: 'integer', description: 'Bytes of the answers as JSON.' },
        budgets: {
          type: 'object',
          description: 'What is left of the rate budget of each account.',
          additionalProperties: {
            type: 'object',
            properties: {
              limit: { type: 'integer' },
              remaining: { type: 'integer' },
              reset_ms: { type: 'integer' },
            },
          },
        },
      },
    },
  },
})
