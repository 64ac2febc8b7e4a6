import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { failureOf } from '../support/code-of.ts'
import { openShop, type Shop } from '../support/shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => shop.close())
beforeEach(() => {
  for (const name of Object.keys(shop.tables)) delete shop.tables[name]
  shop.intercept = undefined
  shop.upstream.received.length = 0
})

const sent = (at = -1) => {
  const request = shop.upstream.received.at(at)
  return { verb: request?.verb, path: request?.path, body: JSON.parse(request?.body || 'null') as unknown }
}

describe('a unified write', () => {
  it('creates: slots make the native body, dots nest, tables translate, the answer is unified', async () => {
    const body = { name: 'Ada', email: 'ada@x.test', status: 'active', address: { city: 'Rome' }, metadata: { a: 'b' } }
    const answer = await shop.call('customers', 'create', { body, query: 'explain=true' })
    const native = {
      full_name: 'Ada',
      contact: { email: 'ada@x.test' },
      state: 'A',
      labels: { a: 'b' },
      address: { town: 'Rome' },
    }
    expect(sent()).toEqual({ verb: 'POST', path: '/v1/customers', body: native })
    expect(shop.upstream.received[0]?.headers['idempotency-key']).toBe('r'.repeat(32))
    expect(answer).toMatchObject({
      kind: 'record',
      record: {
        object: 'customer',
        id: 'cu_new',
        name: 'Ada',
        email: 'ada@x.test',
        status: 'active',
        address: { city: 'Rome' },
        metadata: { a: 'b' },
      },
      explain: { operation: 'customers.create', sent: { body: native } },
    })
  })

  it('sends null as null, leaves out what is absent', async () => {
    shop.tables.customers = [{ id: 'cu_1', created: 1, version: 3, full_name: 'Ada' }]
    await shop.call('customers', 'update', { id: 'cu_1', body: { email: null } })
    expect(sent()).toEqual({
      verb: 'PATCH',
      path: '/v1/customers/cu_1',
      body: { contact: { email: null }, version: 3 },
    })
  })

  it('tells which fields of the body the provider has no place for', async () => {
    shop.tables.customers = [{ id: 'cu_1', created: 1, version: 3, full_name: 'Ada' }]
    const body = { name: 'Ada B', metadata: { a: 'b' } }
    const { report } = await shop.call('customers', 'update', { id: 'cu_1', body })
    expect(report.warnings).toEqual([expect.stringContaining('`metadata` was not sent')])
    expect(sent().body).toEqual({ full_name: 'Ada B', version: 3 })
    expect((await shop.call('customers', 'create', { body })).report.warnings).toEqual([])
  })

  it('tells of a part of an object too, with the reason that the mapping gives', async () => {
    const told = async (address: object) =>
      (await shop.call('customers', 'create', { body: { name: 'Ada', address } })).report.warnings
    expect(await told({ city: 'Rome', country: 'IT' })).toEqual([
      '`address.country` was not sent: Acme delivers in one country.',
    ])
    expect(sent().body).toEqual({ full_name: 'Ada', address: { town: 'Rome' } })
    expect(await told({ city: 'Rome' })).toEqual([])
  })

  it('names every field that does not fit before anything is sent', async () => {
    const failure = await failureOf(
      shop.call('customers', 'create', { body: { email: 'nope', status: 'gone', nick: 'A', address: { city: 1 } } }),
    )
    expect(failure.code).toBe('invalid_body')
    for (const pointer of ['/name', '/email', '/status', '/nick', '/address/city'])
      expect(failure.message).toContain(`\`${pointer}\``)
    expect(failure.details).toMatchObject({ missingFields: ['name'], valid: expect.arrayContaining(['name', 'email']) })
    const refund = await failureOf(shop.call('payments', 'refund', { id: 'in_1', body: { reason: 'wrong' } }))
    expect(refund).toMatchObject({ code: 'invalid_body', details: { where: '/reason', valid: ['duplicate', 'other'] } })
    expect((await failureOf(shop.call('customers', 'portal', { id: 'cu_1', body: { a: 1 } }))).code).toBe(
      'invalid_body',
    )
    expect(shop.upstream.received).toHaveLength(0)
  })

  it('makes its reads first, refuses by rule, and reads again once on a conflict', async () => {
    shop.tables.customers = [{ id: 'cu_1', created: 1, version: 1, full_name: 'Ada' }]
    let conflicts = 1
    shop.intercept = ({ verb }) => {
      if (verb !== 'PATCH' || conflicts-- <= 0) return undefined
      shop.tables.customers = [{ id: 'cu_1', created: 1, version: 2, full_name: 'Ada' }]
      return { status: 409, body: {} }
    }
    await shop.call('customers', 'update', { id: 'cu_1', body: { name: 'Bo' } })
    expect(shop.upstream.received.map(({ verb }) => verb)).toEqual(['GET', 'PATCH', 'GET', 'PATCH'])
    expect(sent().body).toEqual({ full_name: 'Bo', version: 2 })
    conflicts = 9
    expect((await failureOf(shop.call('customers', 'update', { id: 'cu_1', body: { name: 'Bo' } }))).code).toBe(
      'conflict',
    )
    shop.intercept = undefined
    shop.tables.customers = [{ id: 'cu_1', created: 1, state: 'X' }]
    shop.upstream.received.length = 0
    const refused = await failureOf(shop.call('customers', 'update', { id: 'cu_1', body: { name: 'Bo' } }))
    expect(refused).toMatchObject({ code: 'conflict', details: { hint: 'Closed customers stay as they are.' } })
    expect(shop.upstream.received.map(({ verb }) => verb)).toEqual(['GET'])
  })

  it('deletes with { id }; a method answers its fields or another resource', async () => {
    shop.tables.customers = [{ id: 'cu_1', created: 1 }]
    expect(await shop.call('customers', 'delete', { id: 'cu_1' })).toMatchObject({
      kind: 'record',
      record: { id: 'cu_1' },
    })
    const portal = await shop.call('customers', 'portal', { id: 'cu_1' })
    expect(portal).toMatchObject({ kind: 'method', result: { url: 'https://acme.test/p/cu_1' } })
    const refund = await shop.call('payments', 'refund', { id: 'in_1', body: { amount: 5, reason: 'duplicate' } })
    expect(sent()).toEqual({ verb: 'POST', path: '/v1/intents/in_1/refund', body: { amount: 5, why: 'dup' } })
    expect(refund).toMatchObject({ kind: 'method', result: { object: 'refund', id: 're_1', amount: 5, reason: 'dup' } })
    await shop.call('payments', 'refund', { id: 'in_1', body: { reason: 'other' } })
    expect(sent().body ?? {}).toEqual({})
    expect((await failureOf(shop.call('payments', 'refund', { id: 'ch_1', body: {} }))).code).toBe('record_not_found')
  })
})

describe('connecting', () => {
  it('verifies, and reads identity, version and traits', async () => {
    const options = { requestId: 'r', priority: 'interactive', onLimit: 'wait' } as const
    const found = await shop.engine.verify(shop.account, options)
    expect(found).toEqual({
      identity: 'merchant_1',
      unnamed: null,
      mode: null,
      livemode: null,
      apiVersion: '2026-01-01',
      traits: { country: 'IS' },
    })
    expect(shop.upstream.received).toHaveLength(1)
  })

  it('says what the account can do', () => {
    const { models } = shop.engine.capabilities(shop.account)
    expect(models.shop?.customers?.methods).toEqual(['list', 'get', 'create', 'update', 'delete', 'portal'])
    expect(models.shop?.customers?.filters).toMatchObject({
      id: { mode: 'lookup', ops: ['eq', 'in'] },
      email: { mode: 'native' },
      name: { mode: 'search' },
      points: { mode: 'scan' },
      is_vip: { mode: 'scan' },
      status: { mode: 'native', values: ['active', 'closed', 'unknown'] },
    })
    expect(models.shop?.payments?.filters.customer_email).toMatchObject({ mode: 'lookup' })
    expect(models.shop?.customers?.expand).toEqual(['payments', 'figures'])
    expect(models.shop?.customers?.fields).toMatchObject({
      name: { readable: true, writable: ['create', 'update'] },
      locale: { readable: false, writable: [], reason: 'Acme keeps no language.' },
      updated_at: { readable: false, reason: 'not mapped' },
      raw_status: { readable: true },
    })
    expect(models.shop?.payments?.fields.customer).toMatchObject({ readable: true, writable: ['create'] })
    expect(models.shop?.refunds?.methods).toEqual([])
  })
})
