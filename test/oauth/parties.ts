import { generateKeyPairSync } from 'node:crypto'
import { onTestFinished } from 'vitest'
import { createEngine, type Engine, Secret } from '../../engine/index.ts'
import type { AuthMethod, OAuth2 } from '../../engine/schema/generated.ts'
import { type Definition, type Desk, openDesk } from '../support/calls.ts'
import { type Received, startUpstream, type Upstream } from '../support/upstream.ts'

/** The app that environments of these tests bring. */
export const APP = { client_id: 'app 1', client_secret: 's3cret/+' }

/** The callback that begins the tests have registered. */
export const REDIRECT = 'https://onefold.test/oauth/callback/acme'

/** A method that connects over OAuth, with what a test says instead. */
export const oauthMethod = (oauth2: Partial<OAuth2> = {}, more: Partial<AuthMethod> = {}): AuthMethod => ({
  type: 'oauth2',
  label: 'Sign in',
  app: { client_id: { label: 'Client ID' }, client_secret: { label: 'Client secret', secret: true } },
  oauth2: {
    authorize: { path: '/oauth/authorize' },
    token: { path: '/oauth/token' },
    scopes: ['read', 'write'],
    ...oauth2,
  },
  ...more,
})

/** acme, connected by this method, with one record to read. */
export const acmeWith = (method: AuthMethod): Definition => ({
  auth: { methods: { oauth: method } },
  resources: {
    things: { methods: { get: { effect: 'read', verb: 'GET', path: '/things/{{ $path.id }}', description: 'One.' } } },
  },
})

/** An engine before an upstream that plays the provider. */
export interface Parties {
  readonly desk: Desk
  readonly engine: Engine
  readonly upstream: Upstream
  /** What a begin of an authorization needs besides its subject. */
  readonly asking: {
    readonly integration: string
    readonly method: string
    readonly app: Secret<Readonly<Record<string, string>>>
    readonly connection: Readonly<Record<string, string>>
    readonly baseUrl: string
    readonly redirectUri: string
    readonly state: string
  }
}

/** Sets up both sides; they end with the test. */
export async function openParties(method: AuthMethod, app: Readonly<Record<string, string>> = APP): Promise<Parties> {
  const upstream = await startUpstream()
  const desk = openDesk(acmeWith(method), upstream.url)
  onTestFinished(async () => {
    await desk.close()
    await upstream.close()
  })
  const asking = {
    integration: 'acme',
    method: 'oauth',
    app: new Secret(app),
    connection: {},
    baseUrl: upstream.url,
    redirectUri: REDIRECT,
    state: 'state-1',
  }
  return { desk, engine: createEngine(desk.context), upstream, asking }
}

/** The form that a request to the token endpoint carried. */
export const formOf = ({ body }: Received): Record<string, string> => Object.fromEntries(new URLSearchParams(body))

/** A pair of RSA keys as PEM. */
export const rsaKeys = (): { privateKey: string; publicKey: string } =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
