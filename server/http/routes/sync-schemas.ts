import { SYNC_PUSHES } from '../../stores/sync-types.ts'
import { object, text, textOrNull, texts } from '../schemas.ts'

const moment = (description: string) => textOrNull(description, { format: 'date-time' })
const count = (description: string) => ({ type: 'integer', description })
const share = { type: 'number', minimum: 0, maximum: 1 }

const FAILURE = {
  type: ['object', 'null'],
  description: 'Why it did not succeed.',
  required: ['code', 'message'],
  additionalProperties: false,
  properties: { code: text('A code of the table of errors.'), message: text('For people.') },
}

/** What a new sync job is given. */
export const SYNC_JOB_BODY = object(
  {
    integrated_account_id: text('The account to sync.'),
    tenant_id: text('In its place: sync every active account of this tenant, those to come included.', {
      minLength: 1,
    }),
    resources: { ...texts('What to sync, such as payment-gateway/payments.'), minItems: 1, maxItems: 50 },
    schedule: textOrNull(
      'When it runs: an interval such as 15m, 6h or 1d, or a cron pattern in UTC; null only when asked.',
    ),
    full_schedule: textOrNull(
      'When everything is read again, so that updates and deletions are found; 1d by default where there is a schedule.',
    ),
    max_deleted_share: {
      ...share,
      description: 'Share of the records of a resource that a full run may delete; 0.3 by default.',
    },
    push: text(
      'What becomes events, and so goes to webhooks: changes (default) after the first reading, all, or none.',
      { enum: SYNC_PUSHES },
    ),
    start_at: text('Instant of the first run, RFC 3339; at once by default.'),
  },
  ['integrated_account_id', 'tenant_id', 'schedule', 'full_schedule', 'max_deleted_share', 'push', 'start_at'],
)

/** How a run is asked for. */
export const RUN_BODY = object(
  {
    mode: text('full reads everything again; auto only what is new where that can be told. Default auto.', {
      enum: ['auto', 'full'],
    }),
    max_deleted_share: { ...share, description: 'For this run, in place of that of the job.' },
  },
  ['mode', 'max_deleted_share'],
)

/** A sync job. */
export const SYNC_JOB = object({
  id: text('Id.'),
  environment: text('Environment it belongs to.'),
  integrated_account_id: textOrNull('Account it syncs; null when it is for a tenant.'),
  tenant_id: textOrNull('Tenant whose accounts it syncs.'),
  resources: texts('What it syncs.'),
  schedule: textOrNull('When it runs.'),
  full_schedule: textOrNull('When it reads everything again.'),
  max_deleted_share: { ...share, description: 'Share of the records of a resource that a full run may delete.' },
  push: text('Which of what it finds becomes events.', { enum: SYNC_PUSHES }),
  is_paused: { type: 'boolean', description: 'Whether it rests.' },
  next_run_at: moment('When it runs next.'),
  next_full_at: moment('When it reads everything next.'),
  created_at: moment('When it was made.'),
  updated_at: moment('When it was paused or resumed last, or made.'),
})

const RUN = {
  id: text('Id.'),
  environment: text('Environment it belongs to.'),
  sync_job_id: text('The sync job.'),
  mode: text('auto or full.'),
  status: text('Where it stands.', { enum: ['waiting', 'running', 'paused', 'succeeded', 'failed', 'canceled'] }),
  error: FAILURE,
  created_at: moment('When it was asked for.'),
  started_at: moment('When it began.'),
  ended_at: moment('When it was over.'),
}

const COUNTS = {
  records: count('Records read.'),
  added: count('Records that were new.'),
  updated: count('Records that had changed.'),
  deleted: count('Records that a full run did not find any more.'),
  pages: count('Pages read and stored.'),
  partitions: count('Parts of lists.'),
  partitions_done: count('Parts that are read.'),
}

/** A run as it stands in a list. */
export const SYNC_RUN = object(RUN)

/** A run with its progress. */
export const SYNC_RUN_PROGRESS = object({
  ...RUN,
  progress: object({
    ...COUNTS,
    records_per_second: { type: ['number', 'null'], description: 'Since it began.' },
    eta_seconds: {
      type: ['integer', 'null'],
      description: 'Seconds that are probably left; null where a list does not tell.',
    },
  }),
  resources: {
    type: 'array',
    description: 'Each resource of each account.',
    items: object({
      integrated_account_id: text('Account.'),
      resource: text('Model and resource.'),
      state: text('reading, done or failed.'),
      way: text('windows: parts of time in parallel; cursor: page by page.'),
      scope: text('full: everything; recent: what was made since `since`.'),
      since: moment('Where a recent run stops.'),
      why: text('Why it is read this way.'),
      error: FAILURE,
      ...COUNTS,
    }),
  },
})
