import { join } from 'node:path'
import { SquareClient, SquareError, WebhooksHelper } from 'square'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { deliveriesIn } from '../engine/definition/case-files.ts'
import { readDefinitions } from '../server/definitions.ts'
import type { RunningSandbox } from '../server/sandbox/index.ts'
import { ownIntegration, spoil, start } from './sandbox/support.ts'
import { type Front, openFront } from './support/front.ts'

const files = await readDefinitions([{ path: join(import.meta.dirname, '..') }])

let worlds: readonly [RunningSandbox, RunningSandbox]
let front: Front
/** The official client, once against the provider itself and once through the drop-in port. */
let plain: SquareClient
let through: SquareClient

const clientOf = (baseUrl: string, token: string): SquareClient => new SquareClient({ baseUrl, token, maxRetries: 0 })

beforeAll(async () => {
  const integration = ownIntegration('square')
  worlds = [await start(integration, false), await start(integration, false)]
  const [direct, behind] = worlds
  front = await openFront()
  // Nobody adds an address for webhooks to the one world only.
  await spoil(behind, { verb: 'POST', path: '/v2/webhooks/subscriptions', kind: 'error', status: 403, times: 1 })
  await front.connect({ id: 'judged', integration: 'square', world: behind })
  plain = clientOf(direct.origin, direct.credentials.access_token ?? '')
  through = clientOf(front.dropIn, await front.tokenOf('judged'))
}, 120_000)

afterAll(async () => {
  await front?.close()
  for (const world of worlds ?? []) await world.close()
})

/** What the client was told of an error: its status and the errors in the answer. */
async function refusal(work: PromiseLike<unknown>): Promise<unknown> {
  const thrown = await Promise.resolve(work).then(
    () => expect.unreachable('nothing was refused'),
    (error: unknown) => error,
  )
  if (!(thrown instanceof SquareError)) throw thrown
  return { status: thrown.statusCode, errors: thrown.errors, body: thrown.body }
}

const usd = (amount: number) => ({ amount: BigInt(amount), currency: 'USD' as const })
const exact = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}n` : value)

/** What one client saw, in order. */
class Diary {
  readonly pages: unknown[] = []

  see<T>(value: T): T {
    this.pages.push(JSON.parse(JSON.stringify(value ?? null, exact)))
    return value
  }
}

const SPARE = 'LONEFOLDPIER2'
const MAIN = 'LONEFOLDMAIN1'

async function people(client: SquareClient, diary: Diary): Promise<{ customerId: string; cardId: string }> {
  diary.see((await client.merchants.get({ merchantId: 'me' })).merchant)
  diary.see((await client.locations.list()).locations)
  const { customer } = diary.see(
    await client.customers.create({
      idempotencyKey: 'c-1',
      givenName: 'Asha',
      familyName: 'Rao',
      emailAddress: 'asha@example.com',
      address: { addressLine1: '1 Pier', locality: 'New York', country: 'US' },
    }),
  )
  const customerId = customer?.id ?? ''
  diary.see(await client.customers.create({ idempotencyKey: 'c-1b', companyName: 'Pier Hotel' }))
  diary.see(await client.customers.update({ customerId, note: 'VIP', address: { addressLine2: 'Floor 2' } }))
  diary.see(await refusal(client.customers.update({ customerId, note: 'x', version: BigInt(0) })))
  diary.see(await refusal(client.customers.create({ idempotencyKey: 'c-2' })))
  diary.see(await refusal(client.customers.get({ customerId: 'NOBODY' })))
  for (let n = 0; n < 5; n++) await client.customers.create({ idempotencyKey: `p-${n}`, givenName: `Payer ${n}` })
  const query = { sort: { field: 'CREATED_AT', order: 'DESC' } } as const
  const { cursor } = diary.see(await client.customers.search({ query, limit: BigInt(3) }))
  diary.see(await client.customers.search({ query, limit: BigInt(3), cursor: cursor ?? '' }))
  diary.see(await client.customers.search({ query: { filter: { emailAddress: { exact: 'ASHA@example.com' } } } }))
  const stored = { idempotencyKey: 'k-1', sourceId: 'cnon:card-nonce-ok', card: { customerId } }
  const { card } = diary.see(await client.cards.create(stored))
  diary.see(await client.cards.create(stored))
  const cards = await client.cards.list({ customerId })
  for await (const one of cards) diary.see(one)
  return { customerId, cardId: card?.id ?? '' }
}

async function money(client: SquareClient, diary: Diary, customerId: string, cardId: string): Promise<void> {
  const pay = (key: string, amount: number, more: object = {}) =>
    client.payments.create({ idempotencyKey: key, sourceId: cardId, customerId, amountMoney: usd(amount), ...more })
  const taken = diary.see(await pay('pay-1', 3000, { tipMoney: usd(500), referenceId: 'o-1' })).payment?.id ?? ''
  diary.see(await pay('pay-1', 3000, { tipMoney: usd(500), referenceId: 'o-1' }))
  diary.see(await refusal(pay('pay-1', 4000)))
  diary.see(await refusal(pay('pay-2', 100, { sourceId: 'cnon:card-nonce-declined' })))
  diary.see(await refusal(pay('pay-3', 100, { customerId: undefined })))
  diary.see(await client.payments.get({ paymentId: taken }))
  const held = diary.see(await pay('pay-4', 5000, { autocomplete: false, locationId: SPARE })).payment
  const paymentId = held?.id ?? ''
  diary.see(
    await client.payments.update({
      paymentId,
      idempotencyKey: 'pay-4b',
      payment: { amountMoney: usd(4000), versionToken: held?.versionToken ?? '' },
    }),
  )
  diary.see(await refusal(client.payments.complete({ paymentId, versionToken: 'old' })))
  diary.see(await client.payments.complete({ paymentId }))
  diary.see(await refusal(client.payments.cancel({ paymentId })))
  const dropped = (await pay('pay-5', 700, { autocomplete: false })).payment?.id ?? ''
  diary.see(await client.payments.cancel({ paymentId: dropped }))
  const lost = (await pay('pay-6', 800, { autocomplete: false })).payment?.id ?? ''
  diary.see(await client.payments.cancelByIdempotencyKey({ idempotencyKey: 'pay-6' }))
  diary.see(await client.payments.get({ paymentId: lost }))
  for await (const one of await client.payments.list({ limit: 2, sortOrder: 'ASC' })) diary.see(one.id)
  for await (const one of await client.payments.list({ locationId: SPARE })) diary.see(one.id)

  const back = (key: string, amount: number) =>
    client.refunds.refundPayment({ idempotencyKey: key, paymentId: taken, amountMoney: usd(amount), reason: 'Cold' })
  diary.see(await back('ref-1', 1000))
  diary.see(await refusal(back('ref-2', 9000)))
  diary.see(await back('ref-3', 2500))
  diary.see(await refusal(back('ref-4', 1)))
  for await (const one of await client.refunds.list({ limit: 1 })) diary.see(one)
}

async function billing(client: SquareClient, diary: Diary, customerId: string, cardId: string): Promise<void> {
  const order = diary.see(
    await client.orders.create({
      idempotencyKey: 'o-1',
      order: {
        locationId: MAIN,
        customerId,
        lineItems: [{ name: 'Beans', quantity: '2', basePriceMoney: usd(1450) }],
      },
    }),
  ).order
  diary.see(await client.orders.search({ locationIds: [MAIN], limit: 1 }))
  const draft = diary.see(
    await client.invoices.create({
      idempotencyKey: 'i-1',
      invoice: {
        locationId: MAIN,
        orderId: order?.id ?? '',
        primaryRecipient: { customerId },
        paymentRequests: [{ requestType: 'BALANCE', dueDate: '2026-12-01' }],
        deliveryMethod: 'EMAIL',
        acceptedPaymentMethods: { card: true },
      },
    }),
  ).invoice
  const invoiceId = draft?.id ?? ''
  diary.see(await refusal(client.invoices.publish({ invoiceId, version: 7, idempotencyKey: 'i-2' })))
  diary.see(await client.invoices.publish({ invoiceId, version: 0, idempotencyKey: 'i-3' }))
  diary.see(await client.invoices.search({ query: { filter: { locationIds: [MAIN], customerIds: [customerId] } } }))
  for await (const one of await client.invoices.list({ locationId: MAIN })) diary.see(one.id)
  diary.see(await client.invoices.cancel({ invoiceId, version: 1 }))
  diary.see(await refusal(client.invoices.cancel({ invoiceId, version: 2 })))

  const plan = await client.catalog.object.upsert({
    idempotencyKey: 'cat-1',
    object: { type: 'SUBSCRIPTION_PLAN', id: '#plan', subscriptionPlanData: { name: 'Club' } },
  })
  diary.see(plan)
  const variation = diary.see(
    await client.catalog.object.upsert({
      idempotencyKey: 'cat-2',
      object: {
        type: 'SUBSCRIPTION_PLAN_VARIATION',
        id: '#monthly',
        subscriptionPlanVariationData: {
          name: 'Club, monthly',
          subscriptionPlanId: plan.catalogObject?.id ?? '',
          phases: [{ cadence: 'MONTHLY', ordinal: BigInt(0), pricing: { type: 'STATIC', priceMoney: usd(2400) } }],
        },
      },
    }),
  )
  for await (const one of await client.catalog.list({ types: 'SUBSCRIPTION_PLAN_VARIATION' })) diary.see(one)
  const begun = diary.see(
    await client.subscriptions.create({
      idempotencyKey: 's-1',
      locationId: MAIN,
      planVariationId: variation.catalogObject?.id ?? '',
      customerId,
      cardId,
    }),
  )
  const subscriptionId = begun.subscription?.id ?? ''
  diary.see(await client.subscriptions.search({ query: { filter: { customerIds: [customerId] } } }))
  diary.see(await refusal(client.subscriptions.resume({ subscriptionId })))
  diary.see(await client.subscriptions.cancel({ subscriptionId }))
  diary.see(await client.subscriptions.get({ subscriptionId, include: 'actions' }))

  const link = diary.see(
    await client.checkout.paymentLinks.create({
      idempotencyKey: 'l-1',
      quickPay: { name: 'Class', priceMoney: usd(4500), locationId: MAIN },
    }),
  )
  const id = link.paymentLink?.id ?? ''
  diary.see(await client.checkout.paymentLinks.get({ id }))
  diary.see(await client.checkout.paymentLinks.delete({ id }))
  diary.see(await refusal(client.checkout.paymentLinks.get({ id })))
}

/** Everything that a shop does, through one client; what it saw, in order. */
async function shop(client: SquareClient): Promise<readonly unknown[]> {
  const diary = new Diary()
  const { customerId, cardId } = await people(client, diary)
  await money(client, diary, customerId, cardId)
  await billing(client, diary, customerId, cardId)
  return diary.pages
}

describe('the official client', () => {
  it('sees the same of the sandbox itself and through the drop-in port', async () => {
    const direct = await shop(plain)
    const behind = await shop(through)
    expect(behind).toEqual(direct)
    expect(JSON.stringify(direct)).not.toContain('NOT_IMPLEMENTED')
    expect(direct).toHaveLength(60)
  })

  const deliveries = deliveriesIn(files).flatMap(({ integration, node: { value } }) =>
    integration === 'square' ? [value] : [],
  )

  it.each(deliveries)('judges the signature as the definition does: $name', async (each) => {
    const { delivery, secrets, expect: wanted } = each
    const signatureHeader = delivery.headers?.['X-Square-HmacSha256-Signature'] ?? ''
    const requestBody = JSON.stringify(delivery.body)
    const notificationUrl = delivery.url ?? 'https://onefold.test/webhook-in/case'
    const fits = await Promise.all(
      (secrets ?? ['case-secret']).map((signatureKey) =>
        WebhooksHelper.verifySignature({ requestBody, signatureHeader, signatureKey, notificationUrl }),
      ),
    )
    expect(fits.includes(true)).toBe(wanted.events !== undefined)
  })
})
