import { createHmac } from 'node:crypto'
import { customer, type Json } from './records.ts'

/** A signed delivery, ready to be posted. */
export interface SignedDelivery {
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
}

/** What the events of a bench are about: coupons come whole, customers are read again by whoever wants them whole. */
export type Subject = 'coupon' | 'customer'

/** Who is delivered to. */
export interface Receiver {
  readonly subject: Subject
  readonly apiVersion: string
  readonly secret: string
}

/** Records that the events are about, so that most change something that was seen before. */
const RECORDS = 500

const coupon = (index: number, name: string): Json => ({
  ...{ id: `coupon_${index}`, object: 'coupon', amount_off: null, created: 1_780_000_000, currency: null },
  ...{ duration: 'once', duration_in_months: null, livemode: true, max_redemptions: null, metadata: {}, name },
  ...{ percent_off: 25, redeem_by: null, times_redeemed: 0, valid: true },
})

/** Event number `count` since the instant `from` (epoch ms), signed as the provider signs at `nowMs`. */
export function deliveryOf(
  { subject, apiVersion, secret }: Receiver,
  { from, count }: { readonly from: number; readonly count: number },
  nowMs: number,
): SignedDelivery {
  const index = count % RECORDS
  const object = subject === 'coupon' ? coupon(index, `Autumn ${count}`) : { ...customer(index), balance: count }
  // Events of one record are an hour apart: which is newer is never in doubt.
  const created = Math.floor(from / 1000) + Math.floor(count / RECORDS) * 3_600
  const body = JSON.stringify({
    ...{ id: `evt_${from}_${count}`, object: 'event', api_version: apiVersion, created, livemode: true },
    ...{ type: `${subject}.updated`, pending_webhooks: 1, request: { id: null, idempotency_key: null } },
    data: { object },
  })
  const at = Math.floor(nowMs / 1000)
  const signature = createHmac('sha256', secret).update(`${at}.${body}`).digest('hex')
  return { body, headers: { 'content-type': 'application/json', 'stripe-signature': `t=${at},v1=${signature}` } }
}
