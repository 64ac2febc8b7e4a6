import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStand, type Stand } from '../http/stand.ts'
import { GOOD_KEY } from '../http/upstream.ts'
import { reachedDuring } from './support.ts'

let stand: Stand
const THEIRS = { 'x-onefold-environment': 'theirs' }
const UNIFIED = '/unified/payment-gateway/customers'
const PROXY = '/proxy/customers'

beforeAll(async () => {
  stand = await openStand()
  stand.upstream.addCustomers(12)
  await stand.call('POST', '/environment', { body: { id: 'theirs', name: 'Theirs' } })
  const account = {
    integration: 'acme',
    tenant_id: 'tenant-2',
    credentials: { key: GOOD_KEY },
    settings: { base_url: stand.upstream.origin },
  }
  // The same id in another environment, and another account in the same one.
  for (const [id, headers] of [
    ['acme-1', THEIRS],
    ['acme-2', {}],
  ] as const) {
    expect((await stand.call('POST', '/integrated-account', { headers, body: { id, ...account } })).status).toBe(201)
  }
})
afterAll(() => stand.close())

const cursorOf = async (path: string, query = ''): Promise<string> => {
  const { body } = await stand.call('GET', `${path}?integrated_account_id=acme-1&limit=2${query}`)
  expect(body.next_cursor).toEqual(expect.any(String))
  return body.next_cursor
}

describe.each([UNIFIED, PROXY])('a cursor of %s', (path) => {
  const use = async (cursor: string, query: string, options = {}) => {
    let code: string | undefined
    const reached = await reachedDuring(stand, async () => {
      const answer = await stand.call('GET', `${path}?limit=2&next_cursor=${cursor}${query}`, options)
      code = answer.body.code
    })
    return { code, requests: reached.length }
  }

  it.each([
    ['another account', '&integrated_account_id=acme-2', {}],
    ['the same id in another environment', '&integrated_account_id=acme-1', { headers: THEIRS }],
    ['another query', '&integrated_account_id=acme-1&email=c1@example.com', {}],
  ])('opens nothing for %s', async (_what, query, options) => {
    expect(await use(await cursorOf(path), query, options)).toEqual({ code: 'foreign_cursor', requests: 0 })
  })

  it('of another kind of list opens nothing', async () => {
    const other = path === UNIFIED ? PROXY : UNIFIED
    expect(await use(await cursorOf(other), '&integrated_account_id=acme-1')).toMatchObject({ code: 'foreign_cursor' })
    await stand.call('POST', '/api-token', { body: { role: 'read' } })
    await stand.call('POST', '/api-token', { body: { role: 'read' } })
    const { body } = await stand.call('GET', '/api-token?limit=1')
    expect(await use(body.next_cursor, '&integrated_account_id=acme-1')).toMatchObject({ code: 'foreign_cursor' })
  })

  it('that was changed anywhere opens nothing', async () => {
    const cursor = await cursorOf(path)
    for (let at = 0; at < cursor.length; at += 7) {
      const other = cursor[at] === 'A' ? 'B' : 'A'
      const changed = cursor.slice(0, at) + other + cursor.slice(at + 1)
      expect((await use(changed, '&integrated_account_id=acme-1')).code).toBe('invalid_cursor')
    }
    expect((await use(`${cursor}%3D`, '&integrated_account_id=acme-1')).code).toBe('invalid_cursor')
  })

  it('shows nothing of what is in it', async () => {
    const cursor = await cursorOf(path)
    expect(Buffer.from(cursor, 'base64url').toString('latin1')).not.toMatch(/cus0|acme|email/)
  })

  it('serves a token of less reach as far as that reach goes', async () => {
    const cursor = await cursorOf(path)
    const getOnly = await stand.accountToken({ methods: ['get'] })
    expect(await use(cursor, '', { token: getOnly })).toEqual({ code: 'forbidden', requests: 0 })
    const narrowed = await stand.accountToken({ customer_id: 'cus0001' })
    const { code, requests } = await use(cursor, '', { token: narrowed })
    expect([code, requests]).toEqual([path === UNIFIED ? 'foreign_cursor' : 'forbidden', 0])
  })
})

describe('the answer kept for an idempotency key', () => {
  const REFUNDS = '/unified/payment-gateway/refunds'
  const pay = (key: string, query: string, options: { token?: string; headers?: Record<string, string> } = {}) =>
    stand.call('POST', `${REFUNDS}${query}`, {
      ...options,
      body: { payment_id: 'ch_1', amount: 100 },
      headers: { 'idempotency-key': key, ...options.headers },
    })

  it('is not for a token that may not make the call', async () => {
    const first = await pay('secret-refund', '?integrated_account_id=acme-1')
    expect(first.status).toBe(200)
    for (const reach of [{}, { effects: ['read', 'write'] }, { effects: ['money'], methods: ['list'] }]) {
      const answer = await pay('secret-refund', '', { token: await stand.accountToken(reach) })
      expect(answer.body.code).toBe('forbidden')
      expect(JSON.stringify(answer.body)).not.toContain(first.body.id)
    }
    const narrowed = await stand.accountToken({ effects: ['read', 'money'], customer_id: 'cus0001' })
    expect((await pay('secret-refund', '', { token: narrowed })).body.code).toBe('forbidden')
    const elsewhere = await stand.accountToken({ effects: ['money'], resources: ['subscription-management/refunds'] })
    expect((await pay('secret-refund', '', { token: elsewhere })).body.code).toBe('forbidden')
  })

  it('is not for another account or environment: the same key there is another write', async () => {
    const [first, ...others] = [
      await pay('shared', '?integrated_account_id=acme-1'),
      await pay('shared', '?integrated_account_id=acme-2'),
      await pay('shared', '?integrated_account_id=acme-1', { headers: THEIRS }),
    ]
    for (const other of others) {
      expect(other.status).toBe(200)
      expect(other.headers.get('idempotent-replayed')).toBeNull()
      expect(other.body.id).not.toBe(first?.body.id)
    }
    const keys = stand.upstream.reached.slice(-3).map(({ headers }) => headers['idempotency-key'])
    expect(new Set(keys).size).toBe(3)
  })

  it('is not for another operation', async () => {
    await pay('one-op', '?integrated_account_id=acme-1')
    const native = await stand.call('POST', '/proxy/refunds?integrated_account_id=acme-1', {
      body: { charge: 'ch_1', amount: 100 },
      headers: { 'idempotency-key': 'one-op' },
    })
    expect(native.headers.get('idempotent-replayed')).toBeNull()
  })

  it.each(['', 'a b', 'a\u00e9', 'x'.repeat(256)])('%j is no key', async (key) => {
    const reached = await reachedDuring(stand, async () => {
      const answer = await pay(key, '?integrated_account_id=acme-1')
      expect(answer.body.code).toBe('invalid_parameter')
    })
    expect(reached).toEqual([])
  })
})
