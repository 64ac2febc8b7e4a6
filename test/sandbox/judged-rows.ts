import type Stripe from 'stripe'
import type { Row, Thing } from './judging.ts'

const idOf = (made: readonly Thing[], at: number): string => made.at(at)?.id ?? ''
const NAMED = { metadata: { seen: 'yes' } }

/** Of who pays and what is sold. */
const CATALOG: readonly Row[] = [
  {
    kind: 'customer',
    at: (s) => s.customers,
    body: (_, number) => ({ name: `Customer ${number}`, email: `c${number}@example.com`, ...NAMED }),
    change: { phone: '+15550100', metadata: { seen: '' } },
    query: () => ({ created: { gte: 1 } }),
    verbs: [
      async (s) => (await s.customers.search({ query: "email:'c2@example.com'" })).data,
      async (s, _, on) => (await s.customers.listPaymentMethods(on.customer)).data,
    ],
    refuses: [(s) => s.customers.create({ payment_method: 'pm_none' })],
  },
  {
    kind: 'tax_id',
    at: (s, on) => nested(s.customers, 'TaxId', on.customer),
    body: () => ({ type: 'eu_vat', value: 'DE123456789' }),
  },
  {
    kind: 'customer_balance_transaction',
    at: (s, on) => nested(s.customers, 'BalanceTransaction', on.customer),
    body: (_, number) => ({ amount: -100 * number, currency: 'usd' }),
    change: { description: 'Goodwill' },
    refuses: [(s, _, on) => s.customers.createBalanceTransaction(on.customer, { amount: 1, currency: 'eur' })],
  },
  {
    kind: 'product',
    at: (s) => s.products,
    body: (_, number) => ({ name: `Thing ${number}` }),
    change: { description: 'Better', ...NAMED },
    verbs: [async (s) => (await s.products.search({ query: "name:'Thing 2'" })).data],
    refuses: [(s, _, on) => s.products.del(on.product)],
  },
  {
    kind: 'price',
    at: (s) => s.prices,
    body: (on, number) => ({ product: on.product, currency: 'eur', unit_amount: 100 * number }),
    change: { nickname: 'Low' },
    verbs: [async (s, _, on) => (await s.prices.search({ query: `product:'${on.product}' AND currency:'eur'` })).data],
    refuses: [(s, _, on) => s.prices.create({ product: on.product, currency: 'usd' })],
  },
  {
    kind: 'coupon',
    at: (s) => s.coupons,
    body: (_, number) => ({ percent_off: 5 * number, duration: 'once' }),
    change: { name: 'Five', ...NAMED },
    refuses: [(s) => s.coupons.create({ duration: 'once' }), (s) => s.coupons.create({ amount_off: 5 })],
  },
  {
    kind: 'promotion_code',
    at: (s) => s.promotionCodes,
    body: (on, number) => ({ promotion: { type: 'coupon', coupon: on.coupon }, code: `CODE${number}` }),
    change: { active: false },
    refuses: [
      (s, _, on) => s.promotionCodes.create({ promotion: { type: 'coupon', coupon: on.coupon }, code: 'CODE2' }),
    ],
  },
  {
    kind: 'tax_rate',
    at: (s) => s.taxRates,
    body: (_, number) => ({ display_name: 'VAT', inclusive: true, percentage: 5 + number, country: 'DE' }),
    change: { active: false },
    refuses: [(s) => s.taxRates.create({ display_name: 'VAT', inclusive: true, percentage: 101 })],
  },
]

/** Of payments and what becomes of them. */
const PAYMENTS: readonly Row[] = [
  {
    kind: 'payment_method',
    at: (s) => s.paymentMethods,
    body: (on) => ({ type: 'card', card: { token: 'tok_visa' }, customer: on.customer }),
    change: NAMED,
    query: (on) => ({ customer: on.customer, type: 'card' }),
    verbs: [
      (s, made) => s.paymentMethods.detach(idOf(made, 1)),
      async (s, _, on) => {
        const method = await s.paymentMethods.create({ type: 'card', card: { token: 'tok_mastercard' } })
        return s.paymentMethods.attach(method.id, { customer: on.customer })
      },
    ],
    refuses: [(s, _, on) => s.paymentMethods.attach('pm_card_chargeDeclined', { customer: on.customer })],
  },
  {
    kind: 'payment_intent',
    at: (s) => s.paymentIntents,
    body: (on) => ({ amount: 1500, currency: 'jpy', customer: on.customer, capture_method: 'manual' }),
    change: { description: 'Later' },
    verbs: [
      (s, made) => s.paymentIntents.confirm(idOf(made, 0), { payment_method: 'pm_card_visa' }),
      (s, made) => s.paymentIntents.capture(idOf(made, 0), { amount_to_capture: 1000 }),
      (s, made) => s.paymentIntents.cancel(idOf(made, 1)),
      async (s) => (await s.paymentIntents.search({ query: "currency:'jpy'" })).data,
    ],
    refuses: [
      (s, made) =>
        s.paymentIntents.confirm(idOf(made, 2), { payment_method: 'pm_card_chargeDeclinedInsufficientFunds' }),
      (s, made) => s.paymentIntents.capture(idOf(made, 1)),
      (s) => s.paymentIntents.create({ amount: 0, currency: 'usd' }),
    ],
  },
  {
    kind: 'charge',
    at: (s) => s.charges,
    body: () => ({ amount: 10_000, currency: 'kwd', source: 'tok_visa' }),
    change: { description: 'Bare' },
    verbs: [async (s) => (await s.charges.search({ query: "currency:'kwd'" })).data],
    refuses: [(s) => s.charges.create({ amount: 100, currency: 'usd', source: 'tok_chargeDeclined' })],
  },
  {
    kind: 'refund',
    at: (s) => s.refunds,
    body: (on) => ({ charge: on.charge, amount: 100 }),
    change: NAMED,
    refuses: [
      (s, _, on) => s.refunds.create({ charge: on.charge, amount: 1_000_000 }),
      (s, made) => s.refunds.cancel(idOf(made, 0)),
    ],
  },
  {
    kind: 'dispute',
    at: (s) => s.disputes,
    verbs: [
      async (s) => {
        const [dispute] = (await s.disputes.list({ limit: 1 })).data
        return s.disputes.update(dispute?.id ?? '', { evidence: { customer_name: 'Ada' }, submit: false })
      },
      async (s) => s.disputes.close((await s.disputes.list({ limit: 1 })).data[0]?.id ?? ''),
    ],
  },
  { kind: 'radar.early_fraud_warning', at: (s) => s.radar.earlyFraudWarnings },
  {
    kind: 'setup_intent',
    at: (s) => s.setupIntents,
    body: (on) => ({ customer: on.customer, payment_method: 'pm_card_mastercard' }),
    change: { description: 'For later' },
    verbs: [
      (s, made) => s.setupIntents.confirm(idOf(made, 0)),
      (s, made) => s.setupIntents.cancel(idOf(made, 1)),
      async (s, made) => (await s.setupAttempts.list({ setup_intent: idOf(made, 0) })).data,
    ],
    refuses: [(s) => s.setupIntents.create({ payment_method: 'pm_card_chargeDeclined', confirm: true })],
  },
  {
    kind: 'checkout.session',
    at: (s) => s.checkout.sessions,
    body: (on) => ({
      mode: 'payment',
      line_items: [{ price: on.once, quantity: 2 }],
      success_url: 'https://shop.example/',
    }),
    change: NAMED,
    verbs: [
      async (s, made) => (await s.checkout.sessions.listLineItems(idOf(made, 0))).data,
      (s, made) => s.checkout.sessions.expire(idOf(made, 1)),
    ],
    refuses: [
      (s, _, on) =>
        s.checkout.sessions.create({
          mode: 'subscription',
          line_items: [{ price: on.once, quantity: 1 }],
          success_url: 'https://shop.example/',
        }),
    ],
  },
  {
    kind: 'payment_link',
    at: (s) => s.paymentLinks,
    body: (on, number) => ({ line_items: [{ price: on.once, quantity: number }] }),
    change: { active: false },
    verbs: [async (s, made) => (await s.paymentLinks.listLineItems(idOf(made, 2))).data],
  },
  { kind: 'review', at: (s) => s.reviews },
  {
    kind: 'radar.value_list',
    at: (s) => s.radar.valueLists,
    body: (_, number) => ({ alias: `list_${number}`, name: 'List', item_type: 'email' }),
    change: { name: 'Other' },
  },
  {
    kind: 'radar.value_list_item',
    at: (s) => s.radar.valueListItems,
    body: (on, number) => ({ value_list: on.list, value: `v${number}` }),
    query: (on) => ({ value_list: on.list }),
  },
]

/** Of what recurs and is billed. */
const BILLING: readonly Row[] = [
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
const MONEY: readonly Row[] = [
  { kind: 'balance_transaction', at: (s) => s.balanceTransactions },
  { kind: 'balance', at: () => ({}), verbs: [(s) => s.balance.retrieve()] },
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

/** A list below another record, by the client's names for it, such as `createPerson`. */
function nested(owner: object, name: string, parent: string): object {
  const has = owner as Record<string, unknown>
  const call = (method: string) => {
    const found = has[method]
    if (typeof found !== 'function') return undefined
    return (...given: unknown[]) => (found as (...all: unknown[]) => unknown).call(owner, parent, ...given)
  }
  const parts = {
    create: `create${name}`,
    retrieve: `retrieve${name}`,
    update: `update${name}`,
    del: `delete${name}`,
    list: `list${name}s`,
  }
  const entries = Object.entries(parts).map(([key, method]) => [key, call(method)] as const)
  return Object.fromEntries(entries.filter(([, found]) => found !== undefined))
}

/** Every resource that the official client is let loose on. */
export const ROWS: readonly Row[] = [...CATALOG, ...PAYMENTS, ...BILLING, ...MONEY]
