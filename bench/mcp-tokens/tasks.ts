import type { Session } from './session.ts'

/** What the tasks are about: records of the sandbox, found before anything is counted. */
export interface Subjects {
  readonly email: string
  readonly customerId: string
  readonly failedPaymentId: string
  /** Paid, and not refunded: one for each side. */
  readonly paymentIds: readonly [ours: string, naive: string]
  readonly payoutId: string
  /** RFC 3339: 30 days ago, now, and in 30 days. */
  readonly from: string
  readonly now: string
  readonly until: string
  /** What a person does with what was held. */
  readonly release: (approvalId: string) => Promise<void>
}

/** An everyday task as a model that makes no mistake does it, on either side. */
export interface Task {
  readonly name: string
  ours(session: Session, about: Subjects): Promise<void>
  naive(session: Session, about: Subjects): Promise<void>
}

const CUSTOMERS = 'payment-gateway/customers'
const PAYMENTS = 'payment-gateway/payments'
const INVOICES = 'subscription-management/invoices'
const SUBSCRIPTIONS = 'subscription-management/subscriptions'
const seconds = (instant: string): number => Math.floor(Date.parse(instant) / 1000)
/** Whoever does not know a resource asks for its fields and filters first. */
const learn = (session: Session, name: string) => session.call('describe_tool', { name })

/** Ten everyday tasks. */
export const TASKS: readonly Task[] = [
  {
    name: 'find a customer by email',
    async ours(session, { email }) {
      await session.call('list_records', { resource: CUSTOMERS, filters: { email }, fields: ['id', 'name', 'email'] })
    },
    async naive(session, { email }) {
      await session.call('list_all_stripe_customers', { email, limit: 10 })
    },
  },
  {
    name: 'why did this payment fail',
    async ours(session, { failedPaymentId: id }) {
      await learn(session, PAYMENTS)
      const fields = ['status', 'amount', 'currency', 'failure', 'customer']
      await session.call('get_record', { resource: PAYMENTS, id, fields })
    },
    async naive(session, { failedPaymentId: id }) {
      await session.call('get_single_stripe_payment_intents_by_id', { id })
    },
  },
  {
    name: 'refund half of a payment',
    async ours(session, { paymentIds: [id], release }) {
      await learn(session, `${PAYMENTS}/refund`)
      const { result } = await session.call('get_record', { resource: PAYMENTS, id, fields: ['amount', 'currency'] })
      const body = { amount: Math.floor(result.amount / 2) }
      const { error } = await session.call('act_on_record', { action: `${PAYMENTS}/refund`, id, body })
      await release(error.approval.id)
      await session.call('confirm_action', { approval_id: error.approval.id })
    },
    async naive(session, { paymentIds: [, id] }) {
      const { amount } = await session.call('get_single_stripe_payment_intents_by_id', { id })
      await session.call('create_a_stripe_refunds', { payment_intent: id, amount: Math.floor(amount / 2) })
    },
  },
  {
    name: "this month's failed invoices",
    async ours(session, { from }) {
      await learn(session, INVOICES)
      const fields = ['id', 'number', 'customer', 'amount_remaining', 'currency', 'attempt_count', 'due_at']
      const filters = { status: 'open', 'created_at[gte]': from }
      await session.all('list_records', { resource: INVOICES, filters, fields, limit: 100 })
    },
    async naive(session, { from }) {
      await session.all('list_all_stripe_invoices', { status: 'open', created: { gte: seconds(from) }, limit: 100 })
    },
  },
  {
    name: 'reconcile a payout',
    async ours(session, { payoutId }) {
      await learn(session, 'payment-gateway/balance_transactions')
      const fields = ['id', 'amount', 'currency', 'status', 'is_automatic']
      await session.call('get_record', { resource: 'payment-gateway/payouts', id: payoutId, fields })
      await session.all('list_records', {
        resource: 'payment-gateway/balance_transactions',
        filters: { payout_id: payoutId },
        fields: ['type', 'amount', 'fee', 'net', 'currency', 'source'],
        limit: 100,
      })
    },
    async naive(session, { payoutId }) {
      await session.call('get_single_stripe_payouts_by_id', { id: payoutId })
      await session.all('list_all_stripe_balance_transactions', { payout: payoutId, limit: 100 })
    },
  },
  {
    name: "a customer's lifetime value",
    async ours(session, { customerId: id }) {
      await session.call('customer_summary', { resource: CUSTOMERS, id, fields: ['id', 'name', 'summary'] })
    },
    async naive(session, { customerId }) {
      await session.all('list_all_stripe_charges', { customer: customerId, limit: 100 })
    },
  },
  {
    name: 'churn risk',
    async ours(session) {
      await learn(session, SUBSCRIPTIONS)
      const fields = ['id', 'customer', 'status', 'cancel_at_period_end', 'trial_end', 'renews_at', 'mrr', 'currency']
      const status = 'active,trialing,past_due,unpaid,paused'
      await session.all('list_records', {
        resource: SUBSCRIPTIONS,
        filters: { 'status[in]': status },
        fields,
        limit: 100,
      })
    },
    async naive(session) {
      await session.all('list_all_stripe_subscriptions', { limit: 100 })
    },
  },
  {
    name: 'upcoming renewals',
    async ours(session, { now, until }) {
      await learn(session, SUBSCRIPTIONS)
      await session.all('list_records', {
        resource: SUBSCRIPTIONS,
        filters: { status: 'active', 'current_period_end[gte]': now, 'current_period_end[lt]': until },
        fields: ['id', 'customer', 'plan_name', 'renews_at', 'mrr', 'currency'],
        limit: 100,
      })
    },
    async naive(session, { now, until }) {
      await session.all('list_all_stripe_subscriptions', {
        status: 'active',
        current_period_end: { gte: seconds(now), lt: seconds(until) },
        limit: 100,
      })
    },
  },
  {
    name: 'open disputes',
    async ours(session) {
      await learn(session, 'payment-gateway/disputes')
      await session.all('list_records', {
        resource: 'payment-gateway/disputes',
        filters: { 'status[in]': 'needs_response,under_review,inquiry' },
        fields: ['id', 'payment.id', 'customer.id', 'amount', 'currency', 'status', 'reason', 'evidence_due_at'],
        limit: 100,
      })
    },
    async naive(session) {
      await session.all('list_all_stripe_disputes', { limit: 100 })
    },
  },
  {
    name: "update a customer's address",
    async ours(session, { customerId: id }) {
      await learn(session, `${CUSTOMERS}/update`)
      const address = { line1: 'Hafenstrasse 7', city: 'Hamburg', postal_code: '20457', country: 'DE' }
      await session.call('update_record', { resource: CUSTOMERS, id, body: { address } })
    },
    async naive(session, { customerId: id }) {
      const address = { line1: 'Hafenstrasse 7', city: 'Hamburg', postal_code: '20457', country: 'DE' }
      await session.call('update_a_stripe_customers_by_id', { id, address })
    },
  },
]
