import { EngineError, type Integration } from '../../../engine/index.ts'
import { audit } from '../../api/audit.ts'
import { integrationNamed } from '../../api/connect.ts'
import type { CallContext, Reply } from '../../api/context.ts'
import { formOf } from '../../api/form.ts'
import { checkRank } from '../../api/reach.ts'
import { actOut, environmentOut, pageReply, readPageQuery, requestOut, tokenOut } from '../../api/wire.ts'
import type { EnvironmentSettings, JsonObject, TokenRole } from '../../stores/index.ts'
import type { Route, RouteCall } from '../route.ts'
import { anyObject, ENVIRONMENT, object, PAGING, pageOf, TOKEN, text, texts } from '../schemas.ts'

const ENVIRONMENT_FIELDS = {
  name: text('Name.', { minLength: 1, maxLength: 200 }),
  timezone: text('IANA zone in which dates of filters are read; UTC by default.'),
  allowed_origins: texts('Origins that browsers may call from; none by default.'),
  retention_days: object(
    {
      request_log: { type: 'integer', minimum: 1, maximum: 3650, description: 'Days; 30 by default.' },
      audit_log: { type: 'integer', minimum: 1, maximum: 3650, description: 'Days; 365 by default.' },
    },
    ['request_log', 'audit_log'],
  ),
}
const OPTIONAL = Object.keys(ENVIRONMENT_FIELDS)
const INTEGRATION = anyObject('An integration: label, description, auth methods with their form fields.')
const filter = (description: string) => ({ description, schema: { type: 'string' } })

/** Integrations, environments, API tokens and logs. */
export const PLATFORM_ROUTES: readonly Route[] = [
  {
    ...{ verb: 'get', path: '/integration', tag: 'Integrations', rank: 'any', query: {} },
    summary: 'Lists the integrations with the form fields of their auth methods.',
    answer: pageOf(INTEGRATION),
    handle: ({ context }) => Promise.resolve(listIntegrations(context)),
  },
  {
    ...{ verb: 'get', path: '/integration/{name}', tag: 'Integrations', rank: 'any', query: {}, answer: INTEGRATION },
    summary: 'Gets an integration with the form fields of its auth methods.',
    handle: ({ context, params }) => Promise.resolve(getIntegration(context, params.name ?? '')),
  },
  {
    ...{ verb: 'post', path: '/integration/{name}/approve', tag: 'Integrations', rank: 'owner', query: {} },
    summary: 'Takes a definition into use that waits because it changes where credentials go.',
    answer: INTEGRATION,
    handle: approve,
  },
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
  {
    ...{ verb: 'get', path: '/api-token', tag: 'Tokens', rank: 'admin', query: PAGING, answer: pageOf(TOKEN) },
    summary: 'Lists the API tokens of the environment, ended ones included.',
    handle: listTokens,
  },
  {
    ...{ verb: 'post', path: '/api-token', tag: 'Tokens', rank: 'admin', query: {}, status: 201, handle: createToken },
    summary: 'Makes an API token, shown this once.',
    body: object(
      {
        name: text('A name to tell it by.', { maxLength: 200 }),
        role: text('What it may do.', { enum: ['admin', 'write', 'read', 'approve'] }),
        environment: text('Its environment; that of the call by default.'),
        expires_in: {
          type: ['integer', 'null'],
          minimum: 1,
          description: 'Seconds it lasts; null, the default, until revoked.',
        },
      },
      ['name', 'environment', 'expires_in'],
    ),
    answer: { ...TOKEN, properties: { ...(TOKEN.properties as object), token: text('The token itself.') } },
  },
  {
    ...{ verb: 'delete', path: '/api-token/{id}', tag: 'Tokens', rank: 'admin', query: {}, handle: revokeToken },
    summary: 'Revokes an API token; the next call with it is refused.',
    answer: object({ id: text('Its id.') }),
  },
  {
    ...{ verb: 'get', path: '/request-log', tag: 'Logs', rank: 'read', handle: listRequests },
    summary: 'Lists the calls of the environment, newest first, without bodies or values of queries.',
    query: { ...PAGING, integrated_account_id: filter('Calls of this account.'), request_id: filter('This call.') },
    answer: pageOf(anyObject('A call.')),
  },
  {
    ...{ verb: 'get', path: '/audit-log', tag: 'Logs', rank: 'admin', handle: listActs },
    summary: 'Lists who did what to what, denied acts too, newest first.',
    query: { ...PAGING, actor: filter('By whom.'), action: filter('What.'), target: filter('To what.') },
    answer: pageOf(anyObject('An act.')),
  },
]

function integrationOut(context: CallContext, integration: Integration): JsonObject {
  const { name, label, description, docs, modes, apiVersion, auth, mappings, resources, isExtra } = integration
  const methods = [...auth.methods.values()].map((method) => ({
    name: method.name,
    type: method.type,
    label: method.label,
    description: method.description ?? null,
    fields: formOf(integration, method),
  }))
  return {
    name,
    label,
    description,
    docs: docs ?? null,
    api_version: apiVersion?.value ?? null,
    modes: modes.map((mode) => ({ name: mode.name, livemode: mode.livemode })),
    authentication_methods: methods,
    unified: [...mappings.keys()],
    resources: [...resources.keys()],
    is_extra: isExtra,
    pending_approval: context.services.definitions.pending.get(name) ?? null,
  }
}

function listIntegrations(context: CallContext): Reply {
  const { catalog } = context.services.definitions
  const result = [...catalog.integrations.values()].map((one) => integrationOut(context, one))
  return { status: 200, body: { result, next_cursor: null, limit: Math.max(1, result.length) } }
}

function getIntegration(context: CallContext, name: string): Reply {
  const waiting = context.services.definitions.pending.get(name)
  if (waiting?.serving === 'none') return { status: 200, body: { name, pending_approval: waiting } }
  return { status: 200, body: integrationOut(context, integrationNamed(context.services, name)) }
}

async function approve({ context, params }: RouteCall): Promise<Reply> {
  onlyBootstrap(context)
  const name = params.name ?? ''
  await context.services.definitions.approve(name, `token:${context.caller.token.id}`)
  return getIntegration(context, name)
}

/** What concerns all environments is for a token that is bound to none. */
function onlyBootstrap({ caller }: CallContext): void {
  if (caller.token.environmentId === null) return
  throw new EngineError('forbidden', 'This concerns every environment and needs the bootstrap token')
}

async function reachedEnvironment({ services, caller }: CallContext, id: string) {
  const isReached = caller.token.environmentId === null || caller.token.environmentId === id
  const environment = isReached ? await services.stores.environments.get(id) : null
  if (environment !== null) return environment
  throw new EngineError('not_found', `There is no environment ${id.slice(0, 64)}`, { where: 'id' })
}

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
  readonly retention_days?: { readonly request_log?: number; readonly audit_log?: number }
}

function settingsOf(given: Partial<EnvironmentBody>, before?: EnvironmentSettings): Partial<EnvironmentSettings> {
  const { timezone, allowed_origins: allowedOrigins, retention_days: days } = given
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
  const kept = before?.retentionDays ?? { requestLog: 30, auditLog: 365 }
  const retentionDays = days && {
    requestLog: days.request_log ?? kept.requestLog,
    auditLog: days.audit_log ?? kept.auditLog,
  }
  return {
    ...(timezone === undefined ? {} : { timezone }),
    ...(allowedOrigins === undefined ? {} : { allowedOrigins }),
    ...(retentionDays === undefined ? {} : { retentionDays }),
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
  onlyBootstrap(context)
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
  await audit(context, 'environment.update', `environment:${before.id}`, 'succeeded', { fields: Object.keys(given) })
  return { status: 200, body: environmentOut(environment) }
}

async function listTokens({ context, query }: RouteCall): Promise<Reply> {
  const { page, binding } = readPageQuery(context, 'api tokens', query)
  const { services, caller } = context
  const found = await services.stores.tokens.list(caller.environmentId, { ...page, kind: 'api' })
  return pageReply(context, binding, found, tokenOut)
}

async function createToken({ context, body }: RouteCall): Promise<Reply> {
  const given = body as { name?: string; role: TokenRole; environment?: string; expires_in?: number | null }
  const { services, caller } = context
  const environment = await reachedEnvironment(context, given.environment ?? caller.environmentId)
  const now = services.clock.now()
  const expiresAt = given.expires_in ? now + given.expires_in * 1_000 : null
  const input = { environmentId: environment.id, role: given.role, name: given.name, expiresAt }
  const { token, value } = await services.stores.tokens.createApi(input, now)
  await audit(context, 'api_token.create', `token:${token.id}`, 'succeeded', { role: given.role })
  return { status: 201, body: { ...tokenOut(token), token: value.reveal() } }
}

async function revokeToken({ context, params }: RouteCall): Promise<Reply> {
  const { services, caller } = context
  const id = params.id ?? ''
  const token = await services.stores.tokens.get(caller.environmentId, id)
  if (token?.kind !== 'api') throw new EngineError('not_found', 'There is no such API token', { where: 'id' })
  checkRank(caller.token, 'admin')
  await services.stores.tokens.revoke(caller.environmentId, id, services.clock.now())
  await audit(context, 'api_token.revoke', `token:${id}`, 'succeeded')
  return { status: 200, body: { id } }
}

async function listRequests({ context, query }: RouteCall): Promise<Reply> {
  const { page, filters, binding } = readPageQuery(context, 'requests', query)
  const { stores } = context.services
  await stores.requests.flush()
  const wanted = { ...page, integratedAccountId: filters.integrated_account_id, requestId: filters.request_id }
  return pageReply(context, binding, await stores.requests.list(context.caller.environmentId, wanted), requestOut)
}

async function listActs({ context, query }: RouteCall): Promise<Reply> {
  const { page, filters, binding } = readPageQuery(context, 'acts', query)
  const found = await context.services.stores.audit.list(context.caller.environmentId, { ...page, ...filters })
  return pageReply(context, binding, found, actOut)
}
