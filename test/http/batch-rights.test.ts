import { describe, expect, it } from 'vitest'
import { type Part, statuses, useBatches } from './batch-calls.ts'

const batches = useBatches()
const { run, sent } = batches

describe('writes of a batch', () => {
  const refund = {
    name: 'refund',
    resource: 'payment-gateway/refunds',
    method: 'create',
    body: { payment_id: 'ch_1', amount: 100 },
  }

  it('are made once for the key of the batch', async () => {
    const options = { headers: { 'idempotency-key': 'once-1' } }
    const first = await run([refund], {}, options)
    const before = sent()
    const again = await run([refund], {}, options)
    expect(sent()).toBe(before)
    expect(again.body.resources).toEqual([{ ...first.body.resources[0], replayed: true }])
    expect(again.headers.get('idempotency-key')).toBe('once-1')
    expect(again.body.cost).toMatchObject({ calls: 1, upstream_requests: 0 })
    const other = await run([{ ...refund, body: { payment_id: 'ch_1', amount: 200 } }], {}, options)
    expect(other.body.resources[0].error).toMatchObject({ code: 'idempotency_conflict' })
    expect(sent()).toBe(before)
  })

  it('of a loop are made once too, also when the list is another at the repeat', async () => {
    const options = { headers: { 'idempotency-key': 'loop-1' } }
    const loop = (items: readonly string[]): Part => ({
      ...{ ...refund, name: 'each', for_each: items },
      body: { payment_id: '{{ item }}', amount: 100 },
    })
    const first = await run([loop(['ch_1', 'ch_2', 'ch_2'])], {}, options)
    expect(first.body.cost.upstream_requests).toBe(3)
    const again = await run([loop(['ch_0', 'ch_2', 'ch_1', 'ch_2'])], {}, options)
    expect(again.body.cost.upstream_requests).toBe(1)
    const ids = (body: typeof first.body) => body.resources[0].iterations.map(({ answer }: Part) => (answer as Part).id)
    const [one, two, three] = ids(first.body)
    expect(ids(again.body).slice(1)).toEqual([two, one, three])
  })

  it('are not lost when the answer is: the key says what is not known', async () => {
    const options = { headers: { 'idempotency-key': 'lost-1' } }
    batches.stand.upstream.next = (_request, response) => response.destroy()
    const first = await run([refund], {}, options)
    expect(first.body.resources[0].error).toMatchObject({ code: 'outcome_unknown' })
    const before = sent()
    expect((await run([refund], {}, options)).body.resources[0].error).toMatchObject({ code: 'outcome_unknown' })
    expect(sent()).toBe(before)
  })

  it('of a batch that has no requests left are not sent, and can be made later', async () => {
    const options = { headers: { 'idempotency-key': 'later-1' } }
    const parts = [
      { name: 'list', resource: 'customers', method: 'list' },
      { ...refund, depends_on: 'list' },
    ]
    expect(statuses(await run(parts, { max_requests: 1 }, options))).toEqual(['done', 'not_run'])
    expect(statuses(await run(parts, {}, options))).toEqual(['done', 'done'])
  })
})

describe('rights in a batch', () => {
  const customers = { name: 'customers', resource: 'customers', method: 'list', query: { limit: 1 } }
  const refund = { name: 'refund', resource: 'refunds', method: 'create', body: { charge: 'ch_1' } }
  const code = (answer: { body: { resources: { error?: { code: string } }[] } }, at: number) =>
    answer.body.resources[at]?.error?.code

  it('are checked part by part, as for the call alone, and denied acts are audited', async () => {
    const token = await batches.stand.accountToken({ effects: ['read'] })
    const before = sent()
    const answer = await run(
      [
        customers,
        refund,
        { name: 'raw', custom: '/v1/refunds', method: 'POST', body: { charge: 'ch_1' } },
        { name: 'keys', custom: '/v1/keys' },
        { name: 'hidden', custom: '/v1/undeclared' },
      ],
      {},
      { token },
    )
    expect(statuses(answer)).toEqual(['done', 'failed', 'failed', 'failed', 'failed'])
    for (const at of [1, 2, 3, 4]) expect(code(answer, at)).toBe('forbidden')
    expect(sent()).toBe(before + 1)
    const { body } = await batches.stand.call('GET', '/audit-log?limit=100')
    const id = `${answer.headers.get('x-request-id')}:`
    const acts = body.result.filter((act: { request_id: string }) => act.request_id.startsWith(id))
    expect(acts.map(({ outcome }: Part) => outcome)).toEqual(['denied', 'denied', 'denied', 'denied'])
  })

  it('never reach another account', async () => {
    const token = await batches.stand.accountToken({})
    const answer = await run(
      [
        { ...customers, integrated_account_id: 'acme-2' },
        { ...customers, name: 'b', query: { integrated_account_id: 'acme-2' } },
        { name: 'c', custom: '/v1/customers?integrated_account_id=acme-2', integrated_account_id: 'acme-1' },
      ],
      {},
      { token },
    )
    for (const at of [0, 1, 2]) expect(code(answer, at)).toBe('unknown_account')
  })

  it('of a token narrowed to one customer stay narrow', async () => {
    const token = await batches.stand.accountToken({ customer_id: 'cus0001' })
    const answer = await run(
      [
        { ...customers, resource: 'payment-gateway/customers' },
        customers,
        { name: 'raw', custom: '/v1/customers' },
      ].map((part, at) => ({ ...part, name: `p${at}` })),
      {},
      { token },
    )
    expect(answer.body.resources[0].answer.result).toMatchObject([{ id: 'cus0001' }])
    expect([code(answer, 1), code(answer, 2)]).toEqual(['forbidden', 'forbidden'])
  })

  it('hold for whatever an expression makes of an answer', async () => {
    const both = [
      { name: 'raw', custom: '/v1/customers/{{ args.id }}' },
      { name: 'native', resource: 'customers', method: 'get', id: '{{ args.id }}' },
    ]
    for (const id of ['../keys', '..', '.', '%2e%2e', 'x/../../keys', 'x?y=1#z', '\\..\\keys']) {
      const before = sent()
      await run(both, { args: { id } })
      const targets = batches.stand.upstream.reached.slice(before).map(({ target }) => target)
      for (const target of targets) expect(target).toMatch(/^(\/v1)?\/customers\/[^/?#]+$/)
    }
  })

  it('do not let a part speak for itself or set what is ours', async () => {
    for (const name of [
      'Authorization',
      'X-Onefold-Environment',
      'X-Request-Id',
      'Acme-Account',
      'X-HTTP-Method-Override',
    ]) {
      const before = sent()
      const answer = await run([{ name: 'raw', custom: '/v1/customers', headers: { [name]: 'x' } }])
      expect([name, code(answer, 0)]).toEqual([name, 'owned_parameter'])
      expect(sent()).toBe(before)
    }
  })

  it('need a token at all', async () => {
    expect((await run([customers], {}, { token: null })).status).toBe(401)
  })
})

describe('the log of a batch', () => {
  it('has a line for each call as if made alone, with its cost, and audits money', async () => {
    const { headers } = await run([
      {
        name: 'all',
        resource: 'payment-gateway/customers',
        method: 'list',
        query: { limit: 6, email: 'c3@example.com' },
      },
      { name: 'gone', resource: 'customers', method: 'get', id: 'nobody' },
      { name: 'pay', resource: 'refunds', method: 'create', for_each: ['ch_9'], body: { charge: '{{ item }}' } },
      { name: 'raw', custom: '/v1/customers', method: 'post', body: { name: 'Bo' } },
    ])
    const id = headers.get('x-request-id')
    const line = async (name: string) => {
      const { body } = await batches.stand.call('GET', `/request-log?request_id=${id}${name}`)
      return body.result[0]
    }
    expect(await line('')).toMatchObject({ method: 'POST', path: '/batch-request', status: 200, upstream_requests: 0 })
    const path = '/unified/payment-gateway/customers?limit=*&email=*&integrated_account_id=*'
    expect(await line(':all')).toMatchObject({
      method: 'GET',
      path,
      upstream_requests: 1,
      integrated_account_id: 'acme-1',
    })
    expect(await line(':gone')).toMatchObject({ status: 404, error_code: 'record_not_found', upstream_requests: 1 })
    expect(await line(':pay:0')).toMatchObject({ method: 'POST', path: '/proxy/refunds?integrated_account_id=*' })
    expect(await line(':raw')).toMatchObject({
      method: 'POST',
      path: '/custom/v1/customers?integrated_account_id=*',
      status: 200,
    })
    const { body } = await batches.stand.call('GET', '/audit-log?action=proxy/refunds/create')
    const paid = { outcome: 'succeeded', request_id: `${id}:pay:0` }
    expect(body.result).toContainEqual(expect.objectContaining(paid))
  })
})

describe('custom parts', () => {
  const last = () => batches.stand.upstream.reached.at(-1)

  it('send JSON, or a form where their Content-Type says so', async () => {
    await run([{ name: 'a', custom: '/v1/customers', method: 'POST', body: { name: 'A' }, headers: { 'X-Own': '1' } }])
    expect(last()?.headers).toMatchObject({ 'content-type': 'application/json', 'x-own': '1' })
    expect(String(last()?.body)).toBe('{"name":"A"}')
    const form = { 'Content-Type': 'application/x-www-form-urlencoded' }
    const body = { name: 'a&b=c', 'metadata[x]': '{{ args.x }}', list: [1, 2] }
    await run([{ name: 'a', custom: '/v1/customers', method: 'POST', body, headers: form }], { args: { x: '1&y=2' } })
    expect(String(last()?.body)).toBe('name=a%26b%3Dc&metadata%5Bx%5D=1%26y%3D2&list=1&list=2')
    const before = sent()
    const nested = await run([
      { name: 'a', custom: '/v1/customers', method: 'POST', body: { a: { b: 1 } }, headers: form },
    ])
    expect(nested.body.resources[0].error).toMatchObject({ code: 'invalid_body' })
    const xml = await run([
      { name: 'a', custom: '/v1/x', method: 'POST', body: 'x', headers: { 'Content-Type': 'text/xml' } },
    ])
    expect(xml.body.resources[0].error).toMatchObject({ code: 'unsupported_media_type' })
    expect(sent()).toBe(before)
  })

  it('answer bytes as base64 and text as text', async () => {
    const answering = async (type: string, body: Buffer | string) => {
      batches.stand.upstream.next = (_request, response) => response.writeHead(200, { 'content-type': type }).end(body)
      return (await run([{ name: 'a', custom: '/v1/customers' }])).body.resources[0].answer
    }
    const bytes = Buffer.from([0, 255, 1])
    expect(await answering('application/pdf', bytes)).toEqual({
      ...{ status: 200, content_type: 'application/pdf', body_base64: bytes.toString('base64') },
    })
    expect(await answering('text/csv; charset=utf-8', 'a,b')).toEqual({ status: 200, body: 'a,b' })
    expect(await answering('application/json', '{broken')).toEqual({ status: 200, body: '{broken' })
    expect(await answering('application/json', '')).toEqual({ status: 200, body: null })
  })
})
