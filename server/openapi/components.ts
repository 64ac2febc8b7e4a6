import { ERRORS } from '../../engine/index.ts'
import { SWITCHES } from '../api/call-options.ts'

const problem = {
  type: 'object',
  description: 'A failure, RFC 9457.',
  required: ['type', 'title', 'status', 'detail', 'code', 'retryable', 'who_can_fix', 'request_id'],
  properties: {
    type: { type: 'string', description: 'A URN with the code.' },
    title: { type: 'string', description: 'What the code means.' },
    status: { type: 'integer', description: 'HTTP status.' },
    detail: { type: 'string', description: 'What happened, where.' },
    code: { type: 'string', enum: Object.keys(ERRORS), description: 'Stable; switch on it.' },
    retryable: { type: 'boolean', description: 'Whether the same call may succeed later.' },
    who_can_fix: { type: 'string', enum: ['caller', 'end_user', 'provider', 'operator'] },
    request_id: { type: 'string', description: 'As in X-Request-Id.' },
    where: { type: 'string', description: 'Parameter, or JSON pointer in the body.' },
    valid: { type: 'array', items: { type: 'string' }, description: 'What would have been accepted.' },
    hint: { type: 'string', description: 'What to do next.' },
    issues: {
      type: 'array',
      description: 'Everything that is wrong with definitions in the body.',
      items: {
        type: 'object',
        properties: {
          code: { type: 'string', description: 'Stable; the reference of the language lists them.' },
          message: { type: 'string', description: 'What is wrong.' },
          hint: { type: 'string', description: 'What to do.' },
          pointer: { type: 'string', description: 'JSON pointer in the body, or within its text.' },
          line: { type: 'integer', description: 'In a text, from 1.' },
          column: { type: 'integer', description: 'In a text, from 1.' },
          valid: { type: 'array', items: { type: 'string' }, description: 'What would be understood.' },
        },
      },
    },
    provider: {
      type: 'object',
      description: 'What the provider said.',
      properties: {
        name: { type: 'string' },
        status: { type: 'integer' },
        code: { type: ['string', 'null'] },
        message: { type: ['string', 'null'] },
        request_id: { type: ['string', 'null'] },
        body: { description: 'Its answer.' },
      },
    },
    insight: {
      type: 'object',
      properties: {
        missing_fields: { type: 'array', items: { type: 'string' } },
        missing_scopes: { type: 'array', items: { type: 'string' } },
        wait_ms: { type: 'integer', description: 'Milliseconds until a retry can succeed.' },
      },
    },
    statusCode: { type: 'integer', description: 'The same as `status`.' },
    error: { type: 'string', description: 'Reason phrase of the status.' },
    message: { type: 'string', description: 'The same as `detail`.' },
  },
  examples: [
    {
      type: 'urn:onefold:error:unknown_filter',
      title: 'This list cannot be filtered that way',
      status: 400,
      detail: '`stauts` is not a filter of payment-gateway/payments',
      code: 'unknown_filter',
      retryable: false,
      who_can_fix: 'caller',
      request_id: 'req_1',
      where: 'stauts',
      valid: ['status', 'created_at'],
      statusCode: 400,
      error: 'Bad Request',
      message: '`stauts` is not a filter of payment-gateway/payments',
    },
  ],
}

const query = (name: string, description: string, schema: object) => ({ name, in: 'query', description, schema })

const switchOf = (name: string) => {
  const { description = '', schema = {} } = SWITCHES[name] ?? {}
  return query(name, description, schema)
}

/** What paths refer to. */
export const COMPONENTS = Object.freeze({
  securitySchemes: {
    bearer: { type: 'http', scheme: 'bearer', description: 'An API token or an account token.' },
    basic: { type: 'http', scheme: 'basic', description: 'The token as user name, no password.' },
  },
  parameters: {
    IntegratedAccountId: switchOf('integrated_account_id'),
    TenantId: switchOf('tenant_id'),
    Source: switchOf('source'),
    OnLimit: switchOf('on_limit'),
    DeadlineMs: switchOf('deadline_ms'),
    MaxRequests: switchOf('max_requests'),
    Limit: query('limit', 'Records of a page.', { type: 'integer', minimum: 1, maximum: 1000, default: 20 }),
    NextCursor: query('next_cursor', 'A cursor of an earlier answer, next or previous.', { type: 'string' }),
    Fields: query('fields', 'Only these fields, dotted, comma separated.', { type: 'string' }),
    ExcludeFields: query('exclude_fields', 'Without these fields.', { type: 'string' }),
    RemoteData: query('remote_data', 'Adds the object of the provider.', { type: 'boolean', default: false }),
    Explain: query('explain', 'Says for each field where it came from, and if null, why.', { type: 'boolean' }),
    Format: query('format', 'How records are shown.', { type: 'string', enum: ['unified', 'raw', 'debug'] }),
    Timezone: query('timezone', 'IANA zone in which dates of filters are read.', { type: 'string' }),
    FilterMode: query('filter_mode', 'Modes allowed for filters: native, search, lookup, scan.', { type: 'string' }),
    IdempotencyKey: {
      name: 'Idempotency-Key',
      in: 'header',
      description: 'A repeat with the same key and body gets the first answer. One is made when it is missing.',
      schema: { type: 'string', minLength: 1, maxLength: 255 },
    },
  },
  responses: {
    Problem: {
      description: 'A failure.',
      headers: {
        'X-Request-Id': { description: 'Id of the request.', schema: { type: 'string' } },
        'Retry-After': { description: 'Seconds to wait, when that helps.', schema: { type: 'integer' } },
      },
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    },
  },
  schemas: { Problem: problem },
})

/** Failures that any call can have. */
export const ERROR_RESPONSES = Object.freeze({
  '4XX': { $ref: '#/components/responses/Problem' },
  '5XX': { $ref: '#/components/responses/Problem' },
})
