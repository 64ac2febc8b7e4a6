import { beforeAll, describe, expect, it } from 'vitest'
import { compileCatalog } from '../../engine/definition/index.ts'
import { readDefinitions } from '../../server/definitions.ts'
import { Sandbox } from '../../server/sandbox/index.ts'
import { ROOT } from '../support/house.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

type Json = Record<string, never>
let sandbox: Sandbox

async function ask(verb: string, path: string, body?: unknown): Promise<{ status: number; body: Json }> {
  const answer = await sandbox.fetch(
    new Request(`http://sandbox${path}`, {
      method: verb,
      headers: { 'x-api-key': 'AQE_onefold_sandbox_example', 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }),
  )
  return { status: answer.status, body: (await answer.json()) as Json }
}

const eur = (value: number) => ({ value, currency: 'EUR' })
const MERCHANT = { merchantAccount: 'OnefoldCOM' }

async function pay(shopper: string, value: number, manual = false) {
  const stored = await ask('GET', `/v72/storedPaymentMethods?shopperReference=${shopper}&merchantAccount=OnefoldCOM`)
  const cards = stored.body as unknown as { storedPaymentMethods: { id: string; type: string }[] }
  const card = cards.storedPaymentMethods.find(({ type }) => type === 'scheme')
  return await ask('POST', '/v72/payments', {
    ...{ ...MERCHANT, amount: eur(value), reference: 'r', shopperReference: shopper, returnUrl: 'https://x.test' },
    paymentMethod: { type: 'scheme', storedPaymentMethodId: card?.id },
    additionalData: { manualCapture: String(manual) },
  })
}

beforeAll(async () => {
  const { catalog, issues } = compileCatalog(await readDefinitions([{ path: ROOT }]))
  expect(issues).toEqual([])
  const integration = catalog?.integrations.get('adyen')
  if (integration === undefined) throw new Error('no adyen')
  sandbox = new Sandbox({ integration, clock: new VirtualClock(Date.UTC(2026, 5, 1)), seed: 'adyen' })
})

describe('the stand-in', () => {
  it('takes, captures and gives back no more than there is', async () => {
    const { body } = await pay('shopper_1', 1000, true)
    expect(body).toMatchObject({ resultCode: 'Authorised', additionalData: { cardSummary: '1111' } })
    const at = `/v72/payments/${body.pspReference}`
    expect(await ask('POST', `${at}/refunds`, { ...MERCHANT, amount: eur(1) })).toMatchObject({ status: 422 })
    expect(await ask('POST', `${at}/captures`, { ...MERCHANT, amount: eur(1001) })).toMatchObject({ status: 422 })
    const captured = await ask('POST', `${at}/captures`, { ...MERCHANT, amount: eur(800) })
    expect(captured).toMatchObject({
      status: 201,
      body: { status: 'received', paymentPspReference: body.pspReference, amount: eur(800) },
    })
    expect(await ask('POST', `${at}/cancels`, MERCHANT)).toMatchObject({ status: 422, body: { errorCode: '167' } })
    expect(await ask('POST', `${at}/refunds`, { ...MERCHANT, amount: eur(500) })).toMatchObject({ status: 201 })
    const over = await ask('POST', `${at}/refunds`, { ...MERCHANT, amount: eur(301) })
    expect(over).toMatchObject({ status: 422, body: { errorCode: '137' } })
  })

  it('refuses a card that is called so, and releases what is not captured', async () => {
    expect((await pay('shopper_2', 1000)).body).toMatchObject({ resultCode: 'Refused', refusalReasonCode: '12' })
    const { body } = await pay('shopper_1', 1000, true)
    const at = `/v72/payments/${body.pspReference}`
    expect(await ask('POST', `${at}/reversals`, MERCHANT)).toMatchObject({ status: 201 })
    expect(await ask('POST', `${at}/captures`, { ...MERCHANT, amount: eur(5) })).toMatchObject({ status: 422 })
  })

  it('makes and ends links, and accepts a dispute once', async () => {
    const made = await ask('POST', '/v72/paymentLinks', { ...MERCHANT, amount: eur(5), reference: 'l' })
    const at = `/v72/paymentLinks/${made.body.id}`
    expect(await ask('POST', `${at}/pay`, {})).toMatchObject({ body: { status: 'completed' } })
    expect(await ask('GET', at)).toMatchObject({ body: { status: 'completed' } })
    expect(await ask('PATCH', at, { status: 'expired' })).toMatchObject({ status: 422 })
    const accept = { merchantAccountCode: 'OnefoldCOM', disputePspReference: 'DZONEFOLD0000001' }
    const once = await ask('POST', '/ca/services/DisputeService/v30/acceptDispute', accept)
    expect(once.body).toMatchObject({ disputeServiceResult: { success: true } })
    const again = await ask('POST', '/ca/services/DisputeService/v30/acceptDispute', accept)
    expect(again.body).toMatchObject({ disputeServiceResult: { success: false } })
  })

  it('pages transfers and transactions by links', async () => {
    const query = 'balancePlatform=OnefoldPlatform&createdSince=2025-12-10T00:00:00Z&createdUntil=2026-06-01T00:00:00Z'
    const first = await ask('GET', `/btl/v4/transactions?${query}&limit=10`)
    const page = first.body as unknown as { data: unknown[]; _links: { next: { href: string } } }
    expect(page.data).toHaveLength(10)
    const next = new URL(page._links.next.href, 'http://sandbox')
    const second = (await ask('GET', `${next.pathname}${next.search}`)).body as unknown as { data: unknown[] }
    expect(second.data.length).toBeGreaterThan(0)
    expect(second.data).not.toEqual(expect.arrayContaining([page.data[0]]))
  })
})
