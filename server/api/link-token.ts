import { EngineError } from '../../engine/index.ts'
import type { Environment, IntegratedAccount, JsonObject, LinkToken } from '../stores/index.ts'
import { findAccount } from './accounts.ts'
import { audit } from './audit.ts'
import { integrationNamed } from './connect.ts'
import type { CallContext, Services } from './context.ts'

/** A link token as it is asked for. */
export interface LinkTokenRequest {
  readonly tenant_id?: string
  readonly integrations?: readonly string[]
  readonly integrated_account_id?: string
  readonly redirect_uri?: string
  readonly origin?: string
  readonly scopes?: readonly string[]
  readonly context?: JsonObject
  /** Seconds. */
  readonly expires_in?: number
}

const DEFAULT_SECONDS = 3_600

/**
 * Makes a link token in the environment of the call, or of the account to connect again. Throws invalid_body for what the
 * environment does not list, unknown_integration, unknown_account or account_not_active.
 */
export async function createLinkToken(context: CallContext, given: LinkTokenRequest): Promise<JsonObject> {
  const { services, caller, trace } = context
  const account = await accountToReconnect(context, given)
  const environmentId = account?.environmentId ?? caller.environmentId
  trace.environmentId = environmentId
  const environment = await services.stores.environments.get(environmentId)
  if (environment !== null) checkPlaces(environment, given)
  for (const name of given.integrations ?? []) integrationNamed(services, name)
  const tenantId = account?.tenantId ?? given.tenant_id
  if (tenantId === undefined) throw missing('tenant_id', 'A new account needs the tenant that it is of')
  const now = services.clock.now()
  const input = {
    tenantId,
    integrations: account === null ? (given.integrations ?? null) : [account.integration],
    integratedAccountId: account?.id ?? null,
    redirectUri: given.redirect_uri ?? null,
    origin: given.origin ?? null,
    scopes: given.scopes ?? null,
    context: given.context ?? {},
    expiresAt: now + (given.expires_in ?? DEFAULT_SECONDS) * 1_000,
  }
  const { value, link } = await services.stores.links.create(environmentId, input, now)
  await audit(context, 'link_token.create', `link:${link.id}`, 'succeeded', { tenant_id: tenantId })
  const token = value.reveal()
  const expires_at = new Date(link.expiresAt).toISOString()
  return { id: link.id, link_token: token, url: linkUrl(services, link, token), expires_at }
}

/** Takes a link back, with the sessions and authorizations that were begun on it. Throws not_found. */
export async function revokeLinkToken(context: CallContext, id: string): Promise<JsonObject> {
  const { services, caller, trace } = context
  for (const environmentId of caller.environments) {
    if (!(await services.stores.links.delete(environmentId, id))) continue
    trace.environmentId = environmentId
    await audit(context, 'link_token.revoke', `link:${id}`, 'succeeded')
    return { id }
  }
  throw new EngineError('not_found', 'There is no such link token', { where: 'id' })
}

/** Where a link is opened. The secret half of the token is behind the `#`, which browsers keep to themselves. */
function linkUrl({ lifecycle }: Services, { id }: LinkToken, token: string): string {
  return `${lifecycle.url}/link/${id}#${token.slice(id.length + 1)}`
}

async function accountToReconnect(context: CallContext, given: LinkTokenRequest): Promise<IntegratedAccount | null> {
  const { integrated_account_id: id, tenant_id: tenantId, integrations } = given
  if (id === undefined) return null
  const account = await findAccount(context, id)
  if (tenantId !== undefined && tenantId !== account.tenantId) {
    throw new EngineError('unknown_account', `The tenant has no integrated account ${id.slice(0, 128)}`, {
      where: '/tenant_id',
    })
  }
  if (integrations !== undefined) {
    throw missing('integrations', 'An account that is connected again keeps its integration: leave `integrations` out')
  }
  if (account.status !== 'disabled') return account
  throw new EngineError('account_not_active', `The integrated account ${account.id} is switched off`, {
    hint: 'Switch it on with PATCH /integrated-account/{id} { "status": "active" } first.',
  })
}

function checkPlaces({ id, settings }: Environment, { origin, redirect_uri: uri }: LinkTokenRequest): void {
  const hint = `An admin lists it with PATCH /environment/${id}.`
  if (origin !== undefined && !settings.allowedOrigins.includes(origin)) {
    const message = 'The origin is none of the environment: allowed_origins lists those, each exactly'
    throw new EngineError('invalid_body', message, { where: '/origin', valid: settings.allowedOrigins, hint })
  }
  if (uri !== undefined && !settings.redirectUris.includes(uri)) {
    const message = 'The redirect URI is none of the environment: redirect_uris lists those, each exactly'
    throw new EngineError('invalid_body', message, { where: '/redirect_uri', valid: settings.redirectUris, hint })
  }
}

function missing(field: string, message: string): EngineError {
  return new EngineError('invalid_body', message, { where: `/${field}` })
}
