import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { compileShop, openShop, type Shop } from '../support/shop.ts'

const WHO = 'who: { from: customers.get, by: get, ids: customer }'
const BOSS = 'boss: { from: customers.get, by: get, ids: $lookup.who.boss, max_requests: 1 }'
const chained = (text: string): string =>
  text.replace(WHO, `${WHO}\n      ${BOSS}`).replace('$lookup.who.contact.email', '$lookup.boss.contact.email')

let shop: Shop
beforeAll(async () => {
  shop = await openShop({ edit: chained })
})
afterAll(() => shop.close())
beforeEach(() => {
  shop.upstream.received.length = 0
  shop.tables.charges = []
  shop.tables.intents = ['cu_1', 'cu_3', 'cu_1'].map((customer, at) => ({
    id: `in_${at}`,
    created: 9 - at,
    object: 'intent',
    currency: 'usd',
    customer,
  }))
  shop.tables.customers = [
    { id: 'cu_1', created: 1, boss: 'cu_2', contact: { email: 'one@x.test' } },
    { id: 'cu_2', created: 2, contact: { email: 'boss@x.test' } },
    { id: 'cu_3', created: 3, boss: 'cu_2', contact: { email: 'three@x.test' } },
  ]
})

const reads = (): string[] =>
  shop.upstream.received.map(({ target }) => target.replace('/v1', '')).filter((path) => path.startsWith('/customers'))
const mails = ({ result }: { result: readonly Record<string, unknown>[] }): unknown[] =>
  result.map(({ customer }) => (customer as { email: unknown } | null)?.email)

it('a lookup goes on from what an earlier one found, once for each id', async () => {
  const answer = await shop.list('payments', 'limit=3')
  expect(mails(answer)).toEqual(['boss@x.test', 'boss@x.test', 'boss@x.test'])
  expect(reads()).toEqual(['/customers/cu_1', '/customers/cu_3', '/customers/cu_2'])
})

it('where nothing needs the last one none is made, and the one before is made for it alone', async () => {
  await shop.list('payments', 'limit=3&fields=id,amount')
  expect(reads()).toEqual([])
  await shop.list('payments', 'limit=1&fields=customer')
  expect(reads()).toEqual(['/customers/cu_1', '/customers/cu_2'])
})

it('what was not resolved leaves what goes on from it unresolved, and what is not there leaves it empty', async () => {
  const { result } = await shop.list('payments', 'limit=3&fields=id,customer', { maxRequests: 3 })
  expect(mails({ result })).toEqual([null, null, null])
  expect(result[1]?._meta).toMatchObject({ null_reasons: { 'customer.email': 'not_resolved' } })
  shop.tables.customers = [{ id: 'cu_1', created: 1, contact: { email: 'one@x.test' } }]
  const empty = await shop.list('payments', 'limit=3&fields=id,customer')
  expect(mails(empty)).toEqual([null, null, null])
  expect(JSON.stringify(empty.result)).not.toContain('not_resolved')
})

it('a lookup that stands later cannot be read', () => {
  const turned = (text: string): string => chained(text).replace(`${WHO}\n      ${BOSS}`, `${BOSS}\n      ${WHO}`)
  expect(() => compileShop(undefined, turned)).toThrow(/unknown_lookup.*`who`/)
  const itself = (text: string): string => chained(text).replace('ids: $lookup.who.boss', 'ids: $lookup.boss.id')
  expect(() => compileShop(undefined, itself)).toThrow('unknown_lookup')
  const shared = (text: string): string =>
    text
      .replace(
        WHO,
        `${WHO}\n      boss: { from: customers.get, by: get, ids: customer, path: { id: $lookup.who.boss } }`,
      )
      .replace('$lookup.who.contact', '$lookup.boss.contact')
  expect(() => compileShop(undefined, shared)).toThrow('unknown_variable')
})

it('a list below a record may go by what was found for it', async () => {
  const below = (text: string): string =>
    text.replace('path: { intent: id } }\n      history', 'path: { intent: $lookup.who.boss } }\n      history')
  const other = await openShop({ edit: below })
  other.tables.charges = []
  other.tables.intents = [
    { id: 'in_1', created: 1, object: 'intent', currency: 'usd', customer: 'cu_1', has_lines: true },
  ]
  other.tables.customers = [{ id: 'cu_1', created: 1, boss: 'in_7' }]
  other.tables['lines:in_7'] = [{ id: 'li_1', created: 1, amount: 5 }]
  const { result } = await other.list('payments', 'limit=1&fields=lines')
  await other.close()
  expect(result[0]?.lines).toEqual([{ id: 'li_1', amount: 5 }])
})
