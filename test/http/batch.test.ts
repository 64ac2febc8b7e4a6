import { describe, expect, it } from 'vitest'
import { type Part, statuses, useBatches } from './batch-calls.ts'

const batches = useBatches()
const { run, sent } = batches

describe('a batch', () => {
  it('makes unified, native and custom calls, and puts answers of some into others', async () => {
    const { status, body, headers } = await run(
      [
        { name: 'made', resource: 'payment-gateway/customers', method: 'create', body: { name: '{{ args.name }}' } },
        { name: 'native', resource: 'customers', method: 'get', id: '{{ resources.made.id }}' },
        { name: 'raw', custom: '/v1/customers/{{ resources.made.id }}' },
        {
          name: 'renamed',
          resource: 'customers',
          method: 'update',
          id: '{{ resources.native.id }}',
          body: { name: '{{ $uppercase(resources.raw.body.name) }}!', email: null },
        },
      ],
      { args: { name: 'Ida' } },
    )
    expect(status).toBe(200)
    const [made, native, raw, renamed] = body.resources
    expect(made).toMatchObject({ name: 'made', status: 'done', answer: { object: 'customer', name: 'Ida' } })
    expect(native).toEqual({ name: 'native', status: 'done', answer: expect.objectContaining({ id: made.answer.id }) })
    expect(raw.answer).toEqual({ status: 200, body: native.answer })
    expect(renamed.answer).toMatchObject({ id: made.answer.id, name: 'IDA!', email: null })
    expect(body.cost).toMatchObject({ calls: 4, upstream_requests: 4 })
    expect(headers.get('idempotency-key')).toMatch(/^made_/)
  })

  it('runs a loop over a list, in its order, with values of any type', async () => {
    const { body } = await run([
      { name: 'all', resource: 'payment-gateway/customers', method: 'list', query: { limit: 3 } },
      {
        name: 'each',
        resource: 'customers',
        method: 'get',
        for_each: '{{ all.result }}'.replace('all', 'resources.all'),
        id: '{{ item.id }}',
      },
      { name: 'count', resource: 'customers', method: 'list', query: { limit: '{{ $count(resources.each) + 1 }}' } },
    ])
    const ids = body.resources[0].answer.result.map(({ id }: { id: string }) => id)
    expect(body.resources[1].iterations.map(({ answer }: { answer: { id: string } }) => answer.id)).toEqual(ids)
    expect(body.resources[2].answer.result_count).toBe(4)
  })

  it('takes what a filter gives as a list: one record, or none', async () => {
    const each = (filter: string) => ({
      ...{ name: 'each', resource: 'customers', method: 'get', id: '{{ item.id }}' },
      for_each: `{{ resources.all.result[${filter}] }}`,
    })
    const all = { name: 'all', resource: 'customers', method: 'list', query: { limit: 5 } }
    const one = await run([all, each("id = 'cus0011'")])
    expect(one.body.resources[1].iterations).toMatchObject([{ status: 'done', answer: { id: 'cus0011' } }])
    const none = await run([all, each("id = 'nobody'")])
    expect(none.body.resources[1]).toEqual({ name: 'each', status: 'done', iterations: [] })
  })

  it('skips a part whose condition is not met, and what waits for it', async () => {
    const { body } = await run([
      { name: 'few', resource: 'customers', method: 'list', query: { limit: 1 } },
      {
        name: 'more',
        resource: 'customers',
        method: 'list',
        when: '{{ $count(resources.few.result) > 1 }}',
      },
      { name: 'last', resource: 'customers', method: 'list', depends_on: 'more' },
    ])
    expect(body.resources[1]).toMatchObject({ status: 'skipped', reason: { code: 'condition' } })
    expect(body.resources[2]).toMatchObject({
      status: 'skipped',
      reason: { code: 'dependency_skipped', because: 'more' },
    })
  })

  it('has a problem for what failed beside what did not', async () => {
    const answer = await run([
      { name: 'bad', resource: 'customers', method: 'get', id: 'nobody' },
      { name: 'after', resource: 'customers', method: 'get', id: '{{ resources.bad.id }}' },
      { name: 'raw', custom: '/v1/customers/nobody' },
      { name: 'good', resource: 'customers', method: 'list', query: { limit: 1 } },
      { name: 'empty', resource: 'customers', method: 'get', id: '{{ resources.good.no_such }}' },
    ])
    expect(statuses(answer)).toEqual(['failed', 'skipped', 'failed', 'done', 'failed'])
    const [bad, after, raw, , empty] = answer.body.resources
    expect(bad.error).toMatchObject({ code: 'record_not_found', provider: { name: 'acme', status: 404 } })
    expect(after.reason).toMatchObject({ code: 'dependency_failed', because: 'bad' })
    expect(raw.answer).toMatchObject({ status: 404, body: { error: { code: 'not_there' } } })
    expect(raw.error).toMatchObject({ code: 'provider_invalid_request', provider: { status: 404 } })
    expect(empty.error).toMatchObject({ code: 'invalid_body', where: '/resources/4/id' })
    expect(answer.body.cost.upstream_requests).toBe(3)
  })

  it('begins nothing more when a part fails that says to stop', async () => {
    const answer = await run([
      { name: 'bad', resource: 'customers', method: 'get', id: 'nobody', on_error: 'stop' },
      { name: 'after', resource: 'customers', method: 'list', depends_on: 'bad' },
      { name: 'first', resource: 'customers', method: 'list' },
      { name: 'later', resource: 'customers', method: 'list', depends_on: 'first', query: { limit: 1 } },
    ])
    expect(statuses(answer).slice(0, 2)).toEqual(['failed', 'skipped'])
    const loop = await run([
      {
        ...{ name: 'each', resource: 'customers', method: 'get', id: '{{ item }}' },
        ...{ for_each: ['cus0001', 'nobody', 'cus0002', 'cus0003'], concurrency: 1, on_error: 'stop' },
      },
    ])
    const [each] = loop.body.resources
    expect(each.status).toBe('failed')
    expect(each.iterations.map(({ status }: { status: string }) => status)).toEqual([
      ...['done', 'failed', 'not_run', 'not_run'],
    ])
    expect(each.iterations[2].reason).toMatchObject({ code: 'stopped', because: 'each' })
    expect(loop.body.cost).toMatchObject({ calls: 2, upstream_requests: 2 })
  })
})

describe('a batch that cannot run', () => {
  const list = (name: string, more: Part = {}): Part => ({ name, resource: 'customers', method: 'list', ...more })
  it.each<[string, Part[], RegExp]>([
    [
      'a circle',
      [list('a', { depends_on: 'c' }), list('b', { depends_on: 'a' }), list('c', { depends_on: ['b'] })],
      /a -> c -> b -> a/,
    ],
    ['a part that waits for itself', [list('a', { id: '{{ resources.a.id }}' })], /a -> a/],
    ['an unknown name', [list('a', { depends_on: 'nobody' })], /no part `nobody`/],
    [
      'an unknown name that is read',
      [list('a', { query: { limit: '{{ resources.`no-body`.n }}' } })],
      /no part `no-body`/,
    ],
    ['a name given twice', [list('a'), list('a')], /another part `a`/],
    [
      'an expression that does not compile',
      [list('a', { query: { limit: '{{ 1 + }}' } })],
      /\/resources\/0\/query\/limit/,
    ],
    ['a word that means nothing', [list('a', { query: { limit: '{{ arg.limit }}' } })], /no `arg` here/],
    ['an item outside of a loop', [list('a', { query: { limit: '{{ item }}' } })], /no `item` here/],
    ['resource and custom in one', [list('a', { custom: '/v1/customers' })], /exactly one/],
    ['a field that is not known', [list('a', { loop_on: 'x' })], /loop_on/],
    ['a condition that is no expression', [list('a', { when: 'true' })], /condition/],
    [
      'too many expressions',
      [list('a', { body: Array.from({ length: 201 }, (_, at) => `{{ args.x${at} }}`) })],
      /at most 200/,
    ],
    ['an expression that is too long', [list('a', { body: `{{ ${'1+'.repeat(2500)}1 }}` })], /at most 4000/],
  ])('is refused for %s, by name, before anything is sent', async (_what, parts, told) => {
    const before = sent()
    const { status, body } = await run(parts)
    expect([status, body.code]).toEqual([422, 'invalid_body'])
    expect(body.detail).toMatch(told)
    expect(sent()).toBe(before)
  })
})
