import { describe, expect, it } from 'vitest'
import { BODY_FIELDS, FIELDS, list, nullable, obj, offenders, RECORD_FIELDS, types, type Visit } from './load.ts'

const PII = new Set(['name', 'email', 'phone', 'address', 'tax_id', 'ip', 'card', 'bank', 'dob', 'other'])

describe('the fields', () => {
  it('every enum value is described, and beside each enum stands the native value or it is derived', () => {
    for (const { path, schema } of FIELDS.filter((field) => field.schema.enum !== undefined)) {
      const values = list(schema.enum).filter((value) => value !== null)
      expect(Object.keys(obj(schema['x-enum'])), path).toEqual(values)
      for (const text of Object.values(obj(schema['x-enum']))) expect(String(text).length, path).toBeGreaterThan(4)
      expect(list(schema.enum).includes(null), path).toBe(nullable(schema))
    }
    const bare = ({ name, schema, scopes }: Visit): boolean =>
      schema.enum !== undefined &&
      schema['x-derived'] !== true &&
      !(list(schema.enum).includes('unknown') && obj(scopes[0])[`raw_${name}`] !== undefined)
    expect(offenders(RECORD_FIELDS, bare)).toEqual([])
    expect(offenders(BODY_FIELDS, ({ schema }) => list(schema.enum).includes('unknown'))).toEqual([])
  })

  it('amounts are integers that name a currency in reach', () => {
    const amounts = FIELDS.filter(({ schema }) => schema['x-money'] !== undefined)
    expect(amounts.length).toBeGreaterThan(80)
    expect(offenders(amounts, ({ schema }) => types(schema).some((t) => t !== 'integer' && t !== 'null'))).toEqual([])
    expect(offenders(FIELDS, ({ schema }) => types(schema).includes('number'))).toEqual([])
    const reachable = (field: Visit & { op?: string }): boolean => {
      const [head = '', tail] = String(field.schema['x-money']).split('.')
      if (tail === undefined) return field.scopes.some((scope) => scope[head] !== undefined)
      if (tail !== 'currency' || field.op === undefined) return false
      return head === 'record' ? field.op === 'update' : field.scopes.some((scope) => scope[`${head}_id`] !== undefined)
    }
    expect(offenders(amounts, (field) => !reachable(field))).toEqual([])
    const money = /(^|_)(amount|fee|net|total|subtotal|mrr)(_|$)/
    const unmarked = ({ name, schema }: Visit): boolean =>
      money.test(name) && types(schema).includes('integer') && schema['x-money'] === undefined
    expect(offenders(FIELDS, unmarked)).toEqual([])
  })

  it('instants and civil dates are told apart by name and format', () => {
    const instants = FIELDS.filter(({ name }) => /(^at|_at|_start|_end|^redeem_by)$/.test(name))
    const flag = ({ name, schema }: Visit): boolean =>
      schema.format !== 'date-time' && !(name.endsWith('_period_end') && types(schema).includes('boolean'))
    expect(instants.length).toBeGreaterThan(40)
    expect(offenders(instants, flag)).toEqual([])
    const dates = FIELDS.filter(({ name, schema }) => name.endsWith('_date') || schema.format === 'date')
    expect(dates.length).toBeGreaterThan(0)
    const civil = ({ name, schema }: Visit): boolean =>
      name.endsWith('_date') && schema.format === 'date' && schema['x-civil-date'] === true
    expect(offenders(dates, (field) => !civil(field))).toEqual([])
  })

  it('personal data has a known kind, and what is plainly personal is marked', () => {
    const marked = FIELDS.filter(({ schema }) => schema['x-pii'] !== undefined)
    expect(offenders(marked, ({ schema }) => !PII.has(String(schema['x-pii'])))).toEqual([])
    const personal = /(^|_)(email|phone|last4|routing_number|fingerprint|first_name|last_name)$/
    expect(offenders(FIELDS, ({ name, schema }) => personal.test(name) && schema['x-pii'] === undefined)).toEqual([])
    const addresses = FIELDS.filter(({ name, schema }) => name === 'address' && types(schema).includes('object'))
    expect(addresses.length).toBeGreaterThan(2)
    expect(offenders(addresses, ({ schema }) => schema['x-pii'] !== 'address')).toEqual([])
  })
})
