import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Behind, openBehind } from './behind.ts'
import { letPass } from './support.ts'

let behind: Behind
let customer: string
let mandate: string
let payment: string

const call = async (verb: string, path: string, body?: object, key?: string) =>
  await behind.call(verb, `${path}${path.includes('?') ? '&' : '?'}integrated_account_id=behind`, body, key)
const done = async (...given: Parameters<typeof call>) => {
  const { status, body } = await call(...given)
  expect(status, JSON.stringify(body)).toBeLessThan(300)
  return body.result ?? body
}
const DAY = 86_400

/** A payment of 50.00 that has come in. */
async function collected(): Promise<string> {
  const body = { amount: 5000, currency: 'GBP', customer_id: customer, payment_method_id: mandate, confirm: true }
  const { id } = await done('POST', '/unified/payment-gateway/payments', body)
  await letPass(behind.sandbox, 6 * DAY)
  return id
}

const refund = (body: object, key: string) =>
  call('POST', `/unified/payment-gateway/payments/${payment}/refund`, body, key)
const given = async (): Promise<number[]> =>
  (await done('GET', `/unified/payment-gateway/refunds?payment_id=${payment}`)).map(
    ({ amount }: { amount: number }) => amount,
  )

beforeAll(async () => {
  behind = await openBehind(false, 'gocardless')
  customer = (await done('POST', '/unified/payment-gateway/customers', { name: 'Ada King', email: 'ada@example.com' }))
    .id
  const account = { account_holder_name: 'Ada King', account_number: '55779911', links: { customer } }
  const { id } = await done('POST', '/proxy/customer_bank_accounts', account)
  mandate = (await done('POST', '/proxy/mandates', { links: { customer_bank_account: id } })).id
}, 240_000)
afterAll(() => behind?.close())

describe('refunds that confirm what was given back in all', () => {
  beforeEach(async () => {
    payment = await collected()
  })

  it('give a part and then the rest, and say when nothing is left', async () => {
    expect((await refund({ amount: 1500, reason: 'duplicate' }, 'part')).body.result).toMatchObject({
      amount: 1500,
      status: 'pending',
      reason: 'duplicate',
      customer: { id: customer, name: 'Ada King' },
    })
    expect((await refund({}, 'rest')).body.result).toMatchObject({ amount: 3500 })
    expect((await refund({}, 'more')).body.code).toBe('already_refunded')
    const shown = await done('GET', `/unified/payment-gateway/payments/${payment}`)
    expect(shown).toMatchObject({ amount_refunded: 5000, refund_status: 'full', is_refundable: false })
    await letPass(behind.sandbox, 5 * DAY)
    const later = await done('GET', `/unified/payment-gateway/payments/${payment}`)
    expect(later).toMatchObject({
      status: 'succeeded',
      refunds: [{ status: 'succeeded' }, { status: 'succeeded' }],
    })
  })

  it('are made once when answers are lost: the key that was used leads to the refund', async () => {
    behind.line.lost = 1
    const sent = behind.line.answered.length
    const first = await refund({ amount: 1200 }, 'lost')
    expect(first).toMatchObject({ status: 200, body: { result: { amount: 1200 } } })
    const posts = behind.line.answered.slice(sent).filter((line) => line === 'POST /refunds')
    expect(posts).toHaveLength(2)
    expect(await given()).toEqual([1200])
    expect((await refund({ amount: 1200 }, 'lost')).body).toEqual(first.body)
    expect(await given()).toEqual([1200])
  })

  it('that come at once both count', async () => {
    const both = await Promise.all([refund({ amount: 1000 }, 'one'), refund({ amount: 2000 }, 'two')])
    expect(both.map(({ status }) => status)).toEqual([200, 200])
    expect((await given()).toSorted((a, b) => a - b)).toEqual([1000, 2000])
  })
})

describe('a subscription', () => {
  it('takes the terms of another, collects, pauses, resumes and ends', async () => {
    const terms = { amount: 2500, currency: 'GBP', interval_unit: 'monthly', name: 'Gold', links: { mandate } }
    const { id: price } = await done('POST', '/proxy/subscriptions', terms)
    const body = { customer_id: customer, items: [{ price_id: price }], default_payment_method_id: mandate }
    const made = await done('POST', '/unified/subscription-management/subscriptions', body)
    expect(made).toMatchObject({ status: 'active', mrr: 2500, customer: { id: customer, email: 'ada@example.com' } })
    const path = `/unified/subscription-management/subscriptions/${made.id}`
    await letPass(behind.sandbox, 40 * DAY)
    const paid = await done('GET', `/proxy/payments?subscription=${made.id}`)
    expect(paid.map(({ amount, status }: { amount: number; status: string }) => [amount, status])).toContainEqual([
      2500,
      'paid_out',
    ])
    expect(await done('POST', `${path}/pause`, {})).toMatchObject({ status: 'paused', mrr: 0, renews_at: null })
    expect(await done('POST', `${path}/resume`, {})).toMatchObject({ status: 'active', pause: null })
    expect(await done('POST', `${path}/cancel`, {})).toMatchObject({ status: 'canceled', ended_at: expect.any(String) })
    expect((await call('POST', `${path}/cancel`, {})).body.code).toBe('provider_invalid_request')
    const listed = await done('GET', '/unified/subscription-management/subscriptions?status=canceled')
    expect(listed.map(({ id }: { id: string }) => id)).toEqual([made.id])
  })
})
