import { createPublicKey, verify } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { Account } from '../../engine/index.ts'
import { Secret } from '../../engine/index.ts'
import { callOptions } from '../support/calls.ts'
import { failureOf } from '../support/code-of.ts'
import { APP, formOf, oauthMethod, openParties, type Parties, rsaKeys } from './parties.ts'

const claimsOf = (jwt: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString())

function isSignedBy(jwt: string, publicKey: string): boolean {
  const [head, body, signature = ''] = jwt.split('.')
  return verify(
    'sha256',
    Buffer.from(`${head}.${body}`),
    createPublicKey(publicKey),
    Buffer.from(signature, 'base64url'),
  )
}

const complete = ({ engine, asking }: Parties) =>
  engine.completeAuthorization({
    ...asking,
    codeVerifier: 'v'.repeat(43),
    parameters: { code: 'code-1', state: 'state-1' },
  })

describe('the app proves itself at the token endpoint (RFC 6749 2.3, RFC 7523 2.2)', () => {
  it('by its secret in the body, with what the definition adds', async () => {
    const parties = await openParties(
      oauthMethod({
        client: { auth: 'client_secret_post' },
        token: { path: '/oauth/token', params: { audience: "'acme'" }, headers: { 'Acme-Version': "'2'" } },
      }),
    )
    parties.upstream.script = () => ({ body: { access_token: 'at-1' } })
    await complete(parties)
    const [request] = parties.upstream.received
    expect(request && formOf(request)).toMatchObject({ ...APP, audience: 'acme' })
    expect(request?.headers).toMatchObject({ 'acme-version': '2' })
    expect(request?.headers.authorization).toBeUndefined()
  })

  it('by nothing but its id', async () => {
    const parties = await openParties(
      oauthMethod({ client: { auth: 'none' } }, { app: { client_id: { label: 'Client ID' } } }),
      { client_id: 'app-1' },
    )
    parties.upstream.script = () => ({ body: { access_token: 'at-1' } })
    await complete(parties)
    const [request] = parties.upstream.received
    expect(request && formOf(request)).toMatchObject({ client_id: 'app-1' })
    expect(request?.headers.authorization).toBeUndefined()
  })

  it('by an assertion that its private key signs', async () => {
    const { privateKey, publicKey } = rsaKeys()
    const key = { alg: 'RS256', value: '$app.private_key', id: '$app.key_id' } as const
    const app = {
      client_id: { label: 'Client ID' },
      private_key: { label: 'Private key', secret: true },
      key_id: { label: 'Key' },
    }
    const parties = await openParties(oauthMethod({ client: { auth: 'private_key_jwt', key } }, { app }), {
      ...{ client_id: 'app-1', private_key: privateKey, key_id: 'k1' },
    })
    parties.upstream.script = () => ({ body: { access_token: 'at-1' } })
    await complete(parties)
    const [request] = parties.upstream.received
    const { client_assertion: jwt = '', ...form } = request === undefined ? {} : formOf(request)
    expect(form).toMatchObject({
      client_id: 'app-1',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    })
    expect(isSignedBy(jwt, publicKey)).toBe(true)
    const now = Math.floor(parties.desk.clock.now() / 1000)
    const aud = `${parties.upstream.url}/v1/oauth/token`
    expect(claimsOf(jwt)).toMatchObject({ iss: 'app-1', sub: 'app-1', aud, iat: now, exp: now + 60 })
  })

  it('never with a key that cannot be read, and the message does not show it', async () => {
    const key = { alg: 'ES256', value: '$app.client_secret' } as const
    const parties = await openParties(oauthMethod({ client: { auth: 'private_key_jwt', key } }))
    const failure = await complete(parties).catch((error: unknown) => error as Error)
    expect(failure).toMatchObject({ code: 'invalid_credentials' })
    expect(String((failure as Error).message)).not.toContain(APP.client_secret)
    expect(parties.upstream.received).toEqual([])
  })
})

describe('giving a grant back', () => {
  const account = (parties: Parties): Account => ({ ...parties.desk.account, authMethod: 'oauth' })

  const holding = (parties: Parties, credentials: Record<string, string>): Parties['engine'] => {
    const { ports } = parties.desk.context
    Object.assign(ports, {
      credentials: { load: async () => new Secret(credentials) },
      apps: { load: async () => new Secret(APP) },
    })
    return parties.engine
  }

  it('revokes the refresh token, else the access token (RFC 7009)', async () => {
    const parties = await openParties(oauthMethod({ revoke: { path: '/oauth/revoke' } }))
    parties.upstream.script = () => ({ status: 200, body: '' })
    await holding(parties, { access_token: 'at', refresh_token: 'rt' }).revoke(account(parties), callOptions())
    await holding(parties, { access_token: 'at' }).revoke(account(parties), callOptions())
    await holding(parties, { access_token: '' }).revoke(account(parties), callOptions())
    expect(parties.upstream.received.map((request) => [request.path, formOf(request)])).toEqual([
      ['/v1/oauth/revoke', { token: 'rt', token_type_hint: 'refresh_token' }],
      ['/v1/oauth/revoke', { token: 'at', token_type_hint: 'access_token' }],
    ])
    expect(parties.upstream.received[0]?.headers.authorization).toMatch(/^Basic /)
  })

  it('makes the call that the definition says instead', async () => {
    const revoke = {
      path: '/oauth/deauthorize',
      params: { client_id: '$app.client_id', user: '$credentials.user_id' },
      headers: { Authorization: "'Bearer ' & $app.client_secret" },
    }
    const parties = await openParties(oauthMethod({ revoke, keep: { user_id: '$response.id' } }))
    await holding(parties, { access_token: 'at', user_id: 'u1' }).revoke(account(parties), callOptions())
    const [request] = parties.upstream.received
    expect(request && formOf(request)).toEqual({ client_id: 'app 1', user: 'u1' })
    expect(request?.headers.authorization).toBe('Bearer s3cret/+')
  })

  it('says when the provider did not agree', async () => {
    const parties = await openParties(oauthMethod({ revoke: { path: '/oauth/revoke' } }))
    parties.upstream.script = () => ({ status: 500, body: '' })
    const engine = holding(parties, { access_token: 'at' })
    expect((await failureOf(engine.revoke(account(parties), callOptions()))).code).toBe('provider_unavailable')
  })
})
