import { EngineError, type Integration, Secret } from '../../engine/index.ts'
import type { IntegratedAccount, JsonObject } from '../stores/index.ts'
import type { CallContext, Services } from './context.ts'
import { authMethodOf, fillForm } from './form.ts'
import { type ProveServices, proveCandidate, proveStored } from './prove.ts'
import { checkRank } from './reach.ts'

/** An account to connect by credentials. */
export interface ConnectRequest {
  readonly id?: string | undefined
  readonly integration: string
  readonly tenantId: string
  readonly authenticationMethod?: string | undefined
  /** Fields of the form; those that are no secret may stand in `settings` as well. */
  readonly credentials: Readonly<Record<string, string>>
  readonly settings?: JsonObject | undefined
  readonly context?: JsonObject | undefined
}

/** What a person's consent at the provider gave: fields of the credentials beside those of the form. */
export interface Grant {
  readonly credentials: Secret<Readonly<Record<string, string>>>
  /** Epoch milliseconds; null when it does not expire, or does not say. */
  readonly expiresAt: number | null
  /** The provider's own id of the account, when the token answer tells it. */
  readonly identity: string | null
  readonly scopes: readonly string[] | null
}

/** An account to connect by a grant; the form of an OAuth method may ask for fields beside it. */
export interface GrantRequest extends Omit<ConnectRequest, 'credentials'> {
  readonly authenticationMethod: string
  readonly credentials?: ConnectRequest['credentials'] | undefined
  readonly grant: Grant
}

/** What connecting works with; a start of the server has no caller. */
export type ConnectServices = ProveServices & Pick<Services, 'definitions' | 'log'>

interface Filled {
  readonly authenticationMethod: string
  readonly credentials: Secret<Readonly<Record<string, string>>>
  readonly settings: JsonObject
}

/** An integration of the catalog. Throws unknown_integration. */
export function integrationNamed({ engine }: Pick<Services, 'engine'>, name: string): Integration {
  const { integrations } = engine.catalog()
  const found = integrations.get(name)
  if (found !== undefined) return found
  throw new EngineError('unknown_integration', `There is no integration ${name.slice(0, 64)}`, {
    valid: [...integrations.keys()],
  })
}

/**
 * Connects an account: form checked, stored as `connecting`, proven by the definition's own call, then `active`. Throws
 * invalid_body, conflict, or what proving threw; then the account stays as `validation_error`, without credentials.
 */
export function connect(
  services: ConnectServices,
  environmentId: string,
  request: ConnectRequest,
): Promise<IntegratedAccount> {
  return create(services, environmentId, request, null)
}

/** Connects an account by a grant, as `connect` does by credentials. */
export function connectGrant(
  services: ConnectServices,
  environmentId: string,
  { grant, ...request }: GrantRequest,
): Promise<IntegratedAccount> {
  return create(services, environmentId, { ...request, credentials: request.credentials ?? {} }, grant)
}

async function create(
  services: ConnectServices,
  environmentId: string,
  request: ConnectRequest,
  grant: Grant | null,
): Promise<IntegratedAccount> {
  const { integration: name, id, tenantId, context } = request
  const integration = integrationNamed(services, name)
  const filled = fill(integration, request, grant)
  await services.definitions.trust(integration)
  const input = { id, integration: name, tenantId, context, ...filled }
  const account = await services.stores.accounts.create(environmentId, input, services.clock.now())
  return proveStored(services, account, grant?.identity ?? null)
}

/**
 * Gives an account other credentials once they are proven. The identity at the provider must stay, and live stays live.
 * Throws as connect does; then an account that works keeps the credentials that it has.
 */
export function reconnect(
  services: ConnectServices,
  account: IntegratedAccount,
  request: Pick<ConnectRequest, 'authenticationMethod' | 'credentials' | 'settings'>,
): Promise<IntegratedAccount> {
  return replace(services, account, request, null)
}

/** Gives an account another grant, as `reconnect` does other credentials. */
export function reconnectGrant(
  services: ConnectServices,
  account: IntegratedAccount,
  {
    grant,
    ...request
  }: Pick<GrantRequest, 'grant' | 'credentials' | 'settings'> & Pick<ConnectRequest, 'authenticationMethod'>,
): Promise<IntegratedAccount> {
  return replace(services, account, { ...request, credentials: request.credentials ?? {} }, grant)
}

async function replace(
  services: ConnectServices,
  account: IntegratedAccount,
  request: Pick<ConnectRequest, 'authenticationMethod' | 'credentials' | 'settings'>,
  grant: Grant | null,
): Promise<IntegratedAccount> {
  const integration = integrationNamed(services, account.integration)
  const settings = { ...account.settings, ...request.settings }
  const authenticationMethod = request.authenticationMethod ?? account.authenticationMethod ?? undefined
  const given = { authenticationMethod, credentials: request.credentials, settings }
  const { credentials, ...patch } = fill(integration, given, grant)
  await services.definitions.trust(integration)
  return proveCandidate(services, account, { credentials, patch, identity: grant?.identity ?? null })
}

function fill(
  integration: Integration,
  request: Pick<ConnectRequest, 'authenticationMethod' | 'credentials' | 'settings'>,
  grant: Grant | null,
): Filled {
  const method = authMethodOf(integration, request.authenticationMethod)
  const { base_url: baseUrl, ...named } = request.settings ?? {}
  const { credentials, settings } = fillForm(integration, method, { ...textsOf(named), ...request.credentials })
  return {
    authenticationMethod: method.name,
    credentials: new Secret({ ...credentials, ...grant?.credentials.reveal() }),
    settings: { ...settings, ...(baseUrl === undefined ? {} : { base_url: baseUrl }) },
  }
}

function textsOf(settings: JsonObject): Record<string, string> {
  const wrong = Object.entries(settings).find(([, value]) => typeof value !== 'string')
  if (wrong === undefined) return settings as Record<string, string>
  throw new EngineError('invalid_body', `The setting ${wrong[0]} is not a text`, { where: `/settings/${wrong[0]}` })
}

/** Only an admin points an account at another host. Throws forbidden, or invalid_body for what is no origin. */
export function checkBaseUrl(context: CallContext, settings: JsonObject | undefined): void {
  const baseUrl = settings?.base_url
  if (baseUrl === undefined) return
  checkRank(context.caller.token, 'admin')
  const url = typeof baseUrl === 'string' && URL.canParse(baseUrl) ? new URL(baseUrl) : null
  if (url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.search === '' && url.hash === '')
    return
  throw new EngineError('invalid_body', 'settings.base_url is not an http or https URL', {
    where: '/settings/base_url',
  })
}
