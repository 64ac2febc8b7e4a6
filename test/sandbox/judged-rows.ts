import { BILLING, MONEY } from './judged-billing.ts'
import { OLDER } from './judged-older.ts'
import { idOf, NAMED, nested, type Row } from './judging.ts'

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

/** Every resource that the official client is let loose on. */
export const ROWS: readonly Row[] = [...CATALOG, ...PAYMENTS, ...BILLING, ...MONEY, ...OLDER]
