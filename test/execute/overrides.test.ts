import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CompareCall, parseUnifiedQuery } from '../../engine/index.ts'
import { callOptions } from '../support/calls.ts'
import { failureOf } from '../support/code-of.ts'
import { openShop, type Shop, shopResource } from '../support/shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
  shop.tables.customers = [{ id: 'cu_1', created: 1, full_name: 'Ada', nick: 'Countess', points: 3, rank: 'x' }]
})
afterAll(() => shop.close())

const withFields = (fields: object) => ({ shop: { resources: { customers: { fields } } } })

describe('overrides of an account', () => {
  it('are laid over field by field, and explain names the layer', async () => {
    const overrides = {
      environment: withFields({ name: '$uppercase(full_name)', 'custom_fields.nick': 'nick' }),
      account: withFields({ name: 'nick', points: { $remove: true } }),
    }
    const account = { ...shop.account, overrides }
    const answer = await shop.call('customers', 'get', { id: 'cu_1', account, query: 'explain=true' })
    const { record } = answer as unknown as { record: Record<string, unknown> }
    expect(record).toMatchObject({ name: 'Countess', points: null, custom_fields: { nick: 'Countess' } })
    expect(record._meta).toMatchObject({
      explain: {
        name: { layer: 'account', expression: 'nick' },
        'custom_fields.nick': { layer: 'environment' },
        status: { layer: 'platform' },
        points: { value_null_reason: 'not_mapped' },
      },
    })
    const plain = await shop.call('customers', 'get', { id: 'cu_1' })
    expect(plain).toMatchObject({ record: { name: 'Ada', points: 3, custom_fields: null } })
    expect(shop.engine.capabilities(account).models.shop?.customers?.fields.points?.readable).toBe(false)
  })

  it('that no longer fit the definition say where', async () => {
    const account = { ...shop.account, overrides: { account: withFields({ nmae: 'nick' }) } }
    const failure = await failureOf(shop.call('customers', 'get', { id: 'cu_1', account }))
    expect(failure).toMatchObject({
      code: 'definition_invalid',
      details: { where: expect.stringMatching(/^overrides\/account\.json:\d+:\d+$/) },
    })
  })
})

describe('a comparison', () => {
  const compare = (resource: string, of: CompareCall['of'], fields: object) => {
    const query = parseUnifiedQuery([], shopResource(shop.engine.catalog(), resource), { method: 'get' })
    const overrides = { account: { shop: { resources: { [resource]: { fields } } } } }
    return shop.engine.compare(shop.account, { model: 'shop', resource, of, overrides, query }, callOptions())
  }

  it('maps one record with and without, and reads it once', async () => {
    const found = await compare('customers', { id: 'cu_1' }, { name: 'nick', points: { $remove: true } })
    expect(found.current).toMatchObject({ id: 'cu_1', name: 'Ada', points: 3 })
    expect(found.proposed).toMatchObject({ id: 'cu_1', name: 'Countess', points: null })
    expect(found.report.operations.filter((name) => name === 'customers.get')).toHaveLength(1)
  })

  it('takes a record that is given, also of a resource that can only be listed', async () => {
    const record = { id: 'x', created: 1, full_name: 'F', nick: 'N' }
    const given = await compare('customers', { record }, { name: 'nick' })
    expect([given.current.name, given.proposed.name]).toEqual(['F', 'N'])
    const listed = await compare('pages', { record: { id: 'p', created: 1 } }, { id: 'id & "!"' })
    expect([listed.current.id, listed.proposed.id]).toEqual(['p', 'p!'])
  })

  it('is refused where the resource cannot be read at all', async () => {
    const failure = await failureOf(compare('refunds', { record: { id: 'r' } }, { id: 'id' }))
    expect(failure.code).toBe('unsupported_method')
  })
})
