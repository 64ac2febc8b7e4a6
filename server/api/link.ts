import { type CompiledAuthMethod, EngineError, type Integration } from '../../engine/index.ts'
import type { IntegratedAccount, JsonObject, LinkSession, LinkToken } from '../stores/index.ts'
import { connect, reconnect } from './connect.ts'
import type { Services } from './context.ts'
import { asEngineError } from './problem.ts'

/** What a person filled in on the page. */
export interface LinkForm {
  readonly integration: string
  readonly method: string
  readonly fields: Readonly<Record<string, string>>
}

/** Connects or connects again: `known` is the account to go on with, else a new one of id `id` is made. */
type LinkWork = (known: IntegratedAccount | null, id: string) => Promise<IntegratedAccount>

/** An attempt that has not ended by then was cut off, and the next one may run. */
const LEASE_MS = 300_000

/** The integrations that a link offers, in the order in which they were asked for. */
export function offeredBy({ engine }: Pick<Services, 'engine'>, link: LinkToken): readonly Integration[] {
  const { integrations } = engine.catalog()
  const names = link.integrations ?? [...integrations.keys()]
  return names.flatMap((name) => integrations.get(name) ?? [])
}

/**
 * The auth methods that a person can use: those that want an app of the environment only where there is one. Throws
 * store_failed.
 */
export async function methodsOf(
  { stores }: Pick<Services, 'stores'>,
  link: LinkToken,
  integration: Integration,
): Promise<readonly CompiledAuthMethod[]> {
  const methods = [...integration.auth.methods.values()]
  const usable = methods.map(async (method) => {
    if (!Object.values(method.app).some(({ required }) => required !== false)) return true
    return (await stores.oauthApps.get(link.environmentId, integration.name, method.name)) !== null
  })
  const found = await Promise.all(usable)
  return methods.filter((_method, at) => found[at])
}

/** Whether the provider asks the person itself, on a page of its own. */
export const asksAtProvider = ({ oauth2 }: CompiledAuthMethod): boolean => oauth2?.grant === 'authorization_code'

/** The account that a link connects again, or null for a new one. Throws unknown_account or account_not_active. */
export async function accountOf({ stores }: Services, link: LinkToken): Promise<IntegratedAccount | null> {
  if (link.integratedAccountId === null) return null
  const account = await stores.accounts.get(link.environmentId, link.integratedAccountId)
  if (account === null) throw new EngineError('unknown_account', 'The account that this link connects again is gone')
  if (account.status !== 'disabled') return account
  throw new EngineError('account_not_active', 'The account that this link connects again is switched off')
}

/** Connects the account of a link by what a form holds. Throws as linkAccount does, and as connect does. */
export function linkByForm(
  services: Services,
  session: LinkSession,
  { integration, method, fields }: LinkForm,
  requestId: string,
): Promise<IntegratedAccount> {
  const { environmentId, tenantId, context } = session.link
  const given = { authenticationMethod: method, credentials: fields }
  return linkAccount(services, session, { integration, requestId }, (known, id) =>
    known === null
      ? connect(services, environmentId, { ...given, id, integration, tenantId, context })
      : reconnect(services, known, given),
  )
}

/**
 * Runs the one attempt of a link that may run, and spends the link when it connected an account. Throws link_token_spent,
 * conflict while another window is at it, unknown_integration, or what the work throws; then the link can be tried again.
 */
export async function linkAccount(
  services: Services,
  session: LinkSession,
  way: Way,
  work: LinkWork,
): Promise<IntegratedAccount> {
  const { link } = session
  const { links } = services.stores
  const lease = await begin(services, link, way)
  try {
    const known = await knownAccount(services, link, { lease, integration: way.integration })
    const id = known?.id ?? `ia_${services.random.id(32)}`
    if (known === null) await links.remember(link.id, lease, id)
    const account = await work(known, id)
    if (!(await links.spend(link.id, lease, services.clock.now()))) throw await notNow(services, link)
    await links.settle(session.id, { status: 'connected', accountId: account.id, integration: way.integration })
    await auditLink(services, link, { requestId: way.requestId, accountId: account.id, outcome: 'succeeded' })
    return account
  } catch (thrown) {
    await links.release(link.id, lease)
    const { code } = asEngineError(thrown)
    const details = { code, integration: way.integration }
    await auditLink(services, link, { requestId: way.requestId, outcome: 'failed', details })
    throw thrown
  }
}

interface Way {
  readonly integration: string
  readonly requestId: string
}

/** Throws, and audits as denied, what the link does not offer and what it can connect no more. */
export async function checkOpen(services: Services, link: LinkToken, way: Way): Promise<void> {
  if (!offeredBy(services, link).some(({ name }) => name === way.integration)) {
    const message = 'The link does not offer this integration'
    throw await denied(services, link, way, new EngineError('unknown_integration', message, { where: '/integration' }))
  }
  const current = await services.stores.links.get(link.id)
  if (current?.spentAt != null) throw await denied(services, link, way, await notNow(services, link))
}

/** The lease of an attempt; what begins none stands in the audit log as denied. */
async function begin(services: Services, link: LinkToken, way: Way): Promise<string> {
  await checkOpen(services, link, way)
  const lease = await services.stores.links.claim(link.id, services.clock.now(), LEASE_MS)
  if (lease === null) throw await denied(services, link, way, await notNow(services, link))
  return lease
}

async function denied(services: Services, link: LinkToken, { requestId }: Way, why: EngineError): Promise<EngineError> {
  await auditLink(services, link, { requestId, outcome: 'denied', details: { code: why.code } })
  return why
}

async function notNow({ stores }: Services, { id }: LinkToken): Promise<EngineError> {
  const link = await stores.links.get(id)
  if (link?.spentAt != null) return new EngineError('link_token_spent', 'The link has connected an account already')
  return new EngineError('conflict', 'Another window is connecting this account', {
    hint: 'Wait until it has ended, then try again.',
  })
}

/** The account to connect again, or the one that an earlier attempt of this link left behind. */
async function knownAccount(
  services: Services,
  link: LinkToken,
  { lease, integration }: { readonly lease: string; readonly integration: string },
): Promise<IntegratedAccount | null> {
  const again = await accountOf(services, link)
  if (again !== null) return again
  const { accounts, links } = services.stores
  const current = await links.get(link.id)
  const left = current?.accountId ? await accounts.get(link.environmentId, current.accountId) : null
  if (left === null || left.integration === integration) return left
  if (left.identity === null) await accounts.delete(left.environmentId, left.id, { now: services.clock.now() })
  await links.remember(link.id, lease, null)
  return null
}

/** What a link did, for the audit log; `denied` is what it was refused. */
export async function auditLink(
  { stores, clock }: Pick<Services, 'stores' | 'clock'>,
  { id, environmentId }: LinkToken,
  act: {
    readonly requestId: string
    readonly outcome: 'succeeded' | 'failed' | 'denied'
    readonly accountId?: string
    readonly details?: JsonObject
  },
): Promise<void> {
  await stores.audit.record(environmentId, {
    actor: `link:${id}`,
    action: act.outcome === 'denied' ? 'link.use' : 'integrated_account.connect',
    target: act.accountId === undefined ? `link:${id}` : `integrated_account:${act.accountId}`,
    outcome: act.outcome,
    requestId: act.requestId,
    details: act.details ?? {},
    at: clock.now(),
  })
}
