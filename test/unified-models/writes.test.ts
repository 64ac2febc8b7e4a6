import { describe, expect, it } from 'vitest'
import { list, names, type Obj, obj, offenders, property, RECORD_FIELDS, RESOURCES, walk } from './load.ts'

const FILTER_KEYS = 'ops type description field fields enum_of fold_case keyed'.split(' ')
const OPS = 'eq ne gt gte lt lte in exists'.split(' ')
const FILTERS = RESOURCES.flatMap(({ id, resource }) =>
  Object.entries(obj(resource.filters)).map(([name, filter]) => ({
    where: `${id} ${name}`,
    name,
    filter: obj(filter),
    schema: obj(resource.schema),
  })),
)

describe('writes, methods, filters and expansions', () => {
  it('a write has either a body of its own or fields marked for it', () => {
    for (const { id, resource } of RESOURCES) {
      const fields = Object.entries(obj(obj(resource.schema).properties)).filter(([name]) => name !== 'metadata')
      for (const op of list(resource.writes).filter((write) => write !== 'delete')) {
        const marked = fields.filter(([, field]) => list(obj(field)['x-write']).includes(op)).map(([name]) => name)
        const hasBody = obj(resource.bodies)[String(op)] !== undefined
        expect(marked.length > 0, `${id} ${op}: ${marked.join()}`).toBe(!hasBody)
      }
    }
  })

  it('methods name an effect, a body and a known answer', () => {
    for (const { id, model, resource } of RESOURCES) {
      for (const [name, value] of Object.entries(obj(resource.methods))) {
        const method = obj(value)
        expect(Object.keys(method).sort(), `${id} ${name}`).toEqual(['body', 'description', 'effect', 'on', 'returns'])
        expect(['record', 'collection']).toContain(method.on)
        expect(['read', 'write', 'money', 'credential']).toContain(method.effect)
        expect(obj(method.body)).toMatchObject({ type: 'object', additionalProperties: false })
        if (typeof method.returns === 'string') expect(names(model), `${id} ${name}`).toContain(method.returns)
        else {
          expect(obj(method.returns)).toMatchObject({ type: 'object', additionalProperties: false })
          expect(offenders([...walk(obj(method.returns), id)], ({ schema }) => !schema.description)).toEqual([])
        }
      }
    }
  })

  it('refunds are asked for in the same words on both ways', () => {
    const at = (name: string): Obj => obj(RESOURCES.find(({ id }) => id === `payment-gateway/${name}`)?.resource)
    const create = obj(obj(obj(at('refunds').bodies).create).properties)
    const method = obj(obj(obj(obj(at('payments').methods).refund).body).properties)
    expect(Object.keys(create)).toEqual(['payment_id', 'amount', 'reason', 'note', 'metadata'])
    expect(['payment_id', ...Object.keys(method)]).toEqual(Object.keys(create))
  })

  it.each(FILTERS)('$where has known keys, ops and type', ({ filter }) => {
    expect(Object.keys(filter).filter((key) => !FILTER_KEYS.includes(key))).toEqual([])
    expect(list(filter.ops).length).toBeGreaterThan(0)
    expect(list(filter.ops).filter((op) => !OPS.includes(String(op)))).toEqual([])
    expect(['string', 'integer', 'boolean', 'instant', 'date', 'money']).toContain(filter.type)
    expect(String(filter.description).length).toBeGreaterThan(8)
  })

  it.each(FILTERS)('$where compares fields that exist and are of its type', ({ name, filter, schema }) => {
    const paths = (filter.fields === undefined ? [filter.field ?? name] : list(filter.fields)).map(String)
    const targets = paths.map((path) => property(schema, path))
    expect(paths.filter((_, index) => targets[index] === undefined)).toEqual([])
    if (filter.fields !== undefined) return
    const target = targets[0] ?? {}
    const kind = target.format === 'date-time' ? 'instant' : target.format === 'date' ? 'date' : 'other'
    expect(filter.type === 'instant' || filter.type === 'date' ? filter.type : 'other').toBe(kind)
    expect(filter.type === 'money').toBe(target['x-money'] !== undefined)
    expect(filter.enum_of).toBe(target.enum === undefined ? undefined : paths[0])
  })

  it.each([
    ['payment-gateway/customers', 'id email name created_at metadata q'],
    [
      'payment-gateway/payments',
      'id created_at customer_id customer_email invoice_id status currency amount payout_id q',
    ],
    ['payment-gateway/refunds', 'created_at payment_id customer_id status'],
    ['payment-gateway/disputes', 'created_at payment_id customer_id status'],
    ['payment-gateway/balance_transactions', 'payout_id type created_at available_at currency'],
    ['payment-gateway/payouts', 'created_at arrival_date status'],
    ['subscription-management/subscriptions', 'customer_id status price_id created_at current_period_end'],
    [
      'subscription-management/invoices',
      'customer_id customer_email subscription_id status due_at created_at number collection_method',
    ],
  ])('%s has the filters of the design', (wanted, filters) => {
    const resource = RESOURCES.find(({ id }) => id === wanted)?.resource
    expect(Object.keys(obj(resource?.filters))).toEqual(expect.arrayContaining(filters.split(' ')))
  })

  it('expansions fill fields, and whole records are of a known resource', () => {
    for (const { id, resource } of RESOURCES) {
      const properties = obj(obj(resource.schema).properties)
      expect(
        list(resource.expand).filter((name) => properties[String(name)] === undefined),
        id,
      ).toEqual([])
      const hidden = Object.keys(properties).filter((name) => obj(properties[name])['x-expand-only'] === true)
      expect(
        hidden.filter((name) => !list(resource.expand).includes(name)),
        id,
      ).toEqual([])
    }
    for (const { path, schema } of RECORD_FIELDS.filter(
      (field) => obj(field.schema.items)['x-resource'] !== undefined,
    )) {
      const target = String(obj(schema.items)['x-resource'])
      const full = target.includes('/') ? target : `${path.split('/')[0]}/${target}`
      expect(
        RESOURCES.map(({ id }) => id),
        path,
      ).toContain(full)
    }
  })
})
