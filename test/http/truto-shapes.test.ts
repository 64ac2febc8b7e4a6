import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStand, type Stand } from './stand.ts'
import { GOOD_KEY } from './upstream.ts'

// The shapes that the design promises (api.md) for the calls that clients written for Truto make about accounts.

let stand: Stand
beforeAll(async () => {
  stand = await openStand()
})
afterAll(() => stand.close())

const text = expect.any(String)
const instant = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)

/** An integrated account, every field of it; what is null here depends on the account. */
const ACCOUNT = {
  ...{ id: text, environment: text, integration: 'acme', tenant_id: text, status: 'active', status_reason: null },
  ...{ authentication_method: 'key', has_credentials: true, identity: expect.toBeOneOf([text, null]), mode: 'test' },
  ...{ livemode: false, settings: expect.any(Object), context: expect.any(Object), traits: expect.any(Object) },
  ...{ created_at: instant, updated_at: instant },
}

const body = (id: string) => ({
  ...{ id, integration: 'acme', tenant_id: 'tenant-7', authentication_method: 'key', credentials: { key: GOOD_KEY } },
  ...{ settings: { base_url: stand.upstream.origin }, context: { plan: 'pro' } },
})

describe('calls about accounts have the shapes of the design', () => {
  it('POST, GET, PATCH and DELETE /integrated-account', async () => {
    const made = await stand.call('POST', '/integrated-account', { body: body('shape') })
    expect([made.status, made.body]).toEqual([201, { ...ACCOUNT, webhook: made.body.webhook }])
    const one = await stand.call('GET', '/integrated-account/shape')
    expect([one.status, Object.keys(one.body).sort()]).toEqual([200, Object.keys(made.body).sort()])
    const changed = await stand.call('PATCH', '/integrated-account/shape', { body: { context: { plan: 'free' } } })
    expect(changed.body).toMatchObject({ ...ACCOUNT, context: { plan: 'free' } })
    const list = await stand.call(
      'GET',
      '/integrated-account?tenant_id=tenant-7&integration=acme&status=active&limit=1',
    )
    expect(list.body).toEqual({ result: [changed.body], next_cursor: null, limit: 1 })
    expect(await stand.call('DELETE', '/integrated-account/shape')).toMatchObject({
      status: 200,
      body: { id: 'shape' },
    })
  })

  it('POST /integrated-account/{id}/token', async () => {
    const given = { methods: ['list'], resources: ['customers'], effects: ['read'], expires_in: 60 }
    const { status, body: answer } = await stand.call('POST', '/integrated-account/acme-1/token', { body: given })
    expect(status).toBe(201)
    expect(answer).toMatchObject({ token: text, expires_at: instant })
    const lasting = await stand.call('POST', '/integrated-account/acme-1/token', { body: { expires_in: null } })
    expect(lasting.body).toMatchObject({ token: text, expires_at: null })
  })

  it('POST /integrated-account/token and GET /integrated-account/me', async () => {
    const made = await stand.call('POST', '/integrated-account/token', { body: { integrated_account_id: 'acme-1' } })
    expect([made.status, made.body]).toEqual([201, { integrated_account_token: text }])
    const { integrated_account_token: token } = made.body
    const me = await stand.call('GET', '/integrated-account/me', { token })
    expect([me.status, me.body]).toEqual([200, { ...ACCOUNT, id: 'acme-1', webhook: me.body.webhook }])
    expect((await stand.call('GET', '/proxy/customers', { token })).status).toBe(200)
    const write = await stand.call('POST', '/proxy/customers', { token, body: { name: 'x' } })
    expect(write.body.code).toBe('forbidden')
    const stored = await stand.server.services.reads.token(token)
    const expiresAt = stand.clock.now() + 900_000
    expect(stored).toMatchObject({ state: 'valid', token: { kind: 'account', effects: ['read'], expiresAt } })
    expect((await stand.call('GET', '/integrated-account/me')).body.code).toBe('forbidden')
    for (const [body, code] of [
      [{}, 'invalid_body'],
      [{ integrated_account_id: 'nobody' }, 'unknown_account'],
    ] as const) {
      expect((await stand.call('POST', '/integrated-account/token', { body })).body.code).toBe(code)
    }
  })

  it('POST /link-token, for a new account and to reconnect', async () => {
    const link = { id: expect.stringMatching(/^lnk_/), link_token: text, url: text, expires_at: instant }
    const fresh = { tenant_id: 'tenant-7', integrations: ['acme'], context: { plan: 'pro' }, expires_in: 600 }
    for (const given of [fresh, { integrated_account_id: 'acme-1' }]) {
      expect(await stand.call('POST', '/link-token', { body: given })).toMatchObject({ status: 201, body: link })
    }
  })

  it('a failure has what clients of both kinds read', async () => {
    const { status, body: problem } = await stand.call('GET', '/integrated-account/nobody')
    expect(status).toBe(404)
    expect(problem).toMatchObject({
      code: 'unknown_account',
      retryable: false,
      who_can_fix: 'caller',
      request_id: text,
    })
    expect(problem).toMatchObject({ statusCode: 404, error: 'Not Found', message: problem.detail })
  })
})
