import { seeded } from '../harness/statistics.ts'
import type { Json } from './records.ts'

/** Lines of each invoice. */
const LINES = 5

const NEWEST_S = 1_780_000_000
const APART_S = 900
const DAY_S = 86_400
const WARES = ['Notebook, dotted', 'Yearly membership', 'Ceramic cup, blue', 'Seats, team plan', 'Überweisungsgebühr']
const CURRENCIES = ['usd', 'eur', 'gbp', 'jpy']
const TAX_RATE = 'txr_bench0000000000000001'

const id = (prefix: string, index: number): string => `${prefix}_bench${String(index).padStart(16, '0')}`
const product = (at: number): string => id('prod', at)

const taxOn = (amount: number): number => Math.round(amount * 0.195)

const taxOf = (taxable: number, amount: number): Json => ({
  amount,
  tax_behavior: 'exclusive',
  tax_rate_details: { tax_rate: TAX_RATE },
  taxability_reason: 'standard_rated',
  taxable_amount: taxable,
  type: 'tax_rate_details',
})

type Draw = (from: number, to: number) => number

/** The products that the lines name, as the list of products has them. */
export const products = (): Json[] =>
  WARES.map((name, at) => ({
    id: product(at),
    object: 'product',
    active: true,
    created: NEWEST_S - 100 * DAY_S,
    description: null,
    images: [],
    livemode: true,
    metadata: {},
    name,
    tax_code: null,
    updated: NEWEST_S - 90 * DAY_S,
  }))

/** The tax rates that the lines name. */
export const taxRates = (): Json[] => [
  {
    id: TAX_RATE,
    object: 'tax_rate',
    active: true,
    country: 'DE',
    display_name: 'USt.',
    inclusive: false,
    jurisdiction: 'DE',
    percentage: 19.5,
  },
]

function line(invoice: string, index: number, at: number, currency: string, draw: Draw): Json {
  const [unit, quantity] = [draw(100, 20_000), draw(1, 12)]
  const amount = unit * quantity
  const start = NEWEST_S - index * APART_S - 30 * DAY_S
  return {
    id: id('il', index * LINES + at),
    object: 'line_item',
    amount,
    currency,
    description: `${quantity} × ${WARES[at]}`,
    discount_amounts: [],
    discountable: true,
    discounts: [],
    invoice,
    livemode: true,
    metadata: {},
    parent: {
      invoice_item_details: null,
      subscription_item_details: {
        invoice_item: null,
        proration: at === 4,
        proration_details: { credited_items: null },
        subscription: id('sub', index % 40),
        subscription_item: id('si', (index % 40) * LINES + at),
      },
      type: 'subscription_item_details',
    },
    period: { end: start + 30 * DAY_S, start },
    pretax_credit_amounts: [],
    pricing: {
      price_details: { price: id('price', at), product: product(at) },
      type: 'price_details',
      unit_amount_decimal: at === 3 ? `${unit}.25` : String(unit),
    },
    quantity,
    taxes: [taxOf(amount, taxOn(amount))],
  }
}

const paymentOf = (invoice: string, index: number, total: number, currency: string, paidAt: number): Json => ({
  id: id('inpay', index),
  object: 'invoice_payment',
  amount_paid: total,
  amount_requested: total,
  created: paidAt - 60,
  currency,
  invoice,
  is_default: true,
  livemode: true,
  payment: { payment_intent: id('pi', index), type: 'payment_intent' },
  status: 'paid',
  status_transitions: { canceled_at: null, paid_at: paidAt },
})

const payer = (index: number, currency: string): Json => ({
  id: id('cus', index % 40),
  object: 'customer',
  address: null,
  balance: 0,
  created: NEWEST_S - 200 * DAY_S,
  currency,
  delinquent: false,
  description: null,
  email: `buyer.${index % 40}@example.com`,
  livemode: true,
  metadata: {},
  name: `Käufer ${index % 40}`,
  phone: null,
})

const listOf = (data: readonly Json[], url: string): Json => ({
  object: 'list',
  data,
  has_more: false,
  total_count: data.length,
  url,
})

/** What all invoices have alike. */
const SAME: Json = {
  account_country: 'DE',
  account_name: 'Northam Goods',
  attempt_count: 1,
  attempted: true,
  automatic_tax: { disabled_reason: null, enabled: false, liability: null, provider: null, status: null },
  billing_reason: 'subscription_cycle',
  customer_phone: null,
  default_payment_method: null,
  discounts: [],
  ending_balance: 0,
  footer: null,
  starting_balance: 0,
  test_clock: null,
  total_discount_amounts: [],
}

const subscribed = (index: number): Json => ({
  quote_details: null,
  subscription_details: { metadata: {}, subscription: id('sub', index % 40) },
  type: 'subscription_details',
})

/** An invoice with its lines and payments as the list of invoices has it; every fifth is open. */
export function invoice(index: number): Json {
  const next = seeded(index + 1)
  const draw: Draw = (from, to) => from + Math.floor(next() * (to - from + 1))
  const currency = CURRENCIES[draw(0, 3)] ?? ''
  const own = id('in', index)
  const lines = Array.from({ length: LINES }, (_, at) => line(own, index, at, currency, draw))
  const subtotal = lines.reduce((sum, { amount }) => sum + (amount as number), 0)
  const tax = lines.reduce((sum, { amount }) => sum + taxOn(amount as number), 0)
  const total = subtotal + tax
  const created = NEWEST_S - index * APART_S
  const isOpen = index % 5 === 0
  return {
    id: own,
    object: 'invoice',
    ...SAME,
    amount_due: total,
    amount_paid: isOpen ? 0 : total,
    amount_remaining: isOpen ? total : 0,
    auto_advance: isOpen,
    collection_method: index % 3 === 0 ? 'send_invoice' : 'charge_automatically',
    created,
    currency,
    customer: payer(index, currency),
    customer_email: `buyer.${index % 40}@example.com`,
    customer_name: `Käufer ${index % 40}`,
    description: index % 4 === 0 ? 'Thank you for your order.' : null,
    due_date: index % 3 === 0 ? created + 14 * DAY_S : null,
    effective_at: created + 3600,
    hosted_invoice_url: `https://pay.example.com/invoices/${own}/with/a/token/as/long/as/real/ones/are`,
    invoice_pdf: `https://pay.example.com/invoices/${own}/pdf/with/a/token/as/long/as/real/ones/are`,
    lines: listOf(lines, `/v1/invoices/${own}/lines`),
    livemode: true,
    metadata: { order_id: `o-${index}` },
    next_payment_attempt: isOpen ? created + 3 * DAY_S : null,
    number: `BENCH-${String(index).padStart(4, '0')}`,
    parent: subscribed(index),
    payments: listOf(isOpen ? [] : [paymentOf(own, index, total, currency, created + 7200)], '/v1/invoice_payments'),
    period_end: created,
    period_start: created - 30 * DAY_S,
    status: isOpen ? 'open' : 'paid',
    status_transitions: {
      finalized_at: created + 3600,
      marked_uncollectible_at: null,
      paid_at: isOpen ? null : created + 7200,
      voided_at: null,
    },
    subtotal,
    subtotal_excluding_tax: subtotal,
    total,
    total_taxes: [taxOf(subtotal, tax)],
    webhooks_delivered_at: created + 10,
  }
}
