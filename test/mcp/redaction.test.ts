import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { redactReply } from '../../server/api/redact.ts'
import { type Desk, openDesk } from './agents.ts'
import { type AnyClient, connectToday, type SeenAnswer } from './clients.ts'

const CUSTOMERS = 'payment-gateway/customers'
const PAYMENTS = 'payment-gateway/payments'
const STRIPE = 'sandbox-stripe'

let desk: Desk
let client: AnyClient
let agent: { readonly id: string; readonly token: string }
let person: { readonly id: string; readonly email: string; readonly name: string }

beforeAll(async () => {
  desk = await openDesk()
  agent = await desk.agent({ effects: ['read', 'write'], redact: true })
  client = await connectToday(desk.mcp, agent.token)
  const path = `/unified/${CUSTOMERS}?integrated_account_id=${STRIPE}&limit=100`
  const { result } = (await desk.api('GET', path)).body
  person = result.find((one: { email: unknown; name: unknown }) => one.email && one.name)
}, 60_000)
afterAll(async () => {
  await client?.close()
  await desk.close()
})

const codeOf = (answer: SeenAnswer): string | undefined => answer.structuredContent.error?.code
const expectNobody = (answer: unknown): void => {
  const text = JSON.stringify(answer)
  expect(text).not.toContain(person.email)
  expect(text).not.toContain(person.name)
}

describe('a token that leaves personal data out', () => {
  it('reads records without it, and is told what is missing', async () => {
    const got = await client.call('get_record', { resource: CUSTOMERS, id: person.id })
    expect(got.structuredContent).toMatchObject({
      result: { id: person.id, object: 'customer' },
      redacted: expect.arrayContaining(['email', 'name']),
    })
    expectNobody(got)
    const listed = await desk.api('GET', `/unified/${CUSTOMERS}?limit=100`, undefined, agent.token)
    expect(listed.body.result.length).toBeGreaterThan(5)
    expect(listed.body.result.filter((one: { email: unknown }) => one.email !== null)).toEqual([])
    expectNobody(listed)
    const batch = await desk.api(
      ...(['POST', '/batch-request'] as const),
      { resources: [{ name: 'a', resource: CUSTOMERS, method: 'get', id: person.id }] },
      agent.token,
    )
    expect(JSON.stringify(batch.body)).toContain(person.id)
    expectNobody(batch)
  })

  it('sees none in what an expansion brings along, whole records of other resources included', async () => {
    const query = `expand=payments,payment_methods,summary`
    const path = `/unified/${CUSTOMERS}/${person.id}?${query}`
    const full = await desk.api('GET', `${path}&integrated_account_id=${STRIPE}`)
    expect(JSON.stringify(full.body)).toContain(person.email)
    const cut = await desk.api('GET', path, undefined, agent.token)
    expect(cut.body.payments.length).toBe(full.body.payments.length)
    expectNobody(cut)
    expect(JSON.stringify(cut.body)).not.toMatch(/"last4":"\d/)
  })

  it('writes, and is answered without it', async () => {
    const made = await client.call('create_record', {
      resource: CUSTOMERS,
      body: { email: person.email, name: person.name },
    })
    expect(made.structuredContent.result.id).toEqual(expect.any(String))
    expectNobody({ ...made, content: made.content })
  })

  it.each([
    ['a filter', { filters: { email: 'a@b.c' } }],
    ['a search', { filters: { q: 'jenny' } }],
    ['a filter by lookup', { resource: PAYMENTS, filters: { customer_email: 'a@b.c' } }],
  ])('asks nothing of it by %s', async (_what, args) => {
    expect(codeOf(await client.call('list_records', { resource: CUSTOMERS, ...args }))).toBe('forbidden')
  })

  it.each([
    'remote_data=true',
    'explain=true',
    'format=raw',
    'format=debug',
    'truto_key_by=email',
    'truto_ignore_remote_data=false',
  ])('asks nothing of it by %s', async (query) => {
    const answer = await desk.api('GET', `/unified/${CUSTOMERS}?${query}`, undefined, agent.token)
    expect([query, answer.body.code]).toEqual([query, 'forbidden'])
  })

  it('has no native tool, proxy, custom path, drop-in port or account', async () => {
    expect((await client.list()).tools.map(({ name }) => name)).not.toContain('call_tool')
    const flat = await connectToday(`${desk.mcp}?mode=flat`, agent.token)
    expect((await flat.list()).tools).toEqual([])
    await flat.close()
    for (const path of ['/proxy/customers', '/custom/v1/customers', `/integrated-account/${STRIPE}`, '/event']) {
      expect([path, (await desk.api('GET', path, undefined, agent.token)).body.code]).toEqual([path, 'forbidden'])
    }
    const dropIn = `http://127.0.0.1:${desk.server.passthroughPort}/v1/customers`
    expect((await fetch(dropIn, { headers: { authorization: `Bearer ${agent.token}` } })).status).toBe(403)
  })

  it('is told of errors by their codes', async () => {
    const body = { email: `${person.email} nobody` }
    const answer = await desk.api('PATCH', `/unified/${CUSTOMERS}/${person.id}`, body, agent.token)
    const { provider, detail, code } = answer.body
    expect(code).toBeDefined()
    expect(provider?.body ?? null).toBeNull()
    expect(provider?.message ?? null).toBeNull()
    expect(detail).not.toContain(person.email)
  })

  it('leaves nothing of it in the audit log', async () => {
    await client.call('list_records', { resource: CUSTOMERS, filters: { email: person.email } })
    await client.call('search_tools', { query: `find ${person.email}` })
    const acts = await desk.acts(`actor=token:${agent.id}`)
    const creating = acts.find(({ action }) => action === 'mcp/create_record')
    expect(creating).toMatchObject({
      ...{ outcome: 'succeeded', target: `integrated_account:${STRIPE}` },
      details: { arguments: { resource: CUSTOMERS, body: { email: '[cut]', name: '[cut]' } }, upstream_requests: 1 },
    })
    expect(acts.find(({ action }) => action === 'mcp/search_tools')).toMatchObject({
      details: { arguments: { query: 'find [cut]' } },
    })
    expectNobody(acts)
  })
})

it('cuts what a method answers by its own schema, whatever fields are left of it', () => {
  const catalog = desk.server.services.engine.catalog()
  const resource = catalog.models.get('payment-gateway')?.resources.get('customers')
  if (resource === undefined) throw new Error('no customers')
  const { email } = person
  const cut = (method: string, body: object) => redactReply(catalog, resource, method, { status: 200, body }).body
  // Without an id, and all of it objects: it looks like records by key, and is one.
  const nested = { address: { line1: 'Home 1', country: 'DE' }, shipping: { name: email } }
  for (const one of [cut('merge', { result: nested }), cut('get', { ...nested, result: { email } })]) {
    expect(JSON.stringify(one)).not.toContain('Home 1')
  }
  const keyed = cut('list', { result: { a: { id: 'a', email } }, next_cursor: null })
  expect(keyed).toEqual({ result: { a: { id: 'a', email: null } }, next_cursor: null })
})

describe('the audit log', () => {
  it('is asked for by token, tool, outcome and time, page by page', async () => {
    const denied = await desk.acts(`actor=token:${agent.id}&action=mcp/list_records&outcome=denied`)
    expect(denied.length).toBeGreaterThan(2)
    const at = String(denied[1]?.at)
    const since = await desk.acts(`actor=token:${agent.id}&action=mcp/*&from=${at}`)
    expect(since.every((act) => String(act.at) >= at)).toBe(true)
    const until = await desk.acts(`actor=token:${agent.id}&action=mcp/*&until=${at}`)
    expect(until.every((act) => String(act.at) < at)).toBe(true)
    const all = await desk.acts(`actor=token:${agent.id}&action=mcp/*`)
    expect(since.length + until.length).toBe(all.length)
    const page = (await desk.api('GET', `/audit-log?actor=token:${agent.id}&action=mcp/*&limit=2`)).body
    const cursor = encodeURIComponent(page.next_cursor)
    const more = (
      await desk.api('GET', `/audit-log?actor=token:${agent.id}&action=mcp/*&limit=2&next_cursor=${cursor}`)
    ).body
    expect([...page.result, ...more.result]).toEqual(all.slice(0, 4))
    const [one] = all
    expect(await desk.acts(`request_id=${one?.request_id}&action=mcp/*`)).toEqual([one])
    expect((await desk.api('GET', '/audit-log?from=yesterday')).body.code).toBe('invalid_parameter')
  })
})
