import { EngineError, type Integration, Secret, type VerifyAnswer } from '../../engine/index.ts'
import type { IntegratedAccount, JsonObject, Stores } from '../stores/index.ts'
import { toEngineAccount } from './accounts.ts'
import type { CallContext, Services } from './context.ts'
import { authMethodOf, fillForm } from './form.ts'
import { asEngineError } from './problem.ts'
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

/** What connecting works with; a start of the server has no caller. */
export type ConnectServices = Pick<Services, 'engine' | 'clock' | 'random' | 'definitions' | 'log'> & {
  readonly stores: Pick<Stores, 'accounts'>
}

interface Filled {
  readonly integration: Integration
  readonly method: string
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
export async function connect(
  services: ConnectServices,
  environmentId: string,
  request: ConnectRequest,
): Promise<IntegratedAccount> {
  const filled = fill(integrationNamed(services, request.integration), request)
  const { stores, clock, definitions } = services
  await definitions.trust(filled.integration)
  const account = await stores.accounts.create(
    environmentId,
    {
      id: request.id,
      integration: request.integration,
      tenantId: request.tenantId,
      authenticationMethod: filled.method,
      credentials: filled.credentials,
      settings: filled.settings,
      context: request.context,
    },
    clock.now(),
  )
  return prove(services, account)
}

/** Gives an account other credentials and proves them; the identity at the provider must stay. Throws as connect does. */
export async function reconnect(
  services: ConnectServices,
  account: IntegratedAccount,
  request: Pick<ConnectRequest, 'authenticationMethod' | 'credentials' | 'settings'>,
): Promise<IntegratedAccount> {
  const integration = integrationNamed(services, account.integration)
  const settings = { ...account.settings, ...request.settings }
  const authenticationMethod = request.authenticationMethod ?? account.authenticationMethod ?? undefined
  const filled = fill(integration, { authenticationMethod, credentials: request.credentials, settings })
  await services.definitions.trust(integration)
  const patch = { authenticationMethod: filled.method, settings: filled.settings, credentials: filled.credentials }
  const now = services.clock.now()
  const changed = await services.stores.accounts.update(account.environmentId, account.id, patch, { now })
  return prove(services, changed)
}

function fill(
  integration: Integration,
  request: Pick<ConnectRequest, 'authenticationMethod' | 'credentials' | 'settings'>,
): Filled {
  const method = authMethodOf(integration, request.authenticationMethod)
  const { base_url: baseUrl, ...named } = request.settings ?? {}
  const { credentials, settings } = fillForm(integration, method, { ...textsOf(named), ...request.credentials })
  return {
    integration,
    method: method.name,
    credentials: new Secret(credentials),
    settings: { ...settings, ...(baseUrl === undefined ? {} : { base_url: baseUrl }) },
  }
}

function textsOf(settings: JsonObject): Record<string, string> {
  const wrong = Object.entries(settings).find(([, value]) => typeof value !== 'string')
  if (wrong === undefined) return settings as Record<string, string>
  throw new EngineError('invalid_body', `The setting ${wrong[0]} is not a text`, { where: `/settings/${wrong[0]}` })
}

async function prove(services: ConnectServices, account: IntegratedAccount): Promise<IntegratedAccount> {
  const { stores, engine, clock, random } = services
  const { environmentId, id } = account
  const options = { requestId: `connect_${random.id(16)}`, priority: 'interactive', onLimit: 'wait' } as const
  try {
    const found = await engine.verify(toEngineAccount(account), options)
    checkIdentity(account, found)
    const { identity, mode, livemode } = found
    const traits = { ...found.traits, ...(found.apiVersion === null ? {} : { api_version: found.apiVersion }) }
    const patch = { status: 'active', identity: identity ?? account.identity, mode, livemode, traits } as const
    return await stores.accounts.update(environmentId, id, patch, { now: clock.now() })
  } catch (thrown) {
    const patch = { status: 'validation_error', credentials: null } as const
    await stores.accounts.update(environmentId, id, patch, { now: clock.now() })
    throw refusedCredentials(asEngineError(thrown), account)
  }
}

function checkIdentity(account: IntegratedAccount, found: VerifyAnswer): void {
  if (account.identity === null || found.identity === null || account.identity === found.identity) return
  throw new EngineError('invalid_credentials', 'These credentials are of another account of the provider', {
    hint: 'Connect it as an integrated account of its own.',
  })
}

/** A provider that says no to the credentials is told as such; whatever else went wrong keeps its code. */
function refusedCredentials(error: EngineError, { id }: IntegratedAccount): EngineError {
  const kept = `The integrated account ${id} is kept as validation_error: PATCH /integrated-account/${id} with credentials tries again, DELETE removes it.`
  const hint = [error.details.hint, kept].filter((text) => text !== undefined).join(' ')
  const isNo =
    error.code === 'needs_reauth' || error.code === 'provider_forbidden' || error.code === 'invalid_credentials'
  const code = isNo ? 'invalid_credentials' : error.code
  const said = error.details.provider?.message
  const message = isNo ? `The provider refused the credentials${said === undefined ? '' : `: ${said}`}` : error.message
  return new EngineError(code, message, { ...error.details, hint, where: isNo ? '/credentials' : error.details.where })
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
