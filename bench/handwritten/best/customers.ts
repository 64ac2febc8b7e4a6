import { METHOD_TYPES } from '../method-types.ts'
import type { Given, NativeCustomer } from '../natives.ts'
import {
  address,
  currencyOf,
  idOf,
  instant,
  labels,
  listed,
  method,
  money,
  objectOf,
  remoteUrl,
  tableOf,
} from './tools.ts'

const METHODS = tableOf(METHOD_TYPES)
const TAX_EXEMPT = tableOf({ none: 'none', exempt: 'exempt', reverse: 'reverse' })

/** A customer of the unified model, written by hand, as fast as it gets. */
export function customer(native: NativeCustomer, given: Given) {
  const paysWith = native.invoice_settings?.default_payment_method || native.default_source || null
  return {
    id: native.id ?? null,
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
    remote_url: remoteUrl(given.livemode, 'customers', native.id ?? ''),
    remote_data: null,
    _meta: null,
    name: native.name || native.individual_name || native.business_name || null,
    first_name: null,
    last_name: null,
    company_name: native.business_name ?? null,
    email: native.email ?? null,
    phone: native.phone ?? null,
    address: address(native.address),
    shipping_address: shipping(native.shipping),
    tax_ids: native.tax_ids
      ? native.tax_ids.data.map(({ type, value }) => ({ type: type ?? null, value: value ?? null }))
      : null,
    tax_exempt: listed(native.tax_exempt, TAX_EXEMPT),
    raw_tax_exempt: native.tax_exempt ?? null,
    currency: currencyOf(native.currency),
    locale: native.preferred_locales?.[0] ?? null,
    balance: balance(native),
    is_delinquent: native.delinquent ?? null,
    default_payment_method: paysWith === null ? null : method(objectOf(paysWith), idOf(paysWith), METHODS),
    description: native.description ?? null,
    payments: null,
    payment_methods: null,
    summary: null,
  }
}

function shipping(native: NativeCustomer['shipping']) {
  if (native == null) return null
  const made = { name: native.name ?? null, phone: native.phone ?? null, address: address(native.address) }
  return made.name === null && made.phone === null && made.address === null ? null : made
}

function balance({ deleted, currency, balance: amount }: NativeCustomer) {
  if (deleted) return null
  return currency ? [{ currency: currencyOf(currency), amount: money(amount, currency) }] : []
}
