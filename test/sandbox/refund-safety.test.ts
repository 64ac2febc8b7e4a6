import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Behind, openBehind } from './behind.ts'
import { clientOf } from './support.ts'

let behind: Behind
let payment: string

const refund = (id: string, body: object, key: string) =>
  behind.call('POST', `/unified/payment-gateway/payments/${id}/refund?integrated_account_id=behind`, body, key)

/** Amounts that the provider has given back for the payment, oldest first. */
const given = async (): Promise<number[]> => {
  const { data } = await clientOf(behind.sandbox).refunds.list({ payment_intent: payment })
  return data.map(({ amount }) => amount).reverse()
}

beforeAll(async () => {
  behind = await openBehind(false)
}, 240_000)

afterAll(() => behind?.close())

beforeEach(async () => {
  const options = { amount: 5000, currency: 'eur', payment_method: 'pm_card_visa', confirm: true }
  payment = (await clientOf(behind.sandbox).paymentIntents.create(options)).id
})

describe('a refund of a payment by one unified call', () => {
  it('gives a part and then all that is left, and says when nothing is', async () => {
    const part = await refund(payment, { amount: 1500, reason: 'duplicate' }, 'part')
    expect(part).toMatchObject({
      status: 200,
      body: { result: { amount: 1500, currency: 'EUR', status: 'succeeded' } },
    })
    expect((await refund(payment, {}, 'rest')).body.result).toMatchObject({ amount: 3500 })
    expect(await given()).toEqual([1500, 3500])
    expect((await refund(payment, {}, 'more')).body.code).toBe('already_refunded')
    const shown = await behind.call('GET', `/unified/payment-gateway/payments/${payment}?integrated_account_id=behind`)
    expect(shown.body.result ?? shown.body).toMatchObject({
      amount_refunded: 5000,
      refund_status: 'full',
      is_refundable: false,
    })
  })

  it('refuses more than there is, and moves nothing', async () => {
    expect((await refund(payment, { amount: 5001 }, 'too-much')).body.code).toBe('amount_exceeds_refundable')
    expect(await given()).toEqual([])
  })

  it.each([
    ['whole', {}, 5000],
    ['partial', { amount: 1200 }, 1200],
  ])('is not made twice by the same %s call', async (name, body, amount) => {
    const first = await refund(payment, body, `same-${name}`)
    const again = await refund(payment, body, `same-${name}`)
    expect(again.body).toEqual(first.body)
    expect(await given()).toEqual([amount])
  })

  it.each([
    ['whole', {}, 5000],
    ['partial', { amount: 1200 }, 1200],
  ])('is made once when the answer of the %s one is lost, and the same call tells it', async (name, body, amount) => {
    behind.line.lost = 1
    const first = await refund(payment, body, `lost-${name}`)
    expect(behind.line.lost).toBe(0)
    expect(first).toMatchObject({ status: 200, body: { result: { amount, currency: 'EUR' } } })
    expect((await refund(payment, body, `lost-${name}`)).body).toEqual(first.body)
    expect(await given()).toEqual([amount])
  })

  it.each([
    ['whole', {}, 5000],
    ['partial', { amount: 1200 }, 1200],
  ])(
    'is made once when every answer of the %s one is lost, and never sent again blindly',
    async (name, body, amount) => {
      behind.line.lost = Number.POSITIVE_INFINITY
      const first = await refund(payment, body, `gone-${name}`)
      behind.line.lost = 0
      expect(first.body.code).toBe('outcome_unknown')
      expect(await given()).toEqual([amount])
      const sent = behind.line.answered.length
      const again = await refund(payment, body, `gone-${name}`)
      expect(again.body.code).toBe('outcome_unknown')
      expect(behind.line.answered.slice(sent).filter((line) => line.startsWith('POST'))).toEqual([])
      expect(await given()).toEqual([amount])
    },
    120_000,
  )
})
