type Json = Readonly<Record<string, unknown>>

/** What an answer from synced data says about its age. */
export const SYNCED_AGE: Json = {
  source: { type: 'string', description: '`synced` where the answer is from synced data.' },
  observed_at: {
    type: ['string', 'null'],
    format: 'date-time',
    description: 'With source=synced: everything made before this is in it; null while a first list is under way.',
  },
  age_seconds: { type: ['integer', 'null'], description: 'The same in seconds.' },
  reconciled_at: {
    type: ['string', 'null'],
    format: 'date-time',
    description: 'With source=synced: when the last full run began, up to which updates and deletions are known.',
  },
}

/** Accounts of a call over several that have nothing to read. */
export const LEFT_OUT: Json = {
  type: 'array',
  description: 'Over several accounts: those that are left out, and why.',
  items: {
    type: 'object',
    required: ['integrated_account_id', 'code', 'message'],
    properties: {
      integrated_account_id: { type: 'string' },
      integration: { type: 'string' },
      code: { type: 'string' },
      message: { type: 'string' },
      retryable: { type: 'boolean' },
      who_can_fix: { type: 'string' },
      hint: { type: 'string' },
    },
  },
}

const parameter = (name: string, description: string, schema: Json = { type: 'string' }): Json => {
  return { name, in: 'query', description, schema }
}

/** What an aggregate asks for beside filters. */
export const aggregateParameters: readonly Json[] = [
  parameter(
    'group_by',
    'Fields that tell groups apart, comma separated; instants and dates as `field:day`, `:week` (from Monday), `:month` or `:year`.',
  ),
  parameter('sum', 'Amounts and other integers to add up, comma separated; amounts need their currency in group_by.'),
  parameter('avg', 'The same, as the average.'),
  parameter('min', 'Integers, instants or dates of which the least is told.'),
  parameter('max', 'The same, the greatest.'),
  parameter(
    'sort',
    '`count`, `sum.<field>`, `min.<field>`, `max.<field>` or a field of group_by; `-` in front for descending.',
  ),
  parameter('limit', 'Groups of a page.', { type: 'integer', minimum: 1, maximum: 1000, default: 100 }),
  parameter('next_cursor', 'A cursor of an earlier answer.'),
]

const byField = (description: string, value: Json): Json => ({
  type: 'object',
  description,
  additionalProperties: value,
})
const whole: Json = { type: ['integer', 'string', 'null'] }

/** Groups with their figures. */
export const aggregateAnswer: Json = {
  type: 'object',
  required: ['result', 'next_cursor', 'result_count', 'is_partial_response', 'source', 'observed_at'],
  properties: {
    result: {
      type: 'array',
      items: {
        type: 'object',
        required: ['group', 'count'],
        properties: {
          group: byField('The values of group_by; times as the first date of their span.', {}),
          count: { type: 'integer', description: 'Records of the group.' },
          sum: byField('By field; beyond 2^53 the digits as text.', whole),
          avg: byField('By field, a decimal text of up to four places, rounded half to even.', {
            type: ['string', 'null'],
          }),
          min: byField('By field.', whole),
          max: byField('By field.', whole),
          left_out: byField('By field, records whose value is missing and not counted.', { type: 'integer' }),
        },
      },
    },
    next_cursor: { type: ['string', 'null'], description: 'Null at the end.' },
    result_count: { type: 'integer', description: 'Groups of this page.' },
    timezone: { type: 'string', description: 'Zone in which dates were told.' },
    is_partial_response: {
      type: 'boolean',
      description: 'Whether records may be lacking: a first list is under way, or an account has none.',
    },
    ...SYNCED_AGE,
    errors: LEFT_OUT,
  },
}
