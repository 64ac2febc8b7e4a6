import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listen, Sandbox } from '../../server/sandbox/index.ts'
import { createNarrowEgressPolicy, createTransport } from '../../server/transport/index.ts'
import { VirtualClock } from '../support/virtual-clock.ts'
import { type Behind, openBehind } from './behind.ts'
import { steer } from './machine-quarry.ts'
import { LOG, letPass, ownIntegration, START_MS } from './support.ts'

const DAY = 86_400
const SOLD = '/unified/subscription-management'
const PAID = '/unified/payment-gateway'

let behind: Behind
let customer: string

const call = async (verb: string, path: string, body?: object, key?: string) =>
  await behind.call(verb, `${path}${path.includes('?') ? '&' : '?'}integrated_account_id=behind`, body, key)
const done = async (...given: Parameters<typeof call>) => {
  const { status, body } = await call(...given)
  expect(status, JSON.stringify(body)).toBeLessThan(300)
  return body.result ?? body
}
const ids = (records: { id: string }[]) => records.map(({ id }) => id)
const bill = async (amount: number) => {
  const lines = [{ description: 'Workshop', amount }]
  const draft = await done('POST', `${SOLD}/invoices`, { customer_id: customer, currency: 'USD', lines })
  expect(draft).toMatchObject({ status: 'draft', total: amount })
  const open = await done('POST', `${SOLD}/invoices/${draft.id}/finalize`, {})
  expect(open).toMatchObject({ status: 'open', amount_remaining: amount })
  return open.id as string
}
const balance = async () => (await done('GET', `${PAID}/customers/${customer}`)).balance
const payment = (id: string) => done('GET', `${PAID}/payments/${id}`)
const refund = (id: string, body: object, key?: string) => call('POST', `${PAID}/payments/${id}/refund`, body, key)

/** Stores a card, which becomes the one that is charged. */
const store = (number: string) =>
  done('POST', '/proxy/payment_sources/create_card', {
    customer_id: customer,
    replace_primary_payment_source: true,
    card: { first_name: 'Ada', last_name: 'King', number, expiry_month: 12, expiry_year: 2031 },
  })

beforeAll(async () => {
  behind = await openBehind(false, 'chargebee')
  await done('POST', '/proxy/item_families', { id: 'desk', name: 'Desk' })
  for (const [id, type] of [
    ['team', 'plan'],
    ['seat', 'addon'],
  ]) {
    await done('POST', '/proxy/items', { id, name: id, type, item_family_id: 'desk' })
    for (const [period_unit, price] of [
      ['month', 900],
      ['year', 9000],
    ]) {
      const terms = { price, period: 1, period_unit, pricing_model: 'per_unit' }
      await done('POST', '/proxy/item_prices', {
        id: `${id}-${period_unit}`,
        name: `${id} ${period_unit}`,
        item_id: id,
        ...terms,
      })
    }
  }
  customer = (await done('POST', `${PAID}/customers`, { name: 'Ada King', email: 'ada@example.com' })).id
  expect(await store('4111111111111111')).toMatchObject({ customer_id: customer, type: 'card' })
}, 240_000)
afterAll(() => behind?.close())

describe('an invoice', () => {
  it('is collected, and given back no further than it was paid', async () => {
    const invoice = await bill(5000)
    const paid = await done('POST', `${SOLD}/invoices/${invoice}/pay`, {})
    expect(paid).toMatchObject({ status: 'paid', amount_paid: 5000, amount_remaining: 0 })
    const { id } = paid.payments[0]
    expect(await payment(id)).toMatchObject({ status: 'succeeded', invoice: { id: invoice }, amount_refundable: 5000 })
    const part = (await refund(id, { amount: 1500 }, 'part')).body.result
    expect(part).toMatchObject({ amount: 1500, status: 'succeeded', payment: { id } })
    expect((await refund(id, { amount: 1500 }, 'part')).body.result.id).toBe(part.id)
    expect((await refund(id, { amount: 3501 })).body.code).toBe('amount_exceeds_refundable')
    expect(await payment(id)).toMatchObject({
      amount_refunded: 1500,
      amount_refundable: 3500,
      refund_status: 'partial',
    })
    expect((await refund(id, {})).body.result).toMatchObject({ amount: 3500 })
    expect((await refund(id, {})).body.code).toBe('already_refunded')
    expect(await payment(id)).toMatchObject({ amount_refunded: 5000, refund_status: 'full', is_refundable: false })
    const notes = await done('GET', `${SOLD}/credit_notes?invoice_id=${invoice}`)
    expect(notes.map(({ amount }: { amount: number }) => amount).toSorted()).toEqual([1500, 3500])
  })

  it('that two payments paid is not given back for one of them', async () => {
    const invoice = await bill(4000)
    await done('POST', `/proxy/invoices/${invoice}/collect_payment`, { amount: 1000 })
    const paid = await done('POST', `${SOLD}/invoices/${invoice}/pay`, { paid_out_of_band: true })
    expect(paid).toMatchObject({ status: 'paid', amount_paid: 4000 })
    for (const { id } of paid.payments) {
      const { status, body } = await refund(id, { amount: 100 })
      expect([status, body.code, body.who_can_fix]).toEqual([501, 'unsupported_method', 'caller'])
    }
    expect(await done('GET', `${SOLD}/credit_notes?invoice_id=${invoice}`)).toEqual([])
  })

  it('that was declined has nothing to give back', async () => {
    const invoice = await bill(700)
    await store('4000000000000002')
    expect((await call('POST', `${SOLD}/invoices/${invoice}/pay`, {})).body.code).toBe('card_declined')
    await store('4111111111111111')
    const failed = (await behind.all('payments', `&customer_id=${customer}`)).find(({ status }) => status === 'failed')
    expect(failed).toMatchObject({ amount: 700, amount_refundable: 0, failure: { code: 'card_declined' } })
    expect((await refund(String(failed?.id), {})).body).toMatchObject({ code: 'amount_exceeds_refundable' })
  })
})

describe('money that no invoice took up', () => {
  it('is the credit of the customer until it is given back', async () => {
    const body = { amount: 2500, currency: 'USD', customer_id: customer, confirm: true }
    const { id } = await done('POST', `${PAID}/payments`, body)
    expect(await balance()).toEqual([{ currency: 'USD', amount: -2500 }])
    expect((await refund(id, { amount: 1000 })).body.result).toMatchObject({ amount: 1000, payment: { id } })
    expect(await payment(id)).toMatchObject({ invoice: null, amount_refunded: 1000, amount_refundable: 1500 })
    expect((await refund(id, {})).body.result).toMatchObject({ amount: 1500 })
    expect((await refund(id, {})).body.code).toBe('already_refunded')
    expect(await balance()).toEqual([{ currency: 'USD', amount: 0 }])
  })
})

describe('a subscription', () => {
  it('is billed ahead, has its items changed one by one, and ends', async () => {
    const items = [{ price_id: 'team-month' }, { price_id: 'seat-month', quantity: 3 }]
    const made = await done('POST', `${SOLD}/subscriptions`, { customer_id: customer, items })
    expect(made).toMatchObject({ status: 'active', mrr: 3600 })
    const path = `${SOLD}/subscriptions/${made.id}`
    await letPass(behind.sandbox, 32 * DAY)
    const billed = await done('GET', `${SOLD}/invoices?subscription_id=${made.id}`)
    expect(billed).toMatchObject([
      { billing_reason: 'subscription_cycle' },
      { billing_reason: 'subscription_create', status: 'paid', total: 3600 },
    ])
    const swapped = await done('PATCH', path, { items: [{ id: 'seat-month', price_id: 'seat-year' }] })
    expect(swapped.items.map(({ id, quantity }: { id: string; quantity: string }) => [id, quantity])).toEqual([
      ['team-month', '1'],
      ['seat-year', '3'],
    ])
    expect(await done('POST', `${path}/cancel`, { invoice_now: false })).toMatchObject({
      status: 'canceled',
      renews_at: null,
    })
  })
})

describe('lists', () => {
  it('come page by page, each record once', async () => {
    for (let n = 0; n < 5; n += 1) await done('POST', `${PAID}/customers`, { name: `Person ${n}` })
    const seen: string[] = []
    for (let cursor = ''; ; ) {
      const { body } = await call('GET', `${PAID}/customers?limit=2${cursor}`)
      seen.push(...ids(body.result))
      if (body.next_cursor === null) break
      cursor = `&next_cursor=${encodeURIComponent(body.next_cursor)}`
    }
    expect(new Set(seen).size).toBe(6)
    expect(seen).toHaveLength(6)
  })
})

describe('an address for events', () => {
  let receiver: Server
  const received: { body: string; authorization: string }[] = []

  beforeAll(async () => {
    receiver = createServer(async (request, response) => {
      received.push({ body: await text(request), authorization: String(request.headers.authorization) })
      response.writeHead(200).end()
    })
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  })
  afterAll(() => {
    receiver.closeAllConnections()
    return new Promise<void>((resolve) => receiver.close(() => resolve()))
  })

  it('hears what happens with the password that it was given, since nothing is signed', async () => {
    const transport = createTransport({ egress: createNarrowEgressPolicy() })
    const clock = new VirtualClock(START_MS)
    const world = new Sandbox({ integration: ownIntegration('chargebee'), clock, isSown: false, transport })
    const sandbox = await listen(world, LOG)
    const post = async (path: string, fields: Record<string, string>) => {
      const authorization = `Basic ${btoa(`${sandbox.credentials.api_key}:`)}`
      const given = { method: 'POST', headers: { authorization }, body: new URLSearchParams(fields) }
      const answer = await fetch(`${sandbox.origin}/api/v2${path}`, given)
      expect(answer.status).toBe(200)
      return (await answer.json()) as { customer: { id: string } }
    }
    try {
      const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`
      await post('/webhook_endpoints', { name: 'Here', url, basic_auth_password: 'pass-1' })
      const made = await post('/customers', { first_name: 'Ada' })
      expect((await steer(sandbox, 'webhooks')).body.deliveries).toMatchObject([{ status: 'delivered' }])
      expect(received.map(({ body }) => JSON.parse(body))).toMatchObject([
        { event_type: 'customer_created', content: { customer: { id: made.customer.id, first_name: 'Ada' } } },
      ])
      expect(received[0]?.authorization).toBe(`Basic ${btoa('onefold:pass-1')}`)
    } finally {
      await sandbox.close()
      await transport.close()
    }
  })
})
