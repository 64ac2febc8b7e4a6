import Stripe from 'stripe'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunningSandbox } from '../../server/sandbox/index.ts'
import { clientOf, failure, ownIntegration, START_MS, start } from './support.ts'

let sandbox: RunningSandbox
let stripe: Stripe
let payer: Stripe.Customer
let monthly: Stripe.Price
const now = START_MS / 1000

beforeAll(async () => {
  sandbox = await start(ownIntegration('stripe'), false)
  stripe = clientOf(sandbox)
  payer = await stripe.customers.create({ name: 'Ada', email: 'ada@example.com', payment_method: 'pm_card_visa' })
  const product = await stripe.products.create({
    name: 'Plan',
    default_price_data: { currency: 'usd', unit_amount: 1000, recurring: { interval: 'month' } },
  })
  monthly = await stripe.prices.retrieve(String(product.default_price))
})

afterAll(() => sandbox.close())

const subscribe = (extra: Partial<Stripe.SubscriptionCreateParams> = {}) =>
  stripe.subscriptions.create({ customer: payer.id, items: [{ price: monthly.id, quantity: 2 }], ...extra })

const invoiceOf = (subscription: Stripe.Subscription) =>
  stripe.invoices.retrieve(String(subscription.latest_invoice), { expand: ['payments.data.payment.payment_intent'] })

describe('products and prices', () => {
  it('belong together', async () => {
    expect(monthly).toMatchObject({
      unit_amount: 1000,
      type: 'recurring',
      recurring: { interval: 'month', interval_count: 1 },
    })
    const price = await stripe.prices.create({
      currency: 'EUR',
      unit_amount: 5,
      product_data: { name: 'Other' },
      lookup_key: 'other',
    })
    expect((await stripe.prices.list({ lookup_keys: ['other', 'none'], expand: ['data.product'] })).data).toMatchObject(
      [{ id: price.id, currency: 'eur', product: { name: 'Other' } }],
    )
    expect((await failure(stripe.products.del(String(price.product)))).statusCode).toBe(400)
    expect(
      await failure(stripe.prices.create({ currency: 'usd', product: 'prod_none', unit_amount: 1 })),
    ).toMatchObject({ code: 'resource_missing', param: 'product' })
    const lone = await stripe.products.create({ id: 'own-id', name: 'Lone' })
    expect(lone.id).toBe('own-id')
    const twice = await failure(stripe.products.create({ id: 'own-id', name: 'Again' }))
    expect(twice).toMatchObject({ code: 'resource_already_exists', statusCode: 400 })
    expect(await stripe.products.del(lone.id)).toMatchObject({ deleted: true })
    expect(await failure(stripe.products.retrieve(lone.id))).toMatchObject({ code: 'resource_missing' })
  })
})

describe('a subscription', () => {
  it('bills its first period at once', async () => {
    const subscription = await subscribe({ metadata: { a: 'b' } })
    const [item] = subscription.items.data
    expect(subscription).toMatchObject({
      status: 'active',
      currency: 'usd',
      metadata: { a: 'b' },
      items: { object: 'list', has_more: false },
    })
    expect(item).toMatchObject({ quantity: 2, price: { id: monthly.id, unit_amount: 1000 }, current_period_start: now })
    expect(new Date((item?.current_period_end ?? 0) * 1000).toISOString()).toBe('2026-11-01T00:00:00.000Z')
    const invoice = await invoiceOf(subscription)
    expect(invoice).toMatchObject({
      status: 'paid',
      total: 2000,
      amount_paid: 2000,
      amount_remaining: 0,
      attempt_count: 1,
      billing_reason: 'subscription_create',
    })
    expect(invoice.parent?.subscription_details?.subscription).toBe(subscription.id)
    expect(invoice.payments?.data).toMatchObject([
      { status: 'paid', amount_paid: 2000, payment: { payment_intent: { status: 'succeeded', amount: 2000 } } },
    ])
    expect(invoice.lines.data).toMatchObject([
      { amount: 2000, quantity: 2, pricing: { price_details: { price: monthly.id } } },
    ])
    expect((await stripe.invoices.list({ subscription: subscription.id })).data.map(({ id }) => id)).toEqual([
      invoice.id,
    ])
  })

  it('in trial bills nothing, and is canceled for good', async () => {
    const subscription = await subscribe({ trial_period_days: 14, expand: ['latest_invoice'] })
    expect(subscription).toMatchObject({
      status: 'trialing',
      trial_end: now + 14 * 86_400,
      latest_invoice: { total: 0, status: 'paid' },
    })
    expect(subscription.items.data[0]?.current_period_end).toBe(now + 14 * 86_400)
    const canceled = await stripe.subscriptions.cancel(subscription.id, { cancellation_details: { comment: 'enough' } })
    expect(canceled).toMatchObject({
      status: 'canceled',
      ended_at: now,
      cancellation_details: { comment: 'enough', reason: 'cancellation_requested' },
    })
    expect((await stripe.subscriptions.list({ status: 'trialing' })).data).toEqual([])
    expect((await stripe.subscriptions.list({ status: 'ended' })).data.map(({ id }) => id)).toContain(subscription.id)
    expect((await stripe.subscriptions.list()).data.map(({ id }) => id)).not.toContain(subscription.id)
    expect(await failure(stripe.subscriptions.cancel(subscription.id))).toMatchObject({ code: 'resource_missing' })
  })

  it('that cannot be paid is incomplete, and becomes active when it is paid', async () => {
    const subscription = await subscribe({ default_payment_method: 'pm_card_chargeCustomerFail' })
    expect(subscription.status).toBe('incomplete')
    const invoice = await invoiceOf(subscription)
    expect(invoice).toMatchObject({ status: 'open', amount_remaining: 2000, attempt_count: 1 })
    const paid = await stripe.invoices.pay(invoice.id ?? '', { payment_method: 'pm_card_visa' })
    expect(paid).toMatchObject({ status: 'paid', attempt_count: 2 })
    expect((await stripe.subscriptions.retrieve(subscription.id)).status).toBe('active')
    const before = (await stripe.subscriptions.list({ status: 'all', limit: 100 })).data.length
    const error = await failure(
      subscribe({ default_payment_method: 'pm_card_chargeCustomerFail', payment_behavior: 'error_if_incomplete' }),
    )
    expect(error).toBeInstanceOf(Stripe.errors.StripeCardError)
    expect((await stripe.subscriptions.list({ status: 'all', limit: 100 })).data.length).toBe(before)
  })

  it('changes its items and its end', async () => {
    const subscription = await subscribe()
    const item = subscription.items.data[0]?.id ?? ''
    const yearly = await stripe.prices.create({
      currency: 'usd',
      unit_amount: 9000,
      product: String(monthly.product),
      recurring: { interval: 'month' },
    })
    const changed = await stripe.subscriptions.update(subscription.id, {
      items: [{ id: item, quantity: 5 }, { price: yearly.id }],
      proration_behavior: 'none',
      cancel_at_period_end: true,
    })
    expect(changed.items.data).toMatchObject([
      { id: item, quantity: 5 },
      { quantity: 1, price: { id: yearly.id } },
    ])
    expect(changed).toMatchObject({
      cancel_at_period_end: true,
      cancel_at: changed.items.data[0]?.current_period_end,
      canceled_at: now,
    })
    expect((await stripe.subscriptions.list({ price: yearly.id })).data.map(({ id }) => id)).toEqual([subscription.id])
    expect(await stripe.subscriptionItems.del(item)).toMatchObject({ deleted: true })
    expect((await stripe.subscriptionItems.list({ subscription: subscription.id })).data).toHaveLength(1)
    expect(await stripe.subscriptions.update(subscription.id, { cancel_at_period_end: false })).toMatchObject({
      cancel_at: null,
      canceled_at: null,
    })
    const paused = await stripe.subscriptions.update(subscription.id, { pause_collection: { behavior: 'void' } })
    expect(paused.pause_collection).toEqual({ behavior: 'void', resumes_at: null })
    expect((await stripe.subscriptions.update(subscription.id, { pause_collection: '' })).pause_collection).toBeNull()
  })

  it('refuses what does not fit', async () => {
    const once = await stripe.prices.create({ currency: 'usd', unit_amount: 1, product: String(monthly.product) })
    expect((await failure(subscribe({ items: [{ price: once.id }] }))).message).toContain('type=recurring')
    expect(await failure(subscribe({ items: [{ price: 'price_none' }] }))).toMatchObject({
      code: 'resource_missing',
      param: 'items[0][price]',
    })
    expect(await failure(subscribe({ customer: 'cus_none' }))).toMatchObject({
      code: 'resource_missing',
      param: 'customer',
    })
    expect((await failure(subscribe({ collection_method: 'send_invoice' }))).message).toContain('days_until_due')
  })

  it('ends with its customer', async () => {
    const customer = await stripe.customers.create({ payment_method: 'pm_card_visa' })
    const subscription = await subscribe({ customer: customer.id })
    await stripe.customers.del(customer.id)
    expect((await stripe.subscriptions.retrieve(subscription.id)).status).toBe('canceled')
  })
})

describe('an invoice', () => {
  const draft = async (count: number): Promise<Stripe.Invoice> => {
    const invoice = await stripe.invoices.create({
      customer: payer.id,
      collection_method: 'send_invoice',
      days_until_due: 10,
    })
    const lines = Array.from({ length: count }, (_, index) => ({ amount: 100 + index, description: `Line ${index}` }))
    return stripe.invoices.addLines(invoice.id ?? '', { lines })
  }

  it('shows ten lines and has the others below it', async () => {
    const invoice = await draft(23)
    expect(invoice).toMatchObject({
      status: 'draft',
      total: 23 * 100 + 253,
      due_date: now + 864_000,
      lines: { has_more: true, url: `/v1/invoices/${invoice.id}/lines` },
    })
    expect(invoice.lines.data).toHaveLength(10)
    const lines: (string | null)[] = []
    for await (const { description } of stripe.invoices.listLineItems(invoice.id ?? '', { limit: 9 }))
      lines.push(description)
    const [first, second] = invoice.lines.data.map(({ id }) => id)
    const changed = await stripe.invoices.updateLines(invoice.id ?? '', { lines: [{ id: first ?? '', amount: 50 }] })
    expect(changed.total).toBe(invoice.total - 50)
    const shorter = await stripe.invoices.removeLines(invoice.id ?? '', {
      lines: [{ id: second ?? '', behavior: 'delete' }],
    })
    expect(shorter.total).toBe(invoice.total - 50 - 101)
    expect(lines).toEqual(Array.from({ length: 23 }, (_, index) => `Line ${index}`))
  })

  it('is finalized, sent, and paid by card', async () => {
    const { id = '' } = await draft(2)
    const open = await stripe.invoices.finalizeInvoice(id)
    expect(open).toMatchObject({ status: 'open', amount_remaining: 201, status_transitions: { finalized_at: now } })
    expect(open.number).toMatch(/^[A-Z0-9]{8}-\d{4}$/)
    expect((await failure(stripe.invoices.finalizeInvoice(id))).statusCode).toBe(400)
    expect((await stripe.invoices.sendInvoice(id)).status).toBe('open')
    const declined = await failure(stripe.invoices.pay(id, { payment_method: 'pm_card_chargeDeclined' }))
    expect(declined).toMatchObject({ statusCode: 402, code: 'card_declined' })
    expect(await stripe.invoices.retrieve(id)).toMatchObject({ status: 'open', attempt_count: 1 })
    expect(await stripe.invoices.pay(id)).toMatchObject({
      status: 'paid',
      amount_paid: 201,
      amount_remaining: 0,
      attempt_count: 2,
    })
    expect((await failure(stripe.invoices.pay(id))).message).toBe('Invoice is already paid')
    const [payment] = (await stripe.invoicePayments.list({ invoice: id, status: 'paid' })).data
    expect(await stripe.paymentIntents.retrieve(String(payment?.payment.payment_intent))).toMatchObject({
      amount_received: 201,
      customer: payer.id,
    })
  })

  it('is voided, given up, deleted, or paid elsewhere', async () => {
    const [one, two, three, four] = await Promise.all([draft(1), draft(1), draft(1), draft(1)])
    await stripe.invoices.finalizeInvoice(one?.id ?? '')
    expect(await stripe.invoices.voidInvoice(one?.id ?? '')).toMatchObject({
      status: 'void',
      status_transitions: { voided_at: now },
    })
    expect((await failure(stripe.invoices.pay(one?.id ?? ''))).message).toContain('void')
    await stripe.invoices.finalizeInvoice(two?.id ?? '')
    expect((await stripe.invoices.markUncollectible(two?.id ?? '')).status).toBe('uncollectible')
    expect(await stripe.invoices.del(three?.id ?? '')).toMatchObject({ deleted: true })
    expect(await failure(stripe.invoices.retrieve(three?.id ?? ''))).toMatchObject({ code: 'resource_missing' })
    expect(await stripe.invoices.pay(four?.id ?? '', { paid_out_of_band: true })).toMatchObject({
      status: 'paid',
      amount_remaining: 0,
    })
    expect((await stripe.invoicePayments.list({ invoice: four?.id ?? '' })).data).toMatchObject([
      { status: 'canceled' },
    ])
    expect((await failure(stripe.invoices.del(four?.id ?? ''))).code).toBe('invoice_not_editable')
  })
})

describe('a price', () => {
  it('shows its tiers when they are asked for', async () => {
    const price = await stripe.prices.create({
      currency: 'usd',
      product: String(monthly.product),
      billing_scheme: 'tiered',
      tiers_mode: 'graduated',
      tiers: [
        { up_to: 10, unit_amount: 0 },
        { up_to: 'inf', unit_amount: 7 },
      ],
      recurring: { interval: 'month', usage_type: 'metered' },
    })
    expect(price).toMatchObject({ unit_amount: null, tiers_mode: 'graduated' })
    expect(price).not.toHaveProperty('tiers')
    const { tiers } = await stripe.prices.retrieve(price.id, { expand: ['tiers'] })
    expect(tiers).toMatchObject([
      { up_to: 10, unit_amount: 0 },
      { up_to: null, unit_amount: 7, flat_amount: null },
    ])
  })
})

describe('the account', () => {
  it('is the one that the key belongs to', async () => {
    expect(await stripe.accounts.retrieveCurrent()).toMatchObject({
      object: 'account',
      default_currency: 'usd',
      charges_enabled: true,
    })
  })
})
