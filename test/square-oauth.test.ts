import { describe, expect, it } from 'vitest'
import { Secret } from '../engine/index.ts'
import { openOwnStand } from './oauth/own.ts'
import { accountAt, callOptions } from './support/calls.ts'
import { failureOf } from './support/code-of.ts'

const APP = { client_id: 'sq0idp-example', client_secret: 'sq0csp-example' }
const ANSWER = {
  access_token: 'EAAAfirst',
  token_type: 'bearer',
  expires_at: '2099-01-31T00:00:00Z',
  merchant_id: 'ML1',
  refresh_token: 'EQAArefresh',
  short_lived: false,
}
const MERCHANTS = { merchant: [{ id: 'ML1', main_location_id: 'LOC1', currency: 'USD', status: 'ACTIVE' }] }

/** The real definitions before a provider that plays Square. */
const openStand = (token: object = { body: ANSWER }) =>
  openOwnStand(APP, ({ path }) => {
    if (path.endsWith('/oauth2/token')) return token
    return { body: path.endsWith('/oauth2/revoke') ? { success: true } : MERCHANTS }
  })

const asking = (baseUrl: string | null, connection: Readonly<Record<string, string>> = {}) => ({
  ...{
    integration: 'square',
    method: 'oauth',
    connection,
    baseUrl,
    redirectUri: 'https://onefold.test/cb',
    state: 's',
  },
  app: new Secret<Readonly<Record<string, string>>>(APP),
})
const CALLBACK = { codeVerifier: null, parameters: { code: 'sq0cgp-example', state: 's', response_type: 'code' } }

describe('OAuth at Square', () => {
  it.each([
    ['production', 'https://connect.squareup.com/oauth2/authorize', 'false'],
    ['sandbox', 'https://connect.squareupsandbox.com/oauth2/authorize', null],
  ])('sends people of %s to their page', async (environment, page, session) => {
    const { engineWith } = await openStand()
    const { url, codeVerifier } = await engineWith({}).beginAuthorization(asking(null, { environment }))
    expect(url.split('?')[0]).toBe(page)
    const { searchParams } = new URL(url)
    expect(searchParams.get('session')).toBe(session)
    expect(searchParams.get('scope')?.split(' ')).toContain('PAYMENTS_WRITE')
    expect(Object.fromEntries(searchParams)).toMatchObject({ client_id: APP.client_id, state: 's' })
    expect(codeVerifier).toBeNull()
  })

  it('exchanges the code with JSON, and is told by an instant when the token ends', async () => {
    const { upstream, engineWith } = await openStand()
    const grant = await engineWith({}).completeAuthorization({ ...asking(upstream.url), ...CALLBACK })
    const [request] = upstream.received
    expect(request?.headers).toMatchObject({ 'content-type': 'application/json', 'square-version': '2026-09-16' })
    expect(JSON.parse(request?.body ?? '')).toEqual({
      ...{ grant_type: 'authorization_code', code: 'sq0cgp-example', redirect_uri: 'https://onefold.test/cb' },
      ...APP,
    })
    expect(grant).toMatchObject({ identity: 'ML1', expiresAt: Date.parse(ANSWER.expires_at) })
    expect(grant.credentials.reveal()).toEqual({
      ...{ access_token: 'EAAAfirst', refresh_token: 'EQAArefresh', merchant_id: 'ML1' },
    })
  })

  it('tells a refused code from a provider that is down', async () => {
    const errors = [{ category: 'AUTHENTICATION_ERROR', code: 'UNAUTHORIZED', detail: 'Authorization code not found' }]
    const refused = await openStand({ status: 401, body: { errors } })
    const tried = (stand: typeof refused) =>
      failureOf(stand.engineWith({}).completeAuthorization({ ...asking(stand.upstream.url), ...CALLBACK }))
    expect((await tried(refused)).code).toBe('authorization_failed')
    expect((await tried(await openStand({ status: 503, body: {} }))).code).toBe('provider_unavailable')
  })

  it('names the business that agreed, with its main location', async () => {
    const { upstream, engineWith } = await openStand()
    const connected = accountAt(upstream.url, {
      ...{ integration: 'square', authMethod: 'oauth', connection: { environment: 'sandbox' } },
    })
    const found = await engineWith({ access_token: 'EAAAfirst', merchant_id: 'ML1' }).verify(connected, callOptions())
    expect(found).toMatchObject({ identity: 'ML1', mode: 'test', livemode: false })
    expect(upstream.received[0]?.headers.authorization).toBe('Bearer EAAAfirst')
  })

  it('gives a grant back with JSON and the secret of the app', async () => {
    const { upstream, engineWith } = await openStand()
    const connected = accountAt(upstream.url, { integration: 'square', authMethod: 'oauth' })
    await engineWith({ access_token: 'EAAAfirst' }).revoke(connected, callOptions())
    const [request] = upstream.received
    expect(request?.path).toBe('/oauth2/revoke')
    expect(request?.headers).toMatchObject({
      authorization: 'Client sq0csp-example',
      'content-type': 'application/json',
    })
    expect(JSON.parse(request?.body ?? '')).toEqual({ client_id: APP.client_id, access_token: 'EAAAfirst' })
  })
})
