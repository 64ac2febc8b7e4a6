import Stripe from 'stripe'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunningSandbox } from '../../server/sandbox/index.ts'
import { clientOf, failure, ownIntegration, start } from './support.ts'

let sandbox: RunningSandbox
let stripe: Stripe

beforeAll(async () => {
  sandbox = await start(ownIntegration('stripe'), false)
  stripe = clientOf(sandbox)
  for (let number = 1; number <= 7; number++)
    await stripe.customers.create({
      name: `Number ${number}`,
      email: `n${number}@example.com`,
      metadata: { odd: String(number % 2) },
    })
})

afterAll(() => sandbox.close())

const raw = (path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(sandbox.origin + path, {
    ...init,
    headers: { authorization: `Bearer ${sandbox.credentials.secret_key}`, ...init.headers },
  })

const post = (path: string, body: string, headers: Record<string, string> = {}): Promise<Response> =>
  raw(path, { method: 'POST', body, headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers } })

describe('paging', () => {
  it('goes to the end and back, with no record lost or repeated while others are added', async () => {
    const seen: string[] = []
    for await (const customer of stripe.customers.list({ limit: 2 })) {
      seen.push(customer.name ?? '')
      if (seen.length === 3) await stripe.customers.create({ name: 'Late' })
    }
    expect(seen).toEqual([7, 6, 5, 4, 3, 2, 1].map((number) => `Number ${number}`))
    const all = (await stripe.customers.list({ limit: 100 })).data
    const oldest = all.at(-1)?.id ?? ''
    const back = await stripe.customers.list({ limit: 3, ending_before: oldest })
    expect(back.data.map(({ name }) => name)).toEqual(['Number 4', 'Number 3', 'Number 2'])
    expect(back).toMatchObject({ object: 'list', has_more: true, url: '/v1/customers' })
    await stripe.customers.del(all[0]?.id ?? '')
  })

  it('refuses a foreign id and a limit out of bounds', async () => {
    expect(await failure(stripe.customers.list({ starting_after: 'cus_none' }).then())).toMatchObject({
      code: 'resource_missing',
      param: 'starting_after',
    })
    expect(await failure(stripe.customers.list({ limit: 101 }).then())).toMatchObject({
      param: 'limit',
      statusCode: 400,
    })
  })

  it('filters by bounds of the creation', async () => {
    const [first] = (await stripe.customers.list({ limit: 1 })).data
    const created = first?.created ?? 0
    expect((await stripe.customers.list({ created: { gte: created } })).data).toHaveLength(7)
    expect((await stripe.customers.list({ created: { lt: created } })).data).toEqual([])
    expect((await stripe.customers.list({ created })).data).toHaveLength(7)
  })
})

describe('search', () => {
  it('finds by equal text, part, metadata and negation, and pages by token', async () => {
    const names = async (query: string): Promise<(string | null | undefined)[]> => {
      const found: (string | null | undefined)[] = []
      for await (const { name } of stripe.customers.search({ query, limit: 2 })) found.push(name)
      return found
    }
    expect(await names("email:'N3@example.com'")).toEqual(['Number 3'])
    expect(await names('name~"number" AND metadata["odd"]:"1"')).toEqual([
      'Number 7',
      'Number 5',
      'Number 3',
      'Number 1',
    ])
    expect(await names('-metadata["odd"]:"1" AND -email:null')).toEqual(['Number 6', 'Number 4', 'Number 2'])
    expect(await names("email:'n1@example.com' OR email:'n2@example.com'")).toEqual(['Number 2', 'Number 1'])
  })

  it.each(['name', 'shoe:"x"', 'name:"a" AND', 'name:"a" AND name:"b" OR name:"c"', 'name~"ab"', ''])(
    'refuses %j',
    async (query) => {
      expect(await failure(stripe.customers.search({ query }).then())).toMatchObject({ statusCode: 400 })
    },
  )
})

describe('expanding', () => {
  it('goes through links and lists, four levels at most', async () => {
    const customer = await stripe.customers.create({ payment_method: 'pm_card_visa' })
    const intent = await stripe.paymentIntents.create({
      amount: 100,
      currency: 'usd',
      customer: customer.id,
      payment_method: 'pm_card_visa',
      confirm: true,
    })
    const list = await stripe.paymentIntents.list({
      limit: 1,
      expand: ['data.latest_charge.balance_transaction', 'data.customer'],
    })
    expect(list.data[0]).toMatchObject({
      id: intent.id,
      customer: { id: customer.id },
      latest_charge: { balance_transaction: { object: 'balance_transaction' } },
    })
    const kept = await stripe.customers.retrieve(customer.id, { expand: ['invoice_settings.default_payment_method'] })
    expect(kept).toMatchObject({ invoice_settings: { default_payment_method: { object: 'payment_method' } } })
    expect((await failure(stripe.customers.retrieve(customer.id, { expand: ['shoes'] }))).message).toContain(
      'cannot be expanded (shoes)',
    )
    const deep = stripe.paymentIntents.list({ expand: ['data.latest_charge.balance_transaction.source.customer'] })
    expect((await failure(deep.then())).message).toContain('more than 4 levels')
  })
})

describe('idempotency', () => {
  it('replays the first answer, refuses another body, and keeps a decline', async () => {
    const body = 'amount=1234&currency=usd&payment_method=pm_card_visa&confirm=true'
    const first = await post('/v1/payment_intents', body, { 'idempotency-key': 'k1' })
    const again = await post('/v1/payment_intents', body, { 'idempotency-key': 'k1' })
    expect(await again.text()).toBe(await first.text())
    expect([first, again].map(({ headers }) => headers.get('idempotent-replayed'))).toEqual([null, 'true'])
    expect(again.headers.get('original-request')).toBe(first.headers.get('request-id'))
    expect(again.headers.get('request-id')).not.toBe(first.headers.get('request-id'))
    expect((await stripe.charges.search({ query: 'amount:1234' })).data).toHaveLength(1)
    const error = await failure(stripe.paymentIntents.create({ amount: 1, currency: 'usd' }, { idempotencyKey: 'k1' }))
    expect(error).toBeInstanceOf(Stripe.errors.StripeIdempotencyError)
    const declined = () =>
      failure(
        stripe.paymentIntents.create(
          { amount: 55, currency: 'usd', confirm: true, payment_method: 'pm_card_chargeDeclined' },
          { idempotencyKey: 'k2' },
        ),
      )
    const [one, two] = [await declined(), await declined()]
    expect([one.statusCode, two.statusCode, two.payment_intent?.id]).toEqual([402, 402, one.payment_intent?.id])
  })

  it('keeps nothing of a call that was not valid', async () => {
    expect((await post('/v1/customers', 'balance=x', { 'idempotency-key': 'k3' })).status).toBe(400)
    expect((await post('/v1/customers', 'balance=3', { 'idempotency-key': 'k3' })).status).toBe(200)
  })
})

describe('refusals have the shape of the provider', () => {
  it.each([
    ['no key', {}, 401],
    ['a wrong key', { authorization: 'Bearer sk_test_wrong' }, 401],
    ['a foreign account', { 'stripe-account': 'acct_other' }, 403],
    ['a wish', { 'sandbox-answer': 'rate_limited' }, 429],
    ['another wish', { 'sandbox-answer': 'server_error' }, 500],
  ])('%s', async (_, given, status) => {
    const headers = given as Record<string, string>
    const key =
      'authorization' in headers || Object.keys(headers).length === 0
        ? {}
        : { authorization: `Bearer ${sandbox.credentials.secret_key}` }
    const response = await fetch(`${sandbox.origin}/v1/customers`, { headers: { ...key, ...headers } })
    expect(response.status).toBe(status)
    expect(response.headers.get('request-id')).toMatch(/^req_/)
    expect(await response.json()).toMatchObject({ error: { message: expect.any(String), type: expect.any(String) } })
  })

  it.each([
    ['POST', '/v1/payment_intents', 'currency=usd', 400, { code: 'parameter_missing', param: 'amount' }],
    [
      'POST',
      '/v1/payment_intents',
      'amount=ten&currency=usd',
      400,
      { code: 'parameter_invalid_integer', param: 'amount' },
    ],
    [
      'POST',
      '/v1/payment_intents',
      'amount=0&currency=usd',
      400,
      { code: 'parameter_invalid_integer', param: 'amount' },
    ],
    [
      'POST',
      '/v1/payment_intents',
      'amount=10&currency=usd&shoes=1',
      400,
      { code: 'parameter_unknown', param: 'shoes' },
    ],
    ['POST', '/v1/payment_intents', 'amount=10&currency=usd&capture_method=never', 400, { param: 'capture_method' }],
    ['POST', '/v1/payment_intents', 'amount=10&currency=usd&confirm=maybe', 400, { param: 'confirm' }],
    ['POST', '/v1/payment_intents', 'amount=10&currency=usd&metadata=x', 400, { param: 'metadata' }],
    [
      'POST',
      '/v1/payment_intents',
      'amount=10&currency=usd&customer=cus_none',
      404,
      { code: 'resource_missing', param: 'customer' },
    ],
    [
      'POST',
      '/v1/payment_intents',
      'amount=10&currency=usd&on_behalf_of=acct_1',
      400,
      { code: 'sandbox_not_simulated', param: 'on_behalf_of' },
    ],
    ['POST', '/v1/payment_intents/pi_none/confirm', '', 404, { code: 'resource_missing', param: 'id' }],
    ['POST', '/v1/payment_intents/pi_none/verify_microdeposits', '', 400, { code: 'sandbox_not_simulated' }],
    ['GET', '/v1/customers?shoes=1', undefined, 400, { code: 'parameter_unknown', param: 'shoes' }],
    [
      'GET',
      '/v1/events?delivery_success=true',
      undefined,
      400,
      { code: 'sandbox_not_simulated', param: 'delivery_success' },
    ],
    ['GET', '/v1/shoes', undefined, 404, undefined],
  ])('%s %s %s', async (method, path, body, status, error) => {
    const response = body === undefined ? await raw(path, { method }) : await post(path, body)
    expect(response.status).toBe(status)
    if (error !== undefined) expect(await response.json()).toMatchObject({ error })
  })

  it('another encoding, and a broken one', async () => {
    expect((await post('/v1/customers', '{"name":"x"}', { 'content-type': 'application/json' })).status).toBe(400)
    expect((await post('/v1/files', 'x', { 'content-type': 'multipart/form-data; boundary=none' })).status).toBe(400)
  })
})

describe('uploads', () => {
  it('are read on the second host', async () => {
    const data = Buffer.from('a,b\n1,2\n')
    const file = await stripe.files.create({
      purpose: 'dispute_evidence',
      file: { data, name: 'rows.csv', type: 'text/csv' },
    })
    expect(file).toMatchObject({
      object: 'file',
      filename: 'rows.csv',
      size: data.length,
      type: 'csv',
      purpose: 'dispute_evidence',
    })
    expect((await stripe.files.list({ purpose: 'dispute_evidence' })).data.map(({ id }) => id)).toEqual([file.id])
  })
})
