import Stripe from 'stripe'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunningSandbox } from '../../server/sandbox/index.ts'
import { clientOf, failure, ownIntegration, start } from './support.ts'

let sandbox: RunningSandbox
let stripe: Stripe

beforeAll(async () => {
  sandbox = await start(ownIntegration('stripe'), false)
  stripe = clientOf(sandbox)
})

afterAll(() => sandbox.close())

const pay = (extra: Partial<Stripe.PaymentIntentCreateParams> = {}) =>
  stripe.paymentIntents.create({
    amount: 2000,
    currency: 'usd',
    payment_method: 'pm_card_visa',
    confirm: true,
    ...extra,
  })

describe('customers', () => {
  it('are created, read, changed and deleted, and every later call shows it', async () => {
    const made = await stripe.customers.create({
      email: 'ada@example.com',
      name: 'Ada',
      metadata: { a: '1', b: '2' },
      address: { city: 'London' },
    })
    expect(made).toMatchObject({
      object: 'customer',
      email: 'ada@example.com',
      address: { city: 'London', line1: null },
    })
    expect((await stripe.customers.retrieve(made.id)).lastResponse.statusCode).toBe(200)
    const changed = await stripe.customers.update(made.id, { name: '', metadata: { a: '', c: '3' } })
    expect(changed).toMatchObject({ name: null, email: 'ada@example.com', metadata: { b: '2', c: '3' } })
    expect(changed.metadata).not.toHaveProperty('a')
    expect((await stripe.customers.list({ email: 'ada@example.com' })).data.map(({ id }) => id)).toEqual([made.id])
    expect(await stripe.customers.del(made.id)).toMatchObject({ id: made.id, object: 'customer', deleted: true })
    expect(await stripe.customers.retrieve(made.id)).toMatchObject({ id: made.id, deleted: true })
    expect((await stripe.customers.list({ email: 'ada@example.com' })).data).toEqual([])
    expect(await failure(stripe.customers.update(made.id, { name: 'x' }))).toMatchObject({
      code: 'resource_missing',
      statusCode: 404,
    })
  })

  it('keep numbers in metadata as text', async () => {
    const made = await stripe.customers.create({ metadata: { quantity: 5 } })
    expect(made.metadata).toEqual({ quantity: '5' })
  })

  it('shows tax numbers when they are asked for', async () => {
    const customer = await stripe.customers.create({ tax_id_data: [{ type: 'eu_vat', value: 'DE123456789' }] })
    expect(customer).not.toHaveProperty('tax_ids')
    const shown = await stripe.customers.retrieve(customer.id, { expand: ['tax_ids'] })
    expect(shown).toMatchObject({ tax_ids: { data: [{ type: 'eu_vat', value: 'DE123456789' }] } })
  })
})

describe('a payment', () => {
  it('that succeeds makes a charge and books it', async () => {
    const intent = await pay({ expand: ['latest_charge.balance_transaction'] })
    const charge = intent.latest_charge as Stripe.Charge
    expect(intent).toMatchObject({ status: 'succeeded', amount_received: 2000 })
    expect(charge).toMatchObject({
      amount: 2000,
      captured: true,
      paid: true,
      payment_intent: intent.id,
      refunded: false,
    })
    expect(charge.balance_transaction).toMatchObject({ amount: 2000, fee: 88, net: 1912, source: charge.id })
    expect((await stripe.charges.list({ payment_intent: intent.id })).data.map(({ id }) => id)).toEqual([charge.id])
    expect((await stripe.paymentIntents.list({ limit: 1 })).data[0]?.id).toBe(intent.id)
  })

  it('that is declined is a card error, and the failed attempt stays', async () => {
    const error = await failure(pay({ payment_method: 'pm_card_chargeDeclinedInsufficientFunds' }))
    expect(error).toBeInstanceOf(Stripe.errors.StripeCardError)
    expect(error).toMatchObject({ statusCode: 402, code: 'card_declined', decline_code: 'insufficient_funds' })
    const intent = await stripe.paymentIntents.retrieve(error.payment_intent?.id ?? '', { expand: ['latest_charge'] })
    expect(intent).toMatchObject({ status: 'requires_payment_method', payment_method: null })
    expect(intent.last_payment_error).toMatchObject({
      code: 'card_declined',
      payment_method: { object: 'payment_method' },
    })
    expect(intent.latest_charge).toMatchObject({
      status: 'failed',
      paid: false,
      failure_code: 'card_declined',
      balance_transaction: null,
    })
    const paid = await stripe.paymentIntents.confirm(intent.id, { payment_method: 'pm_card_visa' })
    expect(paid).toMatchObject({ status: 'succeeded', last_payment_error: null })
    expect((await stripe.charges.list({ payment_intent: intent.id })).data.map(({ status }) => status)).toEqual([
      'succeeded',
      'failed',
    ])
  })

  it('waits for a method, a confirmation and the payer', async () => {
    const bare = await stripe.paymentIntents.create({ amount: 500, currency: 'eur' })
    expect(bare.status).toBe('requires_payment_method')
    expect(await failure(stripe.paymentIntents.confirm(bare.id))).toMatchObject({
      code: 'payment_intent_unexpected_state',
    })
    expect((await stripe.paymentIntents.update(bare.id, { payment_method: 'pm_card_visa', amount: 700 })).status).toBe(
      'requires_confirmation',
    )
    expect(await stripe.paymentIntents.confirm(bare.id)).toMatchObject({ status: 'succeeded', amount_received: 700 })
    const secured = await pay({ payment_method: 'pm_card_authenticationRequired', return_url: 'https://shop.example' })
    expect(secured).toMatchObject({ status: 'requires_action', next_action: { type: 'redirect_to_url' } })
  })

  it('is captured in part, canceled, and not twice', async () => {
    const held = await pay({ capture_method: 'manual' })
    expect(held).toMatchObject({ status: 'requires_capture', amount_capturable: 2000, amount_received: 0 })
    expect(await failure(stripe.paymentIntents.capture(held.id, { amount_to_capture: 2001 }))).toMatchObject({
      code: 'amount_too_large',
    })
    expect(await stripe.paymentIntents.capture(held.id, { amount_to_capture: 1500 })).toMatchObject({
      status: 'succeeded',
      amount_received: 1500,
    })
    expect(await failure(stripe.paymentIntents.capture(held.id))).toMatchObject({
      code: 'payment_intent_unexpected_state',
    })
    const other = await pay({ capture_method: 'manual' })
    expect(await stripe.paymentIntents.cancel(other.id, { cancellation_reason: 'abandoned' })).toMatchObject({
      status: 'canceled',
      cancellation_reason: 'abandoned',
    })
    const charge = await stripe.charges.retrieve(String(other.latest_charge), { expand: ['refunds'] })
    expect(charge).toMatchObject({ refunded: true, captured: false, amount_refunded: 2000 })
    expect(charge.refunds?.data.map(({ amount }) => amount)).toEqual([2000])
    expect(await failure(stripe.paymentIntents.cancel(held.id))).toMatchObject({
      code: 'payment_intent_unexpected_state',
    })
  })

  it('without an intent is a charge of its own', async () => {
    const before = (await stripe.charges.list({ limit: 100 })).data.length
    const charge = await stripe.charges.create({ amount: 900, currency: 'usd', source: 'tok_visa', capture: false })
    expect(charge).toMatchObject({ payment_intent: null, captured: false, source: { object: 'card', last4: '4242' } })
    expect((await stripe.charges.list({ limit: 100 })).data.length).toBe(before + 1)
    expect(await stripe.charges.capture(charge.id)).toMatchObject({ captured: true, amount_captured: 900 })
    expect(
      await failure(stripe.charges.create({ amount: 900, currency: 'usd', source: 'tok_chargeDeclined' })),
    ).toMatchObject({ statusCode: 402, code: 'card_declined' })
    expect((await stripe.charges.list({ limit: 1 })).data[0]).toMatchObject({ status: 'failed', amount: 900 })
  })

  it('that is disputed cannot be refunded', async () => {
    const intent = await pay({ payment_method: 'pm_card_createDispute', expand: ['latest_charge'] })
    expect(intent.latest_charge).toMatchObject({ disputed: true })
    const [dispute] = (await stripe.disputes.list({ payment_intent: intent.id, expand: ['data.charge'] })).data
    expect(dispute).toMatchObject({ amount: 2000, status: 'needs_response', charge: { payment_intent: intent.id } })
    expect(dispute?.balance_transactions).toMatchObject([{ amount: -2000, fee: 1500, net: -3500, source: dispute?.id }])
    expect(await failure(stripe.refunds.create({ payment_intent: intent.id }))).toMatchObject({
      code: 'charge_disputed',
    })
  })
})

describe('a refund', () => {
  it('in parts counts up to the whole and no further', async () => {
    const intent = await pay()
    const first = await stripe.refunds.create({
      payment_intent: intent.id,
      amount: 500,
      reason: 'duplicate',
      metadata: { ticket: '7' },
    })
    expect(first).toMatchObject({
      object: 'refund',
      amount: 500,
      status: 'succeeded',
      charge: intent.latest_charge,
      metadata: { ticket: '7' },
    })
    expect(await stripe.charges.retrieve(String(intent.latest_charge))).toMatchObject({
      amount_refunded: 500,
      refunded: false,
    })
    const error = await failure(stripe.refunds.create({ charge: String(intent.latest_charge), amount: 1501 }))
    expect(error.message).toBe('Refund amount ($15.01) is greater than unrefunded amount on charge ($15.00)')
    expect(await stripe.refunds.create({ charge: String(intent.latest_charge) })).toMatchObject({ amount: 1500 })
    expect(await stripe.charges.retrieve(String(intent.latest_charge))).toMatchObject({
      amount_refunded: 2000,
      refunded: true,
    })
    expect(await failure(stripe.refunds.create({ payment_intent: intent.id }))).toMatchObject({
      code: 'charge_already_refunded',
      statusCode: 400,
    })
    expect((await stripe.refunds.list({ payment_intent: intent.id })).data.map(({ amount }) => amount)).toEqual([
      1500, 500,
    ])
    expect((await stripe.balanceTransactions.retrieve(String(first.balance_transaction))).amount).toBe(-500)
  })

  it('that bounces gives the amount back to the charge', async () => {
    const intent = await pay({ payment_method: 'pm_card_refundFail' })
    const refund = await stripe.refunds.create({ payment_intent: intent.id })
    expect(refund).toMatchObject({ status: 'failed', failure_reason: 'expired_or_canceled_card' })
    expect(await stripe.charges.retrieve(String(intent.latest_charge))).toMatchObject({
      amount_refunded: 0,
      refunded: false,
    })
  })

  it('needs a payment that took money', async () => {
    expect(await failure(stripe.refunds.create({}))).toMatchObject({ statusCode: 400 })
    const error = await failure(pay({ payment_method: 'pm_card_chargeDeclined' }))
    expect(
      (await failure(stripe.refunds.create({ payment_intent: error.payment_intent?.id ?? '' }))).message,
    ).toContain('does not have a successful charge')
    expect(
      await failure(stripe.refunds.cancel((await stripe.refunds.create({ payment_intent: (await pay()).id })).id)),
    ).toMatchObject({ statusCode: 400 })
  })
})

describe('payment methods', () => {
  it('of test tokens are attached, listed and detached', async () => {
    const customer = await stripe.customers.create({
      payment_method: 'pm_card_visa',
      invoice_settings: { default_payment_method: '' },
    })
    const second = await stripe.paymentMethods.attach('pm_card_mastercard', { customer: customer.id })
    expect(second).toMatchObject({ customer: customer.id, card: { brand: 'mastercard', last4: '4444' } })
    expect((await stripe.paymentMethods.list({ customer: customer.id, type: 'card' })).data).toHaveLength(2)
    expect(await pay({ customer: customer.id, payment_method: second.id })).toMatchObject({
      status: 'succeeded',
      customer: customer.id,
    })
    expect(await stripe.paymentMethods.detach(second.id)).toMatchObject({ customer: null })
    expect((await stripe.paymentMethods.list({ customer: customer.id })).data).toHaveLength(1)
    expect((await failure(stripe.paymentMethods.attach(second.id, { customer: customer.id }))).message).toContain(
      'may not be used again',
    )
    expect(
      await failure(stripe.paymentMethods.attach('pm_card_chargeDeclined', { customer: customer.id })),
    ).toMatchObject({ statusCode: 402, code: 'card_declined' })
    expect(await failure(stripe.paymentMethods.retrieve('pm_none'))).toMatchObject({
      code: 'resource_missing',
      param: 'payment_method',
    })
  })
})

describe('events', () => {
  it('tell what happened, with what was there before', async () => {
    const customer = await stripe.customers.create({ name: 'Before' })
    await stripe.customers.update(customer.id, { name: 'After' })
    const [event] = (await stripe.events.list({ type: 'customer.updated', limit: 1 })).data
    expect(event).toMatchObject({
      data: { object: { id: customer.id, name: 'After' }, previous_attributes: { name: 'Before' } },
      request: { id: expect.stringMatching(/^req_/) },
    })
    const types = (await stripe.events.list({ types: ['customer.created', 'charge.succeeded'], limit: 100 })).data.map(
      ({ type }) => type,
    )
    expect(new Set(types)).toEqual(new Set(['customer.created', 'charge.succeeded']))
  })
})
