import { describe, expect, it } from 'vitest'
import type { Granted } from '../../engine/index.ts'
import type { OAuth2 } from '../../engine/schema/generated.ts'
import { failureOf } from '../support/code-of.ts'
import type { Reply } from '../support/upstream.ts'
import { APP, oauthMethod, openParties } from './parties.ts'

async function granted(oauth2: Partial<OAuth2>, reply: Reply): Promise<Granted> {
  const { engine, asking, upstream } = await openParties(oauthMethod(oauth2, { fields: { site: { label: 'Site' } } }))
  upstream.script = () => reply
  const parameters = { code: 'code-1', state: 'state-1', realm: '42' }
  return await engine.completeAuthorization({ ...asking, codeVerifier: 'v'.repeat(43), parameters })
}

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

describe('answers of token endpoints', () => {
  it.each<[string, Partial<OAuth2>, Reply]>([
    ['without a token type', {}, { body: { access_token: 'at-1' } }],
    ['with a token type of its own', {}, { body: { access_token: 'at-1', token_type: 'application' } }],
    ['with status 201', {}, { status: 201, body: { access_token: 'at-1', token_type: 'bearer' } }],
    ['as a form', {}, { headers: FORM, body: 'access_token=at-1&scope=read%20write' }],
    ['as a form that is called text', {}, { headers: { 'content-type': 'text/plain' }, body: 'access_token=at-1&x=1' }],
    ['as JSON that is called text', {}, { headers: { 'content-type': 'text/html' }, body: '{"access_token":"at-1"}' }],
    [
      'nested, where the definition says so',
      { answer: { access_token: '$response.data.token', error: '$response.ok = false ? $response.why' } },
      { body: { ok: true, data: { token: 'at-1' } } },
    ],
    [
      'with an id token that is not asked for',
      {},
      { body: { access_token: 'at-1', token_type: 'x', id_token: 'a.b.c' } },
    ],
  ])('are read %s', async (_what, oauth2, reply) => {
    expect((await granted(oauth2, reply)).credentials.reveal().access_token).toBe('at-1')
  })

  it.each<[string, Partial<OAuth2>, Reply, string]>([
    ['a 200 with an error', {}, { body: { error: 'invalid_grant' } }, 'authorization_failed'],
    [
      'a 200 that says no in words of its own',
      { answer: { error: "$response.ok = false ? 'invalid_client'" } },
      { body: { ok: false } },
      'oauth_app_refused',
    ],
    ['a 200 without a token', {}, { body: { hello: 1 } }, 'authorization_failed'],
    ['a page', {}, { headers: { 'content-type': 'text/html' }, body: '<p>Hi</p>' }, 'authorization_failed'],
    ['a 503 that claims invalid_grant', {}, { status: 503, body: { error: 'invalid_grant' } }, 'provider_unavailable'],
    [
      'temporarily_unavailable',
      {},
      { status: 400, body: { error: 'temporarily_unavailable' } },
      'provider_unavailable',
    ],
  ])('that refuse are told apart: %s', async (_what, oauth2, reply, code) => {
    expect((await failureOf(granted(oauth2, reply))).code).toBe(code)
  })

  it('give what the definition keeps, the settings they tell and who the account is, from callback and answer', async () => {
    const grant = await granted(
      {
        keep: { user_id: '$response.user.id', realm: '$callback.realm' },
        settings: { site: '$response.user.site' },
        identity: '$response.user.id',
      },
      { body: { access_token: 'at-1', expires_in: '60', scope: ['a', 'b'], user: { id: 7, site: 'north' } } },
    )
    expect(grant.credentials.reveal()).toEqual({ access_token: 'at-1', user_id: '7', realm: '42' })
    expect(grant).toMatchObject({ identity: '7', settings: { site: 'north' }, scopes: ['a', 'b'] })
    expect(grant.renewAt).toBe((grant.expiresAt ?? 0) - 30_000)
  })

  it('tell when the token ends as an instant, which counts only with its offset', async () => {
    const ends = async (body: object) => (await granted({}, { body: { access_token: 'at-1', ...body } })).expiresAt
    expect(await ends({ expires_at: '2099-01-01T00:00:00Z' })).toBe(Date.parse('2099-01-01T00:00:00Z'))
    expect(await ends({ expires_at: '2099-01-01T00:00:00' })).toBeNull()
    expect(await ends({ expires_at: '2001-01-01T00:00:00Z' })).toBeNull()
  })

  it('are asked for with the fields as JSON, where the endpoint wants that', async () => {
    const { engine, asking, upstream } = await openParties(
      oauthMethod({ token: { path: '/oauth/token', body: 'json' }, client: { auth: 'client_secret_post' } }),
    )
    upstream.script = () => ({ body: { access_token: 'at-1' } })
    const parameters = { code: 'code-1', state: 'state-1' }
    await engine.completeAuthorization({ ...asking, codeVerifier: 'v'.repeat(43), parameters })
    const [request] = upstream.received
    expect(request?.headers['content-type']).toBe('application/json')
    expect(JSON.parse(request?.body ?? '')).toMatchObject({ grant_type: 'authorization_code', code: 'code-1', ...APP })
  })

  it('without a lifetime last, unless the definition knows better', async () => {
    const body = { access_token: 'at-1', expires_in: null }
    expect(await granted({}, { body })).toMatchObject({ expiresAt: null, renewAt: null })
    const { expiresAt, renewAt } = await granted({ refresh: { expires_in_s: 3600, ahead_s: 60 } }, { body })
    expect((expiresAt ?? 0) - (renewAt ?? 0)).toBe(60_000)
  })
})
