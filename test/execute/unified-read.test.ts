import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { failureOf } from '../support/code-of.ts'
import { type Native, openShop, type Shop } from '../support/shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => shop.close())
beforeEach(() => {
  for (const name of Object.keys(shop.tables)) delete shop.tables[name]
  shop.intercept = undefined
  shop.upstream.received.length = 0
  shop.counted.length = 0
})

const ADA: Native = {
  id: 'cu_1',
  created: 1_700_000_000,
  full_name: 'Ada',
  contact: { email: 'ada@x.test' },
  state: 'A',
  vip: true,
  points: 12,
  tags: 'early',
  rank: 'none',
  address: { town: 'Reykjavik', country: 'IS' },
  phones: [
    { no: '1', type: 'h' },
    { no: '2', type: 'x' },
  ],
  labels: { a: 1, b: null, c: 'd' },
  token: 'tok_very_secret',
}

describe('a unified get', () => {
  it('maps every kind of field and fills the conventions', async () => {
    shop.tables.customers = [ADA]
    const answer = await shop.call('customers', 'get', { id: 'cu_1' })
    expect(answer).toMatchObject({ kind: 'record', report: { upstreamRequests: 1, operations: ['customers.get'] } })
    expect((answer as unknown as { record: unknown }).record).toEqual({
      id: 'cu_1',
      object: 'customer',
      provider: 'acme',
      integrated_account_id: 'acc_1',
      tenant_id: 'ten_1',
      created_at: '2023-11-14T22:13:20Z',
      updated_at: null,
      is_deleted: false,
      livemode: false,
      metadata: { a: '1', c: 'd' },
      custom_fields: null,
      remote_url: 'https://acme.test/c/cu_1',
      remote_data: null,
      _meta: { api_version: '2026-01-01', observed_at: '2025-10-09T08:53:20Z' },
      name: 'Ada',
      email: 'ada@x.test',
      status: 'active',
      raw_status: 'A',
      is_vip: true,
      points: 12,
      tags: ['early'],
      locale: null,
      level: 'silver',
      raw_level: 'none',
      address: { city: 'Reykjavik', country: 'IS' },
      phones: [
        { number: '1', kind: 'home', raw_kind: 'h', owner: 'Ada' },
        { number: '2', kind: 'unknown', raw_kind: 'x', owner: 'Ada' },
      ],
      payments: null,
      figures: null,
    })
    expect(shop.counted).toContainEqual({
      name: 'mapping_drift_total',
      labels: { integration: 'acme', resource: 'shop/customers', field: 'phones[].kind' },
    })
  })

  it('sets what does not fit to null, keeps its raw value, and counts it', async () => {
    shop.tables.customers = [
      { ...ADA, points: 'many', contact: { email: 7 }, address: { town: 'Rome', country: 'Italy' } },
    ]
    const answer = await shop.call('customers', 'get', { id: 'cu_1' })
    expect((answer as unknown as { record: object }).record).toMatchObject({
      points: null,
      email: null,
      address: { city: 'Rome', country: null },
      _meta: {
        field_errors: expect.arrayContaining([
          { field: 'points', raw: 'many', reason: 'must be integer,null' },
          { field: 'email', raw: 7, reason: 'must be string,null' },
          { field: 'address.country', raw: 'Italy', reason: 'must match pattern "^[A-Z]{2}$"' },
        ]),
      },
    })
    expect(shop.counted.filter(({ name }) => name === 'mapping_field_errors_total')).toHaveLength(4)
  })

  it('explains each field: expression, source path, raw value, layer, address, and why it is null', async () => {
    shop.tables.customers = [{ ...ADA, state: 'Z', contact: null, points: undefined }]
    const answer = await shop.call('customers', 'get', { id: 'cu_1', query: 'explain=true' })
    const explain = (answer as unknown as { record: { _meta: { explain: Record<string, object> } } }).record._meta
      .explain
    expect(explain.name).toEqual({
      expression: 'full_name',
      backend: 'path',
      source_paths: ['full_name'],
      raw: 'Ada',
      layer: 'platform',
      address: expect.stringMatching(/^integrations\/acme\/mappings\/shop\.yaml:\d+:\d+$/),
    })
    expect(explain.email).toMatchObject({ expression: 'contact.email', value_null_reason: 'missing_in_source' })
    expect(explain.points).toMatchObject({ value_null_reason: 'missing_in_source' })
    expect(explain.status).toMatchObject({ raw: 'Z', value_null_reason: 'table_absent' })
    expect(explain.locale).toEqual({ value_null_reason: 'absent', note: 'Acme keeps no language.' })
    expect(explain.updated_at).toEqual({ value_null_reason: 'not_mapped' })
    expect(explain.payments).toEqual({ value_null_reason: 'not_requested' })
    expect(explain['phones[].number']).toMatchObject({ expression: 'no', source_paths: ['no'] })
    expect(JSON.stringify(explain)).not.toContain('tok_very_secret')
  })

  it('leaves remote_data out unless asked, and secrets always', async () => {
    shop.tables.customers = [ADA]
    const asked = await shop.call('customers', 'get', { id: 'cu_1', query: 'remote_data=true' })
    const { token, ...rest } = ADA
    expect(token).toBe('tok_very_secret')
    expect((asked as unknown as { record: { remote_data: unknown } }).record.remote_data).toEqual(rest)
    const raw = await shop.call('customers', 'get', { id: 'cu_1', query: 'format=raw' })
    expect((raw as { record: unknown }).record).toEqual(rest)
    const debug = await shop.call('customers', 'get', { id: 'cu_1', query: 'format=debug' })
    expect((debug as { record: unknown }).record).toMatchObject({ unified: { id: 'cu_1' }, raw: rest })
  })

  it('gives only the fields asked for, without the excluded ones', async () => {
    shop.tables.customers = [ADA]
    const some = await shop.call('customers', 'get', { id: 'cu_1', query: 'fields=id,address.city,phones.number' })
    expect((some as { record: unknown }).record).toEqual({
      id: 'cu_1',
      address: { city: 'Reykjavik' },
      phones: [{ number: '1' }, { number: '2' }],
    })
    const less = await shop.call('customers', 'get', { id: 'cu_1', query: 'exclude_fields=address.city,phones' })
    const record = (less as { record: Record<string, unknown> }).record
    expect(record.address).toEqual({ country: 'IS' })
    expect(record).not.toHaveProperty('phones')
  })

  it('routes by the id, takes composite ids apart, and knows ids that fit nothing', async () => {
    shop.tables.charges = [{ id: 'ch_1', created: 5, object: 'charge', outcome: 'paid', amount: 500, currency: 'isk' }]
    shop.tables['visits:a~b/c'] = [{ id: 'v 1', created: 5, amount: 3, shop: 'a~b/c' }]
    const charge = await shop.call('payments', 'get', { id: 'ch_1' })
    expect((charge as { record: object }).record).toMatchObject({
      id: 'ch_1',
      status: 'succeeded',
      raw_status: 'paid',
      amount: 500,
    })
    const visit = await shop.call('visits', 'get', { id: 'a%7Eb%2Fc~v%201' })
    expect((visit as { record: object }).record).toMatchObject({ id: 'a%7Eb%2Fc~v%201', amount: 3 })
    shop.upstream.received.length = 0
    const unfit = await failureOf(shop.call('payments', 'get', { id: 'zz_1' }))
    expect(unfit).toMatchObject({
      code: 'record_not_found',
      details: { hint: 'Ids of payments fit one of: ^in_, ^ch_' },
    })
    expect((await failureOf(shop.call('visits', 'get', { id: 'one' }))).code).toBe('record_not_found')
    expect(shop.upstream.received).toHaveLength(0)
  })

  it('names what is not there: model, resource, method', async () => {
    const call = {
      model: 'nope',
      resource: 'customers',
      method: 'get',
      id: 'x',
      query: (await import('../../engine/query/index.ts')).parseUnifiedQuery(
        [],
        shop.engine.catalog().models.get('shop')!.resources.get('customers')!,
      ),
    }
    const options = { requestId: 'r', priority: 'interactive', onLimit: 'wait' } as const
    const of = (extra: object) =>
      failureOf(Promise.resolve().then(() => shop.engine.unified(shop.account, { ...call, ...extra }, options)))
    expect(await of({})).toMatchObject({ code: 'unknown_model', details: { valid: ['shop'] } })
    expect(await of({ model: 'shop', resource: 'nope' })).toMatchObject({ code: 'unknown_resource' })
    expect(await of({ model: 'shop', method: 'nope' })).toMatchObject({
      code: 'unknown_method',
      details: { valid: expect.arrayContaining(['list', 'portal']) },
    })
    expect(await of({ model: 'shop', resource: 'refunds' })).toMatchObject({
      code: 'unsupported_method',
      details: { hint: 'Acme reads no refunds; it tells of them by webhooks.' },
    })
    expect(await of({ model: 'shop', id: undefined })).toMatchObject({ code: 'invalid_request' })
  })
})
