import type Stripe from 'stripe'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunningSandbox } from '../../server/sandbox/index.ts'
import { refusal, type Thing } from './judging.ts'
import { clientOf, ownIntegration, START_MS, start } from './support.ts'

let sandbox: RunningSandbox
let stripe: Stripe

beforeAll(async () => {
  sandbox = await start(ownIntegration('stripe'))
  stripe = clientOf(sandbox)
}, 240_000)

afterAll(() => sandbox?.close())

interface Listed {
  list(query: object): Promise<{ data: Thing[] }>
}

type Place = (stripe: Stripe) => object

const at = (place: Place): Listed => place(stripe) as Listed

const reach = (record: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((here, key) => {
    const next = (here as Record<string, unknown> | null)?.[key]
    return Array.isArray(next) ? next[0] : next
  }, record)

/** What a list can show in place of an id, and the object that stands there then. */
const EXPANDED: readonly (readonly [string, Place, path: string, object: string])[] = [
  ['application_fees', (s) => s.applicationFees, 'charge.customer', 'customer'],
  ['balance_transactions', (s) => s.balanceTransactions, 'source', ''],
  ['charges', (s) => s.charges, 'balance_transaction', 'balance_transaction'],
  ['checkout_sessions', (s) => s.checkout.sessions, 'customer', 'customer'],
  ['checkout_sessions', (s) => s.checkout.sessions, 'line_items.data.price', 'price'],
  ['credit_notes', (s) => s.creditNotes, 'invoice.customer', 'customer'],
  ['disputes', (s) => s.disputes, 'charge.balance_transaction', 'balance_transaction'],
  ['file_links', (s) => s.fileLinks, 'file', 'file'],
  ['invoice_items', (s) => s.invoiceItems, 'customer', 'customer'],
  ['invoice_payments', (s) => s.invoicePayments, 'invoice.customer', 'customer'],
  ['invoices', (s) => s.invoices, 'lines.data.subscription', 'subscription'],
  ['payment_intents', (s) => s.paymentIntents, 'latest_charge.balance_transaction.source', 'charge'],
  ['payouts', (s) => s.payouts, 'balance_transaction', 'balance_transaction'],
  ['promotion_codes', (s) => s.promotionCodes, 'promotion.coupon', 'coupon'],
  ['quotes', (s) => s.quotes, 'line_items', 'list'],
  ['refunds', (s) => s.refunds, 'charge.payment_intent', 'payment_intent'],
  ['reviews', (s) => s.reviews, 'charge', 'charge'],
  ['setup_intents', (s) => s.setupIntents, 'latest_attempt.payment_method', 'payment_method'],
  ['subscriptions', (s) => s.subscriptions, 'latest_invoice.customer', 'customer'],
  ['subscriptions', (s) => s.subscriptions, 'discounts.source.coupon', 'coupon'],
  ['transfers', (s) => s.transfers, 'balance_transaction', 'balance_transaction'],
]

describe('expanding a list', () => {
  it.each(EXPANDED)('%s: %s', async (_, place, path, object) => {
    const wish = { limit: 100, expand: [`data.${path}`] }
    const found = (await at(place).list(wish)).data.map((record) => reach(record, path))
    const shown = found.filter((one) => typeof one === 'object' && one !== null) as Thing[]
    expect(shown.length).toBeGreaterThan(0)
    expect(found.filter((one) => typeof one === 'string')).toEqual([])
    if (object !== '') for (const one of shown) expect(one.object).toBe(object)
    const refused = await refusal(at(place).list({ expand: ['data.shoes'] }))
    expect(refused).toMatchObject({ statusCode: 400, message: expect.stringContaining('cannot be expanded') })
  })
})

const START = START_MS / 1000

/** Filters of lists, and whether a record fits. */
const FILTERS: readonly (readonly [string, Place, query: object, fits: (record: Thing) => boolean])[] = [
  ['balance_transactions by type', (s) => s.balanceTransactions, { type: 'payout' }, ({ type }) => type === 'payout'],
  [
    'balance_transactions by currency',
    (s) => s.balanceTransactions,
    { currency: 'jpy' },
    ({ currency }) => currency === 'jpy',
  ],
  [
    'charges by time',
    (s) => s.charges,
    { created: { lt: START - 20_000_000 } },
    ({ created }) => Number(created) < START - 20_000_000,
  ],
  [
    'checkout_sessions by state',
    (s) => s.checkout.sessions,
    { status: 'complete' },
    ({ status }) => status === 'complete',
  ],
  ['file_links that expired', (s) => s.fileLinks, { expired: true }, ({ expired }) => expired === true],
  ['invoice_items that wait', (s) => s.invoiceItems, { pending: true }, ({ invoice }) => invoice === null],
  ['invoices by state', (s) => s.invoices, { status: 'uncollectible' }, ({ status }) => status === 'uncollectible'],
  ['payouts by state', (s) => s.payouts, { status: 'failed' }, ({ status }) => status === 'failed'],
  [
    'payouts by arrival',
    (s) => s.payouts,
    { arrival_date: { gte: START - 864_000 } },
    (one) => Number(one.arrival_date) >= START - 864_000,
  ],
  ['prices by kind', (s) => s.prices, { type: 'one_time' }, ({ recurring }) => recurring === null],
  ['quotes by state', (s) => s.quotes, { status: 'open' }, ({ status }) => status === 'open'],
  ['schedules to come', (s) => s.subscriptionSchedules, { scheduled: true }, ({ status }) => status === 'not_started'],
  ['subscriptions that ended', (s) => s.subscriptions, { status: 'ended' }, ({ ended_at: ended }) => ended !== null],
  ['tax_rates within the price', (s) => s.taxRates, { inclusive: true }, ({ inclusive }) => inclusive === true],
]

describe('filtering a list', () => {
  it.each(FILTERS)('%s', async (_, place, query, fits) => {
    const { data } = await at(place).list({ ...query, limit: 100 })
    expect(data.length).toBeGreaterThan(0)
    expect(data.filter((record) => !fits(record))).toEqual([])
  })
})
