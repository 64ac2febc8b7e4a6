import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { customersPath, openStand, type Stand } from './stand.ts'

let stand: Stand
beforeAll(async () => {
  stand = await openStand()
  stand.upstream.addCustomers(3)
})
afterAll(() => stand.close())

const customers = '/unified/payment-gateway/customers'
const refunds = '/unified/payment-gateway/refunds'
const pay = { payment_id: 'ch_1', amount: 100 }

async function apiToken(role: string): Promise<string> {
  return (await stand.call('POST', '/api-token', { body: { role } })).body.token
}

describe('API tokens', () => {
  it.each([
    ['admin', [200, 200, 200, 200]],
    ['write', [200, 200, 200, 403]],
    ['read', [200, 403, 403, 403]],
    ['approve', [403, 403, 403, 403]],
  ] as const)('role %s', async (role, expected) => {
    const token = await apiToken(role)
    const statuses = [
      await stand.call('GET', customersPath(), { token }),
      await stand.call('PATCH', customersPath('/cus0001'), { token, body: { name: 'N' } }),
      await stand.call('POST', `${refunds}?integrated_account_id=acme-1`, { token, body: pay }),
      await stand.call('GET', '/audit-log', { token }),
    ].map(({ status }) => status)
    expect(statuses).toEqual(expected)
  })

  it('are shown once, listed without their value, and refused from the next call on when revoked', async () => {
    const { body, status } = await stand.call('POST', '/api-token', { body: { role: 'read', name: 'ci' } })
    expect(status).toBe(201)
    expect((await stand.call('GET', customersPath(), { token: body.token })).status).toBe(200)
    const listed = await stand.call('GET', '/api-token')
    expect(listed.body.result).toContainEqual(expect.objectContaining({ id: body.id, name: 'ci', role: 'read' }))
    expect(JSON.stringify(listed.body)).not.toContain(body.token)
    expect((await stand.call('DELETE', `/api-token/${body.id}`)).body).toEqual({ id: body.id })
    const after = await stand.call('GET', customersPath(), { token: body.token })
    expect(after.body).toMatchObject({ code: 'unauthorized', detail: 'The token was revoked' })
  })

  it('end when they expire', async () => {
    const { body } = await stand.call('POST', '/api-token', { body: { role: 'read', expires_in: 60 } })
    await stand.clock.advance(59_999)
    expect((await stand.call('GET', customersPath(), { token: body.token })).status).toBe(200)
    await stand.clock.advance(1)
    expect((await stand.call('GET', customersPath(), { token: body.token })).body.code).toBe('expired_token')
  })

  it('of one environment make no others and no environment', async () => {
    const token = await apiToken('admin')
    const options = { token, body: { id: 'mine', name: 'Mine' } }
    expect((await stand.call('POST', '/environment', options)).body.code).toBe('forbidden')
    const foreign = { token, headers: { 'x-onefold-environment': 'sandbox' } }
    expect((await stand.call('GET', '/integrated-account', foreign)).body.code).toBe('forbidden')
  })
})

describe('account tokens', () => {
  it('wear the prefix of the integration, last 15 minutes and read', async () => {
    const { body } = await stand.call('POST', '/integrated-account/acme-1/token', { body: {} })
    expect(body.token).toMatch(/^ak_one_/)
    expect(body.effects).toEqual(['read'])
    expect(Date.parse(body.expires_at) - stand.clock.now()).toBe(900_000)
    expect((await stand.call('GET', customers, { token: body.token })).status).toBe(200)
    const write = await stand.call('POST', customers, { token: body.token, body: { name: 'N' } })
    expect(write.body).toMatchObject({ code: 'forbidden', valid: ['read'] })
    await stand.clock.advance(900_000)
    expect((await stand.call('GET', customers, { token: body.token })).body.code).toBe('expired_token')
  })

  it('reach what they were given: methods, resources, effects', async () => {
    const token = await stand.accountToken({ methods: ['list'], resources: ['payment-gateway/customers'] })
    expect((await stand.call('GET', customers, { token })).status).toBe(200)
    expect((await stand.call('GET', `${customers}/cus0001`, { token })).body).toMatchObject({
      code: 'forbidden',
      valid: ['list'],
    })
    expect((await stand.call('GET', '/proxy/customers', { token })).body.code).toBe('forbidden')
    const native = await stand.accountToken({ resources: ['refunds'], effects: ['read', 'money'] })
    expect((await stand.call('POST', refunds, { token: native, body: pay })).status).toBe(200)
    expect((await stand.call('POST', '/proxy/refunds', { token: native, body: { charge: 'ch' } })).status).toBe(200)
    expect((await stand.call('GET', customers, { token: native })).body.code).toBe('forbidden')
  })

  it('see their own account only, and nothing of the platform', async () => {
    const token = await stand.accountToken({ effects: ['read', 'write'] })
    expect((await stand.call('GET', '/integrated-account/acme-1', { token })).body.id).toBe('acme-1')
    expect((await stand.call('GET', '/integrated-account/acme-1/capabilities', { token })).status).toBe(200)
    expect((await stand.call('GET', '/integrated-account/other', { token })).body.code).toBe('unknown_account')
    expect((await stand.call('GET', `${customers}?integrated_account_id=other`, { token })).body.code).toBe(
      'unknown_account',
    )
    for (const path of ['/integrated-account', '/api-token', '/environment', '/request-log', '/audit-log']) {
      expect((await stand.call('GET', path, { token })).body.code).toBe('forbidden')
    }
    const more = await stand.call('POST', '/integrated-account/acme-1/token', { token, body: {} })
    expect(more.body.code).toBe('forbidden')
  })

  it('give on no effect that their maker lacks', async () => {
    const token = await apiToken('write')
    const body = { effects: ['read', 'credential'] }
    const answer = await stand.call('POST', '/integrated-account/acme-1/token', { token, body })
    expect(answer.body).toMatchObject({ code: 'forbidden', valid: ['read', 'write', 'money'] })
  })

  it('last until they are revoked when made so, and then end at once', async () => {
    const { body } = await stand.call('POST', '/integrated-account/acme-1/token', { body: { expires_in: null } })
    expect(body.expires_at).toBeNull()
    await stand.clock.leap(400 * 86_400_000)
    expect((await stand.call('GET', customers, { token: body.token })).status).toBe(200)
    await stand.call('DELETE', `/integrated-account/acme-1/token/${body.id}`)
    expect((await stand.call('GET', customers, { token: body.token })).body.code).toBe('unauthorized')
  })

  it('narrowed to a customer see that one only', async () => {
    const token = await stand.accountToken({ customer_id: 'cus0001', effects: ['read', 'write'] })
    expect((await stand.call('GET', customers, { token })).body.result).toEqual([
      expect.objectContaining({ id: 'cus0001' }),
    ])
    expect((await stand.call('GET', `${customers}/cus0001`, { token })).status).toBe(200)
    expect((await stand.call('GET', `${customers}/cus0002`, { token })).body.code).toBe('record_not_found')
    expect((await stand.call('GET', `${customers}?id=cus0002`, { token })).body.code).toBe('forbidden')
    expect((await stand.call('GET', '/proxy/customers', { token })).body.code).toBe('forbidden')
    expect((await stand.call('PATCH', `${customers}/cus0001`, { token, body: { name: 'X' } })).body.code).toBe(
      'forbidden',
    )
  })
})

describe('the audit log', () => {
  it('has denied acts and every act on money, with who and how it ended', async () => {
    const token = await stand.accountToken()
    await stand.call('POST', refunds, { token, body: pay })
    await stand.call('POST', `${refunds}?integrated_account_id=acme-1`, { body: pay })
    await stand.call('POST', `${refunds}?integrated_account_id=acme-1`, { body: { ...pay, amount: 5_000 } })
    const { body } = await stand.call('GET', '/audit-log?action=unified/payment-gateway/refunds/create&limit=3')
    const outcomes = body.result.map(({ outcome }: { outcome: string }) => outcome)
    expect(outcomes).toEqual(expect.arrayContaining(['denied', 'succeeded', 'failed']))
    expect(body.result[0]).toMatchObject({
      actor: expect.stringMatching(/^token:/),
      target: 'integrated_account:acme-1',
    })
  })
})
