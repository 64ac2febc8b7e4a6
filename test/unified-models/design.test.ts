import { describe, expect, it } from 'vitest'
import { obj, property, RESOURCES } from './load.ts'

/** Fields that every mapping may count on; dots nest, arrays are transparent. */
const FIELDS: Record<string, string> = {
  'payment-gateway/customers':
    'name first_name last_name company_name email phone address.line1 address.line2 address.city address.region ' +
    'address.postal_code address.country shipping_address tax_ids.type tax_ids.value tax_exempt currency locale ' +
    'balance.currency balance.amount is_delinquent default_payment_method.id description',
  'payment-gateway/payments':
    'amount currency amount_captured amount_refunded amount_refundable is_refundable status raw_status refund_status ' +
    'dispute_status refunds.id refunds.amount refunds.status failure.code failure.decline_code failure.message ' +
    'failure.advice failure.who_can_fix attempts.id attempts.at attempts.amount attempts.failure settlement.amount ' +
    'settlement.fee settlement.net settlement.currency settlement.exchange_rate settlement.balance_transaction.id ' +
    'settlement.available_at settlement.payout.id customer.id customer.name customer.email payment_method.id ' +
    'payment_method.type payment_method.brand payment_method.last4 payment_method.exp_month payment_method.exp_year ' +
    'payment_method.wallet description statement_descriptor receipt_email receipt_url invoice.id order_id captured ' +
    'paid_at canceled_at application_fee transfer.destination',
  'payment-gateway/refunds':
    'payment.id amount currency status raw_status reason raw_reason failure_reason receipt_number',
  'payment-gateway/disputes': 'payment.id amount currency status reason evidence_due_at is_charge_refundable',
  'payment-gateway/payouts':
    'amount currency status arrival_date method destination is_automatic statement_descriptor failure.code',
  'payment-gateway/balance_transactions':
    'type amount fee net currency exchange_rate fee_details.amount source.type source.id available_at status payout.id',
  'payment-gateway/balances': 'available.currency available.amount pending.currency pending.amount',
  'payment-gateway/payment_methods': 'type card.last4 bank_account.last4 billing_details.name customer.id',
  'payment-gateway/events': 'type resource resource_id occurred_at changes raw_type raw_event_id api_version',
  'subscription-management/products': 'name description is_active image_urls tax_code default_price.id features',
  'subscription-management/prices':
    'product.id product.name currency unit_amount unit_amount_decimal type interval interval_count usage_type ' +
    'billing_scheme tiers.up_to trial_days tax_behavior nickname is_active',
  'subscription-management/subscriptions':
    'customer.id status plan_name items.id items.price.id items.price.product.id items.price.product.name ' +
    'items.quantity items.current_period_start items.current_period_end current_period_start current_period_end ' +
    'renews_at started_at trial_start trial_end cancel_at canceled_at cancel_at_period_end ended_at ' +
    'cancellation.reason cancellation.feedback cancellation.comment collection_method latest_invoice.id ' +
    'discounts.coupon.id pause mrr mrr_is_partial',
  'subscription-management/invoices':
    'number customer.id subscription.id status collection_method billing_reason issued_at finalized_at due_at paid_at ' +
    'voided_at uncollectible_at period_start period_end currency subtotal discount_total tax_total total amount_due ' +
    'amount_paid amount_remaining amount_refunded attempt_count next_payment_attempt_at hosted_url pdf_url lines.id ' +
    'lines.description lines.quantity lines.unit_amount lines.unit_amount_decimal lines.amount lines.currency ' +
    'lines.period_start lines.period_end lines.proration lines.price lines.product lines.subscription_item.id ' +
    'lines.tax_amounts payments.id payments.amount payments.status payments.paid_at memo',
  'subscription-management/credit_notes':
    'number invoice.id customer.id status reason amount currency lines.amount refunds.id',
  'subscription-management/coupons':
    'name code percent_off amount_off currency duration duration_in_months redeem_by max_redemptions times_redeemed ' +
    'is_valid',
}

const ENUMS: Record<string, string> = {
  'payment-gateway/payments status':
    'requires_payment_method requires_confirmation requires_action requires_capture processing succeeded canceled ' +
    'failed unknown',
  'payment-gateway/payments refund_status': 'none pending partial full',
  'payment-gateway/payments dispute_status': 'none open won lost',
  'payment-gateway/refunds status': 'pending requires_action succeeded failed canceled unknown',
  'payment-gateway/disputes status': 'needs_response under_review inquiry won lost accepted closed unknown',
  'payment-gateway/payouts status': 'pending in_transit paid failed canceled unknown',
  'payment-gateway/balance_transactions type':
    'payment refund dispute dispute_reversal payout payout_failure fee adjustment transfer other unknown',
  'subscription-management/subscriptions status':
    'incomplete incomplete_expired trialing active past_due unpaid paused canceled unknown',
  'subscription-management/invoices status': 'draft open paid partially_paid uncollectible void unknown',
  'subscription-management/credit_notes status': 'issued void unknown',
  'subscription-management/coupons duration': 'once repeating forever unknown',
}

const CONVENTIONAL =
  'id object provider integrated_account_id tenant_id created_at updated_at is_deleted livemode metadata ' +
  'custom_fields remote_url remote_data _meta.api_version _meta.observed_at _meta.field_errors'

const WRITES: Record<string, string> = {
  'payment-gateway/customers': 'create update delete portal',
  'payment-gateway/payments': 'create update capture cancel refund',
  'payment-gateway/refunds': 'create cancel',
  'payment-gateway/disputes': 'update close',
  'subscription-management/customers': 'create update delete portal',
  'subscription-management/subscriptions': 'create update cancel pause resume preview',
  'subscription-management/invoices': 'create finalize send pay void',
  'subscription-management/credit_notes': 'create',
  'subscription-management/coupons': 'create',
}

const schemaOf = (id: string) => obj(RESOURCES.find((entry) => entry.id === id)?.resource.schema)

describe('the agreed contract', () => {
  it.each(RESOURCES)('$id has the conventional fields and its own', ({ id }) => {
    const twin = id.replace('subscription-management', 'payment-gateway')
    const wanted = `${CONVENTIONAL} ${FIELDS[id] ?? FIELDS[twin] ?? ''}`.trim().split(' ')
    expect(wanted.filter((path) => property(schemaOf(id), path) === undefined)).toEqual([])
  })

  it.each(Object.entries(ENUMS))('%s has the agreed values', (where, values) => {
    const [id = '', field = ''] = where.split(' ')
    expect(property(schemaOf(id), field)?.enum).toEqual([...values.split(' '), null])
  })

  it.each(RESOURCES)('$id foresees the agreed writes and methods, and no other', ({ id, resource }) => {
    const found = [...(resource.writes as string[]), ...Object.keys(resource.methods as object)]
    expect(found.join(' ')).toBe(WRITES[id] ?? '')
  })
})
