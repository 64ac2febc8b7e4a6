import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { accountOf } from '../engine/cases/account.ts'
import { casePorts } from '../engine/cases/case-ports.ts'
import { responseOf } from '../engine/cases/wire.ts'
import { compileCatalog } from '../engine/definition/index.ts'
import { createEngine } from '../engine/engine.ts'
import type { Transport } from '../engine/index.ts'
import { parseUnifiedQuery } from '../engine/query/index.ts'
import { readDefinitions } from '../server/definitions.ts'
import { throughSandbox } from '../server/kit/ways.ts'
import { Sandbox } from '../server/sandbox/index.ts'
import { sharedData } from './support/shared-data.ts'
import { VirtualClock } from './support/virtual-clock.ts'

// PayPal's published examples through the mappings, and a shop's day in the sandbox through the unified API.

type Json = Readonly<Record<string, unknown>>

const { catalog } = compileCatalog(await readDefinitions([{ path: join(import.meta.dirname, '..') }]))
const found = catalog?.integrations.get('paypal')
if (catalog === undefined || found === undefined) throw new Error('The definitions do not compile')
const paypal = found
const OPTIONS = { requestId: 'req_test', priority: 'interactive', onLimit: 'fail' } as const

/** Files of examples, the operations whose answers are records, and what they are in the unified models. */
const EXAMPLES: readonly (readonly [file: string, op: string, targets: readonly string[]])[] = [
  ['billing_subscriptions_v1', 'plans.create', ['subscription-management/prices']],
  ['billing_subscriptions_v1', 'subscriptions.create', ['subscription-management/subscriptions']],
  ['invoicing_v2', 'invoices.create', ['subscription-management/invoices']],
  ['checkout_orders_v2', 'orders.create', ['payment-gateway/payments', 'payment-gateway/checkout_sessions']],
  ['vault_payment_tokens_v3', 'payment-tokens.create', ['payment-gateway/payment_methods']],
  ['vault_payment_tokens_v3', 'customer.payment-tokens.get', ['payment-gateway/payment_methods']],
]

type Call = (target: string, method: string, rest?: { id?: string; query?: Json; body?: Json }) => Promise<Json>

/** Calls of the unified API over a network; a list is answered as `{ result }`. */
function callsOver(transport: Pick<Transport, 'send'>, given?: Parameters<typeof accountOf>[1]): Call {
  if (catalog === undefined) throw new Error('no catalog')
  const stream = () => Promise.reject(new Error('There are no streams here'))
  const { account, credentials } = accountOf(paypal, given)
  let count = 0
  const engine = createEngine({ catalog, ports: casePorts({ ...transport, stream }, credentials) })
  return async (target, method, { id, query = {}, body } = {}) => {
    const [model = '', resource = ''] = target.split('/')
    const unified = catalog.models.get(model)?.resources.get(resource)
    if (unified === undefined) throw new Error(`No ${target}`)
    const pairs = Object.entries(query).map(([name, value]) => [name, String(value)] as const)
    const parsed = parseUnifiedQuery(pairs, unified, { method })
    const options = { ...OPTIONS, idempotencyKey: `key-${++count}` }
    const answered = await engine.unified(account, { model, resource, method, id, query: parsed, body }, options)
    if (answered.kind === 'method') return answered.result as Json
    return answered.kind === 'list' ? { result: answered.result } : answered.record
  }
}

/** What a network answers that has one record, and nothing beside it; an example without an id gets one. */
function networkOf(record: Json): { send: Transport['send'] } {
  let isFirst = true
  const answer = () => {
    const first = isFirst
    isFirst = false
    return responseOf(first ? { status: 200, body: { id: 'EXAMPLE', ...record } } : { status: 404, body: {} })
  }
  return { send: () => Promise.resolve(answer()) }
}

describe.each(EXAMPLES)('examples of %s, %s', (file, op, targets) => {
  it.for(targets)('go through %s without an error', async (target, context) => {
    const text = readFileSync(sharedData(context, `paypal-${file}-examples.json`), 'utf8')
    const examples = JSON.parse(text) as { op: string; status: string; value: Json }[]
    const answers = examples.filter((one) => one.op === op && /^2/.test(one.status)).map(({ value }) => value)
    const records = answers.flatMap((value) => (value.payment_tokens as Json[] | undefined) ?? [value])
    expect(records.length).toBeGreaterThan(0)
    for (const record of records) {
      const mapped = await callsOver(networkOf(record))(target, 'get', { id: 'EXAMPLE' })
      expect((mapped._meta as Json | undefined)?.field_errors ?? []).toEqual([])
      expect(mapped.id).toBe(record.id ?? 'EXAMPLE')
    }
  })
})

it('a platform names the merchant in a header', async () => {
  const seen: string[] = []
  const send: Transport['send'] = ({ headers }) => {
    seen.push(headers.find(([name]) => name.toLowerCase() === 'paypal-auth-assertion')?.[1] ?? 'none')
    return Promise.resolve(
      responseOf({ status: 200, body: { id: 'C', amount: { value: '1.00', currency_code: 'USD' } } }),
    )
  }
  const connection = { client_id: 'platform', merchant_id: 'MERCHANT' }
  await callsOver({ send }, { connection })('payment-gateway/payments', 'get', { id: 'C' })
  await callsOver({ send })('payment-gateway/payments', 'get', { id: 'C' })
  const parts = (seen[0] ?? '').split('.').map((part) => Buffer.from(part, 'base64url').toString())
  expect(parts).toEqual(['{"alg":"none"}', '{"iss":"platform","payer_id":"MERCHANT"}', ''])
  expect(seen[1]).toBe('none')
})

describe('a day in the sandbox', () => {
  const at = Date.parse('2026-06-01T00:00:00Z')
  const sandbox = new Sandbox({ integration: paypal, clock: new VirtualClock(at), isSown: false })
  const { connection } = sandbox.rules.account
  const call = callsOver(throughSandbox(sandbox), {
    mode: 'test',
    connection,
    credentials: { ...sandbox.account.credentials, ...sandbox.account.grant },
  })
  /** What happens on a page of PayPal, or by a call of its own. */
  const native = async (verb: string, path: string, body?: Json): Promise<Json> => {
    const headers = {
      authorization: `Bearer ${sandbox.account.grant.access_token}`,
      'content-type': 'application/json',
    }
    const url = `https://api-m.sandbox.paypal.com${path}`
    const response = await sandbox.fetch(
      new Request(url, { method: verb, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }),
    )
    return (response.status === 204 ? {} : await response.json()) as Json
  }
  const PAYMENTS = 'payment-gateway/payments'
  let token: string

  beforeAll(async () => {
    const card = { card: { number: '4111111111111111', expiry: '2031-12', name: 'Ada King' } }
    const setup = await native('POST', '/v3/vault/setup-tokens', { payment_source: card, customer: { id: 'c_1' } })
    const source = { token: { id: setup.id, type: 'SETUP_TOKEN' } }
    token = String((await native('POST', '/v3/vault/payment-tokens', { payment_source: source })).id)
  })

  it('gives tokens to the app, and to nobody else', async () => {
    const ask = (secret: string) =>
      sandbox.fetch(
        new Request('https://api-m.sandbox.paypal.com/v1/oauth2/token', {
          method: 'POST',
          headers: { authorization: `Basic ${Buffer.from(`${connection.client_id}:${secret}`).toString('base64')}` },
          body: 'grant_type=client_credentials',
        }),
      )
    const given = await ask(sandbox.account.credentials.client_secret ?? '')
    expect(await given.json()).toMatchObject({ access_token: sandbox.account.grant.access_token, token_type: 'Bearer' })
    expect((await ask('another')).status).toBe(401)
  })

  it('charges a stored card, gives money back, and the report and the balance show it', async () => {
    const body = { amount: 10_000, currency: 'USD', payment_method_id: token, confirm: true, order_id: 'A-1' }
    const paid = await call(PAYMENTS, 'create', { body })
    expect(paid).toMatchObject({
      status: 'succeeded',
      amount_captured: 10_000,
      order_id: 'A-1',
      settlement: { fee: 349 },
    })
    const id = String(paid.id)
    const refund = await call(PAYMENTS, 'refund', { id, body: { amount: 3000, note: 'Broken' } })
    expect(refund).toMatchObject({ amount: 3000, status: 'succeeded', payment: { id } })
    expect(await call(PAYMENTS, 'get', { id })).toMatchObject({
      amount_refunded: 3000,
      amount_refundable: 7000,
      refund_status: 'partial',
    })
    await expect(call(PAYMENTS, 'refund', { id, body: { amount: 8000 } })).rejects.toMatchObject({
      code: 'amount_exceeds_refundable',
    })
    await call('payment-gateway/refunds', 'create', { body: { payment_id: id } })
    await expect(call(PAYMENTS, 'refund', { id, body: {} })).rejects.toMatchObject({ code: 'already_refunded' })
    expect(await call(PAYMENTS, 'list')).toMatchObject({ result: [{ id, refund_status: 'full' }] })
    expect(await call('payment-gateway/refunds', 'list', { query: { payment_id: id } })).toMatchObject({
      result: [{ amount: 7000 }, { amount: 3000 }],
    })
    expect(await call('payment-gateway/balances', 'list')).toMatchObject({
      result: [{ available: [{ currency: 'USD', amount: -349 }] }],
    })
    expect(await call('payment-gateway/payment_methods', 'list', { query: { customer_id: 'c_1' } })).toMatchObject({
      result: [{ id: token, card: { last4: '1111' } }],
    })
  })

  it('holds money, takes a part of it, and lets go of another', async () => {
    const hold = { amount: 5000, currency: 'USD', payment_method_id: token, confirm: true, capture: false }
    const held = await call(PAYMENTS, 'create', { body: hold })
    expect(held).toMatchObject({ status: 'requires_capture', amount_captured: 0 })
    expect(await call(PAYMENTS, 'capture', { id: String(held.id), body: { amount: 2000 } })).toMatchObject({
      status: 'succeeded',
      amount: 2000,
    })
    const other = await call(PAYMENTS, 'create', { body: hold })
    expect(await call(PAYMENTS, 'cancel', { id: String(other.id), body: {} })).toMatchObject({ status: 'canceled' })
  })

  it('has a payer approve an order, which is taken then and contested later', async () => {
    const waiting = await call(PAYMENTS, 'create', {
      body: { amount: 700, currency: 'JPY', return_url: 'https://shop.example.com' },
    })
    expect(waiting).toMatchObject({ status: 'requires_action' })
    const id = String(waiting.id)
    expect(await call('payment-gateway/checkout_sessions', 'get', { id })).toMatchObject({
      status: 'open',
      url: expect.stringContaining(id),
    })
    await native('POST', `/checkoutnow/${id}/approve`, { email_address: 'bo@example.com' })
    const paid = await call(PAYMENTS, 'capture', { id, body: {} })
    expect(paid).toMatchObject({ status: 'succeeded', amount: 700, customer: { email: 'bo@example.com' } })
    const { dispute_id: dispute } = await native('POST', `/resolution/${paid.id}/dispute`, {})
    expect(await call('payment-gateway/disputes', 'list', { query: { payment_id: paid.id } })).toMatchObject({
      result: [{ id: dispute, status: 'needs_response' }],
    })
    expect(await call('payment-gateway/disputes', 'close', { id: String(dispute), body: {} })).toMatchObject({
      status: 'accepted',
    })
    const told = (await call('payment-gateway/events', 'list')).result as Json[]
    expect(told.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['payment.succeeded', 'dispute.created', 'dispute.closed']),
    )
  })

  it('bills a subscription month by month, and pauses and ends it', async () => {
    const { id: product } = await native('POST', '/v1/catalogs/products', { name: 'Light', type: 'PHYSICAL' })
    const fixed_price = { currency_code: 'USD', value: '9.00' }
    const cycle = {
      frequency: { interval_unit: 'MONTH', interval_count: 1 },
      tenure_type: 'REGULAR',
      sequence: 1,
      total_cycles: 0,
    }
    const billing_cycles = [{ ...cycle, pricing_scheme: { fixed_price } }]
    const plan = await native('POST', '/v1/billing/plans', {
      product_id: product,
      name: 'Home',
      billing_cycles,
      payment_preferences: {},
    })
    expect(await call('subscription-management/prices', 'list', { query: { product_id: product } })).toMatchObject({
      result: [{ id: plan.id, unit_amount: 900 }],
    })
    const SUBSCRIPTIONS = 'subscription-management/subscriptions'
    const items = [{ price_id: plan.id, quantity: 2 }]
    const made = await call(SUBSCRIPTIONS, 'create', { body: { customer_id: 'ada@example.com', items } })
    expect(made).toMatchObject({ status: 'incomplete', items: [{ quantity: 2 }] })
    const id = String(made.id)
    await native('POST', `/webapps/billing/subscriptions/${id}/approve`, {})
    expect(await call(SUBSCRIPTIONS, 'get', { id })).toMatchObject({
      status: 'active',
      mrr: 1800,
      renews_at: '2026-07-01T00:00:00Z',
    })
    await native('POST', '/_sandbox/clock', { advance: { days: 31 } })
    expect(await call(SUBSCRIPTIONS, 'get', { id })).toMatchObject({ renews_at: '2026-08-01T00:00:00Z' })
    expect(await call(SUBSCRIPTIONS, 'pause', { id, body: {} })).toMatchObject({ status: 'paused' })
    expect(await call(SUBSCRIPTIONS, 'resume', { id, body: {} })).toMatchObject({ status: 'active' })
    expect(await call(SUBSCRIPTIONS, 'cancel', { id, body: { comment: 'No need' } })).toMatchObject({
      status: 'canceled',
      cancellation: { comment: 'No need' },
    })
    expect(await call(SUBSCRIPTIONS, 'list')).toMatchObject({ result: [{ id }] })
  })

  it('mails an invoice, which is paid elsewhere, and takes another back', async () => {
    const INVOICES = 'subscription-management/invoices'
    const body = {
      customer_id: 'ada@example.com',
      currency: 'USD',
      lines: [{ description: 'Lamp', unit_amount: 7500, quantity: 2 }],
    }
    const made = await call(INVOICES, 'create', { body })
    expect(made).toMatchObject({ status: 'draft', total: 15_000 })
    const id = String(made.id)
    expect(await call(INVOICES, 'send', { id, body: {} })).toMatchObject({
      status: 'open',
      hosted_url: expect.stringContaining(id),
    })
    expect(await call(INVOICES, 'pay', { id, body: { paid_out_of_band: true } })).toMatchObject({
      status: 'paid',
      amount_remaining: 0,
    })
    const other = await call(INVOICES, 'create', { body: { ...body, auto_advance: true } })
    expect(other).toMatchObject({ status: 'open' })
    expect(await call(INVOICES, 'void', { id: String(other.id), body: {} })).toMatchObject({ status: 'void' })
    expect(((await call(INVOICES, 'list')).result as Json[]).map(({ status }) => status)).toEqual(['void', 'paid'])
  })
})
