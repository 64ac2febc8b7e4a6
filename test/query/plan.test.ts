import { describe, expect, it } from 'vitest'
import type { LeafSource, ResourceMapping } from '../../engine/definition/catalog.ts'
import { EngineError } from '../../engine/errors.ts'
import { parseUnifiedQuery, planSource } from '../../engine/query/index.ts'
import { leavesOf } from '../../engine/query/plan-source.ts'
import { compileShop, shopResource } from '../support/shop.ts'

const catalog = compileShop()
const mapping = (name: string) => catalog.integrations.get('acme')?.mappings.get(`shop/${name}`) as ResourceMapping

function plan(name: string, query: string, found: Record<string, string[]> = {}) {
  const resource = shopResource(catalog, name)
  const { filters, filterModes } = parseUnifiedQuery(new URLSearchParams(query), resource)
  const context = {
    mapping: mapping(name),
    resource,
    terms: filters,
    modes: filterModes,
    account: {},
    found: new Map(Object.entries(found)),
  }
  const source = mapping(name).list?.source
  if (source === undefined) throw new Error(`${name} has no list`)
  return leavesOf(planSource(source, context, 'created_at')).map((leaf) => ({
    ...leaf.plan,
    operation: leaf.leaf.operation,
  }))
}

describe('planning a filter', () => {
  it('sends one value as it is and asks once for each of several', () => {
    expect(plan('payments', 'customer_id=cu_1').map(({ parts, branches }) => [parts, branches])).toEqual([
      [[{ in: 'query', name: 'customer', value: 'cu_1' }], undefined],
      [[{ in: 'query', name: 'customer', value: 'cu_1' }], undefined],
    ])
    const [several] = plan('payments', 'customer_id[in]=cu_1,cu_2')
    expect(several?.branches?.map(({ value }) => value)).toEqual(['cu_1', 'cu_2'])
  })

  it('cuts here what the provider cannot tell exactly', () => {
    const [leaf] = plan('customers', 'created_at[gt]=2026-01-01T00:00:00Z&created_at[lte]=2026-01-02T00:00:00Z')
    expect(leaf?.parts).toEqual([
      { in: 'query', name: 'created[gte]', value: 1767225600 },
      { in: 'query', name: 'created[lte]', value: 1767312000 },
    ])
    expect(leaf?.residual.map(({ op }) => op)).toEqual(['gt'])
    expect(leaf?.isScan).toBe(false)
  })

  it('replaces an operator by a wider one and cuts the rest', () => {
    const [leaf] = plan('payments', 'created_at[gt]=2026-01-01T00:00:00Z')
    expect(leaf?.parts.map(({ name }) => name)).toEqual(['created[gte]'])
    expect(leaf?.residual.map(({ op }) => op)).toEqual(['gt'])
  })

  it('keeps a filter here whose parameter another one has taken', () => {
    const [leaf] = plan('customers', 'created_at[gt]=2026-01-01T00:00:00Z&created_at[gte]=2026-01-02T00:00:00Z')
    expect(leaf?.parts).toHaveLength(1)
    expect(leaf?.residual).toHaveLength(2)
  })

  it('waits for a lookup, then asks with what it found', () => {
    const [before] = plan('payments', 'customer_email=a@b.c')
    expect(before?.pending.map(({ term }) => term.field)).toEqual(['customer_email'])
    const [after] = plan('payments', 'customer_email=a@b.c', { customer_email: ['cu_1', 'cu_2'] })
    expect(after).toMatchObject({ pending: [], isEmpty: false, modes: { customer_email: 'lookup' } })
    expect(after?.branches?.map(({ value }) => value)).toEqual(['cu_1', 'cu_2'])
    expect(plan('payments', 'customer_email=a@b.c', { customer_email: [] })[0]?.isEmpty).toBe(true)
  })

  it('takes the way of a route by the filters present', () => {
    expect(plan('customers', 'q=ada')[0]).toMatchObject({ operation: 'customers.search', modes: { q: 'search' } })
    expect(plan('customers', 'email=a@b.c')[0]?.operation).toBe('customers.list')
  })

  it('quotes what goes into a clause', () => {
    const [leaf] = plan('customers', `q=${encodeURIComponent('a" OR any:"*\\')}`)
    expect(leaf?.parts).toEqual([{ in: 'search', name: 'query', value: 'any:"a\\" OR any:\\"*\\\\"' }])
  })

  it.each([
    ['is_vip=true', 'is_vip'],
    ['metadata[a]=b', 'metadata[a]'],
    ['points=3&filter_mode=native,search', 'points'],
  ])('%s is refused by name', (query, where) => {
    expect(() => plan('customers', query)).toThrow(
      expect.objectContaining({
        code: 'unsupported_filter',
        details: expect.objectContaining({ where }),
      }) as EngineError,
    )
  })

  it('never scans for what mapped records do not hold', () => {
    const bare = {
      ...mapping('customers'),
      fields: new Map([...mapping('customers').fields].filter(([name]) => name !== 'is_vip')),
    }
    const resource = shopResource(catalog, 'customers')
    const terms = [{ field: 'is_vip', op: 'eq' as const, value: 'true' }]
    const context = { mapping: bare, resource, terms, modes: ['scan' as const], account: {}, found: new Map() }
    const leaf: LeafSource = {
      kind: 'leaf',
      name: undefined,
      operation: 'customers.list',
      path: new Map(),
      query: new Map(),
      body: new Map(),
      parent: new Map(),
      where: undefined,
      filters: new Map(),
      search: undefined,
    }
    expect(() => planSource(leaf, context, 'created_at')).toThrow(EngineError)
  })
})
