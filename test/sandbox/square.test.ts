import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { SquareClient, WebhooksHelper } from 'square'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Log } from '../../engine/index.ts'
import { listen, type RunningSandbox, Sandbox } from '../../server/sandbox/index.ts'
import { createNarrowEgressPolicy, createTransport, type NetworkTransport } from '../../server/transport/index.ts'
import { VirtualClock } from '../support/virtual-clock.ts'
import { steer } from './machine-quarry.ts'
import { letPass, ownIntegration, START_MS } from './support.ts'

const ignore = (): void => undefined
const LOG: Log = { debug: ignore, info: ignore, warn: ignore, error: ignore }
const MAIN = 'LONEFOLDMAIN1'
const HOUR = 3600
const DAY = 24 * HOUR
const usd = (amount: number) => ({ amount: BigInt(amount), currency: 'USD' as const })

let sandbox: RunningSandbox
let transport: NetworkTransport
let square: SquareClient
let receiver: Server
let received: { readonly body: string; readonly signature: string }[]
let customerId: string
let cardId: string
let keys = 0

beforeAll(async () => {
  received = []
  receiver = createServer(async (request, response) => {
    received.push({ body: await text(request), signature: String(request.headers['x-square-hmacsha256-signature']) })
    response.writeHead(200).end()
  })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  transport = createTransport({ egress: createNarrowEgressPolicy() })
  const clock = new VirtualClock(START_MS)
  const world = new Sandbox({ integration: ownIntegration('square'), clock, isSown: false, transport })
  sandbox = await listen(world, LOG)
  square = new SquareClient({ baseUrl: sandbox.origin, token: sandbox.credentials.access_token ?? '', maxRetries: 0 })
  const { customer } = await square.customers.create({ idempotencyKey: 'c', emailAddress: 'ada@example.com' })
  customerId = customer?.id ?? ''
  cardId = await cardOf('cnon:card-nonce-ok')
})

afterAll(async () => {
  await sandbox.close()
  await transport.close()
  receiver.closeAllConnections()
  await new Promise((resolve) => receiver.close(resolve))
})

const key = (): string => `key-${++keys}`

async function cardOf(sourceId: string): Promise<string> {
  return (await square.cards.create({ idempotencyKey: key(), sourceId, card: { customerId } })).card?.id ?? ''
}

async function pay(amount: number): Promise<string> {
  const asked = { idempotencyKey: key(), sourceId: cardId, customerId, amountMoney: usd(amount) }
  return (await square.payments.create(asked)).payment?.id ?? ''
}

const paymentOf = async (paymentId: string) => (await square.payments.get({ paymentId })).payment

async function plan(): Promise<string> {
  const { catalogObject } = await square.catalog.object.upsert({
    idempotencyKey: key(),
    object: { type: 'SUBSCRIPTION_PLAN', id: '#plan', subscriptionPlanData: { name: 'Club' } },
  })
  const phases = [{ cadence: 'MONTHLY' as const, pricing: { type: 'STATIC' as const, priceMoney: usd(2400) } }]
  const subscriptionPlanVariationData = { name: 'Club', subscriptionPlanId: catalogObject?.id ?? '', phases }
  const made = await square.catalog.object.upsert({
    idempotencyKey: key(),
    object: { type: 'SUBSCRIPTION_PLAN_VARIATION', id: '#monthly', subscriptionPlanVariationData },
  })
  return made.catalogObject?.id ?? ''
}

async function subscribe(card?: string): Promise<string> {
  const asked = { idempotencyKey: key(), locationId: MAIN, planVariationId: await plan(), customerId }
  const { subscription } = await square.subscriptions.create({
    ...asked,
    ...(card === undefined ? {} : { cardId: card }),
  })
  return subscription?.id ?? ''
}

const subscriptionOf = async (subscriptionId: string) =>
  (await square.subscriptions.get({ subscriptionId, include: 'actions' })).subscription

describe('the money of a day', () => {
  it('has its fee, goes to the bank, and what was given back is taken off', async () => {
    const [first, second] = [await pay(10_000), await pay(5000)]
    const back = { idempotencyKey: key(), paymentId: second, amountMoney: usd(2000) }
    const { refund } = await square.refunds.refundPayment(back)
    await letPass(sandbox, HOUR)
    expect((await paymentOf(first))?.processingFee?.[0]?.amountMoney).toEqual(usd(320))
    expect((await square.refunds.get({ refundId: refund?.id ?? '' })).refund?.status).toBe('COMPLETED')
    await letPass(sandbox, 2 * DAY)
    const [payout] = (await square.payouts.list({ locationId: MAIN })).data
    expect(payout).toMatchObject({ status: 'SENT', amountMoney: usd(10_000 - 320 + 5000 - 175 - 2000) })
    const entries = (await square.payouts.listEntries({ payoutId: payout?.id ?? '' })).data
    expect(entries.map(({ type }) => type).sort()).toEqual(['CHARGE', 'CHARGE', 'REFUND'])
    expect(entries.reduce((sum, entry) => sum + (entry.netAmountMoney?.amount ?? 0n), 0n)).toBe(
      payout?.amountMoney?.amount,
    )
    await letPass(sandbox, DAY)
    expect((await square.payouts.get({ payoutId: payout?.id ?? '' })).payout?.status).toBe('PAID')
  })

  it('comes back where the bank does not take it', async () => {
    const paymentId = await pay(1000)
    const back = { idempotencyKey: key(), paymentId, amountMoney: usd(404) }
    const refundId = (await square.refunds.refundPayment(back)).refund?.id ?? ''
    await letPass(sandbox, HOUR)
    expect((await square.refunds.get({ refundId })).refund?.status).toBe('FAILED')
    expect((await paymentOf(paymentId))?.refundedMoney).toEqual(usd(0))
  })

  it('is free again where it is held too long', async () => {
    const asked = { idempotencyKey: key(), sourceId: cardId, customerId, amountMoney: usd(900), autocomplete: false }
    const held = (await square.payments.create(asked)).payment?.id ?? ''
    await letPass(sandbox, 8 * DAY)
    expect((await paymentOf(held))?.status).toBe('CANCELED')
  })
})

describe('a dispute', () => {
  it('keeps a payment from being given back, takes evidence, and is decided', async () => {
    const paymentId = await pay(8804)
    await letPass(sandbox, HOUR)
    const [dispute] = (await square.disputes.list()).data
    expect(dispute).toMatchObject({
      state: 'EVIDENCE_REQUIRED',
      reason: 'NO_KNOWLEDGE',
      disputedPayment: { paymentId },
    })
    const disputeId = dispute?.id ?? ''
    const back = { idempotencyKey: key(), paymentId, amountMoney: usd(1) }
    await expect(square.refunds.refundPayment(back)).rejects.toMatchObject({ statusCode: 400 })
    const told = { disputeId, idempotencyKey: key(), evidenceText: 'Signed for.' }
    const { evidence } = await square.disputes.createEvidenceText(told)
    expect((await square.disputes.evidence.list({ disputeId })).data).toEqual([evidence])
    expect((await square.disputes.submitEvidence({ disputeId })).dispute?.state).toBe('PROCESSING')
    const answer = await fetch(`${sandbox.origin}/v2/disputes/${disputeId}/decide`, {
      method: 'POST',
      headers: { authorization: `Bearer ${sandbox.credentials.access_token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ state: 'WON' }),
    })
    expect(answer.status).toBe(200)
    expect((await square.disputes.get({ disputeId })).dispute?.state).toBe('WON')
  })
})

describe('a subscription', () => {
  it('is billed ahead each month, pauses, goes on, and ends with its period', async () => {
    const id = await subscribe(cardId)
    await letPass(sandbox, 62 * DAY)
    const running = await subscriptionOf(id)
    expect(running).toMatchObject({
      status: 'ACTIVE',
      invoiceIds: [expect.any(String), expect.any(String), expect.any(String)],
    })
    const { invoice } = await square.invoices.get({ invoiceId: running?.invoiceIds?.[0] ?? '' })
    expect(invoice).toMatchObject({ status: 'PAID', subscriptionId: id })
    await square.subscriptions.pause({ subscriptionId: id })
    expect((await subscriptionOf(id))?.actions).toMatchObject([{ type: 'PAUSE' }])
    await letPass(sandbox, 40 * DAY)
    expect((await subscriptionOf(id))?.status).toBe('PAUSED')
    await square.subscriptions.resume({ subscriptionId: id })
    expect(await subscriptionOf(id)).toMatchObject({ status: 'ACTIVE', actions: [] })
    await square.subscriptions.cancel({ subscriptionId: id })
    expect((await subscriptionOf(id))?.actions).toMatchObject([{ type: 'CANCEL' }])
    await letPass(sandbox, 40 * DAY)
    expect((await subscriptionOf(id))?.status).toBe('CANCELED')
  })

  it('leaves an invoice open that the card does not pay', async () => {
    const id = await subscribe(await cardOf('cnon:card-nonce-insufficient-funds'))
    const [invoiceId = ''] = (await subscriptionOf(id))?.invoiceIds ?? []
    expect((await square.invoices.get({ invoiceId })).invoice?.status).toBe('UNPAID')
    await square.subscriptions.cancel({ subscriptionId: id })
  })
})

describe('an address for events', () => {
  it('hears what it asked for, signed so that the official client takes it', async () => {
    const notificationUrl = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`
    const eventTypes = ['payment.created', 'payment.updated', 'refund.created']
    const asked = { idempotencyKey: key(), subscription: { name: 'Here', eventTypes, notificationUrl } }
    const { subscription } = await square.webhooks.subscriptions.create(asked)
    const paymentId = await pay(1234)
    await square.customers.update({ customerId, note: 'not told' })
    expect((await steer(sandbox, 'webhooks')).body.deliveries).toHaveLength(2)
    expect(received.map(({ body }) => JSON.parse(body))).toMatchObject([
      { type: 'payment.created', data: { type: 'payment', id: paymentId, object: { payment: { status: 'PENDING' } } } },
      { type: 'payment.updated', data: { id: paymentId, object: { payment: { status: 'COMPLETED' } } } },
    ])
    for (const { body, signature } of received) {
      const delivery = { requestBody: body, signatureHeader: signature, notificationUrl }
      const signatureKey = subscription?.signatureKey ?? ''
      expect(await WebhooksHelper.verifySignature({ ...delivery, signatureKey })).toBe(true)
      expect(await WebhooksHelper.verifySignature({ ...delivery, signatureKey, requestBody: `${body} ` })).toBe(false)
    }
    const { events } = await square.events.searchEvents({ query: { filter: { eventTypes: ['payment.updated'] } } })
    expect(events?.[0]).toMatchObject({ type: 'payment.updated', data: { id: paymentId } })
  })
})
