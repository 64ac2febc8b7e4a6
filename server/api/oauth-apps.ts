import { type CompiledAuthMethod, EngineError, type Integration, Secret } from '../../engine/index.ts'
import type { JsonObject, OAuthAppKey, StoredOAuthApp } from '../stores/index.ts'
import { audit } from './audit.ts'
import { integrationNamed } from './connect.ts'
import type { CallContext, Services } from './context.ts'
import { reachedEnvironment } from './environments.ts'
import { authMethodOf, fillApp } from './form.ts'

/** An app that a call is about, where the caller may look. */
export interface NamedApp {
  readonly key: OAuthAppKey
  readonly integration: Integration
  readonly method: CompiledAuthMethod
}

/** The app of a path. Throws not_found, unknown_integration, or invalid_body for a method that wants no app. */
export async function namedApp(context: CallContext, params: Readonly<Record<string, string>>): Promise<NamedApp> {
  const environment = await reachedEnvironment(context, params.id ?? '')
  context.trace.environmentId = environment.id
  const integration = integrationNamed(context.services, params.integration ?? '')
  const method = authMethodOf(integration, params.method ?? '')
  if (Object.keys(method.app).length === 0) {
    throw new EngineError('invalid_body', `The auth method ${method.name} of ${integration.label} wants no app`, {
      where: 'method',
      valid: [...integration.auth.methods.values()].filter(hasApp).map(({ name }) => name),
    })
  }
  const key = { environmentId: environment.id, integration: integration.name, method: method.name }
  return { key, integration, method }
}

const hasApp = ({ app }: CompiledAuthMethod): boolean => Object.keys(app).length > 0

/** Stores an app in place of any before, checked like a form. Throws invalid_body. */
export async function setApp(context: CallContext, app: NamedApp, given: Readonly<Record<string, string>>) {
  const { stores, clock, definitions } = context.services
  const fields = fillApp(app.integration, app.method, given)
  await definitions.trust(app.integration)
  await stores.oauthApps.set(app.key, new Secret(fields), clock.now())
  await audit(context, 'oauth_app.set', targetOf(app), 'succeeded', { fields: Object.keys(fields) })
  return appOut(context.services, app, await stores.oauthApps.get(...placeOf(app)))
}

/** The app without its secrets. Throws not_found. */
export async function getApp({ services }: CallContext, app: NamedApp): Promise<JsonObject> {
  return appOut(services, app, await services.stores.oauthApps.get(...placeOf(app)))
}

/** Forgets an app; accounts connected with it can no longer renew their tokens. Throws not_found. */
export async function deleteApp(context: CallContext, app: NamedApp): Promise<void> {
  if (!(await context.services.stores.oauthApps.delete(app.key))) throw notFound(app)
  await audit(context, 'oauth_app.delete', targetOf(app), 'succeeded')
}

const placeOf = ({ key }: NamedApp) => [key.environmentId, key.integration, key.method] as const
const targetOf = ({ key }: NamedApp): string => `oauth_app:${key.integration}/${key.method}`

const notFound = ({ key }: NamedApp): EngineError =>
  new EngineError('not_found', `The environment has no app for ${key.method} of ${key.integration}`, {
    hint: 'Set it with PUT at the same address.',
  })

/** Where a provider sends people back to; to be registered with the app. */
const redirectUriOf = ({ settings }: Pick<Services, 'settings'>, integration: string): string => {
  const host = settings.host.includes(':') ? `[${settings.host}]` : settings.host
  const base = settings.publicUrl?.href.replace(/\/$/, '') ?? `http://${host}:${settings.port}`
  return `${base}/oauth/callback/${integration}`
}

function appOut(services: Services, app: NamedApp, stored: StoredOAuthApp | null): JsonObject {
  if (stored === null) throw notFound(app)
  const given = stored.fields.reveal()
  const isOpen = (name: string): boolean => !isSecret(app, name)
  const names = Object.keys(app.method.app)
  return {
    environment: app.key.environmentId,
    integration: app.key.integration,
    method: app.key.method,
    fields: Object.fromEntries(names.filter(isOpen).map((name) => [name, given[name] ?? null])),
    secrets: names.filter((name) => isSecret(app, name) && given[name] !== undefined),
    missing: names.filter((name) => given[name] === undefined && app.method.app[name]?.required !== false),
    redirect_uri: app.method.oauth2?.authorize === undefined ? null : redirectUriOf(services, app.key.integration),
    created_at: new Date(stored.createdAt).toISOString(),
    updated_at: new Date(stored.updatedAt).toISOString(),
  }
}

const isSecret = ({ method }: NamedApp, name: string): boolean => method.app[name]?.secret === true
