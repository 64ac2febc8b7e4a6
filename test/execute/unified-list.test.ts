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

describe('a list of one source', () => {
  it('reads several provider pages where theirs are smaller, nothing over-fetched', async () => {
    shop.tables.customers = many('cu', 33)
    const first = await shop.list('customers', 'limit=23')
    expect(first.result).toHaveLength(23)
    expect(asked()).toEqual([
      '/customers?limit=10',
      '/customers?limit=10&starting_after=cu_24',
      '/customers?limit=3&starting_after=cu_14',
    ])
    expect(first).toMatchObject({ isPartial: false, prevCursor: null, report: { upstreamRequests: 3 } })
    const rest = await shop.list('customers', `limit=23&next_cursor=${first.nextCursor}`)
    expect(ids(rest)).toEqual(
      many('cu', 33)
        .slice(23)
        .map(({ id }) => id),
    )
    expect(rest.nextCursor).toBeNull()
    const back = await shop.list('customers', `limit=5&prev_cursor=${rest.prevCursor}`)
    expect(ids(back)).toEqual(['cu_15', 'cu_14', 'cu_13', 'cu_12', 'cu_11'])
  })

  it('resumes numbered pages within a page, says best_effort, and does not go back', async () => {
    shop.tables.pages = many('pg', 12)
    const first = await shop.list('pages', 'limit=5')
    const second = await shop.list('pages', `limit=4&next_cursor=${first.nextCursor}`)
    const third = await shop.list('pages', `limit=10&next_cursor=${second.nextCursor}`)
    expect([first, second, third].flatMap(ids)).toEqual(many('pg', 12).map(({ id }) => id))
    expect([second.prevCursor, third.nextCursor]).toEqual([null, null])
    const { models } = shop.engine.capabilities(shop.account)
    expect(models.shop?.pages).toMatchObject({ stability: 'best_effort', canGoBack: false, sort: ['-created_at'] })
    expect(models.shop?.customers).toMatchObject({ stability: 'keyset', canGoBack: true })
    expect(models.shop?.payments).toMatchObject({ stability: 'keyset', canGoBack: true })
  })

  it('refuses another order and a foreign cursor', async () => {
    shop.tables.customers = many('cu', 9)
    const sort = await failureOf(shop.list('customers', 'sort=name'))
    expect(sort).toMatchObject({ code: 'unsupported_sort', details: { valid: ['-created_at'] } })
    expect((await shop.list('customers', 'sort=-created_at')).result).toHaveLength(9)
    const { nextCursor } = await shop.list('customers', 'limit=2')
    expect((await failureOf(shop.list('customers', `email=a@b.c&next_cursor=${nextCursor}`))).code).toBe(
      'foreign_cursor',
    )
    const other = { ...shop.account, id: 'acc_2' }
    const foreign = failureOf(shop.list('customers', `next_cursor=${nextCursor}`, { account: other }))
    expect((await foreign).code).toBe('foreign_cursor')
    expect((await failureOf(shop.list('customers', 'next_cursor=nonsense'))).code).toBe('invalid_cursor')
  })

  it('keeps within the cost of the call and answers with a cursor', async () => {
    shop.tables.customers = many('cu', 60)
    const first = await shop.list('customers', 'limit=50', { maxRequests: 2 })
    expect(first).toMatchObject({ isPartial: true, report: { upstreamRequests: 2 } })
    expect(first.result).toHaveLength(20)
    const next = await shop.list('customers', `limit=50&next_cursor=${first.nextCursor}`)
    expect(ids(next)[0]).toBe('cu_40')
  })
})

describe('a provider that misbehaves', () => {
  it.each([
    ['an empty page with more to come', { data: [], has_more: true }, 'empty_page'],
    ['a missing path', { records: [], has_more: false }, 'missing_path'],
    ['a page without a word on more', { data: [] }, 'missing_path'],
    ['truncated JSON', '{"data": [{"id": "cu_1"', 'provider_bad_response'],
  ])('%s is a coded error, never a short list', async (_name, body, code) => {
    shop.tables.customers = many('cu', 30)
    shop.intercept = ({ query }) => (query.starting_after === undefined ? undefined : { body })
    // truncated answers are tried again, after waits on the shop's clock
    expect((await failureOf(shop.clock.drive(shop.list('customers', 'limit=20')))).code).toBe(code)
  })

  it('that repeats its page is stuck', async () => {
    shop.tables.customers = many('cu', 30)
    shop.intercept = ({ query }) =>
      query.starting_after === undefined
        ? undefined
        : { body: { data: shop.tables.customers?.slice(5, 15), has_more: true } }
    expect((await failureOf(shop.list('customers', 'limit=20'))).code).toBe('stuck_cursor')
  })
})

describe('lookups', () => {
  beforeEach(() => {
    shop.tables.intents = many('in', 6, (at) => ({
      object: 'intent',
      currency: 'usd',
      amount: 100,
      fee: `fe_${at}`,
      customer: at === 0 ? { id: 'cu_9', contact: { email: 'there@x.test' } } : 'cu_1',
      has_lines: at === 5,
    }))
    shop.tables.charges = []
    shop.tables.fees = many('fe', 6, (at) => ({ amount: at, id: `fe_${at}` }))
    shop.tables.customers = many('cu', 1, () => ({ contact: { email: 'one@x.test' } }))
    shop.tables['lines:in_1'] = many('li', 12, () => ({ amount: 1 }))
  })

  it('are batched, asked once, followed to their end, and taken as there when expanded', async () => {
    const { result } = await shop.list('payments', 'limit=6')
    expect(result.map(({ fee }) => fee)).toEqual([0, 1, 2, 3, 4, 5])
    expect(result.map((one) => (one.customer as { email: string }).email)).toEqual([
      'there@x.test',
      ...Array.from({ length: 5 }, () => 'one@x.test'),
    ])
    expect(result[5]?.lines).toHaveLength(12)
    expect(result[0]?.lines).toBeNull()
    const paths = asked()
    expect(paths.filter((path) => path.startsWith('/fees'))).toHaveLength(2)
    expect(paths.filter((path) => path.startsWith('/customers'))).toEqual(['/customers/cu_1'])
    expect(paths.filter((path) => path.includes('/lines'))).toHaveLength(2)
  })

  it('are skipped when no field asked for needs them', async () => {
    await shop.list('payments', 'limit=6&fields=id,amount')
    expect(asked().filter((path) => !path.startsWith('/intents') && !path.startsWith('/charges'))).toEqual([])
  })

  it('leave null and a reason past the cost', async () => {
    const { result } = await shop.list('payments', 'limit=6&fields=id,fee&explain=true', { maxRequests: 3 })
    expect(result.map(({ fee }) => fee)).toEqual([0, 1, 2, 3, null, null])
    expect(result[5]?._meta).toMatchObject({
      null_reasons: { fee: 'not_resolved' },
      explain: { fee: { value_null_reason: 'not_resolved' } },
    })
  })
})

describe('expand', () => {
  it('makes the lookups of fields that only it fills, and lifts the bound of the others', async () => {
    shop.tables.intents = many('in', 20, (at) => ({ object: 'intent', currency: 'usd', fee: `fe_${at}` }))
    shop.tables.charges = []
    shop.tables.fees = many('fe', 20, (at) => ({ id: `fe_${at}`, amount: at }))
    shop.tables['history:in_20'] = many('hi', 2)
    const plain = await shop.list('payments', 'limit=20&fields=id,fee,history')
    expect(plain.result.filter(({ fee }) => fee !== null)).toHaveLength(12)
    expect(asked().some((path) => path.includes('/history'))).toBe(false)
    expect(plain.result[0]?.history).toBeNull()
    const expanded = await shop.list('payments', 'limit=20&fields=id&expand=fee,history')
    expect(expanded.result.map(({ fee }) => fee)).toEqual(Array.from({ length: 20 }, (_, at) => at))
    expect(expanded.result[0]?.history).toEqual([{ id: 'hi_2' }, { id: 'hi_1' }])
  })

  it('fills a list of another resource', async () => {
    shop.tables.customers = many('cu', 2)
    shop.tables.intents = many('in', 4, (at) => ({ customer: `cu_${(at % 2) + 1}`, object: 'intent' }))
    const { result } = await shop.list('customers', 'expand=payments&fields=id')
    expect(result.map(({ id, payments }) => [id, (payments as { id: string }[]).map((one) => one.id)])).toEqual([
      ['cu_2', ['in_3', 'in_1']],
      ['cu_1', ['in_4', 'in_2']],
    ])
  })
})

describe('composed sources', () => {
  it('a union merges by the order, keeps `where`, and names its source', async () => {
    shop.tables.intents = [3, 1].map((n) => ({ id: `in_${n}`, created: n, object: 'intent' }))
    shop.tables.charges = [4, 3, 2].map((n) => ({
      id: `ch_${n}`,
      created: n,
      object: 'charge',
      intent: n === 3 ? 'in_3' : null,
    }))
    const { result } = await shop.list('payments', 'fields=id,source')
    expect(result).toEqual([
      { id: 'ch_4', source: 'charges' },
      { id: 'in_3', source: 'intents' },
      { id: 'ch_2', source: 'charges' },
      { id: 'in_1', source: 'intents' },
    ])
  })

  it('a union leaves duplicates out, also over the edge of a page, in both directions', async () => {
    const rows = (names: string[]): Native[] =>
      names.map((id) => ({ id, created: Number(id.slice(1)), object: 'intent' }))
    shop.tables.intents = rows(['p5', 'p3', 'p1'])
    shop.tables.charges = rows(['p5', 'p4', 'p3', 'p1'])
    const seen: unknown[] = []
    let page = await shop.list('payments', 'limit=1')
    seen.push(...ids(page))
    while (page.nextCursor !== null) {
      page = await shop.list('payments', `limit=1&next_cursor=${page.nextCursor}`)
      seen.push(...ids(page))
    }
    expect(seen).toEqual(['p5', 'p4', 'p3', 'p1'])
    const back: unknown[] = []
    while (page.prevCursor !== null) {
      page = await shop.list('payments', `limit=1&prev_cursor=${page.prevCursor}`)
      back.unshift(...ids(page))
    }
    expect(back).toEqual(seen.slice(0, back.length))
    expect(back.length).toBeGreaterThanOrEqual(3)
  })

  it('a partition reads below each parent; too many are an error', async () => {
    shop.tables.shops = ['a', 'b'].map((id) => ({ id, created: 1 }))
    shop.tables['visits:a'] = [5, 3, 1].map((n) => ({ id: `v${n}`, created: n, shop: 'a' }))
    shop.tables['visits:b'] = [4, 2].map((n) => ({ id: `v${n}`, created: n, shop: 'b' }))
    const first = await shop.list('visits', 'limit=3')
    const second = await shop.list('visits', `limit=3&next_cursor=${first.nextCursor}`)
    expect([...ids(first), ...ids(second)]).toEqual(['a~v5', 'b~v4', 'a~v3', 'b~v2', 'a~v1'])
    const back = await shop.list('visits', `limit=2&prev_cursor=${second.prevCursor}`)
    expect(ids(back)).toEqual(['b~v4', 'a~v3'])
    shop.tables.shops = Array.from({ length: 6 }, (_, at) => ({ id: `s${at}`, created: 1 }))
    expect((await failureOf(shop.list('visits'))).code).toBe('cost_exceeded')
  })

  it('a window goes back in time window by window and ends at the earliest', async () => {
    const now = Math.floor(shop.clock.now() / 1000)
    shop.tables.bookings = [5, 50, 150, 151, 460, 990, 1500].map((ago) => ({ id: `b${ago}`, created: now - ago }))
    const seen: unknown[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const page = await shop.list('bookings', `limit=2${cursor === '' ? '' : `&next_cursor=${cursor}`}`)
      seen.push(...ids(page))
      cursor = page.nextCursor
    }
    expect(seen).toEqual(['b5', 'b50', 'b150', 'b151', 'b460', 'b990'])
    shop.upstream.received.length = 0
    const from = new Date((now - 160) * 1000).toISOString()
    expect(
      ids(
        await shop.list(
          'bookings',
          `created_at[gte]=${from}&created_at[lt]=${new Date((now - 50) * 1000).toISOString()}`,
        ),
      ),
    ).toEqual(['b150', 'b151'])
    expect(shop.upstream.received.length).toBe(2)
  })
})
