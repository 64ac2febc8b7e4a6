import type { QueryParameter, Schema } from './route.ts'

/** An object schema: all properties required unless named optional, nothing else allowed. */
export function object(properties: Readonly<Record<string, Schema>>, optional: readonly string[] = []): Schema {
  const required = Object.keys(properties).filter((name) => !optional.includes(name))
  return { type: 'object', required, additionalProperties: false, properties }
}

/** A text, described. */
export const text = (description: string, more: Schema = {}): Schema => ({ type: 'string', description, ...more })

/** A text or null, described. */
export const textOrNull = (description: string, more: Schema = {}): Schema => ({
  type: ['string', 'null'],
  description,
  ...more,
})

/** An instant, RFC 3339. */
export const instantSchema = (description: string): Schema => text(description, { format: 'date-time' })

/** A list of texts. */
export const texts = (description: string, values?: readonly string[]): Schema => ({
  type: 'array',
  description,
  items: values === undefined ? { type: 'string' } : { type: 'string', enum: values },
})

/** An object with keys of the user's own. */
export const anyObject = (description: string): Schema => ({ type: 'object', description, additionalProperties: true })

/** The list envelope of the platform's own objects. */
export const pageOf = (item: Schema): Schema =>
  object({
    result: { type: 'array', description: 'Newest first.', items: item },
    next_cursor: textOrNull('Cursor of the next page; null at the end.'),
    limit: { type: 'integer', description: 'Most records of a page.' },
  })

/** Paging parameters of the platform's own lists. */
export const PAGING: Readonly<Record<string, QueryParameter>> = Object.freeze({
  limit: { description: 'Records of a page.', schema: { type: 'integer', minimum: 1, maximum: 1000, default: 20 } },
  next_cursor: { description: 'Cursor of an earlier answer.', schema: { type: 'string' } },
})

const effects = ['read', 'write', 'money', 'credential']

/** An integrated account. */
export const ACCOUNT = object({
  id: text('Id, unique in its environment.'),
  environment: text('Environment it belongs to.'),
  integration: text('Name of the integration.'),
  tenant_id: text('Your own id of the customer whose account it is.'),
  status: text('Only active accounts are called.', {
    enum: ['connecting', 'active', 'needs_reauth', 'validation_error', 'post_install_error', 'disabled'],
  }),
  status_reason: {
    type: ['object', 'null'],
    description: 'Why it is not active, or what an active one lacks, and since when.',
    required: ['code', 'message', 'at'],
    additionalProperties: false,
    properties: {
      code: text(
        'A code of the table of errors, the status where nothing failed, or identity_unknown of an active one.',
      ),
      message: text('For people.'),
      at: instantSchema('Since when.'),
      step: text('Of post_install_error: the step that failed.'),
    },
  },
  authentication_method: textOrNull('How it authenticates.'),
  has_credentials: { type: 'boolean', description: 'Whether credentials are stored.' },
  identity: textOrNull("The provider's own id of the account."),
  mode: textOrNull('Mode of the credentials, such as test.'),
  livemode: { type: ['boolean', 'null'], description: 'Whether money is real.' },
  webhook: {
    type: ['object', 'null'],
    description: 'How its provider tells by itself what happens; null before that is known.',
    required: ['state', 'url', 'reason', 'at'],
    additionalProperties: false,
    properties: {
      state: text('provisioned and manual deliver to the URL; polling reads the feed of events.', {
        enum: ['provisioned', 'manual', 'polling', 'off', 'unsupported', 'failed', 'pending'],
      }),
      url: textOrNull('Where the provider is to deliver.'),
      reason: textOrNull('Why it is so, or what a person is to do.'),
      at: instantSchema('Since when.'),
    },
  },
  settings: anyObject('Settings that are no secret; `base_url` points it at another host.'),
  context: anyObject('Your own notes.'),
  traits: anyObject('Facts read when it was connected.'),
  created_at: instantSchema('When it was made.'),
  updated_at: instantSchema('When it was changed last.'),
})

/** An event, as it is delivered, too. */
export const EVENT = object({
  id: text('Id; ids of an environment grow in the order of its events.'),
  type: text('What happened, such as integrated_account.active.'),
  created_at: instantSchema('When it happened.'),
  environment: text('Environment it happened in.'),
  integrated_account_id: textOrNull('Account it is about.'),
  tenant_id: textOrNull('Tenant of the account.'),
  integration: textOrNull('Integration of the account.'),
  livemode: { type: ['boolean', 'null'], description: 'Whether money is real.' },
  reason: textOrNull('Why, as a code, where there is a reason.'),
  data: anyObject('The object as the API showed it then.'),
  changes: { type: ['object', 'null'], description: 'Fields that changed, each { from, to }.' },
  model: textOrNull('Unified model of the record that it is about.'),
  resource: textOrNull('Unified resource of that record.'),
  resource_id: textOrNull('Id of that record.'),
  occurred_at: { type: ['string', 'null'], format: 'date-time', description: 'When it happened at the provider.' },
  raw_event_id: textOrNull("Id of the provider's own event that this one tells; GET /raw-event/{id} has it."),
})

/** A provider's own event. */
export const RAW_EVENT = object(
  {
    id: text('Id.'),
    integrated_account_id: text('Account it is of.'),
    provider_id: text("The provider's id; what comes again is the same."),
    type: text("What happened, in the provider's words."),
    api_version: textOrNull('Version that it is rendered in.'),
    source: text('How it came.', { enum: ['webhook', 'feed'] }),
    status: text('ignored has no unified name, failed could not be read.', {
      enum: ['waiting', 'done', 'ignored', 'failed'],
    }),
    error: textOrNull('Code of what it failed with.'),
    received_at: instantSchema('When it came.'),
    body: { description: 'The event as the provider sent it, without secrets; only where one is asked for.' },
  },
  ['body'],
)

/** A job that is not done. */
export const JOB = object(
  {
    id: text('Id.'),
    environment: textOrNull('Environment it is for; null is the installation.'),
    name: text('What is to be done.'),
    status: text('dead: failed as often as it may; kept until it is retried or deleted.', {
      enum: ['waiting', 'running', 'dead'],
    }),
    attempts: { type: 'integer', description: 'Runs so far.' },
    max_attempts: { type: 'integer', description: 'Runs until it is dead.' },
    run_at: instantSchema('When it is, or was, due.'),
    last_error: textOrNull('Code and words of the last failure.'),
    created_at: instantSchema('When it was enqueued.'),
    payload: anyObject('What it works on; only where one job is asked for.'),
  },
  ['payload'],
)

/** What a caller may put into an account. */
export const ACCOUNT_FIELDS: Readonly<Record<string, Schema>> = Object.freeze({
  authentication_method: text('Name of an auth method; the first of the integration by default.'),
  credentials: { ...anyObject('Fields of the form, by name.'), additionalProperties: { type: 'string' } },
  settings: anyObject(
    'Settings that are no secret. `base_url` is for admins, and changing it discards the credentials.',
  ),
  context: anyObject('Your own notes.'),
})

/** Most calls of a token in a window. */
export const RATE_LIMIT: Schema = {
  type: ['object', 'null'],
  description: 'Most calls of a token in a window of fixed length; null is no limit of its own.',
  required: ['requests', 'window_s'],
  additionalProperties: false,
  properties: {
    requests: { type: 'integer', minimum: 1, maximum: 1_000_000, description: 'Calls in a window.' },
    window_s: { type: 'integer', minimum: 1, maximum: 86_400, description: 'Length of the window in seconds.' },
  },
}

/** What a new account token is given. */
export const ACCOUNT_TOKEN_BODY = object(
  {
    name: text('A name to tell it by.', { maxLength: 200 }),
    methods: texts('Methods it reaches, such as list and get; all by default.'),
    resources: texts('Resources it reaches, such as payments or payment-gateway/payments; all by default.'),
    effects: texts('Effects it may have; read by default.', effects),
    customer_id: text('Narrows it to unified records of one customer.'),
    rate_limit: RATE_LIMIT,
    expires_in: {
      type: ['integer', 'null'],
      minimum: 1,
      maximum: 31_536_000,
      description: 'Seconds it lasts; 900 by default, null until it is revoked.',
    },
  },
  ['name', 'methods', 'resources', 'effects', 'customer_id', 'rate_limit', 'expires_in'],
)

/** A token without its value. */
export const TOKEN: Schema = {
  type: 'object',
  required: ['id', 'kind', 'created_at', 'expires_at'],
  properties: {
    id: text('Id, by which it is revoked.'),
    kind: text('api, account or agent.', { enum: ['api', 'account', 'agent'] }),
    name: textOrNull('Its name.'),
    role: text('Of API tokens.', { enum: ['owner', 'admin', 'write', 'read', 'approve'] }),
    environment: textOrNull('Its environment; null reaches all.'),
    integrated_account_id: text('Of account tokens.'),
    methods: { type: ['array', 'null'], items: { type: 'string' }, description: 'Of account tokens; null is all.' },
    resources: { type: ['array', 'null'], items: { type: 'string' }, description: 'Of account tokens; null is all.' },
    effects: texts('Of account tokens.', effects),
    customer_id: textOrNull('Of account tokens.'),
    created_at: instantSchema('When it was made.'),
    expires_at: { type: ['string', 'null'], format: 'date-time', description: 'When it ends; null when revoked.' },
    revoked_at: { type: ['string', 'null'], format: 'date-time', description: 'When it was revoked.' },
    last_used_at: { type: ['string', 'null'], format: 'date-time', description: 'Last use, to about a minute.' },
    rate_limit: RATE_LIMIT,
  },
}

/** A token with its value, as it is answered once. */
export const TOKEN_ONCE: Schema = {
  ...TOKEN,
  properties: { ...(TOKEN.properties as object), token: text('The token itself; it is not shown again.') },
}

/** The version that a change of overrides is made from. */
export const CURRENT_VERSION = Object.freeze({
  type: 'integer',
  minimum: 0,
  description:
    'The version that you have read and that this replaces, 0 for none; another one counting by then is a conflict.',
})

const versionFields = (isNullable: boolean): Readonly<Record<string, Schema>> => {
  const known = isNullable ? textOrNull : text
  return {
    version: { type: 'integer', description: '1 for the first; 0 while there is none.' },
    change: known('How it came to be: set, removed or rolled_back.'),
    restored_version: { type: ['integer', 'null'], description: 'The version that a rollback brought back.' },
    note: textOrNull('Why.'),
    by: known('Who, such as token:tok_1.'),
    at: known('When.', { format: 'date-time' }),
  }
}

/** A version of overrides in a history. */
export const OVERRIDE_VERSION = object(versionFields(false))

/** Overrides of an environment or an account. */
export const OVERRIDE = object(
  {
    environment: text('Environment.'),
    integration: text('Integration.'),
    integrated_account_id: textOrNull('Account; null for those of the environment.'),
    ...versionFields(true),
    override: anyObject('By unified model; empty where nothing is overridden.'),
    warnings: { type: 'array', items: anyObject('A doubt.'), description: 'After a change: what does not stop it.' },
  },
  ['warnings'],
)
