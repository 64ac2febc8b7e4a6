import { ADVICE, ASK_BANK, BANK_CODES, FIXERS, NETWORK_ADVICE, PAYER_CODES } from '../failures.ts'
import { METHOD_TYPES } from '../method-types.ts'
import type { Given, NativeCharge, NativeFailure, NativePayment, NativeSettlement } from '../natives.ts'
import {
  currencyOf,
  decimal,
  idOf,
  instant,
  labels,
  listed,
  method,
  money,
  objectOf,
  payer,
  remoteUrl,
  tableOf,
} from './tools.ts'

const byCode = (rules: typeof ADVICE): ReadonlyMap<string, string> =>
  new Map(rules.flatMap(([codes, then]) => codes.map((code) => [code, then] as const)))
const ADVICE_BY_CODE = byCode(ADVICE)
const FIXER_BY_CODE = byCode(FIXERS)
const PAYERS = new Set(PAYER_CODES)
const BANKS = new Set(BANK_CODES)
const METHODS = tableOf(METHOD_TYPES)
const STATUSES = tableOf({
  requires_payment_method: 'requires_payment_method',
  requires_confirmation: 'requires_confirmation',
  requires_action: 'requires_action',
  processing: 'processing',
  requires_capture: 'requires_capture',
  canceled: 'canceled',
  succeeded: 'succeeded',
})
const REFUND_STATUSES = tableOf({
  pending: 'pending',
  requires_action: 'requires_action',
  succeeded: 'succeeded',
  failed: 'failed',
  canceled: 'canceled',
})
const OPEN_DISPUTES = [
  'needs_response',
  'under_review',
  'warning_needs_response',
  'warning_under_review',
  'appeal_needs_response',
  'appeal_under_review',
]

/** A payment of the unified model, made of a payment intent by hand, as fast as it gets. */
export function payment(native: NativePayment, given: Given) {
  const { latest_charge: charge, last_payment_error: error, currency } = native
  const left = (charge?.amount_captured ?? 0) - (charge?.amount_refunded ?? 0)
  const mayRefund = native.status === 'succeeded' && charge?.captured === true && !isHeld(charge, given)
  const transaction = typeof charge?.balance_transaction === 'object' ? charge.balance_transaction : null
  const destination = idOf(native.transfer_data?.destination)
  return {
    id: native.id,
    object: null,
    provider: null,
    integrated_account_id: null,
    tenant_id: null,
    created_at: instant(native.created),
    updated_at: null,
    is_deleted: null,
    livemode: native.livemode ?? null,
    metadata: labels(native.metadata),
    custom_fields: null,
    remote_url: remoteUrl(given.livemode, 'payments', native.id),
    remote_data: null,
    _meta: null,
    amount: money(native.amount, currency),
    currency: currencyOf(currency),
    amount_captured: money(native.amount_received, currency),
    amount_refunded: money(charge?.amount_refunded ?? 0, currency),
    amount_refundable: mayRefund ? money(left, currency) : 0,
    is_refundable: mayRefund && left > 0,
    status: statusOf(native),
    raw_status: native.status ?? null,
    refund_status: refundStatus(charge),
    dispute_status: disputeStatus(charge, given),
    refunds: refunds(charge, given),
    failure: failureOf(native),
    attempts: null,
    settlement: settlement(transaction),
    customer: payer(native.customer || charge?.billing_details),
    payment_method: method(
      charge?.payment_method_details ?? objectOf(error?.payment_method) ?? objectOf(native.payment_method),
      idOf(native.payment_method) ?? idOf(error?.payment_method),
      METHODS,
    ),
    description: native.description ?? null,
    statement_descriptor:
      charge?.calculated_statement_descriptor ||
      native.statement_descriptor ||
      native.statement_descriptor_suffix ||
      null,
    receipt_email: native.receipt_email ?? null,
    receipt_url: charge?.receipt_url ?? null,
    invoice: null,
    order_id: native.metadata?.order_id || native.payment_details?.order_reference || null,
    captured: charge?.captured === true,
    paid_at: native.status === 'succeeded' ? instant(transaction?.created ?? charge?.created) : null,
    canceled_at: instant(native.canceled_at),
    application_fee: money(native.application_fee_amount, currency),
    transfer: destination === null ? null : { destination },
  }
}

type Charge = NativeCharge | null | undefined

function isHeld(charge: NativeCharge, { disputes }: Given): boolean {
  return charge.disputed === true && !disputes.every(({ is_charge_refundable }) => is_charge_refundable)
}

function statusOf({ status, last_payment_error: error, latest_charge: charge }: NativePayment): string | null {
  if (status === 'requires_payment_method' && (error != null || charge?.status === 'failed')) return 'failed'
  return listed(status, STATUSES)
}

function refundStatus(charge: Charge): string {
  if (!charge?.amount_refunded) return 'none'
  const { refunds: given, refunded } = charge
  const isPending =
    given != null && given.data.length > 0 && given.has_more !== true && given.data.every(isUnsuccessful)
  if (isPending) return 'pending'
  return refunded ? 'full' : 'partial'
}

const isUnsuccessful = ({ status }: { status?: string | null | undefined }): boolean => status !== 'succeeded'

function disputeStatus(charge: Charge, { disputes }: Given): string | null {
  if (charge?.disputed !== true) return 'none'
  const has = (statuses: readonly string[]) => disputes.some(({ status }) => statuses.includes(status ?? ''))
  if (has(OPEN_DISPUTES)) return 'open'
  if (has(['lost'])) return 'lost'
  if (has(['won', 'warning_closed'])) return 'won'
  return has(['prevented']) ? 'none' : null
}

function refunds(charge: Charge, given: Given) {
  if (charge == null) return []
  if (charge.refunds == null) return null
  const all = charge.refunds.has_more ? given.refunds : charge.refunds.data
  return all.map(({ id, amount, currency, status }) => ({
    id,
    amount: money(amount, currency),
    status: listed(status, REFUND_STATUSES),
    raw_status: status ?? null,
  }))
}

function settlement(native: NativeSettlement | null | undefined) {
  if (native == null) return null
  const { id, amount, fee, net, currency, exchange_rate, available_on } = native
  return {
    amount: money(amount, currency),
    fee: money(fee, currency),
    net: money(net, currency),
    currency: currencyOf(currency),
    exchange_rate: decimal(exchange_rate),
    balance_transaction: { id },
    available_at: instant(available_on),
    payout: null,
  }
}

function failureOf({ status, last_payment_error: error, latest_charge: charge }: NativePayment) {
  if (status === 'succeeded') return null
  if (error != null) return failure(error, error.type)
  return charge?.status === 'failed' ? failure(charge, null) : null
}

function failure(native: Omit<NativeFailure, 'type'>, type: string | null | undefined) {
  const { code, failure_code, decline_code, outcome, message, failure_message } = native
  const declined = decline_code || outcome?.reason || null
  const reason = declined ?? (code || failure_code || null)
  return {
    code: code || failure_code || type || null,
    decline_code: declined,
    message: message || failure_message || null,
    advice: adviceOf(reason, native.advice_code || outcome?.advice_code),
    who_can_fix: fixerOf(native, type, reason),
  }
}

function adviceOf(reason: string | null, networkAdvice: string | null | undefined): string | null {
  const found = reason === null ? undefined : ADVICE_BY_CODE.get(reason)
  if (found !== undefined) return found
  if (networkAdvice != null && Object.hasOwn(NETWORK_ADVICE, networkAdvice)) {
    return NETWORK_ADVICE[networkAdvice] ?? null
  }
  return reason !== null && BANKS.has(reason) ? ASK_BANK : null
}

function fixerOf(native: Omit<NativeFailure, 'type'>, type: string | null | undefined, reason: string | null) {
  const found = reason === null ? undefined : FIXER_BY_CODE.get(reason)
  if (found !== undefined) return found
  if (type === 'card_error' || native.object === 'charge' || native.decline_code !== undefined) return 'payer'
  return PAYERS.has(native.code || native.failure_code || '') ? 'payer' : null
}
