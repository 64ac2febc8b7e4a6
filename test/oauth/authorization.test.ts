import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { failureOf } from '../support/code-of.ts'
import { formOf, oauthMethod, openParties, REDIRECT } from './parties.ts'

const ANSWER = { access_token: 'at-1', token_type: 'Bearer', refresh_token: 'rt-1', expires_in: 3600, scope: 'read' }
const CALLBACK = { code: 'code-1', state: 'state-1' }

describe('the authorization request (RFC 6749 4.1.1, RFC 7636)', () => {
  it('names the app, the callback, the state, the scopes and a proof key', async () => {
    const { engine, asking, upstream } = await openParties(
      oauthMethod({ authorize: { path: '/oauth/authorize', params: { prompt: "'consent'", client_id: "'other'" } } }),
    )
    const { url, codeVerifier, nonce } = await engine.beginAuthorization(asking)
    const challenge = createHash('sha256').update(String(codeVerifier)).digest('base64url')
    expect(url.startsWith(`${upstream.url}/v1/oauth/authorize?`)).toBe(true)
    expect(Object.fromEntries(new URL(url).searchParams)).toEqual({
      ...{ prompt: 'consent', response_type: 'code', client_id: 'app 1', redirect_uri: REDIRECT, state: 'state-1' },
      ...{ scope: 'read write', code_challenge: challenge, code_challenge_method: 'S256' },
    })
    expect(codeVerifier).toMatch(/^[\w-]{43,128}$/)
    expect(nonce).toBeNull()
    expect(upstream.received).toEqual([])
  })

  it('takes other scopes, another place for them, and no proof key where the provider takes none', async () => {
    const page = { path: '/oauth/authorize', pkce: 'none', scope_param: 'user_scope', scope_separator: ',' } as const
    const { engine, asking } = await openParties(oauthMethod({ authorize: page }))
    const { url, codeVerifier } = await engine.beginAuthorization({ ...asking, scopes: ['a', 'b'] })
    const query = Object.fromEntries(new URL(url).searchParams)
    expect(query).toMatchObject({ user_scope: 'a,b' })
    expect(Object.keys(query)).not.toContain('code_challenge')
    expect(codeVerifier).toBeNull()
  })

  it('is refused to an app without its client id', async () => {
    const { engine, asking } = await openParties(oauthMethod(), { client_secret: 'x' })
    expect((await failureOf(engine.beginAuthorization(asking))).code).toBe('invalid_credentials')
  })
})

describe('the callback (RFC 6749 4.1.2, RFC 9207)', () => {
  it('exchanges its code for a grant, once', async () => {
    const { engine, asking, upstream, desk } = await openParties(oauthMethod())
    upstream.script = () => ({ body: ANSWER })
    const given = { ...asking, codeVerifier: 'v'.repeat(43), parameters: CALLBACK }
    const grant = await engine.completeAuthorization(given)
    expect(upstream.received).toHaveLength(1)
    const [request] = upstream.received
    expect(request?.path).toBe('/v1/oauth/token')
    expect(request && formOf(request)).toEqual({
      grant_type: 'authorization_code',
      code: 'code-1',
      redirect_uri: REDIRECT,
      code_verifier: 'v'.repeat(43),
    })
    const basic = Buffer.from('app+1:s3cret%2F%2B').toString('base64')
    expect(request?.headers.authorization).toBe(`Basic ${basic}`)
    expect(grant.credentials.reveal()).toEqual({ access_token: 'at-1', refresh_token: 'rt-1' })
    expect(grant).toMatchObject({ expiresAt: desk.clock.now() + 3_600_000, scopes: ['read'], identity: null })
    expect(JSON.stringify(grant)).not.toMatch(/at-1|rt-1/)
  })

  it.each([
    ['another state', { code: 'code-1', state: 'other' }, 'authorization_failed'],
    ['no state', { code: 'code-1' }, 'authorization_failed'],
    ['a person who declined', { error: 'access_denied', state: 'state-1' }, 'authorization_denied'],
    ['a provider that refuses', { error: 'invalid_scope', state: 'state-1' }, 'authorization_failed'],
    ['neither code nor error', { state: 'state-1' }, 'authorization_failed'],
  ])('is refused with %s, and nothing is sent', async (_what, parameters, code) => {
    const { engine, asking, upstream } = await openParties(oauthMethod())
    expect(
      (await failureOf(engine.completeAuthorization({ ...asking, codeVerifier: 'v'.repeat(43), parameters }))).code,
    ).toBe(code)
    expect(upstream.received).toEqual([])
  })

  it.each([
    ['without iss', CALLBACK, 'authorization_failed'],
    ['of another issuer', { ...CALLBACK, iss: 'https://evil.test' }, 'authorization_failed'],
    ['of the issuer', { ...CALLBACK, iss: 'https://acme.test' }, undefined],
  ])('%s, where the definition names the issuer', async (_what, parameters, code) => {
    const { engine, asking, upstream } = await openParties(oauthMethod({ issuer: 'https://acme.test' }))
    upstream.script = () => ({ body: ANSWER })
    const done = engine.completeAuthorization({ ...asking, codeVerifier: 'v'.repeat(43), parameters })
    if (code === undefined) await expect(done).resolves.toBeDefined()
    else expect((await failureOf(done)).code).toBe(code)
  })

  it('tells a code that is over from an app that is refused and an endpoint that is down', async () => {
    const { engine, asking, upstream } = await openParties(oauthMethod())
    const given = { ...asking, codeVerifier: 'v'.repeat(43), parameters: CALLBACK }
    const codes: string[] = []
    for (const reply of [
      { status: 400, body: { error: 'invalid_grant', error_description: 'Code was used.' } },
      { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' }, body: { error: 'invalid_client' } },
      { status: 503, body: 'busy' },
      { status: 429, headers: { 'retry-after': '7' }, body: {} },
    ]) {
      upstream.script = () => reply
      codes.push((await failureOf(engine.completeAuthorization(given))).code)
    }
    expect(codes).toEqual(['authorization_failed', 'oauth_app_refused', 'provider_unavailable', 'rate_limited'])
    expect((await failureOf(engine.completeAuthorization(given))).details.waitMs).toBe(7000)
  })
})
