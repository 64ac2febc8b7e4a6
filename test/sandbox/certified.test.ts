import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { casePorts } from '../../engine/cases/case-ports.ts'
import { responseOf } from '../../engine/cases/wire.ts'
import { createEngine } from '../../engine/engine.ts'
import { compileCatalog, type Transport } from '../../engine/index.ts'
import { readDefinitions } from '../../server/definitions.ts'
import { listen, type RunningSandbox, Sandbox } from '../../server/sandbox/index.ts'
import {
  createEgressPolicy,
  createNarrowEgressPolicy,
  createTransport,
  type NetworkTransport,
} from '../../server/transport/index.ts'
import { VirtualClock } from '../support/virtual-clock.ts'
import { LOG, START_MS } from './support.ts'

// Deliveries that name a certificate: the sandbox signs them with a key of its own, and who is told where the provider is reached
// takes the certificate from there.

const { catalog } = compileCatalog(await readDefinitions([{ path: join(import.meta.dirname, '../..') }]))
const found = catalog?.integrations.get('paypal')
if (catalog === undefined || found === undefined) throw new Error('The definitions do not compile')
const integration = found
const engineOf = (network: Transport) => createEngine({ catalog, ports: casePorts(network, {}) })

let transport: NetworkTransport
/** Reaches this machine only where an account was granted it. */
let network: NetworkTransport
let sandbox: RunningSandbox
let receiver: Server
let received: { readonly headers: IncomingHttpHeaders; readonly body: Buffer }[]

const asked = async (path: string, body?: object): Promise<Record<string, unknown>> => {
  const [name = '', value = ''] = (sandbox.authorization ?? '').split(': ')
  const headers = { [name]: value, 'content-type': 'application/json' }
  const init = body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) }
  const response = await fetch(sandbox.origin + path, init)
  expect(response.status, path).toBeLessThan(300)
  return (await response.json()) as Record<string, unknown>
}

beforeAll(async () => {
  received = []
  receiver = createServer(async (request, response) => {
    received.push({ headers: request.headers, body: await buffer(request) })
    response.end()
  })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  transport = createTransport({ egress: createNarrowEgressPolicy() })
  const clock = new VirtualClock(START_MS)
  sandbox = await listen(new Sandbox({ integration, clock, isSown: false, transport }), LOG)
  network = createTransport({ egress: createEgressPolicy({ origins: [sandbox.origin] }) })
})

afterAll(async () => {
  await sandbox.close()
  await transport.close()
  await network.close()
  await new Promise((resolve) => receiver.close(resolve))
})

it('are signed over what their headers say, for the address that they go to', async () => {
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`
  const webhook = await asked('/v1/notifications/webhooks', { url, event_types: [{ name: '*' }] })
  const payment_source = { card: { number: '4111111111111111', expiry: '2031-12', name: 'Ada King' } }
  const setup = await asked('/v3/vault/setup-tokens', { payment_source })
  await asked('/v3/vault/payment-tokens', { payment_source: { token: { id: setup.id, type: 'SETUP_TOKEN' } } })
  expect(await asked('/_sandbox/webhooks')).toMatchObject({ deliveries: [{ status: 'delivered' }] })
  const [{ headers, body } = { headers: {}, body: Buffer.alloc(0) }] = received
  const engine = engineOf(network)
  const delivery = { url, headers: headers as Record<string, string>, query: {}, body }
  const keys = { secrets: [], endpointId: String(webhook.id), nowMs: START_MS, baseUrl: sandbox.origin }
  expect(await engine.receive(integration, delivery, keys)).toMatchObject({
    events: [{ type: 'VAULT.PAYMENT-TOKEN.CREATED' }],
  })
  const refused = { code: 'signature_refused' }
  await expect(engine.receive(integration, delivery, { ...keys, endpointId: 'another' })).rejects.toMatchObject(refused)
  const changed = { ...delivery, body: Buffer.concat([body, Buffer.from(' ')]) }
  await expect(engine.receive(integration, changed, keys)).rejects.toMatchObject(refused)
  const at = (cert: string) => ({ ...delivery, headers: { ...delivery.headers, 'paypal-cert-url': cert } })
  await expect(engine.receive(integration, at(`${sandbox.origin}/cert`), keys)).rejects.toMatchObject(refused)
  // For every other account the certificate is the provider's own.
  const urls: string[] = []
  const send: Transport['send'] = ({ url: from }) => {
    urls.push(from)
    return Promise.resolve(responseOf({ status: 404, body: {} }))
  }
  const { baseUrl: _, ...own } = keys
  const elsewhere = engineOf({ send, stream: () => Promise.reject(new Error('There are no streams here')) })
  await expect(elsewhere.receive(integration, delivery, own)).rejects.toMatchObject({ code: 'provider_error' })
  expect(urls).toEqual([headers['paypal-cert-url']])
})
