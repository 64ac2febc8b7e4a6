import { constants, verify } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { Secret } from '../../engine/index.ts'
import { callOptions } from '../support/calls.ts'
import { failureOf } from '../support/code-of.ts'
import { openGranted } from './account.ts'
import { oauthMethod, rsaKeys } from './parties.ts'

const REFUSED = { status: 400, body: { error: 'invalid_grant' } }

describe('a grant in use', () => {
  it('is renewed before the call when its token is over; the rotated token is stored', async () => {
    const granted = await openGranted(oauthMethod())
    expect(await granted.read()).toMatchObject({ record: { token: 'at-1' } })
    expect(granted.asked).toEqual(['rt-0'])
    expect(await granted.credentials()).toEqual({ access_token: 'at-1', refresh_token: 'rt-1' })
    expect(await granted.stores.grants.read('env_1', 'acc_1')).toMatchObject({ tokenVersion: 2, pendingFence: null })
    await granted.read()
    expect(granted.asked).toHaveLength(1)
  })

  it('keeps its refresh token where the answer has none', async () => {
    const granted = await openGranted(oauthMethod({ refresh: { rotates: false } }))
    granted.good.add('at-x')
    granted.tokens = () => ({ body: { access_token: 'at-x', expires_in: 3600 } })
    await granted.read()
    expect(await granted.credentials()).toEqual({ access_token: 'at-x', refresh_token: 'rt-0' })
  })

  it('is renewed once for many calls of a process, and none ends it by leaving', async () => {
    const granted = await openGranted(oauthMethod())
    const all = await Promise.all(Array.from({ length: 50 }, () => granted.read()))
    expect(granted.asked).toEqual(['rt-0'])
    expect(all).toHaveLength(50)
  })

  it('is stored even when its caller left, before the process may end', async () => {
    const granted = await openGranted(oauthMethod())
    const leaving = new AbortController()
    let answer: () => void = () => undefined
    granted.tokens = () => {
      leaving.abort()
      return new Promise((resolve) => {
        answer = () => resolve({ body: { access_token: 'at-1', refresh_token: 'rt-1' } })
      })
    }
    const call = { resource: 'things', method: 'get', id: '1', query: {} }
    const options = callOptions({ signal: leaving.signal })
    expect(await failureOf(granted.engine.proxy(granted.account, call, options))).toMatchObject({ code: 'canceled' })
    answer()
    await granted.engine.renewed()
    expect(await granted.credentials()).toMatchObject({ refresh_token: 'rt-1' })
  })

  it('is renewed once for many processes: each looks again under the lock', async () => {
    const granted = await openGranted(oauthMethod())
    const engines = [granted.engine, granted.other(), granted.other(), granted.other()]
    await Promise.all(engines.flatMap((engine) => [granted.read(engine), granted.read(engine)]))
    expect(granted.asked).toEqual(['rt-0'])
  })

  it('is renewed when the provider refuses its token, once, and the call is made again', async () => {
    const granted = await openGranted(oauthMethod(), { leftMs: null })
    granted.good.delete('at-0')
    expect(await granted.read()).toMatchObject({ record: { token: 'at-1' } })
    granted.good.clear()
    granted.tokens = () => ({ body: { access_token: 'at-bad', refresh_token: 'rt-2' } })
    expect(await failureOf(granted.read())).toMatchObject({ code: 'needs_reauth' })
    expect(granted.asked).toEqual(['rt-0', 'rt-1'])
    expect(await granted.status()).toBe('active')
  })

  it('is renewed ahead of its end, and used as it is while that fails', async () => {
    const granted = await openGranted(oauthMethod(), { leftMs: 100_000 })
    granted.tokens = () => ({ status: 503, body: '' })
    expect(await granted.read()).toMatchObject({ record: { token: 'at-0' } })
    expect(granted.asked).toEqual(['rt-0'])
    granted.tokens = () => undefined
    expect(await granted.read()).toMatchObject({ record: { token: 'at-2' } })
  })
})

describe('a token endpoint in trouble', () => {
  it.each([
    ['429', { status: 429, headers: { 'retry-after': '2' }, body: '' }],
    ['500', { status: 500, body: REFUSED.body }],
    ['503', { status: 503, body: '' }],
    ['a cut connection', { reset: 'before' as const }],
    ['half an answer', { reset: 'midway' as const, body: { access_token: 'x' } }],
  ])('is asked again after %s, with the same token', async (_what, reply) => {
    const granted = await openGranted(oauthMethod())
    granted.tokens = (index) => (index <= 2 ? reply : undefined)
    expect(await granted.read()).toMatchObject({ record: { token: 'at-3' } })
    expect(granted.asked).toEqual(['rt-0', 'rt-0', 'rt-0'])
    expect(await granted.status()).toBe('active')
  })

  it.each([
    ['429', { status: 429, body: '' }, 'rate_limited'],
    ['503', { status: 503, body: '' }, 'provider_unavailable'],
    ['a cut connection', { reset: 'before' as const }, 'connection_failed'],
    ['silence', { hangs: true }, 'timeout'],
  ])('that stays so (%s) costs the call and not the grant', async (_what, reply, code) => {
    const granted = await openGranted(oauthMethod({ token: { path: '/oauth/token', timeout_ms: 200 } }))
    granted.tokens = () => reply
    expect(await failureOf(granted.read())).toMatchObject({ code, retryable: true })
    expect(await granted.status()).toBe('active')
    expect(await granted.credentials()).toMatchObject({ refresh_token: 'rt-0' })
    granted.tokens = () => undefined
    await expect(granted.read()).resolves.toBeDefined()
  })

  it('that refuses the app says so, and the grant stays', async () => {
    const granted = await openGranted(oauthMethod())
    granted.tokens = () => ({ status: 401, body: { error: 'invalid_client' } })
    expect(await failureOf(granted.read())).toMatchObject({ code: 'oauth_app_refused', whoCanFix: 'operator' })
    expect(await granted.status()).toBe('active')
    expect(await granted.stores.grants.read('env_1', 'acc_1')).toMatchObject({ pendingFence: null })
  })
})

describe('a refused grant', () => {
  it('makes the account needs_reauth within one call, and nobody asks again', async () => {
    const granted = await openGranted(oauthMethod())
    granted.tokens = () => REFUSED
    const engines = [granted.engine, granted.other(), granted.other()]
    const failures = await Promise.all(engines.map((engine) => failureOf(granted.read(engine))))
    expect(failures.map(({ code }) => code)).toEqual(['needs_reauth', 'needs_reauth', 'needs_reauth'])
    expect(granted.asked).toEqual(['rt-0'])
    expect(await granted.status()).toBe('needs_reauth')
  })

  it('is not believed while another process stored a newer one', async () => {
    const granted = await openGranted(oauthMethod())
    granted.good.add('at-theirs')
    granted.tokens = async () => {
      const theirs = { access_token: 'at-theirs', refresh_token: 'rt-theirs' }
      const next = { tokenVersion: 1, credentials: new Secret(theirs), expiresAt: null, renewAt: null, now: 1 }
      await granted.stores.grants.replace('env_1', 'acc_1', next)
      return REFUSED
    }
    expect(await granted.read()).toMatchObject({ record: { token: 'at-theirs' } })
    expect(await granted.status()).toBe('active')
  })

  it('whose renewal was cut off before is told as such; new credentials end the matter', async () => {
    const granted = await openGranted(oauthMethod())
    await granted.stores.grants.begin('env_1', 'acc_1', { tokenVersion: 1, fence: 9, now: 1 })
    granted.tokens = () => REFUSED
    expect((await failureOf(granted.read())).message).toContain('cut off')
    expect(granted.desk.logged.at(-1)).toMatchObject({ fields: { reason: 'renewal_interrupted' } })
    const credentials = new Secret({ access_token: 'at-0', refresh_token: 'rt-9' })
    await granted.stores.accounts.update('env_1', 'acc_1', { credentials, expiresAt: 1, status: 'active' }, { now: 1 })
    granted.tokens = () => undefined
    await granted.read()
    expect(granted.asked).toEqual(['rt-0', 'rt-9'])
  })

  it('whose renewal was cut off before it was sent goes on with the same token', async () => {
    const granted = await openGranted(oauthMethod())
    await granted.stores.grants.begin('env_1', 'acc_1', { tokenVersion: 1, fence: 9, now: 1 })
    expect(await granted.read()).toMatchObject({ record: { token: 'at-1' } })
  })

  it('that is over without a refresh token asks nobody', async () => {
    const granted = await openGranted(oauthMethod(), { credentials: { access_token: 'at-0' } })
    expect(await failureOf(granted.read())).toMatchObject({ code: 'needs_reauth' })
    expect(granted.asked).toEqual([])
    expect(await granted.status()).toBe('needs_reauth')
  })
})

describe('a grant that needs nobody', () => {
  const client = { id: '$credentials.client_id', secret: '$credentials.client_secret' }
  const fields = { client_id: { label: 'Client ID', secret: true }, client_secret: { label: 'Secret', secret: true } }
  const method = {
    ...{ type: 'oauth2' as const, label: 'Client', fields },
    oauth2: { grant: 'client_credentials' as const, client, token: { path: '/oauth/token' }, scopes: ['read'] },
  }
  const credentials = { client_id: 'own', client_secret: 'own-secret' }

  it('is asked for with the credentials of the form, and again when it is over (RFC 6749 4.4)', async () => {
    const granted = await openGranted(method, { credentials })
    granted.tokens = (index, form) => {
      granted.good.add(`cc-${index}`)
      expect(form).toEqual({ grant_type: 'client_credentials', scope: 'read' })
      return { body: { access_token: `cc-${index}`, expires_in: 60 } }
    }
    expect(await granted.read()).toMatchObject({ record: { token: 'cc-1' } })
    await granted.desk.clock.advance(61_000)
    expect(await granted.read()).toMatchObject({ record: { token: 'cc-2' } })
    expect(await granted.credentials()).toEqual({ ...credentials, access_token: 'cc-2' })
  })

  it('is over when its client is refused', async () => {
    const granted = await openGranted(method, { credentials })
    granted.tokens = () => ({ status: 401, body: { error: 'invalid_client' } })
    expect(await failureOf(granted.read())).toMatchObject({ code: 'needs_reauth' })
    expect(await granted.status()).toBe('needs_reauth')
  })
})

describe('a grant by assertion (RFC 7523)', () => {
  it('is asked for with a JWT that the key of the form signs', async () => {
    const { privateKey, publicKey } = rsaKeys()
    const key = { alg: 'PS256' as const, value: '$credentials.private_key' }
    const assertion = { key, issuer: '$credentials.email', subject: "'user-1'", claims: { scope: "'read'" } }
    const granted = await openGranted(
      {
        ...{ type: 'oauth2', label: 'Service account' },
        fields: { private_key: { label: 'Key', secret: true }, email: { label: 'E-mail', secret: true } },
        oauth2: { grant: 'jwt_bearer', assertion, token: { path: '/oauth/token' } },
      },
      { credentials: { private_key: privateKey, email: 'robot@acme.test' } },
    )
    let form: Readonly<Record<string, string>> = {}
    granted.tokens = (_index, sent) => {
      form = sent
      granted.good.add('jb-1')
      return { body: { access_token: 'jb-1', expires_in: 60 } }
    }
    expect(await granted.read()).toMatchObject({ record: { token: 'jb-1' } })
    expect(form.grant_type).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer')
    const [head = '', body = '', signature = ''] = String(form.assertion).split('.')
    const now = Math.floor(granted.desk.clock.now() / 1000)
    expect(JSON.parse(Buffer.from(body, 'base64url').toString())).toMatchObject({
      ...{ iss: 'robot@acme.test', sub: 'user-1', aud: `${granted.upstream.url}/v1/oauth/token`, scope: 'read' },
      ...{ iat: now, exp: now + 300 },
    })
    const padding = { key: publicKey, padding: constants.RSA_PKCS1_PSS_PADDING }
    expect(verify('sha256', Buffer.from(`${head}.${body}`), padding, Buffer.from(signature, 'base64url'))).toBe(true)
  })
})
