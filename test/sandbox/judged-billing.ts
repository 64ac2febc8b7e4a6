import type Stripe from 'stripe'
import { idOf, NAMED, nested, type Row } from './judging.ts'

/** Of what recurs and is billed. */
export const BILLING: readonly Row[] = [
  {
    kind: 'subscription',
    at: (s) => s.subscriptions,
    body: (on, number) => ({
      customer: on.customer,
      items: [{ price: on.price, quantity: number }],
      discounts: [{ coupon: on.coupon }],
      default_tax_rates: [on.rate],
    }),
    change: { cancel_at_period_end: true },
    verbs: [
      async (s, made) => {
        const [item] = (await s.subscriptionItems.list({ subscription: idOf(made, 1) })).data
        return s.subscriptions.update(idOf(made, 1), {
          items: [{ id: item?.id ?? '', quantity: 5 }],
          proration_behavior: 'always_invoice',
        })
      },
      (s, made) => s.subscriptions.deleteDiscount(idOf(made, 2)),
      (s, made) => s.subscriptions.cancel(idOf(made, 2)),
      async (s) => (await s.subscriptions.search({ query: "status:'active'" })).data.length,
    ],
    refuses: [
      (s, _, on) => s.subscriptions.create({ customer: on.customer, items: [{ price: on.once }] }),
      (s, made) => s.subscriptions.resume(idOf(made, 0)),
    ],
  },
  {
    kind: 'subscription_item',
    at: (s) => s.subscriptionItems,
    body: (on) => ({ subscription: on.subscription, price: on.price }),
    change: { quantity: 3 },
    query: (on) => ({ subscription: on.subscription }),
  },
  {
    kind: 'subscription_schedule',
    at: (s) => s.subscriptionSchedules,
    body: (on) => ({
      customer: on.customer,
      start_date: 1_795_000_000,
      phases: [{ items: [{ price: on.price, quantity: 1 }], duration: { interval: 'month', interval_count: 3 } }],
    }),
    change: { end_behavior: 'cancel' },
    verbs: [
      (s, made) => s.subscriptionSchedules.cancel(idOf(made, 0)),
      (s, made) => s.subscriptionSchedules.release(idOf(made, 1)),
    ],
  },
  {
    kind: 'invoiceitem',
    at: (s) => s.invoiceItems,
    body: (on, number) => ({ customer: on.customer, amount: 100 * number, currency: 'usd', description: 'Extra' }),
    change: { amount: 55 },
    query: () => ({ pending: true }),
    refuses: [(s, _, on) => s.invoiceItems.create({ customer: on.customer })],
  },
  {
    kind: 'invoice',
    at: (s) => s.invoices,
    body: (on) => ({
      customer: on.customer,
      collection_method: 'send_invoice',
      days_until_due: 14,
      pending_invoice_items_behavior: 'exclude',
    }),
    change: { description: 'Work' },
    verbs: [
      (s, made, on) =>
        s.invoices.addLines(idOf(made, 1), {
          lines: [
            { amount: 1000, description: 'A', tax_rates: [on.rate] },
            { pricing: { price: on.once }, quantity: 3 },
          ],
        }),
      async (s, made) => (await s.invoices.listLineItems(idOf(made, 1), { limit: 1 })).data,
      (s, made) => s.invoices.finalizeInvoice(idOf(made, 1)),
      (s, made) => s.invoices.sendInvoice(idOf(made, 1)),
      (s, made) => s.invoices.pay(idOf(made, 1), { payment_method: 'pm_card_visa' }),
      (s, made) => s.invoices.finalizeInvoice(idOf(made, 2)),
      (s, _, on) => s.invoices.createPreview({ customer: on.customer }),
      (s, _, on) =>
        s.invoices.createPreview({
          subscription: on.subscription,
          subscription_details: { items: [{ id: on.item, quantity: 9 }] },
        }),
      async (s) => (await s.invoices.search({ query: "status:'paid'" })).data.length,
    ],
    refuses: [
      (s, made) => s.invoices.voidInvoice(idOf(made, 0)),
      (s, made, on) => s.invoices.attachPayment(idOf(made, 0), { payment_intent: on.intent }),
    ],
  },
  { kind: 'line_item', at: (s, on) => ({ list: (query: object) => s.invoices.listLineItems(on.invoice, query) }) },
  { kind: 'invoice_payment', at: (s) => s.invoicePayments },
  {
    kind: 'credit_note',
    at: (s) => s.creditNotes,
    body: (on, number) => ({
      invoice: on.invoice,
      amount: 100 * number,
      credit_amount: 100 * number,
      reason: 'order_change',
    }),
    change: { memo: 'Sorry' },
    verbs: [
      async (s, made) => (await s.creditNotes.listLineItems(idOf(made, 0))).data,
      (s, _, on) => s.creditNotes.preview({ invoice: on.invoice, amount: 50, refund_amount: 50 }),
    ],
    refuses: [
      (s, _, on) => s.creditNotes.create({ invoice: on.invoice, amount: 1_000_000, credit_amount: 1_000_000 }),
      (s, _, on) => s.creditNotes.create({ invoice: on.invoice, amount: 100 }),
      (s, made) => s.creditNotes.voidCreditNote(idOf(made, 0)),
    ],
  },
  {
    kind: 'quote',
    at: (s) => s.quotes,
    body: (on) => ({ customer: on.customer, line_items: [{ price: on.price, quantity: 2 }] }),
    change: { description: 'Offer' },
    verbs: [
      (s, made) => s.quotes.finalizeQuote(idOf(made, 0)),
      (s, made) => s.quotes.accept(idOf(made, 0)),
      (s, made) => s.quotes.cancel(idOf(made, 1)),
      async (s, made) => (await s.quotes.listLineItems(idOf(made, 2))).data,
    ],
    refuses: [(s, made) => s.quotes.accept(idOf(made, 2))],
  },
  {
    kind: 'billing.meter',
    at: (s) => s.billing.meters,
    body: (_, number) => ({
      display_name: 'Calls',
      event_name: `calls_${number}`,
      default_aggregation: { formula: 'sum' },
    }),
    change: { display_name: 'Requests' },
    verbs: [
      (s, made) => s.billing.meters.deactivate(idOf(made, 1)),
      (s, made) => s.billing.meters.reactivate(idOf(made, 1)),
      (s, _, on) =>
        s.billing.meterEvents.create({
          event_name: 'calls_3',
          payload: { stripe_customer_id: on.customer, value: '4' },
          identifier: 'one',
        }),
    ],
    refuses: [(s) => s.billing.meterEvents.create({ event_name: 'none', payload: { value: '1' } })],
  },
  {
    kind: 'billing_portal.configuration',
    at: (s) => s.billingPortal.configurations,
    body: () => ({ features: { invoice_history: { enabled: true } } }),
    change: { active: false },
  },
  {
    kind: 'billing_portal.session',
    at: (s) => ({ create: (body: Stripe.BillingPortal.SessionCreateParams) => s.billingPortal.sessions.create(body) }),
    body: (on) => ({ customer: on.customer, return_url: 'https://shop.example/' }),
  },
]

/** Of the account's money and its partners. */
export const MONEY: readonly Row[] = [
  { kind: 'balance_transaction', at: (s) => s.balanceTransactions },
  { kind: 'balance', at: () => ({}), verbs: [(s) => s.balance.retrieve()] },
  {
    kind: 'webhook_endpoint',
    at: (s) => s.webhookEndpoints,
    body: (_, number) => ({ url: `https://shop.example/${number}`, enabled_events: ['charge.failed'] }),
    change: { description: 'Mine' },
    refuses: [(s) => s.webhookEndpoints.create({ url: 'shop', enabled_events: ['*'] })],
  },
  { kind: 'event', at: (s) => s.events, query: () => ({ type: 'customer.created', limit: 100 }) },
  {
    kind: 'payout',
    at: (s) => s.payouts,
    change: NAMED,
    verbs: [(s, made) => s.payouts.reverse(idOf(made, -1)), (s) => s.payouts.list({ status: 'paid' })],
    refuses: [(s) => s.payouts.create({ amount: 100_000_000, currency: 'usd' })],
  },
  {
    kind: 'transfer',
    at: (s) => s.transfers,
    body: (on, number) => ({ currency: 'usd', amount: number, destination: on.account, source_transaction: on.charge }),
    change: { description: 'Share' },
    refuses: [(s, _, on) => s.transfers.create({ currency: 'usd', amount: 9_000_000, destination: on.account })],
  },
  {
    kind: 'transfer_reversal',
    at: (s, on) => nested(s.transfers, 'Reversal', on.transfer),
    body: () => ({ amount: 100 }),
    change: NAMED,
    refuses: [(s, _, on) => s.transfers.createReversal(on.transfer, { amount: 1_000_000 })],
  },
  { kind: 'application_fee', at: (s) => s.applicationFees },
  {
    kind: 'fee_refund',
    at: (s, on) => nested(s.applicationFees, 'Refund', on.fee),
    body: () => ({ amount: 10 }),
    change: NAMED,
    refuses: [(s, _, on) => s.applicationFees.createRefund(on.fee, { amount: 1_000_000 })],
  },
  {
    kind: 'account',
    at: (s) => ({
      create: s.accounts.create.bind(s.accounts),
      update: s.accounts.update.bind(s.accounts),
      list: s.accounts.list.bind(s.accounts),
      retrieve: (id: string) => s.accounts.retrieve(id),
      del: s.accounts.del.bind(s.accounts),
    }),
    body: (_, number) => ({
      type: 'custom',
      country: 'DE',
      email: `seller${number}@example.com`,
      capabilities: { transfers: { requested: true } },
    }),
    change: { tos_acceptance: { date: 1_790_000_000, ip: '192.0.2.1' } },
    verbs: [(s, made) => s.accounts.reject(idOf(made, 1), { reason: 'fraud' })],
  },
  {
    kind: 'person',
    at: (s, on) => nested(s.accounts, 'Person', on.account),
    body: (_, number) => ({ first_name: `Robin ${number}`, relationship: { owner: true } }),
    change: { last_name: 'Doe' },
  },
  {
    kind: 'account_link',
    at: (s) => ({ create: (body: Stripe.AccountLinkCreateParams) => s.accountLinks.create(body) }),
    body: (on) => ({ account: on.account, type: 'account_onboarding' }),
  },
  { kind: 'file', at: (s) => ({ retrieve: s.files.retrieve.bind(s.files), list: s.files.list.bind(s.files) }) },
  { kind: 'file_link', at: (s) => s.fileLinks, body: (on) => ({ file: on.file }), change: { expires_at: 'now' } },
  { kind: 'reporting.report_type', at: (s) => s.reporting.reportTypes, isOnePage: true },
  {
    kind: 'reporting.report_run',
    at: (s) => s.reporting.reportRuns,
    body: () => ({ report_type: 'balance.summary.1', parameters: { interval_start: 1, interval_end: 2 } }),
    refuses: [(s) => s.reporting.reportRuns.create({ report_type: 'none.1' })],
  },
]
