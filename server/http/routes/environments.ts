import { EngineError } from '../../../engine/index.ts'
import { audit } from '../../api/audit.ts'
import { changedBrand, checkRedirectUris, type GivenBrand } from '../../api/brand.ts'
import type { Reply } from '../../api/context.ts'
import { reachedEnvironment } from '../../api/environments.ts'
import { onlyBootstrap } from '../../api/reach.ts'
import { environmentOut, type GivenRateLimit, rateLimitIn } from '../../api/wire.ts'
import { reviewInbound } from '../../inbound/index.ts'
import type { IdentityRule } from '../../stores/environments.ts'
import { DEFAULT_SETTINGS, type EnvironmentSettings, WEBHOOK_SETUPS, type WebhookSetup } from '../../stores/index.ts'
import { BRAND, ENVIRONMENT, IDENTITY_RULES } from '../environment-schemas.ts'
import type { Route, RouteCall } from '../route.ts'
import { object, pageOf, RATE_LIMIT, text, texts } from '../schemas.ts'

const ENVIRONMENT_FIELDS = {
  name: text('Name.', { minLength: 1, maxLength: 200 }),
  timezone: text('IANA zone in which dates of filters are read; UTC by default.'),
  allowed_origins: texts('Origins that browsers may call from, and that may embed Link; none by default.'),
  redirect_uris: texts('Addresses that Link may send a browser to, each exactly; none by default.'),
  brand: BRAND,
  rate_limit: { ...RATE_LIMIT, description: 'Of each token that has none of its own; null, the default, is none.' },
  retention_days: object(
    {
      request_log: { type: 'integer', minimum: 1, maximum: 3650, description: 'Days; 30 by default.' },
      audit_log: { type: 'integer', minimum: 1, maximum: 3650, description: 'Days; 365 by default.' },
      events: { type: 'integer', minimum: 1, maximum: 3650, description: 'Days; 30 by default.' },
      changes: {
        ...{ type: 'integer', minimum: 1, maximum: 3650 },
        description: 'Days of the change log of synced data; 30 by default.',
      },
      deliveries: { type: 'integer', minimum: 4, maximum: 3650, description: 'Days; 30 by default.' },
    },
    ['request_log', 'audit_log', 'events', 'changes', 'deliveries'],
  ),
  webhook_setup: text(
    'automatic, the default: a provider is asked for deliveries when an account is connected; on_request: only by POST /integrated-account/{id}/webhook.',
    { enum: WEBHOOK_SETUPS },
  ),
  identity_rules: IDENTITY_RULES,
}
const OPTIONAL = Object.keys(ENVIRONMENT_FIELDS)

/** Environments: worlds of accounts, tokens and logs that never see each other. */
export const ENVIRONMENT_ROUTES: readonly Route[] = [
  {
    ...{ verb: 'get', path: '/environment', tag: 'Environments', rank: 'read', query: {} },
    summary: 'Lists the environments that the token reaches.',
    answer: pageOf(ENVIRONMENT),
    handle: listEnvironments,
  },
  {
    ...{ verb: 'post', path: '/environment', tag: 'Environments', rank: 'owner', query: {}, status: 201 },
    summary: 'Makes an environment. Only the bootstrap token may.',
    body: object(
      { id: text('Id.', { pattern: '^[a-z0-9][a-z0-9._-]{0,62}$' }), ...ENVIRONMENT_FIELDS },
      OPTIONAL.slice(1),
    ),
    answer: ENVIRONMENT,
    handle: createEnvironment,
  },
  {
    ...{ verb: 'get', path: '/environment/{id}', tag: 'Environments', rank: 'read', query: {}, answer: ENVIRONMENT },
    summary: 'Gets an environment.',
    handle: async ({ context, params }) => ({
      status: 200,
      body: environmentOut(await reachedEnvironment(context, params.id ?? '')),
    }),
  },
  {
    ...{ verb: 'patch', path: '/environment/{id}', tag: 'Environments', rank: 'admin', query: {}, answer: ENVIRONMENT },
    summary: 'Changes an environment.',
    body: object(ENVIRONMENT_FIELDS, OPTIONAL),
    handle: updateEnvironment,
  },
]

async function listEnvironments({ context }: RouteCall): Promise<Reply> {
  const { services, caller } = context
  const bound = caller.token.environmentId
  const found = (await services.stores.environments.list()).filter(({ id }) => bound === null || id === bound)
  const result = found.map(environmentOut)
  return { status: 200, body: { result, next_cursor: null, limit: Math.max(1, result.length) } }
}

interface EnvironmentBody {
  readonly id: string
  readonly name: string
  readonly timezone?: string
  readonly allowed_origins?: readonly string[]
  readonly retention_days?: {
    readonly request_log?: number
    readonly audit_log?: number
    readonly events?: number
    readonly changes?: number
    readonly deliveries?: number
  }
  readonly redirect_uris?: readonly string[]
  readonly brand?: GivenBrand
  readonly rate_limit?: GivenRateLimit | null
  readonly webhook_setup?: WebhookSetup
  readonly identity_rules?: readonly IdentityRule[]
}

function settingsOf(
  given: Partial<EnvironmentBody>,
  before: EnvironmentSettings = DEFAULT_SETTINGS,
): Partial<EnvironmentSettings> {
  const { timezone, allowed_origins: allowedOrigins, redirect_uris: redirectUris, retention_days: days } = given
  if (timezone !== undefined && !isZone(timezone)) {
    throw new EngineError('invalid_body', `${timezone} is no IANA time zone`, { where: '/timezone' })
  }
  const wrong = allowedOrigins?.find((origin) => !URL.canParse(origin) || new URL(origin).origin !== origin)
  if (wrong !== undefined) {
    throw new EngineError('invalid_body', `${wrong} is no origin`, {
      where: '/allowed_origins',
      hint: 'Write scheme, host and port only, such as https://app.example.com.',
    })
  }
  checkRedirectUris(redirectUris ?? [])
  const kept = before.retentionDays
  const retentionDays = days && {
    requestLog: days.request_log ?? kept.requestLog,
    auditLog: days.audit_log ?? kept.auditLog,
    events: days.events ?? kept.events,
    changes: days.changes ?? kept.changes,
    deliveries: days.deliveries ?? kept.deliveries,
  }
  return {
    ...(timezone === undefined ? {} : { timezone }),
    ...(allowedOrigins === undefined ? {} : { allowedOrigins }),
    ...(redirectUris === undefined ? {} : { redirectUris }),
    ...(given.brand === undefined ? {} : { brand: changedBrand(given.brand, before.brand) }),
    ...(given.rate_limit === undefined ? {} : { rateLimit: rateLimitIn(given.rate_limit) }),
    ...(retentionDays === undefined ? {} : { retentionDays }),
    ...(given.webhook_setup === undefined ? {} : { webhookSetup: given.webhook_setup }),
    ...(given.identity_rules === undefined ? {} : { identityRules: given.identity_rules }),
  }
}

function isZone(timezone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: timezone }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

async function createEnvironment({ context, body }: RouteCall): Promise<Reply> {
  onlyBootstrap(context.caller.token)
  const given = body as EnvironmentBody
  const { stores, clock } = context.services
  const input = { id: given.id, name: given.name, settings: settingsOf(given) }
  const environment = await stores.environments.create(input, clock.now())
  context.trace.environmentId = environment.id
  await audit(context, 'environment.create', `environment:${environment.id}`, 'succeeded')
  return { status: 201, body: environmentOut(environment) }
}

async function updateEnvironment({ context, params, body }: RouteCall): Promise<Reply> {
  const before = await reachedEnvironment(context, params.id ?? '')
  const given = body as Partial<EnvironmentBody>
  const { stores, clock } = context.services
  const patch = { name: given.name, settings: settingsOf(given, before.settings) }
  const environment = await stores.environments.update(before.id, patch, clock.now())
  context.trace.environmentId = before.id
  if (given.webhook_setup !== undefined) await reviewInbound(context.services)
  await audit(context, 'environment.update', `environment:${before.id}`, 'succeeded', { fields: Object.keys(given) })
  return { status: 200, body: environmentOut(environment) }
}
