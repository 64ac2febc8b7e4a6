import { expect, it } from 'vitest'
import { evaluationCounts, forbidGeneratedCode } from '../../engine/expression/index.ts'
import { createMapper, type MapContext, type MapItem } from '../../engine/mapping/index.ts'
import { compileShop, shopResource } from '../support/shop.ts'

forbidGeneratedCode()

const CUSTOMERS = [
  { id: 'cu_1', created: 1_700_000_000, full_name: 'Ada', state: 'A', points: 200, labels: { a: 1 } },
  {
    id: 'cu_2',
    created: 2,
    full_name: 'Bob',
    state: 'Z',
    contact: { email: 'b@acme.test' },
    address: { town: 'Oslo' },
  },
  {
    id: 'cu_3',
    created: 3,
    state: 'C',
    rank: 'none',
    points: 12,
    phones: [
      { no: '1', type: 'h' },
      { no: '2', type: 'w' },
    ],
  },
  { id: 'cu_4', created: null, tags: ['x'], phones: { no: '3', type: 'h' }, address: null, vip: true },
]

const context = (explain: boolean): MapContext => ({
  provider: 'acme',
  accountId: 'acc_1',
  tenantId: null,
  livemode: true,
  apiVersion: null,
  observedAt: '2026-01-01T00:00:00Z',
  account: { traits: {} },
  remoteData: false,
  secretNames: new Map(),
  withoutSecrets: (native) => native,
  explain,
})

// Explaining always goes field by field; else one function makes the whole record.
it('whole records come out of closures as they do field by field', () => {
  const catalog = compileShop()
  const mapping = catalog.integrations.get('acme')?.mappings.get('shop/customers')
  if (mapping === undefined) throw new Error('the shop has no customers')
  const mapper = createMapper(mapping, shopResource(catalog, 'customers'), { fields: undefined })
  const items = CUSTOMERS.map((native): MapItem => ({ native, source: 'list', parent: null, lookup: {} }))
  const before = evaluationCounts().mapped
  const whole = mapper.page(items, context(false)).map(({ record }) => record)
  expect(evaluationCounts().mapped - before).toBe(CUSTOMERS.length)
  const single = mapper.page(items, context(true)).map(({ record }) => {
    const { explain, ...meta } = record._meta as Record<string, unknown>
    expect(explain).toBeDefined()
    return { ...record, _meta: meta }
  })
  expect(whole).toEqual(single)
  expect(whole.map(({ level }) => level)).toEqual(['gold', null, 'silver', null])
})
