import type { Given, NativeInvoice, NativeLine } from '../natives.ts'
import {
  currencyOf,
  decimal,
  idOf,
  instant,
  labels,
  listed,
  money,
  moneyDecimal,
  objectOf,
  remoteUrl,
  wholeUnit,
} from './tools.ts'

const STATUSES = { draft: 'draft', open: 'open', paid: 'paid', uncollectible: 'uncollectible', void: 'void' }
const COLLECTION = { charge_automatically: 'charge_automatically', send_invoice: 'send_invoice' }
const PAYMENT_STATUSES = { open: 'open', paid: 'paid', canceled: 'canceled' }
const REASONS = {
  subscription_create: 'subscription_create',
  subscription_cycle: 'subscription_cycle',
  subscription_update: 'subscription_update',
  subscription_threshold: 'subscription_threshold',
  manual: 'manual',
  upcoming: 'upcoming',
  subscription: 'other',
  quote_accept: 'other',
  automatic_pending_invoice_item_invoice: 'other',
}

/** An invoice of the unified model with its lines and payments, written by hand. */
export function invoice(native: NativeInvoice, given: Given) {
  const { currency, status_transitions: times } = native
  const subscription = idOf(native.parent?.subscription_details?.subscription)
  return {
    id: native.id,
    object: null,
    provider: null,
    integrated_account_id: null,
    tenant_id: null,
    created_at: instant(native.created),
    updated_at: null,
    is_deleted: native.deleted === true,
    livemode: native.livemode ?? null,
    metadata: labels(native.metadata),
    custom_fields: null,
    remote_url: remoteUrl(given.livemode, 'invoices', native.id),
    remote_data: null,
    _meta: null,
    number: native.number ?? null,
    customer: customerOf(native),
    subscription: subscription === null ? null : { id: subscription },
    status: statusOf(native),
    raw_status: native.status ?? null,
    collection_method: listed(native.collection_method, COLLECTION),
    raw_collection_method: native.collection_method ?? null,
    billing_reason: listed(native.billing_reason, REASONS),
    raw_billing_reason: native.billing_reason ?? null,
    issued_at: instant(native.effective_at ?? times?.finalized_at),
    finalized_at: instant(times?.finalized_at),
    due_at: instant(native.due_date),
    paid_at: instant(times?.paid_at),
    voided_at: instant(times?.voided_at),
    uncollectible_at: instant(times?.marked_uncollectible_at),
    period_start: instant(native.period_start),
    period_end: instant(native.period_end),
    currency: currencyOf(currency),
    subtotal: money(native.subtotal, currency),
    discount_total: money(sumOf(native.total_discount_amounts), currency),
    tax_total: money(sumOf(native.total_taxes), currency),
    total: money(native.total, currency),
    amount_due: money(native.amount_due, currency),
    amount_paid: money(native.amount_paid, currency),
    amount_remaining: money(native.amount_remaining, currency),
    amount_refunded: refunded(native, given),
    attempt_count: native.attempt_count ?? null,
    next_payment_attempt_at: instant(native.next_payment_attempt),
    hosted_url: native.hosted_invoice_url ?? null,
    pdf_url: native.invoice_pdf ?? null,
    lines: linesOf(native, given),
    payments: paymentsOf(native, given),
    memo: native.description ?? null,
  }
}

function sumOf(amounts: readonly { readonly amount: number }[] | null | undefined): number {
  return amounts?.reduce((sum, { amount }) => sum + amount, 0) ?? 0
}

function customerOf({ customer, customer_name, customer_email }: NativeInvoice) {
  const expanded = objectOf(customer)
  const made = {
    id: idOf(customer),
    name: customer_name || expanded?.name || null,
    email: customer_email || expanded?.email || null,
  }
  return made.id === null && made.name === null && made.email === null ? null : made
}

function statusOf({ status, amount_paid, amount_remaining }: NativeInvoice): string | null {
  const isPartial = status === 'open' && (amount_paid ?? 0) > 0 && (amount_remaining ?? 0) > 0
  return isPartial ? 'partially_paid' : listed(status, STATUSES)
}

/** What was given back, where all payments are known with their charges. */
function refunded({ payments, currency }: NativeInvoice, { intents, charges }: Given): number | null {
  if (payments == null || payments.has_more === true) return null
  const made = payments.data.map(({ payment }) => payment)
  if (made.some((payment) => payment?.type === 'payment_record')) return null
  const ofIntents = new Set(made.map((payment) => idOf(payment?.payment_intent)).filter((id) => id !== null))
  const ofCharges = new Set(made.map((payment) => idOf(payment?.charge)).filter((id) => id !== null))
  if (intents.length !== ofIntents.size || charges.length !== ofCharges.size) return null
  const amounts = [...intents.map(({ latest_charge }) => latest_charge?.amount_refunded), ...charges.map(backOf)]
  return money(
    amounts.reduce<number>((sum, amount) => sum + (amount ?? 0), 0),
    currency,
  )
}

const backOf = ({ amount_refunded }: { amount_refunded?: number | null | undefined }) => amount_refunded

function linesOf({ lines }: NativeInvoice, given: Given) {
  if (lines == null) return null
  return (lines.has_more ? given.lines : lines.data).map((line) => lineOf(line, given))
}

function lineOf(native: NativeLine, given: Given) {
  const { currency, pricing, parent } = native
  const [price, product] = [idOf(pricing?.price_details?.price), idOf(pricing?.price_details?.product)]
  const item = idOf(parent?.subscription_item_details?.subscription_item)
  const exact = decimal(native.quantity_decimal)
  const unit = moneyDecimal(pricing?.unit_amount_decimal, currency)
  return {
    id: native.id,
    description: native.description ?? null,
    quantity: exact?.includes('.') ? exact : (native.quantity ?? null),
    unit_amount: wholeUnit(unit),
    unit_amount_decimal: unit,
    amount: money(native.amount, currency),
    currency: currencyOf(currency),
    period_start: instant(native.period?.start),
    period_end: instant(native.period?.end),
    proration: parent?.subscription_item_details?.proration ?? parent?.invoice_item_details?.proration ?? null,
    price: price === null ? null : priceOf(price),
    product:
      product === null ? null : { id: product, name: given.products.find(({ id }) => id === product)?.name ?? null },
    subscription_item: item === null ? null : { id: item },
    tax_amounts: (native.taxes ?? []).map((tax) => {
      const rate = given.tax_rates.find(({ id }) => id === tax.tax_rate_details?.tax_rate)
      return {
        name: rate?.display_name ?? null,
        percent: decimal(rate?.percentage),
        amount: money(tax.amount, currency),
        taxable_amount: money(tax.taxable_amount, currency),
        is_inclusive: tax.tax_behavior === 'inclusive',
      }
    }),
  }
}

const priceOf = (id: string) => ({
  id,
  nickname: null,
  currency: null,
  unit_amount: null,
  unit_amount_decimal: null,
  interval: null,
  interval_count: null,
  product: null,
})

function paymentsOf({ payments }: NativeInvoice, given: Given) {
  if (payments == null) return null
  return (payments.has_more ? given.payments : payments.data).map((native) => ({
    id: idOf(native.payment?.payment_intent) ?? idOf(native.payment?.charge),
    amount: money(native.amount_paid ?? native.amount_requested, native.currency),
    status: listed(native.status, PAYMENT_STATUSES),
    raw_status: native.status ?? null,
    paid_at: instant(native.status_transitions?.paid_at),
  }))
}
