import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openStand, type Stand } from '../http/stand.ts'
import { GOOD_KEY } from '../http/upstream.ts'
import { type AnyClient, connectToday, type SeenAnswer } from './clients.ts'

const CUSTOMERS = 'payment-gateway/customers'

let stand: Stand
const clients: AnyClient[] = []
beforeAll(async () => {
  stand = await openStand()
  stand.upstream.addCustomers(3)
  await stand.server.services.stores.accounts.create(
    'default',
    { id: 'acme-2', integration: 'acme', tenantId: 'tenant-2', status: 'active', authenticationMethod: 'key' },
    stand.clock.now(),
  )
  await stand.call('POST', '/environment', { body: { id: 'theirs', name: 'Theirs' } })
  await stand.call('POST', '/integrated-account', {
    headers: { 'x-onefold-environment': 'theirs' },
    body: {
      ...{ id: 'theirs-1', integration: 'acme', tenant_id: 't', credentials: { key: GOOD_KEY } },
      settings: { base_url: stand.upstream.origin },
    },
  })
})
beforeEach(() => {
  stand.upstream.reached.length = 0
})
afterAll(async () => {
  for (const client of clients) await client.close()
  await stand.close()
})

async function holding(reach: Record<string, unknown>, query = ''): Promise<AnyClient> {
  const client = await connectToday(`${stand.url}/mcp${query}`, await stand.accountToken(reach))
  clients.push(client)
  return client
}

function expectRefused(answer: SeenAnswer, code: string): void {
  expect(answer.isError).toBe(true)
  expect(answer.structuredContent.error).toMatchObject({ code, request_id: expect.any(String) })
  expect(answer.content[0]?.text).toContain(code)
  expect(stand.upstream.reached).toEqual([])
}

const namesOf = async (client: AnyClient): Promise<string[]> => (await client.list()).tools.map(({ name }) => name)

describe('a token that reads', () => {
  it('is shown no tool that writes, and a hidden tool is not there', async () => {
    const client = await holding({})
    const { tools } = await client.list()
    expect(tools.filter(({ annotations }) => annotations?.readOnlyHint !== true)).toEqual([])
    await expect(client.call('create_record', { resource: CUSTOMERS, body: {} })).rejects.toThrow(/no tool create_/)
    const hits = await client.call('search_tools', { query: 'create update delete customers' })
    const effects = hits.structuredContent.result.map((hit: { effect: string }) => hit.effect)
    expect(new Set(effects)).toEqual(new Set(['read']))
  })

  it('does not write through a native tool either', async () => {
    const client = await holding({})
    const args = { name: 'create_a_acme_customers', arguments: { body: { name: 'x' } } }
    expectRefused(await client.call('call_tool', args), 'unknown_method')
    const flat = await holding({}, '?mode=flat')
    await expect(flat.call('create_a_acme_customers', { body: {} })).rejects.toThrow(/There is no tool/)
  })
})

describe('a narrowed token', () => {
  it('sees and reaches its resources and methods only', async () => {
    const client = await holding({ resources: ['payment-gateway/customers'], methods: ['list'] })
    expect(await namesOf(client)).toEqual([
      'list_accounts',
      'search_tools',
      'describe_tool',
      'list_records',
      'call_tool',
    ])
    expectRefused(await client.call('list_records', { resource: 'payment-gateway/refunds' }), 'invalid_parameter')
  })

  it('of one customer has no native tools and no other customer', async () => {
    const client = await holding({ customer_id: 'cus0001' })
    expect(await namesOf(client)).not.toContain('call_tool')
    const own = await client.call('get_record', { resource: CUSTOMERS, id: 'cus0001' })
    expect(own.structuredContent.result.id).toBe('cus0001')
    const other = await client.call('get_record', { resource: CUSTOMERS, id: 'cus0002' })
    expect(other.structuredContent.error.code).toBe('record_not_found')
  })
})

describe('other accounts', () => {
  it.each(['acme-2', 'theirs-1', 'nowhere'])('%s is unknown to every tool', async (id) => {
    const client = await holding({ effects: ['read', 'write'] })
    const calls: [string, Record<string, unknown>][] = [
      ['list_records', { resource: CUSTOMERS }],
      ['get_record', { resource: CUSTOMERS, id: 'cus0001' }],
      ['create_record', { resource: CUSTOMERS, body: {} }],
      ['update_record', { resource: CUSTOMERS, id: 'cus0001', body: {} }],
      ['delete_record', { resource: CUSTOMERS, id: 'cus0001' }],
      ['act_on_record', { action: `${CUSTOMERS}/portal`, id: 'cus0001' }],
      ['customer_summary', { resource: CUSTOMERS, id: 'cus0001' }],
      ['search_tools', { query: 'customers' }],
      ['describe_tool', { name: CUSTOMERS }],
      ['call_tool', { name: 'list_all_acme_customers' }],
    ]
    for (const [name, args] of calls) {
      expectRefused(await client.call(name, { ...args, integrated_account_id: id }), 'unknown_account')
    }
  })

  it('no other account is chosen through a query or filter', async () => {
    const client = await holding({})
    const query = { integrated_account_id: 'theirs-1' }
    const native = { name: 'list_all_acme_customers', arguments: { query } }
    expectRefused(await client.call('call_tool', native), 'invalid_parameter')
    expectRefused(await client.call('list_records', { resource: CUSTOMERS, filters: query }), 'unknown_filter')
    expectRefused(
      await client.call('list_records', { resource: CUSTOMERS, filters: { format: 'raw' } }),
      'unknown_filter',
    )
  })

  it('an API token must name its account', async () => {
    const { body } = await stand.call('POST', '/api-token', { body: { role: 'read' } })
    const client = await connectToday(`${stand.url}/mcp`, body.token)
    clients.push(client)
    expectRefused(await client.call('list_records', { resource: CUSTOMERS }), 'ambiguous_account')
    const accounts = await client.call('list_accounts')
    const ids = accounts.structuredContent.result.map(({ id }: { id: string }) => id)
    expect(ids.sort()).toEqual(['acme-1', 'acme-2'])
    const answer = await client.call('list_records', { resource: CUSTOMERS, integrated_account_id: 'acme-1' })
    expect(answer.structuredContent.result).toHaveLength(3)
  })
})

describe('ids are one segment of a path', () => {
  it.each(['../account', '..%2faccount', 'cus0001/../../account', '.', '%2e%2e'])(
    '%s goes nowhere else',
    async (id) => {
      const client = await holding({ effects: ['read', 'write'] })
      for (const [name, args] of [
        ['get_record', { resource: CUSTOMERS, id }],
        ['delete_record', { resource: CUSTOMERS, id }],
        ['call_tool', { name: 'get_single_acme_customers_by_id', arguments: { id } }],
      ] as const) {
        const answer = await client.call(name, args)
        expect(answer.isError).toBe(true)
        expect(answer.structuredContent.error.code).toMatch(
          /^(path_not_allowed|record_not_found|provider_invalid_request)$/,
        )
      }
      const others = stand.upstream.reached.filter(
        ({ target }) => !/^\/customers\/[^/]+$/.test(target.replace(/^\/v1/, '')),
      )
      expect(others.map(({ target }) => target)).toEqual([])
    },
  )
})

describe('money and credentials', () => {
  const ALL = { effects: ['read', 'write', 'money', 'credential'] }

  it('wait for a person, whatever token is used, and nothing is sent', async () => {
    const client = await holding(ALL)
    const refund = { resource: 'payment-gateway/refunds', body: { payment_id: 'ch_1', amount: 100 } }
    const answer = await client.call('create_record', refund)
    expectRefused(answer, 'approval_required')
    const { approval, hint } = answer.structuredContent.error
    expect(approval).toMatchObject({ state: 'pending', approval: 'human', effect: 'money' })
    expect(hint).toContain(approval.url)
    const native = { name: 'create_a_acme_refunds', arguments: { body: { charge: 'ch_1' } } }
    expectRefused(await client.call('call_tool', native), 'approval_required')
    expectRefused(await client.call('call_tool', { name: 'list_all_acme_keys' }), 'approval_required')
    const flat = await holding(ALL, '?mode=flat')
    expectRefused(await flat.call('create_a_acme_refunds', { body: { charge: 'ch_1' } }), 'approval_required')
  })

  it('what waits is in the audit log as held', async () => {
    const client = await holding(ALL)
    await client.call('call_tool', { name: 'create_a_acme_refunds', arguments: { body: { charge: 'ch_1' } } })
    const { body } = await stand.call('GET', '/audit-log?limit=100')
    const act = body.result.find(({ action }: { action: string }) => action === 'proxy/refunds/create')
    expect(act).toMatchObject({
      outcome: 'held',
      details: { effect: 'money', code: 'approval_required' },
    })
  })

  it.each([
    [500, 'unknown'],
    [503, 'failed'],
    [422, 'failed'],
  ])('what the provider answered with %i is told as %s', async (status, outcome) => {
    const client = await holding(ALL)
    const held = await client.call('call_tool', {
      ...{ name: 'create_a_acme_refunds', arguments: { body: { charge: `ch_${status}` } } },
    })
    const { id } = held.structuredContent.error.approval
    await stand.call('POST', `/approval/${id}`, { body: { decision: 'release' } })
    stand.upstream.next = (_request, response) => void response.writeHead(status).end('{}')
    expect((await client.call('confirm_action', { approval_id: id })).isError).toBe(true)
    expect((await stand.call('GET', `/approval/${id}`)).body).toMatchObject({ state: 'used', outcome })
  })

  it('a token without the effect is refused as over HTTP', async () => {
    const client = await holding({ effects: ['read', 'write'] })
    const refund = { resource: 'payment-gateway/refunds', body: { payment_id: 'ch_1', amount: 100 } }
    expectRefused(await client.call('create_record', refund), 'forbidden')
  })
})

describe('a token that ends', () => {
  it('is refused on its next call', async () => {
    const { body } = await stand.call('POST', '/integrated-account/acme-1/token', { body: {} })
    const client = await connectToday(`${stand.url}/mcp`, body.token)
    clients.push(client)
    await client.call('list_accounts')
    await stand.call('DELETE', `/integrated-account/acme-1/token/${body.id}`)
    await expect(client.call('list_accounts')).rejects.toThrow()
  })
})
