import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { failureOf } from '../support/code-of.ts'
import { openShop, type Shop } from '../support/shop.ts'

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
