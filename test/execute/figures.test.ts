import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openShop, type Shop } from '../support/shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => shop.close())
beforeEach(() => {
  shop.intercept = undefined
  shop.tables.customers = [{ id: 'cu_1', created: 1 }]
  shop.tables.charges = []
})

const intent = (n: number, more: object) => ({ id: `in_${n}`, created: n, object: 'intent', customer: 'cu_1', ...more })
const intents = (count: number, more: object = {}) =>
  Array.from({ length: count }, (_, at) => intent(count - at, { amount: 10, currency: 'usd', ...more }))

async function figures(maxRequests?: number) {
  const given = maxRequests === undefined ? {} : { maxRequests }
  const answer = await shop.list('customers', 'expand=figures&fields=id', given)
  return { figures: answer.result[0]?.figures, requests: answer.report.upstreamRequests }
}

describe('figures', () => {
  it('add amounts of one currency only, and count over all', async () => {
    shop.tables.intents = [
      intent(3, { amount: 5, currency: 'eur' }),
      intent(2, { amount: 20, currency: 'usd' }),
      intent(1, { amount: 7, currency: 'usd' }),
    ]
    expect((await figures()).figures).toEqual({
      totals: [
        { currency: 'EUR', paid: 5, last_at: '1970-01-01T00:00:03Z' },
        { currency: 'USD', paid: 27, last_at: '1970-01-01T00:00:02Z' },
      ],
      count: 3,
      is_complete: true,
      left_out: [],
    })
  })

  it('are 0 and empty where there is nothing', async () => {
    shop.tables.intents = []
    expect((await figures()).figures).toEqual({ totals: [], count: 0, is_complete: true, left_out: [] })
  })

  it('stop at the bound of their list, say so, and count what they cost in the call', async () => {
    shop.tables.intents = intents(900)
    const { figures: found, requests } = await figures()
    const { count, totals } = found as { count: number; totals: { paid: number }[] }
    expect(found).toMatchObject({
      is_complete: false,
      left_out: [{ list: 'payments', reason: 'max_requests', records: null }],
    })
    expect(requests).toBe(5)
    expect(count).toBeGreaterThan(0)
    expect(count).toBeLessThan(900)
    expect(totals).toMatchObject([{ paid: count * 10 }])
  })

  it('stop at the cost of the call, and are null where nothing at all was read', async () => {
    shop.tables.intents = intents(900)
    const cut = await figures(3)
    expect(cut.requests).toBe(3)
    expect(cut.figures).toMatchObject({ is_complete: false, left_out: [{ reason: 'cost' }] })
    expect((await figures(1)).figures).toEqual({
      totals: null,
      count: null,
      is_complete: false,
      left_out: [{ list: 'payments', reason: 'cost', records: null }],
    })
  })

  it('are null where the key may not read the list', async () => {
    shop.intercept = ({ path }) => (/intents|charges/.test(path) ? { status: 403, body: {} } : undefined)
    expect((await figures()).figures).toEqual({
      totals: null,
      count: null,
      is_complete: false,
      left_out: [{ list: 'payments', reason: 'access', records: null }],
    })
  })

  it('never take a value that is missing or past exact integers for a number', async () => {
    shop.tables.intents = [
      intent(4, { amount: Number.MAX_SAFE_INTEGER, currency: 'usd' }),
      intent(3, { amount: 10, currency: 'usd' }),
      intent(2, { currency: 'usd' }),
      intent(1, { amount: 10 }),
    ]
    expect((await figures()).figures).toMatchObject({
      totals: [{ currency: 'USD', paid: Number.MAX_SAFE_INTEGER }],
      count: 4,
      is_complete: false,
      left_out: [{ list: 'payments', reason: 'value', records: 3 }],
    })
  })

  it('fail when the provider fails', async () => {
    shop.intercept = ({ path }) => (/intents/.test(path) ? { status: 400, body: {} } : undefined)
    await expect(figures()).rejects.toMatchObject({ code: expect.stringMatching(/^provider_/) })
  })
})
