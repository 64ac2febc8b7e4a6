import { EngineError, type Integration } from '../../engine/index.ts'
import { formOf } from '../api/form.ts'
import { accountOf, offeredBy } from '../api/link.ts'
import type { Brand, Environment, LinkSession, LinkToken } from '../stores/index.ts'
import { accessOf } from './access.ts'
import { pageHeaders } from './headers.ts'
import type { LinkCall } from './serve.ts'
import { type OpenSession, sessionOf } from './session.ts'
import { failureText } from './texts.ts'
import { themeCss } from './theme.ts'
import { choosePage } from './views/choose.ts'
import { consentPage } from './views/consent.ts'
import { donePage, endedPage, failureBox, openingPage } from './views/ended.ts'
import { formPage } from './views/form.ts'
import type { Frame } from './views/layout.ts'

type Around = Omit<Frame, 'screen' | 'title' | 'back'>

/** The link that the address of a call names. Throws not_found. */
export async function namedLink(call: LinkCall): Promise<LinkToken> {
  const id = call.params.id ?? ''
  const link = /^lnk_[0-9a-f]{32}$/.test(id) ? await call.services.stores.links.get(id) : null
  if (link === null) throw new EngineError('not_found', 'There is no such link')
  call.link = link
  call.scope.trace.environmentId = link.environmentId
  return link
}

/** GET /link/{id}: the screen that comes next; without a session the page that opens one. */
export async function showLink(call: LinkCall): Promise<Response> {
  const { services, request } = call
  const link = await namedLink(call)
  const environment = await services.stores.environments.get(link.environmentId)
  const brand = brandOf(environment)
  // An origin that was taken from the list since may not frame the page any more.
  const origin = environment?.settings.allowedOrigins.find((one) => one === link.origin) ?? null
  const around: Around = { link: { id: link.id, origin, redirectUri: link.redirectUri }, brand, proof: null }
  const headers = pageHeaders({ origin, logo: brand.logo })
  const open = await sessionOf(services, request, link)
  const text = open === null ? await openingPage(around) : await screenOf(call, open, { ...around, proof: open.proof })
  return new Response(text, { headers })
}

/** GET /link/{id}/theme.css: the colours of the brand. */
export async function showTheme(call: LinkCall): Promise<Response> {
  const link = await namedLink(call)
  const environment = await call.services.stores.environments.get(link.environmentId)
  const headers = { 'content-type': 'text/css; charset=utf-8', 'cache-control': 'no-cache' }
  return new Response(themeCss(environment?.settings.brand.color ?? null), { headers })
}

function brandOf(environment: Environment | null): Around['brand'] {
  const { logo = null, privacyUrl = null, name = null }: Partial<Brand> = environment?.settings.brand ?? {}
  return { name: name ?? environment?.name ?? 'this application', logo, privacyUrl }
}

function screenOf(call: LinkCall, { session }: OpenSession, around: Around): Promise<string> {
  const { services, url } = call
  const { link, outcome } = session
  const { integrations } = services.engine.catalog()
  if (outcome?.status === 'connected') {
    const label = integrations.get(outcome.integration)?.label ?? outcome.integration
    const facts = { account: outcome.accountId, integration: outcome.integration }
    return donePage({ ...around, facts }, { label, isAgain: link.integratedAccountId !== null })
  }
  if (link.spentAt !== null) return endedPage(failureText('link_token_spent', '', null), { ...around })
  const offered = offeredBy(services, link)
  const wanted = url.searchParams.get('integration')
  const chosen = offered.find(({ name }) => name === wanted) ?? (offered.length === 1 ? offered[0] : undefined)
  if (chosen === undefined) return choosePage(around, offered)
  return connectScreen(call, { session, integration: chosen, isOnly: offered.length === 1 }, around)
}

async function connectScreen(
  { services, url }: LinkCall,
  chosen: { readonly session: LinkSession; readonly integration: Integration; readonly isOnly: boolean },
  around: Around,
): Promise<string> {
  const { session, integration, isOnly } = chosen
  const account = await accountOf(services, session.link)
  const here = `/link/${session.link.id}?integration=${encodeURIComponent(integration.name)}`
  const method = integration.auth.methods.get(url.searchParams.get('method') ?? '')
  if (method === undefined) {
    return consentPage(around, {
      integration,
      methods: [...integration.auth.methods.values()],
      access: accessOf(integration),
      scopes: session.link.scopes,
      isAgain: account !== null,
      failure: failureOf(session, integration),
      formOf: (name) => `${here}&method=${encodeURIComponent(name)}`,
      back: isOnly ? null : `/link/${session.link.id}`,
    })
  }
  const fields = formOf(integration, method)
  const isOAuth = false
  return formPage(around, { integration, method, fields, values: valuesOf(account), isOAuth, back: here })
}

/** What was said of the last authorization that came back without success. */
function failureOf({ outcome }: LinkSession, { name, label }: Integration) {
  if (outcome?.status !== 'failed' || outcome.integration !== name) return ''
  return failureBox(failureText(outcome.code, label, outcome.said))
}

function valuesOf(account: { readonly settings: Readonly<Record<string, unknown>> } | null): Record<string, string> {
  const entries = Object.entries(account?.settings ?? {})
  return Object.fromEntries(entries.filter((pair): pair is [string, string] => typeof pair[1] === 'string'))
}
