import { RULE_MESSAGE_STATUSES, RULE_RUN_STATUSES } from '../stores/rule-types.ts'
import type { Schema } from './route.ts'
import { anyObject, instantSchema, object, text, textOrNull, texts } from './schemas.ts'

const integer = (description: string): Schema => ({ type: 'integer', description })
const instantOrNull = (description: string): Schema => textOrNull(description, { format: 'date-time' })
const list = (description: string, items: Schema): Schema => ({ type: 'array', description, items })
const flag = (description: string): Schema => ({ type: 'boolean', description })

const KINDS = ['webhook', 'slack', 'email', 'note']

/** A rule. */
export const RULE = object({
  name: text('Name.'),
  description: text('What it is for.'),
  version: text('sha256 of its text.'),
  file: text('The file that it was read from.'),
  is_enabled: flag('Whether it is at work.'),
  environments: texts('Environments that it is for.'),
  on: texts('Types of events that start a run.'),
  if: textOrNull('Whether an event starts one, an expression.'),
  refresh: flag('Whether the record is read again before each step.'),
  timezone: text('IANA zone of days and quiet hours.'),
  steps: list(
    'What is done, and when.',
    object({
      number: integer('From 1.'),
      after: text('How long after the start.'),
      actions: texts('What is done.', KINDS),
    }),
  ),
})

/** What a preview is asked of. */
export const PREVIEW_BODY = object(
  {
    rule: text('Name of a rule.', { maxLength: 64 }),
    text: text('Or the text of one, YAML.', { maxLength: 65_536 }),
    days: { ...integer('Days back; 30 by default.'), minimum: 1, maximum: 365 },
    limit: { ...integer('Most runs that are told of; 20 by default.'), minimum: 1, maximum: 200 },
  },
  ['rule', 'text', 'days', 'limit'],
)

/** What a preview found. */
export const PREVIEW = object({
  rule: text('Name of the rule.'),
  since: instantSchema('From when on events were looked at.'),
  events: integer('Events looked at.'),
  matched: integer('Runs that would have been started.'),
  is_partial: flag('Whether something was left out: runs, later events, or customers that were not read.'),
  runs: list(
    'The newest runs first.',
    object({
      event_id: text('The event that starts it.'),
      subject: text('What it is about.'),
      key: text('Of which there is one run.'),
      integrated_account_id: textOrNull('Account of the event.'),
      started_at: instantSchema('When it would have started.'),
      status: text('active goes on in the future.', { enum: ['active', 'done', 'stopped', 'failed'] }),
      reason: textOrNull('The event or condition that ends it, or what fails.'),
      messages: list(
        'What would have been said, and will be.',
        object({
          step: integer('From 1.'),
          at: instantSchema('When.'),
          kind: text('How.', { enum: KINDS }),
          to: textOrNull('To whom.'),
          subject: textOrNull('Subject of a mail.'),
          text: textOrNull('The text.'),
        }),
      ),
    }),
  ),
})

const SUBJECT = {
  subject: text('What it is about.'),
  integrated_account_id: textOrNull('Account of the event.'),
  model: textOrNull('Unified model of the record.'),
  resource: textOrNull('Unified resource of the record.'),
  resource_id: textOrNull('Id of the record.'),
  customer_id: textOrNull('Customer that it is about.'),
}

const RUN = {
  object: text('What it is.', { enum: ['rule_run'] }),
  id: text('Id.'),
  environment: text('Environment.'),
  rule: text('Name of the rule.'),
  rule_version: text('sha256 of the text that it went by last.'),
  ...SUBJECT,
  key: text('Of which there is one run.'),
  tenant_id: textOrNull('Tenant of the account.'),
  event_id: text('The event that started it.'),
  status: text('held: a message may have gone out or not, and a person says what happens.', {
    enum: RULE_RUN_STATUSES,
  }),
  reason: textOrNull('Why it is held, or how it ended: an event, `condition`, `rule_gone`, `by_hand`, or a failure.'),
  next_step: { type: ['integer', 'null'], description: 'Number of the step that comes next.' },
  next_at: instantOrNull('When.'),
  created_at: instantSchema('When it started.'),
  updated_at: instantSchema('When it was changed last.'),
  ended_at: instantOrNull('When it ended.'),
}

/** A run of a rule. */
export const RULE_RUN = object(RUN)

/** One decision about many held runs. */
export const DECISION_BODY = object(
  {
    decision: text('As for one run: send again, leave the present step out, or end the run.', {
      enum: ['resend', 'skip', 'stop'],
    }),
    rule: text('Of this rule only.'),
    integrated_account_id: text('About this account only.'),
    subject: text('About this subject only.'),
    customer_id: text('About this customer only.'),
    restored: flag('True: held because the database came out of a backup; false: the others.'),
    until: text('Held at or before this instant; now by default, for all pages.', { format: 'date-time' }),
    dry_run: flag('True only says which runs fit.'),
  },
  ['rule', 'integrated_account_id', 'subject', 'customer_id', 'restored', 'until', 'dry_run'],
)

/** What became of a page of held runs. */
export const DECISIONS = object({
  environment: text('Environment.'),
  decision: text('The decision.', { enum: ['resend', 'skip', 'stop'] }),
  dry_run: flag('Whether it only says which runs fit.'),
  until: instantSchema('Held at or before.'),
  count: integer('Runs of this page that it is done for, or would be.'),
  left: integer('Runs behind this page.'),
  result: list(
    'The runs of this page.',
    object({
      id: text('Id.'),
      rule: text('Name of the rule.'),
      subject: text('What it is about.'),
      step: integer('Number of the step that was in doubt.'),
      error: textOrNull('Why it stays as it is; null where it does not.'),
    }),
  ),
  next_cursor: textOrNull('Cursor of the next page; null at the end.'),
  limit: integer('Most runs of a page.'),
})

/** A run with everything that it said. */
export const RULE_RUN_WHOLE = object({
  ...RUN,
  event: anyObject(
    'The event that started it, with the newest state that is known; empty past the retention of events.',
  ),
  messages: list(
    'What it did, in order.',
    object({
      id: text('Id.'),
      step: integer('From 1.'),
      kind: text('How.', { enum: KINDS }),
      status: text('outcome_unknown: it may have gone out, and is not sent again by itself.', {
        enum: RULE_MESSAGE_STATUSES,
      }),
      to: textOrNull('To whom.'),
      subject: textOrNull('Subject of a mail.'),
      text: textOrNull('The text; null past the retention of events.'),
      attempts: integer('Attempts so far.'),
      error: textOrNull('Code and words of the last failure.'),
      response: textOrNull('First bytes of the answer, without secrets.'),
      event_id: textOrNull('The event that a webhook action made.'),
      next_attempt_at: instantOrNull('When it is tried again.'),
      last_attempt_at: instantOrNull('When it was tried last.'),
      sent_at: instantOrNull('When it was sent.'),
    }),
  ),
})

/** A note. */
export const RULE_NOTE = object({
  id: text('Id.'),
  environment: text('Environment.'),
  rule: text('The rule that made it.'),
  rule_run_id: text('The run that made it.'),
  ...SUBJECT,
  note: text('The note.'),
  created_at: instantSchema('When it was made.'),
})
