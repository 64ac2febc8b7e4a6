import type Stripe from 'stripe'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunningSandbox } from '../../server/sandbox/index.ts'
import { clientOf, ownIntegration, START_MS, start } from './support.ts'

let sandbox: RunningSandbox
let stripe: Stripe
const all: Record<string, { id: string }[]> = {}
const now = START_MS / 1000

interface Pageable {
  list(params: { limit: number; starting_after?: string; status?: 'all' }): AsyncIterable<{ id: string }>
}

async function everything(list: Pageable, extra: { status?: 'all' } = {}): Promise<never[]> {
  const found: unknown[] = []
  for await (const record of list.list({ limit: 100, ...extra })) found.push(record)
  return found as never[]
}

beforeAll(async () => {
  sandbox = await start(ownIntegration('stripe'))
  stripe = clientOf(sandbox)
}, 120_000)

afterAll(() => sandbox.close())

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)
const countBy = <T>(items: readonly T[], key: (item: T) => string): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const item of items) counts[key(item)] = (counts[key(item)] ?? 0) + 1
  return counts
}

/** The totals follow from the lines, discounts and taxes; what is due from them, the customer's balance and credit notes. */
function expectTotals(invoice: Stripe.Invoice, lines: readonly Stripe.InvoiceLineItem[]): void {
  const off = sum((invoice.total_discount_amounts ?? []).map(({ amount }) => amount))
  const onTop = (invoice.total_taxes ?? []).filter((tax) => tax.tax_behavior === 'exclusive')
  expect(sum(lines.map(({ amount }) => amount)), invoice.id).toBe(invoice.subtotal)
  expect(invoice.subtotal - off + sum(onTop.map(({ amount }) => amount)), invoice.id).toBe(invoice.total)
  for (const line of lines) expect(line.subtotal, line.id).toBe(line.amount)
  if (invoice.status === 'draft') return
  const due = Math.max(0, invoice.total + invoice.starting_balance) - invoice.pre_payment_credit_notes_amount
  expect(invoice.amount_due, invoice.id).toBe(due)
}

describe('the invented data', () => {
  it('has enough of every kind, newest first, without repeats', async () => {
    const lists: Record<string, Pageable> = {
      charges: stripe.charges as never,
      customers: stripe.customers as never,
      events: stripe.events as never,
      files: stripe.files as never,
      invoices: stripe.invoices as never,
      payment_intents: stripe.paymentIntents as never,
      prices: stripe.prices as never,
      products: stripe.products as never,
      refunds: stripe.refunds as never,
      balance_transactions: stripe.balanceTransactions as never,
      invoice_payments: stripe.invoicePayments as never,
    }
    for (const [name, list] of Object.entries(lists)) all[name] = await everything(list)
    all.subscriptions = await everything(stripe.subscriptions as never, { status: 'all' })
    for (const [name, records] of Object.entries(all)) {
      expect(new Set(records.map((record) => (record as unknown as { id: string }).id)).size, name).toBe(records.length)
      const created = records.map((record) => (record as unknown as { created: number }).created)
      expect(created, name).toEqual([...created].sort((a, b) => b - a))
      expect(Math.max(...created), name).toBeLessThanOrEqual(now)
      expect(Math.min(...created), name).toBeGreaterThan(now - 430 * 86_400)
    }
    expect(all.customers?.length).toBeGreaterThanOrEqual(300)
    expect(all.payment_intents?.length).toBeGreaterThanOrEqual(300)
    expect(all.invoices?.length).toBeGreaterThanOrEqual(300)
  })

  it('has payments of every status and currency, and bare charges', () => {
    const intents = all.payment_intents as unknown as Stripe.PaymentIntent[]
    const charges = all.charges as unknown as Stripe.Charge[]
    expect(Object.keys(countBy(intents, ({ status }) => status)).sort()).toEqual([
      'canceled',
      'processing',
      'requires_action',
      'requires_capture',
      'requires_confirmation',
      'requires_payment_method',
      'succeeded',
    ])
    expect(Object.keys(countBy(intents, ({ currency }) => currency)).sort()).toEqual([
      'eur',
      'gbp',
      'isk',
      'jpy',
      'kwd',
      'usd',
    ])
    expect(Object.keys(countBy(charges, ({ status }) => status)).sort()).toEqual(['failed', 'pending', 'succeeded'])
    expect(charges.filter((charge) => charge.payment_intent === null).length).toBeGreaterThanOrEqual(20)
    expect(charges.filter((charge) => charge.disputed).length).toBeGreaterThanOrEqual(5)
    expect(
      intents.filter((intent) => intent.last_payment_error !== null && intent.status === 'requires_payment_method')
        .length,
    ).toBeGreaterThanOrEqual(15)
  })

  it('has whole amounts in the steps of each currency', () => {
    const steps: Record<string, number> = { isk: 100, kwd: 10 }
    for (const charge of all.charges as unknown as Stripe.Charge[]) {
      const step = steps[charge.currency] ?? 1
      for (const amount of [charge.amount, charge.amount_captured, charge.amount_refunded])
        expect(amount % step, `${charge.id} ${charge.currency}`).toBe(0)
    }
  })

  it('adds up: a charge and its refunds', () => {
    const refunds = all.refunds as unknown as Stripe.Refund[]
    const counted = refunds.filter(({ status }) => status !== 'failed' && status !== 'canceled')
    for (const charge of all.charges as unknown as Stripe.Charge[]) {
      const given = sum(counted.filter((refund) => refund.charge === charge.id).map(({ amount }) => amount))
      expect(charge.amount_refunded, charge.id).toBe(given)
      expect(charge.amount_refunded).toBeLessThanOrEqual(charge.captured ? charge.amount_captured : charge.amount)
    }
    expect(Object.keys(countBy(refunds, ({ status }) => String(status))).sort()).toEqual([
      'failed',
      'pending',
      'succeeded',
    ])
  })

  it('adds up: a payment and its latest charge', () => {
    const charges = new Map((all.charges as unknown as Stripe.Charge[]).map((charge) => [charge.id, charge]))
    for (const intent of all.payment_intents as unknown as Stripe.PaymentIntent[]) {
      const charge = charges.get(String(intent.latest_charge))
      if (intent.status === 'succeeded') {
        expect(charge?.amount_captured, intent.id).toBe(intent.amount_received)
        expect(charge?.paid).toBe(true)
      }
      if (charge !== undefined) expect(charge.payment_intent).toBe(intent.id)
      if (intent.status === 'requires_capture') expect(intent.amount_capturable).toBe(intent.amount)
    }
  })

  it('adds up: the ledger', () => {
    const entries = all.balance_transactions as unknown as Stripe.BalanceTransaction[]
    const booked = new Map(entries.map((entry) => [entry.id, entry]))
    for (const entry of entries) {
      expect(entry.net).toBe(entry.amount - entry.fee)
      expect(sum(entry.fee_details.map(({ amount }) => amount))).toBe(entry.fee)
      expect(entry.status).toBe(entry.available_on <= now ? 'available' : 'pending')
    }
    for (const charge of all.charges as unknown as Stripe.Charge[]) {
      expect(charge.balance_transaction !== null, charge.id).toBe(charge.captured && charge.status === 'succeeded')
      if (charge.balance_transaction !== null)
        expect(booked.get(String(charge.balance_transaction))?.source).toBe(charge.id)
    }
  })

  it('adds up: invoices, their lines and payments', async () => {
    const invoices = all.invoices as unknown as Stripe.Invoice[]
    const payments = all.invoice_payments as unknown as Stripe.InvoicePayment[]
    for (const invoice of invoices) {
      const lines = invoice.lines.has_more
        ? await everything({
            list: (params: never) => stripe.invoices.listLineItems(invoice.id ?? '', params),
          } as never)
        : invoice.lines.data
      expectTotals(invoice, lines as Stripe.InvoiceLineItem[])
      expect(invoice.amount_due).toBe(invoice.amount_paid + invoice.amount_remaining)
      if (invoice.status === 'paid') expect(invoice.amount_remaining).toBe(0)
      const paid = payments.filter((payment) => payment.invoice === invoice.id && payment.status === 'paid')
      if (paid.length > 0) expect(sum(paid.map(({ amount_paid }) => amount_paid ?? 0))).toBe(invoice.amount_paid)
    }
    expect(Object.keys(countBy(invoices, ({ status }) => String(status))).sort()).toEqual([
      'draft',
      'open',
      'paid',
      'uncollectible',
      'void',
    ])
    expect(invoices.filter(({ lines }) => lines.has_more).length).toBeGreaterThanOrEqual(3)
    for (const invoice of invoices) expect(invoice.lines.data.length).toBeLessThanOrEqual(10)
  })

  it('has subscriptions in every state, and leaves ended ones out unless asked', async () => {
    const subscriptions = all.subscriptions as unknown as Stripe.Subscription[]
    expect(Object.keys(countBy(subscriptions, ({ status }) => status)).sort()).toEqual([
      'active',
      'canceled',
      'incomplete',
      'incomplete_expired',
      'past_due',
      'trialing',
      'unpaid',
    ])
    const shown = (await everything(stripe.subscriptions as never)) as Stripe.Subscription[]
    expect(shown.length).toBe(
      subscriptions.filter(({ status }) => !['canceled', 'incomplete_expired'].includes(status)).length,
    )
  })

  it('has periods that hold now, and renewals where one ended', () => {
    const subscriptions = all.subscriptions as unknown as Stripe.Subscription[]
    for (const { id, status, items } of subscriptions) {
      if (!['active', 'trialing', 'past_due'].includes(status)) continue
      for (const item of items.data) {
        expect(item.current_period_start, id).toBeLessThanOrEqual(now)
        expect(item.current_period_end, id).toBeGreaterThan(now)
      }
    }
    const cycles = (all.invoices as unknown as Stripe.Invoice[]).filter(
      (invoice) => invoice.billing_reason === 'subscription_cycle',
    )
    expect(cycles.length).toBeGreaterThanOrEqual(200)
    const prorated = (all.invoices as unknown as Stripe.Invoice[]).filter((invoice) =>
      invoice.lines.data.some((line) => line.parent?.subscription_item_details?.proration),
    )
    expect(prorated.length).toBeGreaterThanOrEqual(2)
  })

  it('has payouts, offers, checkouts, credits and connected accounts in every state that they can have', async () => {
    const states: Record<string, [Pageable, string, string[]]> = {
      checkout_sessions: [stripe.checkout.sessions as never, 'status', ['complete', 'expired', 'open']],
      coupons: [stripe.coupons as never, 'valid', ['false', 'true']],
      credit_notes: [stripe.creditNotes as never, 'type', ['post_payment', 'pre_payment']],
      disputes: [stripe.disputes as never, 'status', ['lost', 'needs_response', 'under_review', 'won']],
      payouts: [stripe.payouts as never, 'status', ['canceled', 'failed', 'in_transit', 'paid']],
      quotes: [stripe.quotes as never, 'status', ['accepted', 'canceled', 'draft', 'open']],
      report_runs: [stripe.reporting.reportRuns as never, 'status', ['succeeded']],
      reviews: [stripe.reviews as never, 'open', ['false', 'true']],
      schedules: [stripe.subscriptionSchedules as never, 'status', ['active', 'not_started', 'released']],
      setup_intents: [
        stripe.setupIntents as never,
        'status',
        ['canceled', 'requires_action', 'requires_payment_method', 'succeeded'],
      ],
      accounts: [stripe.accounts as never, 'charges_enabled', ['false', 'true']],
    }
    for (const [name, [list, field, wanted]] of Object.entries(states)) {
      const found = countBy(await everything(list), (record) => String((record as Record<string, unknown>)[field]))
      for (const state of wanted) expect(Object.keys(found), name).toContain(state)
    }
    for (const list of [
      stripe.transfers,
      stripe.applicationFees,
      stripe.fileLinks,
      stripe.paymentLinks,
      stripe.billing.meters,
    ])
      expect((await everything(list as never)).length).toBeGreaterThan(1)
  })

  it('is the same at every start', async () => {
    const again = await start(ownIntegration('stripe'))
    const first = await clientOf(again).charges.list({ limit: 100 })
    expect(JSON.stringify(first.data)).toBe(JSON.stringify(all.charges?.slice(0, 100)))
    await again.close()
  }, 120_000)
})
