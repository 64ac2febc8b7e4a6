import { describe, expect, it } from 'vitest'
import { type Part, useBatches } from './batch-calls.ts'

const batches = useBatches()
const { run, sent } = batches

describe('limits of a batch', () => {
  const gets = { name: 'each', resource: 'customers', method: 'get', id: 'cus000{{ item }}' }

  it('count the requests of all parts together', async () => {
    const before = sent()
    const answer = await run(
      [
        { ...gets, for_each: [0, 1, 2, 3, 4], concurrency: 1 },
        { name: 'last', resource: 'customers', method: 'list', depends_on: 'each' },
      ],
      { max_requests: 3 },
    )
    const [each, last] = answer.body.resources
    expect(sent() - before).toBe(3)
    expect(each.status).toBe('failed')
    expect(each.reason.code).toBe('cost')
    expect(each.iterations.map(({ status }: Part) => status)).toEqual(['done', 'done', 'done', 'not_run', 'not_run'])
    expect(last).toMatchObject({ status: 'skipped', reason: { because: 'each' } })
    expect(answer.body.cost.upstream_requests).toBe(3)
  })

  it('refuse an expression that could run long, before any call', async () => {
    const before = sent()
    const id = "{{ $contains(args.text, /^(a+)+$/) ? 'a' : 'b' }}"
    const { status, body } = await run([{ name: 'a', resource: 'customers', method: 'get', id }], {
      args: { text: `${'a'.repeat(40)}!` },
    })
    expect(status).toBe(422)
    expect(body).toMatchObject({ code: 'invalid_body' })
    expect(body.detail).toContain('must compile')
    expect(sent()).toBe(before)
  })

  it('let a list stop with a cursor', async () => {
    const { body } = await run([{ name: 'all', resource: 'customers', method: 'list', query: { limit: 100 } }], {
      max_requests: 1,
    })
    expect(body.resources[0]).toMatchObject({ status: 'done', answer: { is_partial_response: true } })
    expect(body.resources[0].answer.next_cursor).not.toBeNull()
  })

  it('refuse a list that is longer than the loop may run, before its first call', async () => {
    const before = sent()
    const { body } = await run([{ ...gets, for_each: [0, 1, 2], max_iterations: 2 }])
    expect(body.resources[0].error).toMatchObject({ code: 'invalid_body' })
    expect(body.resources[0].error.detail).toMatch(/3 items.*max_iterations is 2/)
    expect(sent()).toBe(before)
  })

  it('hold for all loops together', async () => {
    const items = Array.from({ length: 600 }, () => 1)
    const loop = (name: string): Part => ({ ...gets, name, id: 'nobody', for_each: items, max_iterations: 1000 })
    const answer = await run(
      [
        { ...loop('a'), concurrency: 10 },
        { ...loop('b'), depends_on: 'c' },
        { name: 'c', resource: 'customers', method: 'list' },
      ],
      {
        max_requests: 700,
      },
    )
    expect(answer.body.resources[1].error).toMatchObject({ code: 'cost_exceeded' })
  })

  it('end it at its deadline: what has not begun is told', async () => {
    batches.stand.upstream.next = (_request, response) => {
      void batches.stand.clock
        .advance(10_000)
        .then(() => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'))
    }
    const answer = await run(
      [
        { name: 'slow', resource: 'customers', method: 'get', id: 'cus0001' },
        { name: 'next', resource: 'customers', method: 'list', depends_on: 'slow' },
      ],
      { deadline_ms: 5_000 },
    )
    expect(answer.body.resources[1]).toMatchObject({ status: 'not_run', reason: { code: 'deadline' } })
  })

  it('leave out an answer that is too large, say so, and stop', async () => {
    batches.stand.upstream.next = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain' }).end('x'.repeat(10 * 1_048_576 - 5))
    }
    const { body } = await run([
      { name: 'large', custom: '/v1/customers' },
      { name: 'next', resource: 'customers', method: 'list', depends_on: 'large' },
    ])
    expect(body.resources[0]).toEqual({
      ...{ name: 'large', status: 'done' },
      reason: { code: 'answers_too_large', message: expect.stringContaining('left out') },
    })
    expect(body.resources[1]).toMatchObject({ status: 'not_run', reason: { code: 'answers_too_large' } })
  })

  it('end it at an expression that does too much', async () => {
    const { body } = await run([
      {
        name: 'busy',
        resource: 'customers',
        method: 'list',
        query: { limit: '{{ ($f := function($n) { $f($n + 1) }; $f(1)) }}' },
      },
      { name: 'next', resource: 'customers', method: 'list', depends_on: 'first' },
      { name: 'first', resource: 'customers', method: 'list' },
    ])
    expect(body.resources[0].error).toMatchObject({ code: 'expression_limit', where: '/resources/0/query/limit' })
    expect(body.resources[1].status).toBe('not_run')
  })
  it('hold for calls at the same time, in a loop and in all loops together', async () => {
    /** Answers nobody until so many wait; answers the most that ever did. */
    const mostAtOnce = async (wanted: number, parts: readonly Part[]): Promise<number> => {
      let [now, most] = [0, 0]
      const waiting: (() => void)[] = []
      const hold: typeof batches.stand.upstream.next = (_request, response) => {
        batches.stand.upstream.next = hold
        most = Math.max(most, ++now)
        waiting.push(() => {
          now -= 1
          response.writeHead(200, { 'content-type': 'application/json' }).end('{"id":"x"}')
        })
        if (most >= wanted) setImmediate(() => waiting.shift()?.())
        if (most === wanted) for (const answer of waiting.splice(0)) answer()
      }
      batches.stand.upstream.next = hold
      await run(parts)
      return most
    }
    const loop = { ...gets, for_each: Array.from({ length: 12 }, (_, at) => at) }
    expect(await mostAtOnce(2, [{ ...loop, concurrency: 2 }])).toBe(2)
    const three = ['a', 'b', 'c'].map((name) => ({ ...loop, name, concurrency: 8 }))
    expect(await mostAtOnce(10, three)).toBe(10)
  })

  it('end it when the caller leaves', async () => {
    const before = sent()
    const caller = new AbortController()
    batches.stand.upstream.next = () => caller.abort()
    const { body } = await run([{ ...gets, for_each: [0, 1, 2], concurrency: 1 }], {}, { signal: caller.signal })
    const [first, second] = body.resources[0].iterations
    expect(first.error).toMatchObject({ code: 'canceled' })
    expect(second).toMatchObject({ status: 'not_run', reason: { code: 'canceled' } })
    expect(sent()).toBe(before + 1)
  })
})
