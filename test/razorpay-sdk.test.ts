import { join } from 'node:path'
import Razorpay from 'razorpay'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { deliveriesIn } from '../engine/definition/case-files.ts'
import { readDefinitions } from '../server/definitions.ts'
import type { RunningSandbox } from '../server/sandbox/index.ts'
import { ownIntegration, start } from './sandbox/support.ts'
import { type Front, openFront } from './support/front.ts'

const files = await readDefinitions([{ path: join(import.meta.dirname, '..') }])

let worlds: readonly [RunningSandbox, RunningSandbox]
let front: Front
/** The official client, once against the provider itself and once through the drop-in port. */
let plain: Razorpay
let through: Razorpay

/** The client with the host of its HTTP client set; it offers no option for that. */
function clientOf(host: string, keyId: string, keySecret: string): Razorpay {
  const client = new Razorpay({ key_id: keyId, key_secret: keySecret })
  const { api } = client as unknown as { api: { rq: { defaults: { baseURL: string } } } }
  api.rq.defaults.baseURL = host
  return client
}

beforeAll(async () => {
  const integration = ownIntegration('razorpay')
  worlds = [await start(integration, false), await start(integration, false)]
  const [direct, behind] = worlds
  front = await openFront()
  await front.connect({ id: 'judged', integration: 'razorpay', world: behind })
  plain = clientOf(direct.origin, direct.connection.key_id ?? '', direct.credentials.key_secret ?? '')
  through = clientOf(front.dropIn, await front.tokenOf('judged'), 'unused')
}, 120_000)

afterAll(async () => {
  await front?.close()
  for (const world of worlds ?? []) await world.close()
})

/** What the client was told of an error. */
async function refusal(work: Promise<unknown>): Promise<unknown> {
  return await work.then(
    () => expect.unreachable('nothing was refused'),
    (thrown: unknown) => thrown,
  )
}

const CARD = { name: 'Asha Rao', number: '4111111111111111', expiry_month: '12', expiry_year: '30', cvv: '123' }
const PAYER = { email: 'asha@example.com', contact: '+919800000001' }

/** Everything that a shop does, through one client; what it saw, in order. */
async function shop(client: Razorpay): Promise<readonly unknown[]> {
  const seen: unknown[] = []
  const see = <T>(value: T): T => {
    seen.push(JSON.parse(JSON.stringify(value)))
    return value
  }
  const pay = async (amount: number, more: object, isTaken = true): Promise<string> => {
    const order = see(
      await client.orders.create({
        amount,
        currency: 'INR',
        receipt: `r-${amount}`,
        payment_capture: isTaken,
      } as never),
    )
    const body = { amount, currency: 'INR', order_id: order.id, method: 'card', card: CARD, ...PAYER, ...more }
    const made = see(await client.payments.createPaymentJson(body as never)) as { razorpay_payment_id: string }
    return made.razorpay_payment_id
  }
  const customer = see(await client.customers.create({ name: 'Asha Rao', ...PAYER, notes: { crm: 'c-1' } }))
  see(await client.customers.edit(customer.id, { name: 'Asha R. Rao' }))
  see(await client.customers.fetch(customer.id))
  for (let n = 0; n < 12; n++) see(await client.customers.create({ name: `Payer ${n}`, email: `p${n}@example.com` }))
  see(await client.customers.all({ count: 5, skip: 5 }))
  see(await refusal(client.customers.create({ name: 'Asha Rao', ...PAYER })))
  see(await refusal(client.customers.fetch('cust_none')))

  const taken = await pay(120_000, {})
  see(await client.payments.fetch(taken))
  const held = await pay(50_000, {}, false)
  see(await refusal(client.payments.capture(held, 40_000, 'INR')))
  see(await client.payments.capture(held, 50_000, 'INR'))
  see(await refusal(client.payments.capture(held, 50_000, 'INR')))
  see(await refusal(pay(70_000, { card: { ...CARD, number: '4000000000000002' } })))
  see(await client.payments.all({ count: 10 }))
  see(await client.payments.edit(taken, { notes: { cart: '7' } }))

  see(await client.payments.refund(taken, { amount: 20_000, speed: 'normal' }))
  see(await refusal(client.payments.refund(taken, { amount: 999_999 })))
  see(await client.payments.refund(taken, {}))
  see(await refusal(client.payments.refund(taken, {})))
  see(await client.payments.fetchMultipleRefund(taken, {}))
  see(await client.refunds.all({ count: 1 }))

  const plan = see(
    await client.plans.create({
      period: 'monthly',
      interval: 1,
      item: { name: 'Team', amount: 149_900, currency: 'INR' },
    }),
  )
  see(await client.plans.all({}))
  const subscription = see(
    await client.subscriptions.create({ plan_id: plan.id, total_count: 12, quantity: 2, notes: { deal: '7' } }),
  )
  see(await client.subscriptions.fetch(subscription.id))
  see(await refusal(client.subscriptions.pause(subscription.id, { pause_at: 'now' })))
  see(await client.subscriptions.cancel(subscription.id))
  see(await client.subscriptions.all({ plan_id: plan.id }))

  const item = see(await client.items.create({ name: 'Filter coffee', amount: 25_000, currency: 'INR' }))
  see(await client.items.edit(item.id, { active: false }))
  const lines = [
    { item_id: item.id, quantity: 2 },
    { name: 'Post', amount: 5_000, currency: 'INR', quantity: 1 },
  ]
  const invoice = see(
    await client.invoices.create({ type: 'invoice', customer_id: customer.id, draft: '1', line_items: lines } as never),
  )
  see(await client.invoices.issue(invoice.id))
  see(await client.invoices.notifyBy(invoice.id, 'email'))
  see(await client.invoices.cancel(invoice.id))
  see(await refusal(client.invoices.cancel(invoice.id)))
  see(await client.invoices.all({ customer_id: customer.id }))

  const link = see(
    await client.paymentLink.create({
      amount: 75_000,
      currency: 'INR',
      reference_id: 'WS-1',
      customer: PAYER,
    } as never),
  )
  see(await client.paymentLink.fetch(link.id))
  see(await client.paymentLink.all())
  see(await client.paymentLink.cancel(link.id))
  return seen
}

describe('the official client', () => {
  it('sees the same of the sandbox itself and through the drop-in port', async () => {
    const direct = await shop(plain)
    const behind = await shop(through)
    expect(behind).toEqual(direct)
    expect(JSON.stringify(direct)).not.toContain('sandbox_not_simulated')
    expect(direct).toHaveLength(55)
  })

  const deliveries = deliveriesIn(files).flatMap(({ integration, node: { value } }) =>
    integration === 'razorpay' ? [value] : [],
  )

  it.each(deliveries)('judges the signature as the definition does: $name', ({ delivery, secrets, expect: wanted }) => {
    const signature = delivery.headers?.['X-Razorpay-Signature'] ?? ''
    const fits = (secret: string) =>
      signature !== '' && Razorpay.validateWebhookSignature(JSON.stringify(delivery.body), signature, secret)
    expect((secrets ?? ['case-secret']).some(fits)).toBe(wanted.events !== undefined)
  })
})
