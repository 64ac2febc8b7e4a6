import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type Stripe from 'stripe'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Log } from '../../engine/index.ts'
import { listen, type RunningSandbox, Sandbox } from '../../server/sandbox/index.ts'
import { createNarrowEgressPolicy, createTransport, type NetworkTransport } from '../../server/transport/index.ts'
import { VirtualClock } from '../support/virtual-clock.ts'
import { steer } from './machine-quarry.ts'
import { clientOf, ownIntegration, START_MS } from './support.ts'

const ignore = (): void => undefined
const LOG: Log = { debug: ignore, info: ignore, warn: ignore, error: ignore }

interface Received {
  readonly body: string
  readonly signature: string
}

let clock: VirtualClock
let sandbox: RunningSandbox
let transport: NetworkTransport
let stripe: Stripe
let receiver: Server
let url: string
let received: Received[]
let statuses: number[]

beforeEach(async () => {
  received = []
  statuses = []
  receiver = createServer(async (request, response) => {
    const body = await text(request)
    received.push({ body, signature: String(request.headers['stripe-signature']) })
    response.writeHead(statuses.shift() ?? 200).end()
  })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`
  clock = new VirtualClock(START_MS)
  transport = createTransport({ egress: createNarrowEgressPolicy() })
  const integration = ownIntegration('stripe')
  sandbox = await listen(new Sandbox({ integration, clock, isSown: false, transport }), LOG)
  stripe = clientOf(sandbox)
})

afterEach(async () => {
  await sandbox.close()
  await transport.close()
  receiver.closeAllConnections()
  await new Promise((resolve) => receiver.close(resolve))
})

/** Deliveries once nothing more is due. */
async function deliveries(): Promise<Record<string, unknown>[]> {
  return (await steer(sandbox, 'webhooks')).body.deliveries
}

describe('webhook endpoints', () => {
  it('hear the events that they asked for, signed so that the official client takes them', async () => {
    const endpoint = await stripe.webhookEndpoints.create({ url, enabled_events: ['customer.created'] })
    const secret = endpoint.secret ?? ''
    expect(secret).toMatch(/^whsec_/)
    expect(await stripe.webhookEndpoints.retrieve(endpoint.id)).not.toHaveProperty('secret')
    const customer = await stripe.customers.create({ name: 'Ada' })
    await stripe.customers.update(customer.id, { name: 'Ada Two' })
    expect(await deliveries()).toMatchObject([{ type: 'customer.created', status: 'delivered', next_try: null }])
    expect(received).toHaveLength(1)
    const [{ body, signature } = { body: '', signature: '' }] = received
    const at = START_MS / 1000
    const event = stripe.webhooks.constructEvent(body, signature, secret, 300, undefined, at)
    expect(event).toMatchObject({ type: 'customer.created', data: { object: { id: customer.id, name: 'Ada' } } })
    expect(event).toEqual({ ...(await stripe.events.retrieve(event.id)), lastResponse: undefined })
    for (const [changed, key] of [
      [`${body} `, secret],
      [body, 'whsec_other'],
    ] as const)
      expect(() => stripe.webhooks.constructEvent(changed, signature, key, 300, undefined, at)).toThrow('signature')
  })

  it('hear nothing of what was taken back, while disabled, or once they are gone', async () => {
    const endpoint = await stripe.webhookEndpoints.create({ url, enabled_events: ['*'] })
    await expect(stripe.customers.create({ payment_method: 'pm_none' })).rejects.toThrow()
    await stripe.webhookEndpoints.update(endpoint.id, { disabled: true })
    await stripe.customers.create({})
    await stripe.webhookEndpoints.del(endpoint.id)
    await stripe.customers.create({})
    expect(await deliveries()).toEqual([])
    expect(received).toEqual([])
  })

  it('are tried again by the clock of the sandbox, with the same body', async () => {
    statuses = [500, 404]
    await stripe.webhookEndpoints.create({ url, enabled_events: ['customer.created'] })
    await stripe.customers.create({})
    expect(await deliveries()).toMatchObject([{ status: 'waiting', next_try: '2026-10-01T00:01:00Z' }])
    await steer(sandbox, 'clock', { advance: { minutes: 1 } })
    expect(await deliveries()).toMatchObject([{ status: 'waiting', next_try: '2026-10-01T00:06:00Z' }])
    await steer(sandbox, 'clock', { advance: { minutes: 5 } })
    const [delivery] = await deliveries()
    expect(delivery).toMatchObject({
      status: 'delivered',
      attempts: [{ http_status: 500 }, { http_status: 404 }, { http_status: 200, at: '2026-10-01T00:06:00Z' }],
    })
    expect(new Set(received.map(({ body }) => body)).size).toBe(1)
    expect((await steer(sandbox, `webhooks/${delivery?.id}`)).body).toEqual(delivery)
  })

  it('get their events in the version that they were made with', async () => {
    const version = '2024-06-20' as Stripe.WebhookEndpointCreateParams.ApiVersion
    await stripe.webhookEndpoints.create({ url, enabled_events: ['invoice.created'], api_version: version })
    const customer = await stripe.customers.create({})
    await stripe.invoices.create({ customer: customer.id })
    await deliveries()
    const event = JSON.parse(received[0]?.body ?? '')
    expect(event).toMatchObject({ api_version: version, data: { object: { paid: false, payment_intent: null } } })
    expect(event.data.object).not.toHaveProperty('parent')
  })

  it.each(['http://10.0.0.1/', 'http://8.8.8.8/', 'http://169.254.169.254/'])(
    'are not reached at %s',
    async (elsewhere) => {
      await stripe.webhookEndpoints.create({ url: elsewhere, enabled_events: ['customer.created'] })
      await stripe.customers.create({})
      const attempts = [{ http_status: null, error: expect.stringContaining('egress_refused') }]
      expect(await deliveries()).toMatchObject([{ status: 'waiting', attempts }])
    },
  )
})
