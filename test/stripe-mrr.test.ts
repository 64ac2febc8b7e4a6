import { join } from 'node:path'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { accountOf } from '../engine/cases/account.ts'
import { casePorts } from '../engine/cases/case-ports.ts'
import { responseOf } from '../engine/cases/wire.ts'
import { compileCatalog } from '../engine/definition/index.ts'
import { createEngine } from '../engine/engine.ts'
import { parseUnifiedQuery } from '../engine/query/index.ts'
import { readDefinitions } from '../server/definitions.ts'

// What a subscription brings in a month, against fractions of big integers: the mapping must round once, half to even.

const { catalog } = compileCatalog(await readDefinitions([{ path: join(import.meta.dirname, '..') }]))
const stripe = catalog?.integrations.get('stripe')
const unified = catalog?.models.get('subscription-management')?.resources.get('subscriptions')
if (catalog === undefined || stripe === undefined || unified === undefined) throw new Error('It does not compile')

/** Hundredths of a percent, or an amount in cents. */
type Discount = { readonly percent: number } | { readonly amount: number }
interface Item {
  /** Thousandths of a cent. */
  readonly unit: number
  readonly quantity: number
  readonly interval: 'day' | 'week' | 'month' | 'year'
  readonly count: number
  readonly discount: Discount | undefined
}
interface Fraction {
  readonly over: bigint
  readonly under: bigint
}

const discounts = fc.oneof(
  fc.record({ percent: fc.integer({ min: 1, max: 10_000 }) }),
  fc.record({ amount: fc.integer({ min: 1, max: 5_000 }) }),
)
const items = fc.record<Item>({
  unit: fc.oneof(
    fc.integer({ min: 0, max: 9_999 }).map((cents) => cents * 1000),
    fc.integer({ min: 0, max: 9_999_999 }),
  ),
  quantity: fc.integer({ min: 0, max: 500 }),
  interval: fc.constantFrom('day', 'week', 'month', 'year'),
  count: fc.constantFrom(1, 2, 3, 6, 7, 12),
  discount: fc.option(discounts, { nil: undefined }),
})

/** Payments in a month. */
function pace({ interval, count }: Item): Fraction {
  const [over, under] = { day: [365n, 12n], week: [52n, 12n], month: [1n, 1n], year: [1n, 12n] }[interval]
  return { over: over ?? 1n, under: (under ?? 1n) * BigInt(count) }
}

function less(gross: Fraction, discount: Discount, { over, under }: Fraction): Fraction {
  const left =
    'percent' in discount
      ? { over: gross.over * BigInt(10_000 - discount.percent), under: gross.under * 10_000n }
      : { over: gross.over * under - BigInt(discount.amount) * over * gross.under, under: gross.under * under }
  return left.over < 0n ? { over: 0n, under: 1n } : left
}

function expected(all: readonly Item[], own: readonly Discount[]): number {
  const gross = all.map((item) => {
    const { over, under } = pace(item)
    const whole = { over: BigInt(item.unit) * BigInt(item.quantity) * over, under: 1000n * under }
    return item.discount === undefined ? whole : less(whole, item.discount, pace(item))
  })
  const sum = gross.reduce((a, b) => ({ over: a.over * b.under + b.over * a.under, under: a.under * b.under }))
  const { over, under } = own.reduce((left, each) => less(left, each, pace(all[0] as Item)), sum)
  const [whole, twice] = [over / under, (over % under) * 2n]
  const isUp = twice > under || (twice === under && whole % 2n === 1n)
  return Number(whole + (isUp ? 1n : 0n))
}

const couponOf = (discount: Discount, id: string) => ({
  id,
  duration: 'forever',
  percent_off: 'percent' in discount ? discount.percent / 100 : null,
  amount_off: 'amount' in discount ? discount.amount : null,
})
const discountOf = (discount: Discount, id: string) => ({ id: `di_${id}`, source: { coupon: couponOf(discount, id) } })

function nativeOf(all: readonly Item[], own: readonly Discount[]): Record<string, unknown> {
  const data = all.map(({ unit, quantity, interval, count, discount }, at) => ({
    id: `si_${at}`,
    quantity,
    discounts: discount === undefined ? [] : [discountOf(discount, `item_${at}`)],
    price: {
      id: `price_${at}`,
      billing_scheme: 'per_unit',
      currency: 'usd',
      unit_amount_decimal: String(unit / 1000),
      recurring: { interval, interval_count: count, usage_type: 'licensed' },
    },
  }))
  const discounted = own.map((each, at) => discountOf(each, `own_${at}`))
  return { id: 'sub_1', status: 'active', currency: 'usd', discounts: discounted, items: { data, has_more: false } }
}

async function mrrOf(native: Record<string, unknown>): Promise<unknown> {
  if (catalog === undefined || stripe === undefined || unified === undefined) throw new Error('It does not compile')
  const { account, credentials } = accountOf(stripe)
  const transport = {
    send: () => Promise.resolve(responseOf({ status: 200, body: native })),
    stream: () => Promise.reject(new Error('There are no streams here')),
  }
  const engine = createEngine({ catalog, ports: casePorts(transport, credentials) })
  const query = parseUnifiedQuery([['fields', 'id,mrr']], unified, { method: 'get' })
  const call = {
    model: 'subscription-management',
    resource: 'subscriptions',
    method: 'get',
    id: 'sub_1',
    query,
  } as const
  const answer = await engine.unified(account, call, { requestId: 'r', priority: 'interactive', onLimit: 'fail' })
  if (answer.kind !== 'record') throw new Error('A get answers a record')
  return answer.record.mrr
}

it('is exact for any items and discounts, rounded once, half to even', async () => {
  const all = fc.array(items, { minLength: 1, maxLength: 4 })
  const own = fc.array(discounts, { maxLength: 3 })
  await fc.assert(
    fc.asyncProperty(all, own, async (given, lasting) => {
      expect(await mrrOf(nativeOf(given, lasting))).toBe(expected(given, lasting))
    }),
    { numRuns: 200 },
  )
})

it('rounds what lies half way to the even cent', async () => {
  const yearly = (unit: number): Item => ({ unit, quantity: 1, interval: 'year', count: 1, discount: undefined })
  const halves = [6, 18, 30, 42].map((cents) => yearly(cents * 1000))
  const found = await Promise.all(halves.map((item) => mrrOf(nativeOf([item], []))))
  expect(found).toEqual([0, 2, 2, 4])
  expect(halves.map((item) => expected([item], []))).toEqual([0, 2, 2, 4])
})
