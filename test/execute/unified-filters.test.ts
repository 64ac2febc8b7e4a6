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
})

const BASE = 1_700_000_000
const many = (prefix: string, count: number, extra: (at: number) => object = () => ({})): Native[] =>
  Array.from({ length: count }, (_, at) => ({
    id: `${prefix}_${count - at}`,
    created: BASE + (count - at) * 10,
    ...extra(at),
  }))

const ids = (answer: { result: readonly Record<string, unknown>[] }): unknown[] => answer.result.map(({ id }) => id)
const asked = (): string[] => shop.upstream.received.map(({ target }) => decodeURIComponent(target.replace('/v1', '')))

describe('filters', () => {
  it('native: names the parameter, maps the value, and cuts strict bounds here', async () => {
    shop.tables.customers = many('cu', 6, (at) => ({
      state: at % 2 === 0 ? 'A' : 'C',
      contact: { email: `m${at}@x.test` },
    }))
    const when = (seconds: number) => new Date(seconds * 1000).toISOString()
    const found = await shop.list(
      'customers',
      `created_at[gt]=${when(BASE + 20)}&created_at[lt]=${when(BASE + 50)}&explain=true`,
    )
    expect(ids(found)).toEqual(['cu_4', 'cu_3'])
    expect(asked()).toEqual([`/customers?created[gte]=${BASE + 20}&created[lte]=${BASE + 50}&limit=10`])
    expect(found.explain).toMatchObject({ filters: { 'created_at[gt]': 'native', 'created_at[lt]': 'native' } })
    expect(ids(await shop.list('customers', 'status=active'))).toEqual(['cu_6', 'cu_4', 'cu_2'])
    expect(asked().at(-1)).toContain('state=A')
    expect(ids(await shop.list('customers', 'email=M1@X.test'))).toEqual(['cu_5'])
  })

  it('scan: a value without a native one is checked here, and an unnamed filter only when asked', async () => {
    shop.tables.customers = many('cu', 6, (at) => ({ state: at % 2 === 0 ? 'A' : 'C', points: at, vip: at === 3 }))
    expect(ids(await shop.list('customers', 'status=closed'))).toEqual(['cu_5', 'cu_3', 'cu_1'])
    expect(asked().at(-1)).not.toContain('state')
    expect(ids(await shop.list('customers', 'points[gte]=2&points[ne]=4'))).toEqual(['cu_4', 'cu_3', 'cu_1'])
    expect(ids(await shop.list('customers', 'points[exists]=false'))).toEqual([])
    const refused = await failureOf(shop.list('customers', 'is_vip=true'))
    expect(refused).toMatchObject({
      code: 'unsupported_filter',
      details: { where: 'is_vip', hint: expect.stringContaining('filter_mode=scan') },
    })
    expect(ids(await shop.list('customers', 'is_vip=true&filter_mode=scan'))).toEqual(['cu_3'])
    expect((await failureOf(shop.list('customers', 'points=3&filter_mode=native'))).code).toBe('unsupported_filter')
  })

  it('scan: stops after bounded pages with a cursor that goes on where it stopped', async () => {
    shop.tables.customers = many('cu', 150, (at) => ({ points: at === 149 ? 7 : 0 }))
    const first = await shop.list('customers', 'points=7')
    expect(first).toMatchObject({ isPartial: true, result: [], report: { upstreamRequests: 10 } })
    const second = await shop.list('customers', `points=7&next_cursor=${first.nextCursor}`)
    expect(ids(second)).toEqual(['cu_1'])
    expect(second).toMatchObject({ isPartial: false, nextCursor: null, report: { upstreamRequests: 5 } })
  })

  it('search: routes to the other endpoint with values quoted', async () => {
    shop.tables.customers = many('cu', 12, (at) => ({ full_name: at % 2 === 0 ? 'A "B" \\ C' : 'other' }))
    const first = await shop.list('customers', `limit=4&name=${encodeURIComponent('A "B" \\ C')}&explain=true`)
    expect(ids(first)).toEqual(['cu_12', 'cu_10', 'cu_8', 'cu_6'])
    expect(asked()).toEqual(['/customers/search?query=name:"A \\"B\\" \\\\ C"&limit=4'])
    expect(first).toMatchObject({ prevCursor: null, explain: { filters: { name: 'search' } } })
    const rest = await shop.list(
      'customers',
      `limit=4&name=${encodeURIComponent('A "B" \\ C')}&next_cursor=${first.nextCursor}`,
    )
    expect(ids(rest)).toEqual(['cu_4', 'cu_2'])
  })

  it('lookup: finds ids first, asks once for each where the provider takes one, and remembers them', async () => {
    shop.tables.customers = many('cu', 3, () => ({ contact: { email: 'same@x.test' } }))
    shop.tables.intents = many('in', 9, (at) => ({ object: 'intent', customer: `cu_${(at % 4) + 1}`, state: 'ok' }))
    shop.tables.charges = []
    const first = await shop.list('payments', 'customer_email=same@x.test&limit=4&explain=true&fields=id,customer.id')
    expect(first.explain).toMatchObject({ filters: { customer_email: 'lookup' } })
    expect(first.result.map((one) => (one.customer as { id: string }).id)).toEqual(['cu_1', 'cu_2', 'cu_3', 'cu_1'])
    const before = asked().filter((path) => path.startsWith('/customers?')).length
    const second = await shop.list(
      'payments',
      `customer_email=same@x.test&limit=9&fields=id&next_cursor=${first.nextCursor}`,
    )
    expect(ids(second)).toEqual(['in_4', 'in_3', 'in_1'])
    expect(asked().filter((path) => path.startsWith('/customers?'))).toHaveLength(before)
    expect((await shop.list('payments', 'customer_email=nobody@x.test')).result).toEqual([])
    shop.tables.customers = many('cu', 4, () => ({ contact: { email: 'same@x.test' } }))
    expect((await failureOf(shop.list('payments', 'customer_email=same@x.test'))).code).toBe('unsupported_filter')
  })

  it('ids: reads each with get, in the order given, and checks other filters here', async () => {
    shop.tables.customers = many('cu', 5, (at) => ({ points: at }))
    const found = await shop.list('customers', 'id[in]=cu_2,cu_9,cu_5,cu_4&limit=2')
    expect(ids(found)).toEqual(['cu_2'])
    expect(
      ids(await shop.list('customers', `id[in]=cu_2,cu_9,cu_5,cu_4&limit=2&next_cursor=${found.nextCursor}`)),
    ).toEqual(['cu_5', 'cu_4'])
    expect(ids(await shop.list('customers', 'id[in]=cu_2,cu_5,cu_4&points[gt]=0'))).toEqual(['cu_2', 'cu_4'])
  })

  it('is never silently ignored: what nothing answers is refused by name', async () => {
    const refused = await failureOf(shop.list('payments', 'amount[gt]=5'))
    expect(refused).toMatchObject({
      code: 'unsupported_filter',
      details: { where: 'amount[gt]', valid: expect.arrayContaining(['customer_id']) },
    })
    expect(refused.message).toContain('`amount[gt]`')
    expect(shop.upstream.received).toHaveLength(0)
  })
})
