import { createHmac } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import type { RunningSandbox } from '../../server/sandbox/index.ts'
import { createNarrowEgressPolicy, createTransport, type NetworkTransport } from '../../server/transport/index.ts'
import { ownIntegration, proofOf, start } from '../sandbox/support.ts'
import { type Front, openFront } from '../support/front.ts'

// Adyen's stand-in delivers to the server by its real route, and to a receiver that verifies as Adyen's own library does.

type Json = Record<string, unknown>

let transport: NetworkTransport
let world: RunningSandbox
let front: Front
let receiver: Server
let key: string
const items: Json[] = []

async function asked(verb: string, path: string, body?: object): Promise<Json> {
  const headers = { ...proofOf(world), 'content-type': 'application/json' }
  const init = body === undefined ? { method: verb, headers } : { method: verb, headers, body: JSON.stringify(body) }
  const answer = await fetch(world.origin + path, init)
  const text = await answer.text()
  expect(answer.status, `${path}: ${text}`).toBeLessThan(300)
  return text === '' ? {} : JSON.parse(text)
}

const MERCHANT = { merchantAccount: 'OnefoldCOM' }
const HOOKS = '/v3/merchants/OnefoldCOM/webhooks'
const eur = (value: number) => ({ value, currency: 'EUR' })

/** Sets a webhook up as a person does in the Customer Area; answers its key. */
async function listen(url: string): Promise<{ readonly id: string; readonly hmacKey: string }> {
  const { id } = await asked('POST', HOOKS, { type: 'standard', active: true, communicationFormat: 'json', url })
  const { hmacKey } = await asked('POST', `${HOOKS}/${id}/generateHmac`)
  return { id: String(id), hmacKey: String(hmacKey) }
}

async function pay(holderName: string, value: number, manual = false): Promise<string> {
  const card = { type: 'scheme', brand: 'visa', number: '4111111111111111', expiryMonth: '03', expiryYear: '2030' }
  const shopperReference = `shopper of ${holderName}`
  const stored = await asked('POST', '/v72/storedPaymentMethods', {
    ...{ ...MERCHANT, shopperReference, recurringProcessingModel: 'CardOnFile' },
    paymentMethod: { ...card, holderName },
  })
  const { pspReference } = await asked('POST', '/v72/payments', {
    ...{ ...MERCHANT, amount: eur(value), reference: 'order-1', shopperReference, returnUrl: 'https://x.test' },
    paymentMethod: { type: 'scheme', storedPaymentMethodId: stored.id },
    additionalData: { manualCapture: String(manual) },
  })
  return String(pspReference)
}

/** Unified events in their order, once everything is delivered and dealt with. */
async function told(): Promise<readonly Json[]> {
  const all = async () => (await asked('GET', '/_sandbox/webhooks')).deliveries as readonly Json[]
  await expect.poll(async () => (await all()).every(({ status }) => status === 'delivered')).toBe(true)
  const waiting = async () => (await front.call('GET', '/raw-event?status=waiting')).body.result.length
  await expect.poll(waiting, { timeout: 20_000 }).toBe(0)
  const { result } = (await front.call('GET', '/event?limit=1000')).body
  return result.filter(({ resource_id }: Json) => resource_id !== null)
}

const brief = async () => (await told()).map(({ type, resource_id }) => `${type} ${resource_id}`)

beforeAll(async () => {
  receiver = createServer(async (request, response) => {
    const body = (await json(request)) as { notificationItems: { NotificationRequestItem: Json }[] }
    items.push(...body.notificationItems.map(({ NotificationRequestItem: item }) => item))
    response.end()
  })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  transport = createTransport({ egress: createNarrowEgressPolicy() })
  world = await start(ownIntegration('adyen'), true, transport)
  front = await openFront()
  await front.connect({ id: 'a-1', integration: 'adyen', world })
  const webhook = async () => (await front.call('GET', '/integrated-account/a-1')).body.webhook
  await vi.waitFor(async () => expect((await webhook())?.state).toBe('manual'), { timeout: 20_000 })
  const { hmacKey } = await listen((await webhook()).url)
  expect((await front.call('POST', '/integrated-account/a-1/webhook', { secret: hmacKey })).status).toBe(200)
  key = (await listen(`http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`)).hmacKey
}, 120_000)

afterAll(async () => {
  await front?.close()
  await world?.close()
  await transport?.close()
  receiver?.closeAllConnections()
  await new Promise((resolve) => receiver.close(resolve))
})

it('what happens to a payment is told, and laid together', async () => {
  const id = await pay('Asha Rao', 1000, true)
  await asked('POST', `/v72/payments/${id}/captures`, { ...MERCHANT, amount: eur(800) })
  const { pspReference: refund } = await asked('POST', `/v72/payments/${id}/refunds`, { ...MERCHANT, amount: eur(300) })
  expect(await brief()).toEqual([`record:updated ${id}~EUR`, `payment.succeeded ${id}~EUR`, `refund.updated ${refund}`])
  const [held, taken, back] = (await told()) as { data: Json }[]
  expect(held?.data).toMatchObject({
    status: 'requires_capture',
    amount: 1000,
    amount_captured: 0,
    order_id: 'order-1',
  })
  expect(taken?.data).toMatchObject({ status: 'succeeded', amount: 1000, amount_captured: 800, order_id: 'order-1' })
  expect(back?.data).toMatchObject({ status: 'succeeded', amount: 300, payment: { id: `${id}~EUR` } })
})

it('so is what is released, refused, undone or paid by a link', async () => {
  const before = (await brief()).length
  const released = await pay('Asha Rao', 500, true)
  await asked('POST', `/v72/payments/${released}/cancels`, MERCHANT)
  const refused = await pay('FRAUD', 600)
  const undone = await pay('Asha Rao', 700)
  const { pspReference: undo } = await asked('POST', `/v72/payments/${undone}/reversals`, MERCHANT)
  const link = await asked('POST', '/v72/paymentLinks', { ...MERCHANT, amount: eur(900), reference: 'link-9' })
  await asked('POST', `/v72/paymentLinks/${link.id}/pay`, {})
  expect((await brief()).slice(before)).toEqual([
    `record:updated ${released}~EUR`,
    `payment.canceled ${released}~EUR`,
    `payment.failed ${refused}~EUR`,
    `payment.succeeded ${undone}~EUR`,
    `refund.updated ${undo}`,
    expect.stringMatching(/^payment\.succeeded [A-Z0-9]{16}~EUR$/),
  ])
  expect((await told()).at(-1)).toMatchObject({ data: { amount: 900, order_id: 'link-9' } })
})

it('a dispute is told from its beginning to its end', async () => {
  const before = (await brief()).length
  const id = await pay('Chargeback:13.3', 1200)
  const [, opened] = (await told()).slice(before) as { resource_id: string; data: Json }[]
  const dispute = opened?.resource_id
  expect(opened?.data).toMatchObject({ status: 'needs_response', raw_reason: '13.3', payment: { id: `${id}~EUR` } })
  const accept = { merchantAccountCode: 'OnefoldCOM', disputePspReference: dispute }
  await asked('POST', '/ca/services/DisputeService/v30/acceptDispute', accept)
  expect((await brief()).slice(before)).toEqual([
    `payment.succeeded ${id}~EUR`,
    `dispute.created ${dispute}`,
    `dispute.created ${dispute}`,
    `dispute.closed ${dispute}`,
  ])
  expect((await told()).at(-1)).toMatchObject({ data: { status: 'accepted' } })
})

it('each item is signed as the official library signs, and not once its webhook is gone', async () => {
  await told()
  expect(items.length).toBeGreaterThan(10)
  for (const item of items) {
    const { pspReference, originalReference, merchantAccountCode, merchantReference, eventCode, success } = item
    const { value, currency } = item.amount as { value: number; currency: string }
    const signed = [pspReference, originalReference, merchantAccountCode, merchantReference, value, currency]
    const text = [...signed, eventCode, success].join(':')
    const signature = createHmac('sha256', Buffer.from(key, 'hex')).update(text).digest('base64')
    expect(item.additionalData).toMatchObject({ hmacSignature: signature })
  }
  const count = items.length
  const { id } = await listen('http://127.0.0.1:9/nobody')
  await asked('DELETE', `${HOOKS}/${id}`)
  await pay('Asha Rao', 100)
  await told()
  expect(items).toHaveLength(count + 1)
})
