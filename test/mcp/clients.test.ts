import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStand, type Stand } from '../http/stand.ts'
import { NOT_INSTALLED } from '../support/official-cli.ts'
import { type AnyClient, CLIENTS } from './clients.ts'
import { MCPC } from './mcpc.ts'

const CUSTOMERS = 'payment-gateway/customers'

let stand: Stand
let token: string
beforeAll(async () => {
  stand = await openStand()
  stand.upstream.addCustomers(23)
  token = await stand.accountToken({ effects: ['read', 'write', 'money'] })
})
afterAll(() => stand.close())

describe.each(Object.entries(CLIENTS))('%s', (name, connect) => {
  let client: AnyClient
  beforeAll(async () => {
    client = await connect(`${stand.url}/mcp`, token)
  }, 60_000)
  afterAll(() => client?.close())

  it('lists the core tools on one page, with schemas for both directions', async () => {
    const { tools, nextCursor } = await client.list()
    expect(nextCursor).toBeUndefined()
    expect(tools.map((tool) => tool.name)).toEqual([
      'list_accounts',
      'search_tools',
      'describe_tool',
      'list_records',
      'get_record',
      'customer_summary',
      'create_record',
      'update_record',
      'delete_record',
      'act_on_record',
      'call_tool',
      'confirm_action',
    ])
    expect(tools.filter(({ description }) => !description)).toEqual([])
    if (name !== 'LangChain') expect(tools.filter(({ outputSchema }) => outputSchema === undefined)).toEqual([])
    expect(Buffer.byteLength(JSON.stringify({ tools }))).toBeLessThan(12_000)
  })

  it('speaks the revision of its time', () => {
    if (name.includes('over HTTP')) expect(client.revision()).toBe(name.includes('today') ? '2026-07-28' : '2025-11-25')
    else expect([undefined, '2026-07-28', '2025-11-25']).toContain(client.revision())
  })

  it('reads a list to its end, each record once', async () => {
    const ids: string[] = []
    let cursor: string | undefined
    do {
      const paging = cursor === undefined ? {} : { next_cursor: cursor }
      const answer = await client.call('list_records', { resource: CUSTOMERS, limit: 5, fields: ['id'], ...paging })
      expect(answer.isError).not.toBe(true)
      const { result, next_cursor: next } = answer.structuredContent
      ids.push(...result.map(({ id }: { id: string }) => id))
      cursor = next ?? undefined
    } while (cursor !== undefined)
    expect(ids).toEqual(stand.upstream.customers.map(({ id }) => id).toReversed())
  })

  it('gets a record, and is told what went wrong with another', async () => {
    const found = await client.call('get_record', { resource: CUSTOMERS, id: 'cus0003' })
    expect(found.structuredContent).toMatchObject({ result: { id: 'cus0003' }, truncated: false })
    const missing = await client.call('get_record', { resource: CUSTOMERS, id: 'cus9999' })
    expect(missing.isError).toBe(true)
    const error = { code: 'record_not_found', who_can_fix: 'caller' }
    if (name !== 'LangChain') expect(missing.structuredContent.error).toMatchObject(error)
    expect(missing.content[0]?.text).toContain('record_not_found')
  })

  it('reaches what only the provider has, by search, describe and call', async () => {
    const hits = await client.call('search_tools', { query: 'how many customers, count' })
    const tool = hits.structuredContent.result.find((one: { kind: string }) => one.kind === 'native').name
    expect(tool).toBe('acme_customers_count')
    const described = await client.call('describe_tool', { name: tool })
    expect(described.structuredContent.result).toMatchObject({ effect: 'read', call_with: 'call_tool' })
    const called = await client.call('call_tool', { name: tool })
    expect(called.structuredContent.result).toEqual({ count: stand.upstream.customers.length })
  })

  it('reads about records before it asks for them', async () => {
    expect(await client.resources()).toContain('onefold://schema/payment-gateway/customers')
    const schema = JSON.parse(await client.read('onefold://schema/payment-gateway/customers'))
    expect(schema.properties).toHaveProperty('email')
  })

  it('refunds what a person has released, once', async () => {
    const refunds = () =>
      stand.upstream.reached.filter(({ verb, target }) => verb === 'POST' && target === '/v1/refunds')
    const before = refunds().length
    const body = { charge: `ch_${name.replaceAll(' ', '_')}`, amount: 500 }
    const held = await client.call('call_tool', { name: 'create_a_acme_refunds', arguments: { body } })
    expect(held.isError).toBe(true)
    const [, id = ''] = /approval_id (\S+)/.exec(held.content[0]?.text ?? '') ?? []
    const early = await client.call('confirm_action', { approval_id: id })
    expect(early.content[0]?.text).toContain('approval_pending')

    const approver = (await stand.call('POST', '/api-token', { body: { role: 'approve' } })).body.token
    const released = await stand.call('POST', `/approval/${id}`, { token: approver, body: { decision: 'release' } })
    expect(released.body).toMatchObject({ state: 'released', effect: 'money' })
    expect(refunds()).toHaveLength(before)

    const [done, again] = [
      await client.call('confirm_action', { approval_id: id }),
      await client.call('confirm_action', { approval_id: id }),
    ]
    expect([done.isError === true, again.isError]).toEqual([false, true])
    expect(refunds()).toHaveLength(before + 1)
    expect(String(refunds().at(-1)?.body)).toContain(body.charge)
  })

  it('is told of a tool that is not there by an error of the protocol', async () => {
    await expect(client.call('drop_tables')).rejects.toThrow(/There is no tool drop_tables/)
  })
})

it('the command line client was there to judge', ({ skip }) => {
  if (MCPC === undefined) skip(`${NOT_INSTALLED}: mcpc`)
  expect(Object.keys(CLIENTS)).toContain('mcpc')
})
