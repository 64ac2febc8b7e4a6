import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ADMIN, openStand, type Stand } from '../http/stand.ts'
import { GOOD_KEY } from '../http/upstream.ts'
import { codeIn, reachedDuring, SURFACES, type Surface } from './support.ts'

let stand: Stand
beforeAll(async () => {
  stand = await openStand()
  stand.upstream.addCustomers(3)
  const body = {
    id: 'acme-2',
    integration: 'acme',
    tenant_id: 'tenant-2',
    credentials: { key: GOOD_KEY },
    settings: { base_url: stand.upstream.origin },
  }
  expect((await stand.call('POST', '/integrated-account', { body })).status).toBe(201)
})
afterAll(() => stand.close())

const JSON_TYPE = { 'content-type': 'application/json' }

/** The call is refused with this code and nothing is sent. */
async function refused(surface: Surface, token: string, rest: string, code: string, init: RequestInit = {}) {
  const reached = await reachedDuring(stand, async () => {
    expect(await codeIn(await surface.ask(stand, token, rest, init))).toBe(code)
  })
  expect(reached).toEqual([])
}

describe.each(SURFACES)('an account token on $name', (surface) => {
  const write: RequestInit = { method: 'POST', body: '{"name":"X"}', headers: JSON_TYPE }

  it('has no effect that it was not given, by any verb or header', async () => {
    const token = await stand.accountToken({ effects: ['read'] })
    await refused(surface, token, '', 'forbidden', write)
    await refused(surface, token, '/cus0000', 'forbidden', { ...write, method: 'PATCH' })
    await refused(surface, token, '/cus0000', 'forbidden', { method: 'DELETE' })
    const reached = await reachedDuring(stand, async () => {
      for (const name of ['X-HTTP-Method-Override', 'X-Method-Override', 'X-HTTP-Method']) {
        await surface.ask(stand, token, '/cus0000', { headers: { [name]: 'DELETE' } })
      }
      await surface.ask(stand, token, '/cus0000?_method=DELETE')
    })
    expect(reached.filter(({ verb }) => verb !== 'GET')).toEqual([])
    expect(stand.upstream.customers.map(({ id }) => id)).toContain('cus0000')
  })

  it('has no method and no resource that it was not given', async () => {
    await refused(surface, await stand.accountToken({ methods: ['get'] }), '', 'forbidden')
    await refused(surface, await stand.accountToken({ methods: ['list'] }), '/cus0000', 'forbidden')
    await refused(surface, await stand.accountToken({ resources: ['refunds'] }), '', 'forbidden')
    const empty = await stand.accountToken({ effects: ['read', 'write'], methods: ['delete'] })
    await refused(surface, empty, '', 'forbidden', write)
  })

  it('that was revoked is refused from the next call on', async () => {
    const { body } = await stand.call('POST', '/integrated-account/acme-1/token', { body: {} })
    expect((await surface.ask(stand, body.token, '/cus0000')).status).toBe(200)
    await stand.call('DELETE', `/integrated-account/acme-1/token/${body.id}`)
    await refused(surface, body.token, '/cus0000', 'unauthorized')
  })

  it('that has expired is refused, also when it worked before', async () => {
    const token = await stand.accountToken({ expires_in: 60 })
    expect((await surface.ask(stand, token, '/cus0000')).status).toBe(200)
    await stand.clock.advance(60_000)
    await refused(surface, token, '/cus0000', 'expired_token')
  })

  it('ends with its account, and an account that is switched off is not called', async () => {
    const id = `short-${surface.name}`
    const settings = { base_url: stand.upstream.origin }
    const body = { id, integration: 'acme', tenant_id: 't', credentials: { key: GOOD_KEY }, settings }
    expect((await stand.call('POST', '/integrated-account', { body })).status).toBe(201)
    const { token } = (await stand.call('POST', `/integrated-account/${id}/token`, { body: {} })).body
    await stand.call('PATCH', `/integrated-account/${id}`, { body: { status: 'disabled' } })
    await refused(surface, token, '/cus0000', 'account_not_active')
    await stand.call('DELETE', `/integrated-account/${id}`)
    await refused(surface, token, '/cus0000', 'unauthorized')
  })

  it.each([
    ['almost a token', (token: string) => `${token}x`],
    ['a token in other letters', (token: string) => token.toUpperCase()],
    ['a part of a token', (token: string) => token.slice(0, -1)],
    ['the key of the provider', () => 'ak_test_good1'],
    ['a hash of a token', () => 'a'.repeat(64)],
  ])('is nothing but itself: %s is refused', async (_what, change) => {
    const token = await stand.accountToken()
    const response = await surface.ask(stand, change(token), '/cus0000')
    expect(response.status).toBe(401)
    expect(await codeIn(response)).toMatch(/^(unauthorized|provider_key_refused)$/)
  })
})

describe.each(SURFACES.slice(0, 3))('an account token on $name', (surface) => {
  it.each(['acme-2', 'nobody', 'acme-1,acme-2', '../acme-2', ''])('does not reach the account %j', async (id) => {
    const query = `?integrated_account_id=${encodeURIComponent(id)}`
    await refused(surface, await stand.accountToken(), query, 'unknown_account')
  })
})

it('the drop-in port knows no parameter that names an account', async () => {
  const token = await stand.accountToken()
  const [reached] = await reachedDuring(stand, () => SURFACES[3]!.ask(stand, token, '?integrated_account_id=acme-2'))
  expect(reached?.headers.authorization).toBe(`Bearer ${GOOD_KEY}`)
  expect(reached?.target).toBe('/v1/customers?integrated_account_id=acme-2')
})

describe('what only the platform may do', () => {
  const PLATFORM = [
    ['GET', '/integrated-account'],
    ['POST', '/integrated-account'],
    ['PATCH', '/integrated-account/acme-1'],
    ['DELETE', '/integrated-account/acme-1'],
    ['GET', '/integrated-account/acme-1/token'],
    ['POST', '/integrated-account/acme-1/token'],
    ['DELETE', '/integrated-account/acme-1/token/x'],
    ['GET', '/environment'],
    ['POST', '/environment'],
    ['GET', '/environment/default'],
    ['PATCH', '/environment/default'],
    ['GET', '/api-token'],
    ['POST', '/api-token'],
    ['DELETE', '/api-token/x'],
    ['POST', '/integration/acme/approve'],
    ['GET', '/request-log'],
    ['GET', '/audit-log'],
  ] as const

  it.each(PLATFORM)('%s %s is closed to an account token of every effect, and to nobody', async (verb, path) => {
    const token = await stand.accountToken({ effects: ['read', 'write', 'money', 'credential'] })
    const body = verb === 'POST' || verb === 'PATCH' ? { body: {} } : {}
    expect((await stand.call(verb, path, { token, ...body })).body.code).toBe('forbidden')
    expect((await stand.call(verb, path, { token: null, ...body })).body.code).toBe('unauthorized')
  })

  it.each(['read', 'write', 'approve'])('a token of role %s gives nobody more than it has', async (role) => {
    const { token } = (await stand.call('POST', '/api-token', { body: { role } })).body
    const effects = ['read', 'write', 'money', 'credential']
    for (const [path, body] of [
      ['/api-token', { role: 'admin' }],
      ['/integrated-account/acme-1/token', { effects }],
      ['/environment', { id: 'mine', name: 'Mine' }],
      ['/integration/acme/approve', undefined],
    ] as const) {
      expect((await stand.call('POST', path, { token, body })).body.code).toBe('forbidden')
    }
  })

  it('an admin of one environment is none of another, and no owner', async () => {
    const { token } = (await stand.call('POST', '/api-token', { body: { role: 'admin' } })).body
    const headers = { 'x-onefold-environment': 'theirs' }
    expect((await stand.call('GET', '/integrated-account', { token, headers })).body.code).toBe('forbidden')
    const owner = { token, body: { role: 'owner' } }
    expect((await stand.call('POST', '/api-token', owner)).body.code).toBe('invalid_body')
    expect((await stand.call('POST', '/integration/acme/approve', { token })).body.code).toBe('forbidden')
  })

  it('a token in the query is none', async () => {
    for (const name of ['token', 'access_token', 'authorization', 'api_key']) {
      expect((await stand.call('GET', `/integrated-account?${name}=${ADMIN}`, { token: null })).status).toBe(401)
    }
  })
})
