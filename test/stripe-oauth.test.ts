import { describe, expect, it } from 'vitest'
import { Secret } from '../engine/index.ts'
import { openOwnStand } from './oauth/own.ts'
import { formOf } from './oauth/parties.ts'
import { accountAt, callOptions } from './support/calls.ts'

const APP = { client_id: 'ca_example', secret_key: 'sk_test_platform' }
const ANSWER = {
  access_token: 'sk_test_of_the_account',
  livemode: false,
  refresh_token: 'rt_1',
  token_type: 'bearer',
  stripe_publishable_key: 'pk_test_x',
  stripe_user_id: 'acct_1',
  scope: 'read_write',
}

/** The real definitions before a provider that plays Stripe. */
const openStand = () =>
  openOwnStand(APP, ({ path }) =>
    path.endsWith('/oauth/token') ? { body: ANSWER } : { body: { id: 'acct_1', object: 'account' } },
  )

const asking = (method: string, baseUrl: string | null) => ({
  ...{ integration: 'stripe', method, connection: {}, baseUrl, redirectUri: 'https://onefold.test/cb', state: 's' },
  app: new Secret<Readonly<Record<string, string>>>(APP),
})

describe('OAuth at Stripe', () => {
  it.each([
    ['connect', 'https://connect.stripe.com/oauth/authorize', { scope: 'read_write' }],
    ['connect_token', 'https://connect.stripe.com/oauth/authorize', { scope: 'read_write' }],
    ['app', 'https://marketplace.stripe.com/oauth/v2/authorize', {}],
  ])('%s sends people to Stripe with the app, its callback and the state', async (method, page, more) => {
    const { engineWith } = await openStand()
    const { url, codeVerifier } = await engineWith({}).beginAuthorization(asking(method, null))
    expect(url.split('?')[0]).toBe(page)
    expect(Object.fromEntries(new URL(url).searchParams)).toEqual({
      ...{ response_type: 'code', client_id: 'ca_example', redirect_uri: 'https://onefold.test/cb', state: 's' },
      ...more,
    })
    expect(codeVerifier).toBeNull()
  })

  it.each([
    ['connect', '/oauth/token'],
    ['connect_token', '/oauth/token'],
    ['app', '/v1/oauth/token'],
  ])('%s exchanges the code with the key of the platform', async (method, path) => {
    const { upstream, engineWith } = await openStand()
    const callback = { codeVerifier: null, parameters: { code: 'ac_1', state: 's', scope: 'read_write' } }
    const grant = await engineWith({}).completeAuthorization({ ...asking(method, upstream.url), ...callback })
    const [request] = upstream.received
    expect(request?.path).toBe(path)
    expect(request?.headers.authorization).toBe('Bearer sk_test_platform')
    expect(request && formOf(request)).toEqual({
      ...{ grant_type: 'authorization_code', code: 'ac_1', redirect_uri: 'https://onefold.test/cb' },
    })
    expect(grant).toMatchObject({ identity: 'acct_1', scopes: ['read_write'] })
    expect(grant.credentials.reveal()).toMatchObject({ access_token: 'sk_test_of_the_account', livemode: 'false' })
    expect(grant.expiresAt === null).toBe(method !== 'app')
  })

  it.each([
    ['connect', 'Bearer sk_test_platform', 'acct_1'],
    ['connect_token', 'Bearer sk_test_of_the_account', undefined],
    ['app', 'Bearer sk_test_of_the_account', undefined],
  ])('%s calls as it says, in test mode', async (authMethod, authorization, account) => {
    const { upstream, engineWith } = await openStand()
    const credentials = { access_token: ANSWER.access_token, stripe_user_id: 'acct_1', livemode: 'false' }
    const connected = accountAt(upstream.url, { integration: 'stripe', authMethod })
    const found = await engineWith(credentials).verify(connected, callOptions())
    expect(found).toMatchObject({ identity: 'acct_1', mode: 'test', livemode: false })
    expect(upstream.received[0]?.headers).toMatchObject({ authorization })
    expect(upstream.received[0]?.headers['stripe-account']).toBe(account)
  })

  it('gives a connected account back', async () => {
    const { upstream, engineWith } = await openStand()
    const connected = accountAt(upstream.url, { integration: 'stripe', authMethod: 'connect' })
    await engineWith({ access_token: 'x', stripe_user_id: 'acct_1' }).revoke(connected, callOptions())
    const [request] = upstream.received
    expect(request?.path).toBe('/oauth/deauthorize')
    expect(request && formOf(request)).toEqual({ client_id: 'ca_example', stripe_user_id: 'acct_1' })
  })
})
