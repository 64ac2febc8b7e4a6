import { type CompiledAuthMethod, EngineError, type Integration } from '../../engine/index.ts'
import type { IntegratedAccount, LinkSession, OAuthFlow } from '../stores/index.ts'
import { connectGrant, reconnectGrant } from './connect.ts'
import type { Services } from './context.ts'
import { fillForm, formOf } from './form.ts'
import { accountOf, checkOpen, type LinkForm, linkAccount, offeredBy } from './link.ts'
import { redirectUriOf } from './oauth-apps.ts'
import { asEngineError } from './problem.ts'

/** From the button to the window that goes to the provider. */
const TICKET_MS = 120_000
/** At the provider, until the person is back. */
export const AUTHORIZATION_MS = 900_000

interface Target {
  readonly integration: Integration
  readonly method: CompiledAuthMethod
}

/**
 * Begins an authorization by what the form holds; answers its ticket, which the window that goes to the provider trades in.
 * Throws link_token_spent, unknown_integration or invalid_body.
 */
export async function beginFlow(
  services: Services,
  session: LinkSession,
  form: LinkForm & { readonly window: OAuthFlow['window'] },
  requestId: string,
): Promise<string> {
  const { stores, clock } = services
  await checkOpen(services, session.link, { integration: form.integration, requestId })
  const { integration, method } = targetOf(services, session, form)
  fillForm(integration, method, form.fields)
  await stores.links.settle(session.id, null)
  const now = clock.now()
  const kept = { fields: form.fields }
  const flow = { integration: integration.name, method: method.name, window: form.window, kept }
  return (await stores.oauthFlows.begin({ ...flow, sessionId: session.id, expiresAt: now + TICKET_MS }, now)).reveal()
}

/** Where the window of a ticket goes, bound to the browser that asks. Throws oauth_state_refused, or as the engine does. */
export async function departFlow(
  services: Services,
  session: LinkSession,
  flow: OAuthFlow,
  browser: string,
): Promise<string> {
  const { stores, clock, engine, random } = services
  const state = random.id(43)
  const authorizing = await authorizingOf(services, session, flow, state)
  const { url, codeVerifier } = await engine.beginAuthorization({
    ...authorizing,
    scopes: session.link.scopes ?? undefined,
  })
  const more = { ...flow, kept: { ...flow.kept, codeVerifier } }
  const isBound = await stores.oauthFlows.depart(more, { state, browser, expiresAt: clock.now() + AUTHORIZATION_MS })
  if (isBound) return url
  throw new EngineError('oauth_state_refused', 'The authorization was begun in another window')
}

/**
 * Connects the account by the callback of the provider. However it ends, the session says so. Throws what linkAccount and
 * the engine throw.
 */
export async function arriveFlow(
  services: Services,
  session: LinkSession,
  flow: OAuthFlow,
  back: {
    readonly state: string
    readonly parameters: Readonly<Record<string, string>>
    readonly requestId: string
  },
): Promise<IntegratedAccount> {
  const { integration, method } = flow
  const { environmentId, tenantId, context } = session.link
  const codeVerifier = typeof flow.kept.codeVerifier === 'string' ? flow.kept.codeVerifier : null
  try {
    return await linkAccount(services, session, { integration, requestId: back.requestId }, async (known, id) => {
      const authorizing = await authorizingOf(services, session, flow, back.state)
      const callback = { ...authorizing, codeVerifier, parameters: back.parameters }
      const grant = await services.engine.completeAuthorization(callback)
      const given = { authenticationMethod: method, credentials: fieldsOf(flow), grant }
      if (known !== null) return reconnectGrant(services, known, given)
      return connectGrant(services, environmentId, { ...given, id, integration, tenantId, context })
    })
  } catch (thrown) {
    const { code, details } = asEngineError(thrown)
    const said = details.provider?.message ?? null
    if (code !== 'link_token_spent') {
      await services.stores.links.settle(session.id, { status: 'failed', code, integration, said })
    }
    throw thrown
  }
}

async function authorizingOf(services: Services, session: LinkSession, flow: OAuthFlow, state: string) {
  const { link } = session
  const { integration, method } = targetOf(services, session, flow)
  const account = await accountOf(services, link)
  const { settings } = fillForm(integration, method, {
    ...textsOf(account, formOf(integration, method)),
    ...fieldsOf(flow),
  })
  const baseUrl = account?.settings.base_url
  return {
    integration: integration.name,
    method: method.name,
    app: await services.reads.app(link.environmentId, integration.name, method.name),
    connection: settings,
    mode: account?.mode ?? null,
    baseUrl: typeof baseUrl === 'string' ? baseUrl : null,
    redirectUri: redirectUriOf(services, integration.name),
    state,
  }
}

/** The integration and method of a form, as the link offers them. Throws unknown_integration or invalid_body. */
function targetOf(
  services: Services,
  { link }: LinkSession,
  wanted: { readonly integration: string; readonly method: string },
): Target {
  const integration = offeredBy(services, link).find(({ name }) => name === wanted.integration)
  if (integration === undefined) {
    throw new EngineError('unknown_integration', 'The link does not offer this integration', { where: '/integration' })
  }
  const method = integration.auth.methods.get(wanted.method)
  if (method !== undefined) return { integration, method }
  throw new EngineError('invalid_body', 'The integration has no such auth method', { where: '/method' })
}

const fieldsOf = ({ kept }: OAuthFlow): Record<string, string> => ({ ...(kept.fields as Record<string, string>) })

/** Settings of an account that is connected again, as far as the form has them. */
function textsOf(account: IntegratedAccount | null, form: Readonly<Record<string, unknown>>): Record<string, string> {
  const entries = Object.entries(account?.settings ?? {}).filter(([name]) => Object.hasOwn(form, name))
  return Object.fromEntries(entries.filter((pair): pair is [string, string] => typeof pair[1] === 'string'))
}
