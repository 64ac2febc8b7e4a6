import { EngineError, type Granted, type Integration, Secret } from '../../engine/index.ts'
import type { AccountPatch, IntegratedAccount, JsonObject } from '../stores/index.ts'
import type { CallContext, Services } from './context.ts'
import { authMethodOf, fillForm } from './form.ts'
import { type ProveServices, proveAgain, proveCandidate, proveSettings, proveStored } from './prove.ts'
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

/** An account to connect by a grant; the form of an OAuth method may ask for fields beside it. */
export interface GrantRequest extends Omit<ConnectRequest, 'credentials'> {
  readonly authenticationMethod: string
  readonly credentials?: ConnectRequest['credentials'] | undefined
  readonly grant: Granted
}

/** What connecting works with; a start of the server has no caller. */
export type ConnectServices = ProveServices & Pick<Services, 'definitions' | 'log'>

interface Filled {
  readonly patch: Pick<AccountPatch, 'authenticationMethod' | 'settings' | 'expiresAt' | 'renewAt'>
  readonly credentials: Secret<Readonly<Record<string, string>>>
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
  grant: Granted | null,
): Promise<IntegratedAccount> {
  const { integration: name, id, tenantId, context } = request
  const integration = integrationNamed(services, name)
  const { patch, credentials } = fill(integration, request, grant)
  await services.definitions.trust(integration)
  const input = { id, integration: name, tenantId, context, ...patch, credentials }
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
  grant: Granted | null,
): Promise<IntegratedAccount> {
  const integration = integrationNamed(services, account.integration)
  const settings = { ...account.settings, ...request.settings }
  const authenticationMethod = request.authenticationMethod ?? account.authenticationMethod ?? undefined
  const given = { authenticationMethod, credentials: request.credentials, settings }
  const { patch, credentials } = fill(integration, given, grant)
  await services.definitions.trust(integration)
  return proveCandidate(services, account, { credentials, patch, identity: grant?.identity ?? null })
}

/**
 * Tries again what stopped an account on its way, with what is stored. Throws conflict for one that nothing stopped,
 * needs_reauth for one without credentials, and as connect does.
 */
export async function retryAccount(services: ConnectServices, account: IntegratedAccount): Promise<IntegratedAccount> {
  const { id, status, hasCredentials } = account
  if (status === 'active' || status === 'disabled' || status === 'connecting') {
    throw new EngineError('conflict', `The integrated account ${id} is ${status}: there is nothing to try again`)
  }
  if (!hasCredentials) {
    throw new EngineError('needs_reauth', `The integrated account ${id} has no credentials to try again with`, {
      hint: `Give them with PATCH /integrated-account/${id}, or make a link with integrated_account_id.`,
    })
  }
  await services.definitions.trust(integrationNamed(services, account.integration))
  return proveAgain(services, account)
}

/** Changes settings of an account that are to be proven first, with its stored credentials. Throws as reconnect does. */
export async function changeSettings(
  services: ConnectServices,
  account: IntegratedAccount,
  settings: JsonObject,
): Promise<IntegratedAccount> {
  const integration = integrationNamed(services, account.integration)
  const method = authMethodOf(integration, account.authenticationMethod ?? undefined)
  const stored = (await services.stores.accounts.load(account.environmentId, account.id)).reveal()
  // Tokens of a grant are no fields of the form.
  const credentials = Object.fromEntries(Object.entries(stored).filter(([name]) => Object.hasOwn(method.fields, name)))
  const given = { authenticationMethod: method.name, credentials, settings: { ...account.settings, ...settings } }
  const { patch } = fill(integration, given, null)
  await services.definitions.trust(integration)
  return proveSettings(services, account, patch)
}

function fill(
  integration: Integration,
  request: Pick<ConnectRequest, 'authenticationMethod' | 'credentials' | 'settings'>,
  grant: Granted | null,
): Filled {
  const method = authMethodOf(integration, request.authenticationMethod)
  const { base_url: baseUrl, ...named } = request.settings ?? {}
  const given = { ...textsOf(named), ...request.credentials, ...grant?.settings }
  const { credentials, settings } = fillForm(integration, method, given)
  return {
    patch: {
      authenticationMethod: method.name,
      settings: { ...settings, ...(baseUrl === undefined ? {} : { base_url: baseUrl }) },
      expiresAt: grant?.expiresAt,
      renewAt: grant?.renewAt,
    },
    credentials: new Secret({ ...credentials, ...grant?.credentials.reveal() }),
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
