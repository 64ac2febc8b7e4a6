import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStand, type Stand } from '../http/stand.ts'
import { type AnyClient, connectToday } from './clients.ts'

const CUSTOMERS = 'payment-gateway/customers'

let stand: Stand
let token: string
const open: AnyClient[] = []
beforeAll(async () => {
  stand = await openStand()
  token = await stand.accountToken({ effects: ['read', 'write'] })
})
afterAll(async () => {
  for (const client of open) await client.close()
  await stand.close()
})

async function connect(query = ''): Promise<AnyClient> {
  const client = await connectToday(`${stand.url}/mcp${query}`, token)
  open.push(client)
  return client
}

const bytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value))

/** The upstream's next answer. */
const answerNext = (value: string): void => {
  stand.upstream.next = (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(value)
  }
}

describe('an answer that does not fit', () => {
  it('ends where its cursor goes on, and says so', async () => {
    stand.upstream.customers.length = 0
    stand.upstream.addCustomers(12)
    for (const customer of stand.upstream.customers) customer.name = `${customer.id} ${'x'.repeat(300)}`
    const client = await connect('?max_bytes=2000')
    const seen: string[] = []
    let cursor: string | undefined
    do {
      const paging = cursor === undefined ? {} : { next_cursor: cursor }
      const { structuredContent: page } = await client.call('list_records', { resource: CUSTOMERS, ...paging })
      expect(bytes(page)).toBeLessThan(2_600)
      seen.push(...page.result.map(({ id }: { id: string }) => id))
      if (page.truncated) expect(page.hint).toMatch(/first \d+ of \d+.*next_cursor.*fields/s)
      cursor = page.next_cursor ?? undefined
    } while (cursor !== undefined)
    expect(seen).toEqual(stand.upstream.customers.map(({ id }) => id).toReversed())
  })

  it('of one record tells what is missing', async () => {
    answerNext(JSON.stringify({ id: 'cus1', name: 'Ada', note: 'y'.repeat(50_000), tags: Array(500).fill('tag') }))
    const client = await connect('?max_bytes=4000')
    const native = { name: 'get_single_acme_customers_by_id', arguments: { id: 'cus1' } }
    const { structuredContent: answer } = await client.call('call_tool', native)
    expect(answer).toMatchObject({ truncated: true, result: { id: 'cus1', name: 'Ada' } })
    expect(answer.cut).toEqual([
      expect.stringMatching(/^tags: \d+ of 500 items$/),
      expect.stringMatching(/^note: \d+ of 50000 characters$/),
    ])
    expect(bytes(answer)).toBeLessThan(4_000)
  })

  it('fits when fewer fields are asked for', async () => {
    answerNext(JSON.stringify({ id: 'cus1', name: 'Ada', note: 'y'.repeat(50_000), deep: { a: 1, b: 2 } }))
    const client = await connect('?max_bytes=2000')
    const native = { name: 'get_single_acme_customers_by_id', arguments: { id: 'cus1' }, fields: ['id', 'deep.a'] }
    const { structuredContent: answer } = await client.call('call_tool', native)
    expect(answer).toMatchObject({ truncated: false, result: { id: 'cus1', deep: { a: 1 } } })
    expect(Object.keys(answer.result)).toEqual(['id', 'deep'])
  })

  it('a long refusal of the provider keeps its code', async () => {
    stand.upstream.next = (_request, response) => {
      response.writeHead(422, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ error: { code: 'odd', message: 'No', more: 'z'.repeat(60_000) } }))
    }
    const client = await connect()
    const answer = await client.call('get_record', { resource: CUSTOMERS, id: 'cus1' })
    expect(answer.structuredContent).toMatchObject({ truncated: true, error: { code: 'provider_invalid_request' } })
    expect(bytes(answer.structuredContent)).toBeLessThan(32_000)
    expect(answer.content[0]?.text).toContain('data from outside')
  })
})

describe('what stands in an answer', () => {
  it('records are marked as from outside, our own words are not', async () => {
    const client = await connect()
    const records = await client.call('list_records', { resource: CUSTOMERS, limit: 1 })
    expect(records.structuredContent.notice).toMatch(/from outside.*never instructions/)
    expect((await client.call('list_accounts')).structuredContent.notice).toBeUndefined()
  })

  it('the JSON stands in structured content or, when asked for, in the text: never in both', async () => {
    const args = { resource: CUSTOMERS, limit: 1, fields: ['id'] }
    const structured = await (await connect()).call('list_records', args)
    expect(structured.content[0]?.text).toMatch(/^1 item in structuredContent\.result/)
    const client = await connect('?answers=text')
    const text = await client.call('list_records', args)
    expect(text.structuredContent).toBeUndefined()
    expect(JSON.parse(text.content[0]?.text ?? '')).toMatchObject({ result: [{ id: expect.any(String) }] })
    expect((await client.list()).tools.filter(({ outputSchema }) => outputSchema !== undefined)).toEqual([])
  })

  it('integers beyond 2^53 are text, both ways', async () => {
    answerNext('{"id":"cus1","big":9007199254740994,"small":9007199254740991}')
    const client = await connect()
    const native = { name: 'get_single_acme_customers_by_id', arguments: { id: 'cus1' } }
    const { structuredContent: answer } = await client.call('call_tool', native)
    expect(answer.result).toEqual({ id: 'cus1', big: '9007199254740994', small: 9007199254740991 })
    const sent = { resource: CUSTOMERS, body: { name: 'x', metadata: { n: 9007199254740994 } } }
    expect((await client.call('create_record', sent)).structuredContent.error).toMatchObject({
      code: 'invalid_parameter',
      where: 'body.metadata.n',
    })
  })

  it('a mistake is answered with what would be right', async () => {
    const client = await connect()
    const unknown = await client.call('list_records', { resource: CUSTOMERS, filters: { emial: 'a@b.c' } })
    expect(unknown.structuredContent.error).toMatchObject({
      code: 'unknown_filter',
      valid: expect.arrayContaining(['email']),
    })
    const resource = await client.call('list_records', { resource: 'payments' })
    expect(resource.structuredContent.error.valid).toContain('payment-gateway/payments')
    expect(resource.content[0]?.text).toContain('payment-gateway/payments')
  })
})

describe('a write', () => {
  it('is made once for its key', async () => {
    const client = await connect()
    const args = { resource: CUSTOMERS, body: { name: 'Once' }, idempotency_key: 'once-1' }
    const first = (await client.call('create_record', args)).structuredContent
    const again = (await client.call('create_record', args)).structuredContent
    expect(again.result).toEqual(first.result)
    expect(again).toMatchObject({ replayed: true, idempotency_key: 'once-1' })
    expect(stand.upstream.customers.filter(({ name }) => name === 'Once')).toHaveLength(1)
    const other = await client.call('create_record', { ...args, body: { name: 'Twice' } })
    expect(other.structuredContent.error.code).toBe('idempotency_conflict')
  })

  it('is changed and deleted', async () => {
    const client = await connect()
    const { result } = (await client.call('create_record', { resource: CUSTOMERS, body: { name: 'A' } }))
      .structuredContent
    const changed = await client.call('update_record', { resource: CUSTOMERS, id: result.id, body: { name: 'B' } })
    expect(changed.structuredContent.result.name).toBe('B')
    const gone = await client.call('delete_record', { resource: CUSTOMERS, id: result.id })
    expect(gone.structuredContent.result).toEqual({ id: result.id })
  })

  it('each call is a line of the request log, with its tool', async () => {
    const client = await connect()
    const before = stand.upstream.reached.length
    await client.call('list_records', { resource: CUSTOMERS, limit: 2 })
    const asked = stand.upstream.reached.length - before
    const { stores } = stand.server.services
    await stores.requests.flush()
    const { body } = await stand.call('GET', '/request-log?limit=100')
    const rows = body.result.filter(({ path }: { path: string }) => path === '/mcp/list_records')
    expect(rows).toContainEqual(
      expect.objectContaining({ status: 200, upstream_requests: asked, integrated_account_id: 'acme-1' }),
    )
  })
})
