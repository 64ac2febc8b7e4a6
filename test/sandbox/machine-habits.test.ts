import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, expect, it } from 'vitest'
import { listen, type RunningSandbox, Sandbox } from '../../server/sandbox/index.ts'
import { createNarrowEgressPolicy, createTransport } from '../../server/transport/index.ts'
import { VirtualClock } from '../support/virtual-clock.ts'
import { callQuarry, quarryWith } from './machine-quarry.ts'
import { LOG, START_MS, start } from './support.ts'

let closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing) await close()
  closing = []
})

async function quarry(...given: Parameters<typeof quarryWith>): Promise<RunningSandbox> {
  const sandbox = await start(quarryWith(...given), false)
  closing.push(() => sandbox.close())
  return sandbox
}

const KEYED = `
    idempotency:
      in: header
      name: Request-Ref
      on_conflict: { when: $http_status = 409, from: clients.get, path: { id: $response.errors.id } }
    request: { envelope: client }`

it('an operation that says `on_conflict` refuses a key that made something, and names it', async () => {
  const sandbox = await quarry(
    '{}',
    (rules) => rules.replace('{ const: REF_USED }', '{ const: REF_USED }, id: $error.id'),
    (definition) =>
      definition.replace('Stores a client.\n    request: { envelope: client }', `Stores a client.${KEYED}`),
  )
  const store = (body: object, ref: string) =>
    callQuarry(sandbox, 'POST', '/clients', { client: body }, { 'request-ref': ref })
  expect(await store({ mail: 'a@quarry.test' }, 'r1')).toMatchObject({ status: 422 })
  const first = await store({ full_name: 'Ada' }, 'r1')
  expect(first).toMatchObject({ status: 201, body: { client: { full_name: 'Ada' } } })
  const refusal = { status: 409, body: { errors: [{ code: 'REF_USED', id: first.body.client.client_no }] } }
  expect(await store({ full_name: 'Ada' }, 'r1')).toMatchObject(refusal)
  expect(await store({ full_name: 'Bo' }, 'r1')).toMatchObject(refusal)
  expect((await callQuarry(sandbox, 'GET', '/clients')).body.rows).toHaveLength(1)
})

it('a list in the query is read as the definition writes it', async () => {
  const sandbox = await quarry(
    '{}',
    (rules) =>
      rules.replace(
        '    filters:\n      archived',
        '    filters:\n      numbers: { field: client_no, any: true }\n      archived',
      ),
    (definition) =>
      definition.replace(
        '      archived: { in: query',
        '      numbers: { in: query, type: array, items: integer, description: Numbers. }\n      archived: { in: query',
      ),
  )
  for (const name of ['Ada', 'Bo', 'Cy']) await callQuarry(sandbox, 'POST', '/clients', { client: { full_name: name } })
  const named = async (query: string) =>
    (await callQuarry(sandbox, 'GET', `/clients?${query}`)).body.rows?.map(
      (row: { full_name: string }) => row.full_name,
    )
  expect(await named('numbers=1000,1002')).toEqual(['Cy', 'Ada'])
  expect(await named('numbers=1001')).toEqual(['Bo'])
  expect(await callQuarry(sandbox, 'GET', '/clients?numbers=x,1')).toMatchObject({ status: 422 })
})

it('a delivery holds what the rules make of an event', async () => {
  const more = `
events: { in: happenings }
webhooks:
  in: listeners
  url: url
  body: "{ 'happened': [$event], 'to': name }"
  sign: { header: Signature, secret: "'s'", over: $body, value: "$secret & '=' & $string($length($signature))" }
resources:
  happenings: { record: { kind: $body.type, about: $body.object.client_no }, methods: {} }
  listeners: { record: { url: $body.url, name: $body.name }, methods: {} }
`
  const received: unknown[] = []
  const headers: unknown[] = []
  const receiver = createServer(async (request, response) => {
    headers.push(request.headers.signature)
    received.push(JSON.parse(await text(request)))
    response.end()
  })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  const { port } = receiver.address() as AddressInfo
  const transport = createTransport({ egress: createNarrowEgressPolicy() })
  const told = `create: { status: 201, do: [{ create: { in: listeners, with: { url: "'http://127.0.0.1:${port}/'", name: { const: L } } } }], emit: "'client.stored'" }`
  const integration = quarryWith(more, (rules) => rules.replace('create: { status: 201 }', told))
  const clock = new VirtualClock(START_MS)
  const sandbox = await listen(new Sandbox({ integration, clock, isSown: false, transport }), LOG)
  closing.push(
    () => sandbox.close(),
    () => transport.close(),
    () => receiver.close(),
  )
  await callQuarry(sandbox, 'POST', '/clients', { client: { full_name: 'Ada' } })
  await callQuarry(sandbox, 'GET', '/_sandbox/webhooks')
  expect(received).toEqual([{ happened: [{ id: expect.any(String), kind: 'client.stored', about: 1000 }], to: 'L' }])
  expect(headers).toEqual(['s=64'])
})
