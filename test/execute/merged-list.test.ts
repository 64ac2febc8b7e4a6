import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Account, MergedAnswer } from '../../engine/index.ts'
import { parseUnifiedQuery } from '../../engine/query/index.ts'
import { callOptions } from '../support/calls.ts'
import { failureOf } from '../support/code-of.ts'
import { compileShop, type Native, openShop, type Shop, shopResource } from '../support/shop.ts'

// Each account is at a provider of its own; one engine speaks to all of them.
let shops: readonly Shop[]
let accounts: readonly Account[]
const catalog = compileShop()

beforeAll(async () => {
  shops = await Promise.all([openShop(), openShop(), openShop(), openShop()])
  accounts = shops.map(({ account }, at) => ({ ...account, id: `acc_${at}`, tenantId: `tenant_${at}` }))
})
afterAll(() => Promise.all(shops.map((shop) => shop.close())))
beforeEach(() => {
  for (const shop of shops) {
    for (const name of Object.keys(shop.tables)) delete shop.tables[name]
    shop.intercept = undefined
    shop.upstream.received.length = 0
  }
})

const shopAt = (at: number): Shop => {
  const shop = shops[at]
  if (shop === undefined) throw new Error(`there is no shop ${at}`)
  return shop
}

interface Asking {
  readonly query?: string
  readonly of?: readonly Account[]
  readonly selection?: string
  readonly maxRequests?: number
}

function merged(resource: string, { query = '', of = accounts, selection = 'all', maxRequests }: Asking = {}) {
  const parsed = parseUnifiedQuery(new URLSearchParams(query), shopResource(catalog, resource), { method: 'list' })
  const call = { accounts: of, selection, model: 'shop', resource, query: parsed }
  return shopAt(0).engine.unifiedMerged(call, { ...callOptions(), ...(maxRequests && { maxRequests }) })
}

const BASE = 1_700_000_000
const rows = (prefix: string, times: readonly number[], extra: object = {}): Native[] =>
  [...times]
    .sort((a, b) => b - a)
    .map((time, at) => ({ id: `${prefix}_${String(at).padStart(3, '0')}`, created: BASE + time, ...extra }))

const placed = ({ result }: MergedAnswer): [string, string][] =>
  result.map(({ id, integrated_account_id: account }) => [String(account), String(id)])

/** The whole list, page by page. */
async function toTheEnd(resource: string, limit: number, asking: Asking = {}): Promise<MergedAnswer[]> {
  const pages: MergedAnswer[] = []
  for (let cursor: string | null = ''; cursor !== null; cursor = pages.at(-1)?.nextCursor ?? null) {
    const next = cursor === '' ? '' : `&next_cursor=${cursor}`
    pages.push(await merged(resource, { ...asking, query: `limit=${limit}${asking.query ?? ''}${next}` }))
  }
  return pages
}

const times = fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 30 })

describe('a list over several accounts', () => {
  it('is in one order to the end, with nothing lost or repeated, also within one second', async () => {
    await fc.assert(
      fc.asyncProperty(fc.tuple(times, times, times, times), fc.integer({ min: 1, max: 25 }), async (given, limit) => {
        const all = given.flatMap((own, at) => {
          const table = rows(`cu${at}`, own)
          shopAt(at).tables.customers = table
          return table.map(({ id, created }) => ({ account: `acc_${at}`, id, created }))
        })
        const pages = await toTheEnd('customers', limit)
        const found = pages.flatMap(placed)
        expect(found).toHaveLength(all.length)
        expect(new Set(found.map(String)).size).toBe(all.length)
        const timeOf = new Map(all.map(({ account, id, created }) => [`${account},${id}`, created]))
        const order = found.map((one) => timeOf.get(String(one)))
        expect(order).toEqual([...order].sort((a, b) => Number(b) - Number(a)))
        expect(pages.slice(0, -1).every(({ result }) => result.length === limit)).toBe(true)
      }),
      { numRuns: 40 },
    )
  })

  it('merges accounts that themselves merge two sources, each duplicate once', async () => {
    for (const at of [0, 1]) {
      shopAt(at).tables.intents = rows(`in${at}`, [1, 3, 5, 7, 9, 11, 13])
      shopAt(at).tables.charges = rows(`ch${at}`, [2, 4, 6, 8, 10, 12], { intent: null })
    }
    const pages = await toTheEnd('payments', 4, { of: accounts.slice(0, 2) })
    const found = pages.flatMap(placed)
    expect(found).toHaveLength(26)
    expect(new Set(found.map(String)).size).toBe(26)
  })

  it('asks all accounts at once: the first page takes one round', async () => {
    let waiting = 0
    let open: () => void = () => undefined
    const all = new Promise<void>((resolve) => {
      open = resolve
    })
    const before = shops.map(({ upstream }) => upstream.received.length)
    for (const [at, shop] of shops.entries()) {
      shop.tables.customers = rows(`cu${at}`, [1, 2, 3])
      shop.intercept = () => {
        waiting += 1
        if (waiting === shops.length) open()
        return undefined
      }
    }
    const answer = await Promise.all([merged('customers', { query: 'limit=5' }), all])
    expect(answer[0].result).toHaveLength(5)
    expect(shops.map(({ upstream }, at) => upstream.received.length - (before[at] ?? 0))).toEqual([1, 1, 1, 1])
    expect(answer[0].report.upstreamRequests).toBe(4)
  })

  it('names an account that fails and goes on without it, on later pages too', async () => {
    for (const [at, shop] of shops.entries()) shop.tables.customers = rows(`cu${at}`, [1, 2, 3, 4, 5, 6])
    shopAt(2).intercept = () => ({ status: 401, body: { error: { message: 'no' } } })
    const first = await merged('customers', { query: 'limit=10' })
    expect(first.failures.map(({ account, error }) => [account.id, error.code])).toEqual([['acc_2', 'needs_reauth']])
    expect(first.isPartial).toBe(true)
    shopAt(2).intercept = undefined
    const second = await merged('customers', { query: `limit=10&next_cursor=${first.nextCursor}` })
    expect(second.failures.map(({ account, error }) => [account.id, error.code])).toEqual([['acc_2', 'needs_reauth']])
    const found = [first, second].flatMap(placed)
    expect(found).toHaveLength(18)
    expect(found.some(([account]) => account === 'acc_2')).toBe(false)
    expect(second.nextCursor).toBeNull()
  })

  it('fails as the first does when no account answers', async () => {
    for (const shop of shops) shop.intercept = () => ({ status: 401, body: {} })
    expect((await failureOf(merged('customers'))).code).toBe('needs_reauth')
  })

  it('goes on only with the accounts it began with, and only for the same choice of them', async () => {
    for (const [at, shop] of shops.entries()) shop.tables.customers = rows(`cu${at}`, [1, 2, 3])
    const few = accounts.slice(0, 2)
    const first = await merged('customers', { query: 'limit=2', of: few })
    const next = `next_cursor=${first.nextCursor}`
    const rest = await merged('customers', { query: next, of: accounts })
    expect(new Set(placed(rest).map(([account]) => account))).toEqual(new Set(['acc_0', 'acc_1']))
    expect((await failureOf(merged('customers', { query: next, of: few, selection: 'other' }))).code).toBe(
      'foreign_cursor',
    )
  })

  it('keeps within the cost of the call', async () => {
    for (const [at, shop] of shops.entries())
      shop.tables.customers = rows(
        `cu${at}`,
        Array.from({ length: 25 }, (_, n) => n),
      )
    const answer = await merged('customers', { query: 'limit=100', maxRequests: 6 })
    expect(answer).toMatchObject({ isPartial: true, report: { upstreamRequests: 6 }, failures: [] })
    expect(answer.nextCursor).not.toBeNull()
    expect((await failureOf(merged('customers', { maxRequests: 3 }))).code).toBe('cost_exceeded')
  })

  it('refuses ids, which belong to one account, and an order that the accounts do not have', async () => {
    expect((await failureOf(merged('customers', { query: 'id[in]=a,b' }))).code).toBe('unsupported_filter')
    expect((await failureOf(merged('customers', { query: 'sort=name' }))).code).toBe('unsupported_sort')
  })
})
