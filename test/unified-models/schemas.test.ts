import { describe, expect, it } from 'vitest'
import {
  BODIES,
  FIELDS,
  newAjv,
  nullable,
  type Obj,
  obj,
  offenders,
  RECORD_FIELDS,
  RECORDS,
  types,
  type Visit,
} from './load.ts'

describe('the schemas', () => {
  it.each([...RECORDS, ...BODIES])('$id compiles in strict mode', ({ schema }) => {
    expect(() => newAjv().compile(schema)).not.toThrow()
  })

  it.each(RECORDS)('$id takes a record of nulls, and neither an unknown field nor a missing id', ({ schema }) => {
    const validate = newAjv().compile(schema)
    const empty = Object.fromEntries(Object.keys(obj(schema.properties)).map((name) => [name, null]))
    expect(validate({ ...empty, id: 'x_1' }), JSON.stringify(validate.errors)).toBe(true)
    expect(validate(empty)).toBe(false)
    expect(validate({ ...empty, id: 'x_1', no_such_field: 1 })).toBe(false)
  })

  it('refuses floats, lower-case currencies, local times and times in civil dates', () => {
    const check = (id: string, record: Obj): boolean =>
      newAjv().compile(RECORDS.find((entry) => entry.id === id)?.schema ?? false)({ id: 'x_1', ...record })
    expect(
      check('payment-gateway/payments', { amount: 500, currency: 'ISK', created_at: '2026-01-02T03:04:05Z' }),
    ).toBe(true)
    expect(check('payment-gateway/payments', { amount: 19.99 })).toBe(false)
    expect(check('payment-gateway/payments', { currency: 'usd' })).toBe(false)
    expect(check('payment-gateway/payments', { status: 'partially_refunded' })).toBe(false)
    expect(check('payment-gateway/payments', { created_at: '2026-01-02T03:04:05' })).toBe(false)
    expect(check('payment-gateway/payouts', { arrival_date: '2026-01-02' })).toBe(true)
    expect(check('payment-gateway/payouts', { arrival_date: '2026-01-02T00:00:00Z' })).toBe(false)
    expect(check('payment-gateway/balance_transactions', { exchange_rate: '1.08345' })).toBe(true)
    expect(check('payment-gateway/balance_transactions', { exchange_rate: 1.08345 })).toBe(false)
  })

  it('every property is described, in snake_case', () => {
    expect(offenders(FIELDS, ({ schema }) => String(schema.description ?? '').length < 8)).toEqual([])
    expect(offenders(FIELDS, ({ name }) => !/^_?[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(name))).toEqual([])
  })

  it('every field of a record but an id is nullable, entries of lists are not', () => {
    const keys = new Set(['id', 'field', 'url'])
    expect(offenders(RECORD_FIELDS, ({ name, schema }) => !keys.has(name) && !nullable(schema))).toEqual([])
    expect(offenders(RECORD_FIELDS, ({ schema }) => schema.items !== undefined && nullable(obj(schema.items)))).toEqual(
      [],
    )
    for (const { id, schema } of RECORDS) {
      const top = Object.entries(obj(schema.properties)).filter(([, value]) => !nullable(obj(value)))
      expect(
        top.map(([name]) => name),
        id,
      ).toEqual(['id'])
    }
  })

  it('objects are closed, unless they are maps or whole records', () => {
    const open = ({ schema }: Visit): boolean => {
      const node = schema.items === undefined ? schema : obj(schema.items)
      return types(node).includes('object') && node.additionalProperties === undefined && !('x-resource' in node)
    }
    expect(offenders(FIELDS, open)).toEqual([])
  })
})
