import { describe, expect, it } from 'vitest'
import type { FilterTerm } from '../../engine/execute/contract.ts'
import { filterOf, matches } from '../../engine/query/index.ts'
import { compileShop, shopResource } from '../support/shop.ts'

const catalog = compileShop()
const record = {
  id: 'cu_1',
  name: 'Ångström',
  email: 'Ada@X.test',
  points: 12,
  is_vip: false,
  status: null,
  created_at: '2026-01-31T10:00:00.500Z',
  address: { city: 'Rome' },
  metadata: { order: '7' },
}

const fits = (field: string, op: FilterTerm['op'], value: string, key?: string) => {
  const term = { field, op, value, ...(key === undefined ? {} : { key }) }
  return matches(record, term, filterOf(term, shopResource(catalog, 'customers')))
}

describe('a filter that is checked here', () => {
  it('compares by type: numbers, instants, booleans, folded text, nested fields, labels', () => {
    expect(fits('points', 'gt', '9')).toBe(true)
    expect(fits('points', 'lt', '9')).toBe(false)
    expect(fits('points', 'ne', '12')).toBe(false)
    expect(fits('created_at', 'gt', '2026-01-31T10:00:00Z')).toBe(true)
    expect(fits('created_at', 'lt', '2026-01-31T10:00:01Z')).toBe(true)
    expect(fits('is_vip', 'eq', 'false')).toBe(true)
    expect(fits('email', 'eq', 'ada@x.TEST')).toBe(true)
    expect(fits('id', 'eq', 'CU_1')).toBe(false)
    expect(fits('id', 'in', 'a,cu_1')).toBe(true)
    expect(fits('city', 'eq', 'Rome')).toBe(true)
    expect(fits('metadata', 'eq', '7', 'order')).toBe(true)
    expect(fits('metadata', 'eq', '7', 'other')).toBe(false)
  })

  it('a missing value answers only exists=false', () => {
    expect(fits('status', 'eq', 'active')).toBe(false)
    expect(fits('points', 'exists', 'true')).toBe(true)
    expect(
      matches(
        { points: null },
        { field: 'points', op: 'exists', value: 'false' },
        filterOf({ field: 'points', op: 'exists', value: 'false' }, shopResource(catalog, 'customers')),
      ),
    ).toBe(true)
  })

  it('q looks into its fields, whatever the case', () => {
    expect(fits('q', 'eq', 'ångSTRÖM')).toBe(true)
    expect(fits('q', 'eq', 'x.test')).toBe(true)
    expect(fits('q', 'eq', 'rome')).toBe(false)
  })
})
