import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Behind, openBehind } from './behind.ts'
import { letPass, proofOf } from './support.ts'

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
const charge = async (amount: number): Promise<string> =>
  (await done('POST', `${PAID}/payments`, { amount, currency: 'USD', customer_id: customer, confirm: true })).id
const payment = (id: string) => done('GET', `${PAID}/payments/${id}`)
const refund = (id: string, body: object, key?: string) => call('POST', `${PAID}/payments/${id}/refund`, body, key)
const customerWith = async (email: string, number: string): Promise<string> => {
  const { id } = await done('POST', `${PAID}/customers`, { name: 'Ada King', email })
  const card = { first_name: 'Ada', last_name: 'King', number, month: '12', year: '2031' }
  await done('POST', `/proxy/billing_infos?account_id=${id}`, card)
  return id
}

beforeAll(async () => {
  behind = await openBehind(false, 'recurly')
  customer = await customerWith('ada@example.com', '4111111111111111')
}, 240_000)
afterAll(() => behind?.close())

describe('a payment', () => {
  it('is given back in parts, no further than it came in', async () => {
    const id = await charge(5000)
    expect((await refund(id, { amount: 1500 }, 'part')).body.result).toMatchObject({ amount: 1500, payment: { id } })
    expect(await payment(id)).toMatchObject({
      amount_refunded: 1500,
      amount_refundable: 3500,
      refund_status: 'partial',
    })
    expect((await refund(id, { amount: 3501 })).body.code).toBe('amount_exceeds_refundable')
    expect((await refund(id, {})).body.result).toMatchObject({ amount: 3500 })
    expect((await refund(id, {})).body.code).toBe('already_refunded')
    expect(await payment(id)).toMatchObject({ amount_refunded: 5000, refund_status: 'full', is_refundable: false })
  })

  it('that was declined or charged back has nothing to give back', async () => {
    const other = await customerWith('declined@example.com', '4000000000000002')
    const asked = { amount: 700, currency: 'USD', customer_id: other, confirm: true }
    expect((await call('POST', `${PAID}/payments`, asked)).body.code).toBe('card_declined')
    const [failed] = await behind.all('payments', `&customer_id=${other}`)
    expect(failed).toMatchObject({ status: 'failed', amount_refundable: 0, failure: { who_can_fix: 'payer' } })
    expect((await refund(String(failed?.id), {})).body.code).toBe('amount_exceeds_refundable')
    const id = await charge(900)
    const headers = { ...proofOf(behind.sandbox), accept: 'application/vnd.recurly.v2021-02-25' }
    const bank = await fetch(`${behind.sandbox.origin}/transactions/${id}/charge_back`, { method: 'POST', headers })
    expect(bank.status).toBe(200)
    expect((await refund(id, {})).body.code).toBe('disputed')
  })

  it('that is only held is let go, not given back', async () => {
    const asked = { amount: 1200, currency: 'USD', customer_id: customer, confirm: true, capture: false }
    const { id } = await done('POST', `${PAID}/payments`, asked)
    expect((await refund(id, {})).body.code).toBe('amount_exceeds_refundable')
    expect(await done('POST', `${PAID}/payments/${id}/cancel`, {})).toMatchObject({ status: 'canceled' })
  })
})

describe('a credit note', () => {
  it('is credit unless money is asked for, and never all of an invoice unasked', async () => {
    const { invoice } = await payment(await charge(4000))
    const path = `${SOLD}/credit_notes`
    expect((await call('POST', path, { invoice_id: invoice.id })).body.code).toBe('invalid_body')
    const make = (body: object) => done('POST', path, { invoice_id: invoice.id, ...body })
    expect(await make({ amount: 1000 })).toMatchObject({ amount: 1000, refunds: [] })
    expect(await make({ amount: 500, refund_amount: 500 })).toMatchObject({ refunds: [{ amount: 500 }] })
    const { balance } = await done('GET', `${PAID}/customers/${customer}`)
    expect(balance).toEqual([{ currency: 'USD', amount: -1000 }])
  })
})

describe('a subscription', () => {
  it('is billed ahead, and its end gives nothing back', async () => {
    const prices = [{ currency: 'USD', unit_amount: 25 }]
    const plan = { code: 'gold', name: 'Gold', interval_unit: 'months', interval_length: 1, currencies: prices }
    const { id: planId } = await done('POST', '/proxy/plans', plan)
    const items = [{ price_id: `plan~${planId}~USD` }]
    const made = await done('POST', `${SOLD}/subscriptions`, { customer_id: customer, items })
    expect(made).toMatchObject({ status: 'active', mrr: 2500 })
    await letPass(behind.sandbox, 32 * DAY)
    const billed = await done('GET', `${SOLD}/invoices?subscription_id=${made.id}`)
    expect(billed).toMatchObject([
      { billing_reason: 'subscription_cycle', status: 'paid', amount_due: 2500 },
      { status: 'paid', total: 2500 },
    ])
    const before = (await behind.all('refunds')).length
    const path = `${SOLD}/subscriptions/${made.id}/cancel`
    expect((await call('POST', path, { prorate: true })).body.code).toBe('invalid_body')
    expect((await call('POST', path, { invoice_now: false })).body.code).toBe('invalid_body')
    expect(await done('POST', path, { invoice_now: true })).toMatchObject({ status: 'canceled' })
    expect(await behind.all('refunds')).toHaveLength(before)
  })
})

describe('lists', () => {
  it('come page by page, each record once', async () => {
    for (let n = 0; n < 4; n += 1)
      await done('POST', `${PAID}/customers`, { name: `P ${n}`, email: `p${n}@example.com` })
    const seen: string[] = []
    for (let cursor = ''; ; ) {
      const { body } = await call('GET', `${PAID}/customers?limit=2${cursor}`)
      seen.push(...body.result.map(({ id }: { id: string }) => id))
      if (body.next_cursor === null) break
      cursor = `&next_cursor=${encodeURIComponent(body.next_cursor)}`
    }
    expect(new Set(seen).size).toBe(6)
    expect(seen).toHaveLength(6)
  })
})
