import Stripe from 'stripe'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunningSandbox } from '../../server/sandbox/index.ts'
import { ownIntegration, start } from '../sandbox/support.ts'
import { type Front, openFront } from '../support/front.ts'
import { endToEnd, openTap, type Tap } from './tap.ts'

const OUR_HEADERS = ['x-request-id', 'x-content-type-options', 'content-security-policy']

let direct: RunningSandbox
let behind: RunningSandbox
let upstreamTap: Tap
let clientTap: Tap
let front: Front
/** The official client, once against the upstream itself and once through the drop-in port. */
let plain: Stripe
let through: Stripe

const clientAt = (origin: string, key: string): Stripe => {
  const { hostname: host, port } = new URL(origin)
  return new Stripe(key, { host, port: Number(port), protocol: 'http', maxNetworkRetries: 0 })
}

beforeAll(async () => {
  const integration = ownIntegration('stripe')
  ;[direct, behind] = await Promise.all([start(integration), start(integration)])
  upstreamTap = await openTap(behind.origin)
  front = await openFront()
  await front.connect({ id: 'shop', integration: 'stripe', world: behind, origin: upstreamTap.origin })
  const token = await front.tokenOf('shop', ['read', 'write', 'money'])
  clientTap = await openTap(front.dropIn)
  plain = clientAt(direct.origin, direct.credentials.secret_key ?? '')
  through = clientAt(clientTap.origin, token)
}, 240_000)
afterAll(async () => {
  await front?.close()
  for (const one of [clientTap, upstreamTap, direct, behind]) await one?.close()
})

/** What a client got, or how it failed, without what must differ: the id of the request and of what was made. */
async function outcome(work: (stripe: Stripe) => Promise<unknown>, stripe: Stripe): Promise<unknown> {
  try {
    return JSON.parse(JSON.stringify(await work(stripe)))
  } catch (error) {
    if (!(error instanceof Stripe.errors.StripeError)) throw error
    const { type, code, param, message, statusCode, decline_code: declineCode, requestId, rawType } = error
    expect(requestId).toMatch(/^req_/)
    return { type, code, param, message, statusCode, declineCode, rawType }
  }
}

/** Runs the same work both ways and compares: the results of the client, and the bytes before and behind the proxy. */
async function sameBothWays(work: (stripe: Stripe) => Promise<unknown>): Promise<unknown> {
  const [sentBefore, gotBefore] = [upstreamTap.answers.length, clientTap.answers.length]
  const expected = await outcome(work, plain)
  const got = await outcome(work, through)
  expect(got).toEqual(expected)
  const sent = upstreamTap.answers.slice(sentBefore)
  const received = clientTap.answers.slice(gotBefore)
  expect(sent.length).toBeGreaterThan(0)
  expect(received.map(({ verb, target, status }) => [verb, target, status])).toEqual(
    sent.map(({ verb, target, status }) => [verb, target, status]),
  )
  for (const [at, answer] of sent.entries()) {
    expect(received[at]?.body.equals(answer.body)).toBe(true)
    expect(endToEnd(received[at]?.rawHeaders ?? [], OUR_HEADERS)).toEqual(endToEnd(answer.rawHeaders, OUR_HEADERS))
  }
  return got
}

describe('the official client through the drop-in port sees what it sees without it', () => {
  it('lists with auto-pagination to the end', async () => {
    const ids = (await sameBothWays(async (stripe) => {
      const all: string[] = []
      for await (const { id } of stripe.paymentIntents.list({ limit: 100 })) all.push(id)
      return all
    })) as string[]
    expect(ids.length).toBeGreaterThanOrEqual(300)
    expect(new Set(ids).size).toBe(ids.length)
  }, 120_000)

  it('lists filtered, backwards and searched', async () => {
    await sameBothWays(async (stripe) => {
      const { data } = await stripe.customers.list({ limit: 5 })
      const created = { gte: data.at(-1)?.created ?? 0 }
      return [
        await stripe.customers.list({ limit: 2, ending_before: data[3]?.id ?? '' }),
        await stripe.customers.list({ email: data[0]?.email ?? '' }),
        await stripe.charges.list({ created, limit: 3 }),
      ]
    })
  })

  it('creates, updates, expands and deletes', async () => {
    await sameBothWays(async (stripe) => {
      const customer = await stripe.customers.create({ email: 'new@example.com', metadata: { plan: 'ä & b' } })
      await stripe.customers.update(customer.id, { name: 'Ada', metadata: { plan: '', extra: '1' } })
      const { email, name, metadata } = (await stripe.customers.retrieve(customer.id)) as Stripe.Customer
      const intents = await stripe.paymentIntents.list({
        limit: 3,
        expand: ['data.latest_charge.balance_transaction', 'data.customer'],
      })
      const { deleted } = await stripe.customers.del(customer.id)
      return { email, name, metadata, deleted, intents }
    })
  })

  it('moves money: a payment and its refund', async () => {
    await sameBothWays(async (stripe) => {
      const intent = await stripe.paymentIntents.create({
        amount: 2500,
        currency: 'eur',
        payment_method: 'pm_card_visa',
        confirm: true,
        automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
        expand: ['latest_charge'],
      })
      const refund = await stripe.refunds.create({ payment_intent: intent.id, amount: 1000 })
      const charge = intent.latest_charge as Stripe.Charge
      return { status: intent.status, paid: charge.paid, refund: refund.status, amount: refund.amount }
    })
  })

  it('uploads a file', async () => {
    await sameBothWays(async (stripe) => {
      const data = Buffer.from('%PDF-1.4 a proof')
      const file = { data, name: 'proof.pdf', type: 'application/pdf' }
      const { purpose, size, filename } = await stripe.files.create({ purpose: 'dispute_evidence', file })
      return { purpose, size, filename }
    })
  })

  it.each<[string, (stripe: Stripe) => Promise<unknown>]>([
    ['an unknown id', (stripe) => stripe.customers.retrieve('cus_nobody')],
    ['a missing parameter', (stripe) => stripe.paymentIntents.create({ currency: 'eur' } as never)],
    ['an unknown parameter', (stripe) => stripe.customers.create({ colour: 'red' } as never)],
    [
      'a declined card',
      (stripe) =>
        stripe.paymentIntents.create({
          amount: 2500,
          currency: 'eur',
          payment_method: 'pm_card_chargeDeclined',
          confirm: true,
          automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
        }),
    ],
  ])('reports %s', async (_what, work) => {
    expect(await sameBothWays(work)).toHaveProperty('statusCode')
  })

  it('repeats an idempotent request, and refuses its key for another', async () => {
    const replayed = await sameBothWays(async (stripe) => {
      const options = { idempotencyKey: 'the-same-key' }
      const first = await stripe.customers.create({ name: 'Once' }, options)
      const again = await stripe.customers.create({ name: 'Once' }, options)
      const { headers } = again.lastResponse
      return { isSame: first.id === again.id, header: headers['idempotent-replayed'] }
    })
    expect(replayed).toEqual({ isSame: true, header: 'true' })
    const refused = await sameBothWays((stripe) =>
      stripe.customers.create({ name: 'Other' }, { idempotencyKey: 'the-same-key' }),
    )
    expect(refused).toMatchObject({ type: 'StripeIdempotencyError' })
  })

  it('gets the Request-Id of the upstream', async () => {
    const { lastResponse } = await through.customers.list({ limit: 1 })
    const sent = upstreamTap.answers.at(-1)?.rawHeaders ?? []
    expect(lastResponse.requestId).toBe(sent[sent.findIndex((name) => name.toLowerCase() === 'request-id') + 1])
  })
})

describe('what is refused here', () => {
  it('a real key, before the upstream sees anything, and the client reports it', async () => {
    const before = upstreamTap.answers.length
    const wrong = clientAt(clientTap.origin, 'sk_live_51abcdefghijklmnop')
    const refused = wrong.customers.list()
    await expect(refused).rejects.toBeInstanceOf(Stripe.errors.StripeAuthenticationError)
    await expect(refused).rejects.toThrow(/not a token of Onefold/)
    expect(upstreamTap.answers).toHaveLength(before)
  })

  it('another connected account, chosen by header', async () => {
    const before = upstreamTap.answers.length
    await expect(through.customers.list({}, { stripeAccount: 'acct_other' })).rejects.toThrow(/cannot be given/)
    expect(upstreamTap.answers).toHaveLength(before)
  })
})
