import { describe, expect, it } from 'vitest'
import { proxy } from '../../engine/execute/proxy.ts'
import type { ListAnswer, ProxyCall } from '../../engine/index.ts'
import { callOptions, type Definition, onClock } from '../support/calls.ts'
import { useDesk } from './desk.ts'

const described = { description: 'Does it.' } as const

const DEFINITION: Definition = {
  owned: { headers: ['Acme-Account'], query: ['account'] },
  request: { body: 'form', arrays: 'brackets', nulls: 'empty' },
  resources: {
    pays: {
      fields: {
        client_secret: { type: 'string', 'x-secret': true },
        'next_action.token': { type: 'string', 'x-secret': true },
      },
      methods: {
        list: {
          ...described,
          verb: 'GET',
          effect: 'read',
          path: '/pays',
          complete: true,
          response: { records: 'data' },
          pagination: { strategy: 'page', param: 'page', limit: { param: 'page_size', max: 100 } },
          parameters: {
            status: { in: 'query', enum: ['open', 'done'], description: 'The status.' },
            since: { in: 'query', type: 'integer', minimum: 0, description: 'From when.' },
            created: { in: 'query', type: 'object', description: 'A span.' },
            expand: { in: 'query', type: 'array', items: 'string', description: 'What to expand.' },
            kinds: { in: 'query', type: 'array', items: 'string', enum: ['card', 'bank'], description: 'Which kinds.' },
            live: { in: 'query', type: 'boolean', description: 'Live ones.' },
            'Acme-Trace': { in: 'header', description: 'A trace.' },
          },
        },
        get: { ...described, verb: 'GET', effect: 'read', path: '/pays/{{ $path.id }}' },
        receipt: {
          ...described,
          verb: 'GET',
          effect: 'read',
          path: '/pays/{{ $path.id }}/receipt',
          response: { format: 'bytes' },
        },
        create: {
          ...described,
          verb: 'POST',
          effect: 'money',
          path: '/pays',
          amount: '$body.amount',
          parameters: {
            amount: { in: 'body', type: 'integer', required: true, minimum: 1, description: 'How much.' },
            mode: { in: 'body', enum: ['slow', 'fast'], description: 'How fast.' },
            note: { in: 'body', max_length: 5, description: 'A note.' },
            methods: { in: 'body', type: 'array', items: 'string', description: 'Which ones.' },
            'card.number': { in: 'body', required: true, description: 'The number.' },
            'items.price': { in: 'body', type: 'integer', description: 'Price of one.' },
          },
        },
        update: { ...described, verb: 'POST', effect: 'write', path: '/pays/{{ $path.id }}' },
        delete: { ...described, verb: 'DELETE', effect: 'write', path: '/pays/{{ $path.id }}' },
        cancel: { ...described, verb: 'POST', effect: 'write', path: '/pays/{{ $path.id }}/cancel' },
        notes: {
          ...described,
          verb: 'GET',
          effect: 'read',
          path: '/pays/{{ $path.id }}/notes/{{ $path.note }}',
        },
      },
    },
    refunds: { methods: { get: { ...described, verb: 'GET', effect: 'read', path: '/refunds/{{ $path.id }}' } } },
  },
}

const at = useDesk(DEFINITION)

function call(method: string, extra: Partial<ProxyCall> = {}, answer: unknown = { id: 'p1' }) {
  at.upstream.script = () => ({ body: answer })
  const whole: ProxyCall = { resource: 'pays', method, query: {}, ...extra }
  return onClock(at.desk, proxy(at.desk.context, at.desk.account, whole, callOptions()))
}

const target = (): string | undefined => decodeURIComponent(at.upstream.received[0]?.target ?? '')
const list = async (query: ProxyCall['query']): Promise<ListAnswer> =>
  (await call('list', { query }, { data: [] })) as ListAnswer

describe('what is called', () => {
  it('an unknown resource or method is refused with the valid ones', async () => {
    await expect(call('get', { resource: 'payz' })).rejects.toMatchObject({
      code: 'unknown_resource',
      details: { valid: ['pays', 'refunds'] },
    })
    await expect(call('fetch', { resource: 'refunds' })).rejects.toMatchObject({
      code: 'unknown_method',
      details: { valid: ['get'] },
    })
    expect(at.upstream.received).toHaveLength(0)
  })

  it('get, create and update answer the bare record', async () => {
    for (const [method, extra] of [
      ['get', { id: 'p1' }],
      ['create', { body: { amount: 5 } }],
      ['update', { id: 'p1', body: { note: 'x' } }],
    ] as const) {
      expect(await call(method, extra)).toMatchObject({ kind: 'record', record: { id: 'p1' } })
    }
    expect(at.upstream.received.map(({ verb, path, body }) => `${verb} ${path} ${body}`)).toEqual([
      'GET /v1/pays/p1 ',
      'POST /v1/pays amount=5',
      'POST /v1/pays/p1 note=x',
    ])
  })

  it('delete answers the id, whatever the provider says', async () => {
    for (const said of [{ id: 'other', deleted: true }, '']) {
      expect(await call('delete', { id: 'p1' }, said)).toMatchObject({ kind: 'record', record: { id: 'p1' } })
    }
  })

  it('an update that is answered with nothing gives the id, a get of no record fails', async () => {
    expect(await call('update', { id: 'p1', body: {} }, '')).toMatchObject({ kind: 'record', record: { id: 'p1' } })
    await expect(call('get', { id: 'p1' }, [1])).rejects.toMatchObject({ code: 'provider_bad_response' })
  })

  it('a named method answers its result; bytes come as base64', async () => {
    expect(await call('cancel', { id: 'p1' }, { ok: true })).toMatchObject({ kind: 'method', result: { ok: true } })
    expect(await call('receipt', { id: 'p1' }, Buffer.from([0, 1, 255]))).toMatchObject({
      kind: 'method',
      result: { content_type: 'application/json', base64: 'AAH/' },
    })
  })

  it('further parts of the path come from the query', async () => {
    await call('notes', { id: 'p1', query: { note: 'n 7' } })
    expect(at.upstream.received[0]?.target).toBe('/v1/pays/p1/notes/n%207')
    await expect(call('notes', { id: 'p1' })).rejects.toMatchObject({
      code: 'invalid_parameter',
      details: { where: 'note' },
    })
    await expect(call('get')).rejects.toMatchObject({ code: 'invalid_parameter', details: { where: 'id' } })
    await expect(call('list', { id: 'p1' })).rejects.toMatchObject({
      code: 'invalid_parameter',
      details: { where: 'id' },
    })
  })

  it('secrets are cut from records, lists and results, however deep', async () => {
    const native = {
      id: 'p1',
      client_secret: 's',
      next_action: { token: 't', url: 'u' },
      latest: { client_secret: 's', id: 1 },
    }
    const clean = { id: 'p1', next_action: { url: 'u' }, latest: { id: 1 } }
    expect(await call('get', { id: 'p1' }, native)).toMatchObject({ record: clean })
    expect(await call('cancel', { id: 'p1' }, native)).toMatchObject({ result: clean })
    const answer = (await call('list', {}, { data: [native] })) as ListAnswer
    expect(answer.result).toEqual([clean])
    expect(JSON.stringify(answer)).not.toContain('secret')
  })
})

describe('query parameters', () => {
  it('declared ones go where they belong', async () => {
    const query = { status: 'open', 'created[gte]': '5', 'expand[]': ['a', 'b'], live: 'true', 'Acme-Trace': 't1' }
    const answer = await list(query)
    expect(target()).toBe('/v1/pays?status=open&created[gte]=5&expand[]=a&expand[]=b&live=true&page_size=20&page=1')
    expect(at.upstream.received[0]?.headers['acme-trace']).toBe('t1')
    expect(answer.report.warnings).toEqual([])
  })

  it('one value of a list is a list', async () => {
    await list({ expand: 'a' })
    expect(target()).toContain('expand[]=a')
  })

  it('undeclared ones are passed on with a warning', async () => {
    const answer = await list({ colour: 'red', 'deep[a][b]': '1' })
    expect(target()).toContain('colour=red&deep[a][b]=1')
    expect(answer.report.warnings).toEqual([
      '`colour` is not declared for pays.list; it was passed on as it is',
      '`deep[a][b]` is not declared for pays.list; it was passed on as it is',
    ])
  })

  it('a value that an enum does not list is passed on with a warning that names those it does', async () => {
    const answer = await list({ status: 'closed', 'kinds[]': ['card', 'shell'] })
    expect(target()).toContain('status=closed&kinds[]=card&kinds[]=shell')
    expect(answer.report.warnings).toEqual([
      '`status` has a value that pays.list does not list; it was passed on as it is. Known are: open, done',
      '`kinds[1]` has a value that pays.list does not list; it was passed on as it is. Known are: card, bank',
    ])
  })

  it.each([
    [{ status: ['open', 'done'] }, 'status'],
    [{ since: 'yesterday' }, 'since'],
    [{ since: '-1' }, 'since'],
    [{ live: 'yes' }, 'live'],
    [{ 'Acme-Trace': ['a', 'b'] }, 'Acme-Trace'],
    [{ page: '3' }, 'page'],
    [{ page_size: '3' }, 'page_size'],
  ])('%j is refused by name, before anything is sent', async (query, where) => {
    await expect(list(query)).rejects.toMatchObject({ code: 'invalid_parameter', details: { where } })
    expect(at.upstream.received).toHaveLength(0)
  })

  it.each([{ account: 'acct_2' }, { 'account[id]': 'acct_2' }])('owned ones are refused: %j', async (query) => {
    await expect(list(query)).rejects.toMatchObject({ code: 'owned_parameter' })
    expect(at.upstream.received).toHaveLength(0)
  })

  it.each([{ 'Acme-Account': 'x' }, { authorization: 'Bearer x' }, { host: 'evil.test' }])(
    'owned headers are refused: %j',
    async (headers) => {
      await expect(call('get', { id: 'p1', headers })).rejects.toMatchObject({ code: 'owned_parameter' })
      expect(at.upstream.received).toHaveLength(0)
    },
  )

  it('a limit out of range is refused', async () => {
    for (const limit of [0, 1001, 1.5]) {
      await expect(call('list', { limit }, { data: [] })).rejects.toMatchObject({ details: { where: 'limit' } })
    }
  })
})

describe('bodies', () => {
  it.each([
    [{}, 'amount'],
    [{ amount: 'five' }, 'amount'],
    [{ amount: 0 }, 'amount'],
    [{ amount: 1.5 }, 'amount'],
    [{ amount: 5, note: 42 }, 'note'],
    [{ amount: 5, note: 'longer' }, 'note'],
    [{ amount: 5, methods: 'card' }, 'methods'],
    [{ amount: 5, methods: ['card', 7] }, 'methods[1]'],
    [{ amount: 5, card: {} }, 'card.number'],
    [{ amount: 5, items: [{ price: 1 }, { price: 'x' }] }, 'items.price'],
  ])('%j is refused by name, before anything is sent', async (body, where) => {
    await expect(call('create', { body })).rejects.toMatchObject({ code: 'invalid_parameter', details: { where } })
    expect(at.upstream.received).toHaveLength(0)
  })

  it('null clears, numbers may be text, undeclared fields pass with a warning', async () => {
    const answer = await call('create', { body: { amount: '5', note: null, extra: { a: 1 } } })
    expect(decodeURIComponent(at.upstream.received[0]?.body ?? '')).toBe('amount=5&note=&extra[a]=1')
    expect(answer.report.warnings).toEqual(['`extra` is not declared for pays.create; it was passed on as it is'])
  })

  it('a value that an enum does not list passes with a warning, one of another type does not', async () => {
    const answer = await call('create', { body: { amount: 5, mode: 'fastest' } })
    expect(at.upstream.received[0]?.body).toBe('amount=5&mode=fastest')
    expect(answer.report.warnings).toEqual([
      '`mode` has a value that pays.create does not list; it was passed on as it is. Known are: slow, fast',
    ])
    await expect(call('create', { body: { amount: 5, mode: 7 } })).rejects.toMatchObject({ details: { where: 'mode' } })
  })

  it('a parameter of the body does not go into the query', async () => {
    await expect(call('create', { query: { note: 'x' }, body: { amount: 5 } })).rejects.toMatchObject({
      code: 'invalid_parameter',
      details: { where: 'note' },
    })
  })
})
