import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { invoke } from '../../engine/execute/send.ts'
import type { CallOptions, EngineError } from '../../engine/index.ts'
import { type Definition, type Desk, invocationOf, onClock, openDesk } from '../support/calls.ts'
import { type Reply, startUpstream, type Upstream } from '../support/upstream.ts'
import { settle } from '../support/virtual-clock.ts'

const DEFINITION: Definition = {
  rate_limits: {
    buckets: { all: { kind: 'sliding', limit: 25, window_ms: 1000 } },
    feedback: {
      retry_after: { header: 'Retry-After' },
      reset: { header: 'X-Reset', form: 'epoch_s' },
      remaining: 'X-Left',
    },
  },
  resources: {
    pays: {
      methods: {
        get: { verb: 'GET', effect: 'read', description: 'Reads.', path: '/pays/{{ $path.id }}' },
        list: {
          verb: 'GET',
          effect: 'read',
          description: 'Lists.',
          path: '/pays',
          complete: true,
          pagination: { strategy: 'none' },
        },
        create: { verb: 'POST', effect: 'write', description: 'Writes.', path: '/pays' },
      },
    },
  },
}

let upstream: Upstream
let desk: Desk

beforeAll(async () => {
  upstream = await startUpstream()
})
// A desk for each test: what one learns of the limit must not hold up the next.
afterEach(async () => {
  upstream.reset()
  await desk.close()
})
afterAll(() => upstream.close())

function start(
  replies: readonly (Reply | (() => Reply))[],
  options: Partial<CallOptions> | ((desk: Desk) => Partial<CallOptions>) = {},
) {
  desk = openDesk(DEFINITION, upstream.url)
  upstream.script = ({ index }) => {
    const reply = replies[Math.min(index, replies.length - 1)] ?? {}
    return typeof reply === 'function' ? reply() : reply
  }
  const given = typeof options === 'function' ? options(desk) : options
  const invocation = invocationOf(desk, 'pays.get', { path: { id: 'p1' } }, given)
  const work = invoke(desk.context, invocation)
  work.catch(() => undefined)
  return { work, began: desk.clock.now(), invocation }
}

const elapsed = (began: number): number => desk.clock.now() - began
const limited = (headers: Record<string, string>, status = 429): Reply => ({ status, headers, body: {} })

describe('the longest wait wins', () => {
  it.each([
    ['seconds', () => limited({ 'retry-after': '7' }), 7000],
    ['a date', () => limited({ 'retry-after': new Date(desk.clock.now() + 9000).toUTCString() }), 9000],
    ['an epoch', () => limited({ 'x-reset': String(desk.clock.now() / 1000 + 11) }), 11_000],
    [
      'the longer of two',
      () => limited({ 'retry-after': '3', 'x-reset': String(desk.clock.now() / 1000 + 12) }),
      12_000,
    ],
    ['backoff, when it is longer', () => limited({ 'retry-after': '0' }), 125],
    ['Retry-After of a 503', () => limited({ 'retry-after': '4' }, 503), 4000],
  ] as const)('%s', async (_name, reply, wait) => {
    const { work, began } = start([reply, { body: { id: 'p1' } }])
    expect((await onClock(desk, work)).record).toEqual({ id: 'p1' })
    expect(elapsed(began)).toBe(wait)
  })

  it('one limited answer holds up all callers of the account, and only of that account', async () => {
    const { work, began } = start([() => limited({ 'retry-after': '5' }), { body: { id: 'p1' } }])
    while (desk.logged.length === 0) await settle()
    const at = (extra: object) => {
      const invocation = { ...invocationOf(desk, 'pays.list'), ...extra }
      return onClock(desk, invoke(desk.context, invocation)).catch((error: EngineError) => error)
    }
    upstream.script = () => ({ body: [] })
    await at({ account: { ...desk.account, id: 'acc_2' } })
    expect(elapsed(began)).toBe(0)
    await at({})
    expect(elapsed(began)).toBe(5000)
    await work.catch(() => undefined)
  })
})

describe('the deadline', () => {
  it('is never waited past: the limit is reported with the wait', async () => {
    const { work, began } = start([limited({ 'retry-after': '30' })], (at) => ({ deadline: at.clock.now() + 10_000 }))
    await expect(onClock(desk, work)).rejects.toMatchObject({
      code: 'rate_limited',
      details: { waitMs: 30_000, provider: { status: 429 } },
    })
    expect(elapsed(began)).toBe(0)
  })

  it('a failure that would be tried again past it is reported as it is', async () => {
    const { work } = start([limited({ 'retry-after': '30' }, 503)], (at) => ({ deadline: at.clock.now() + 10_000 }))
    await expect(onClock(desk, work)).rejects.toMatchObject({
      code: 'provider_unavailable',
      details: { waitMs: 30_000 },
    })
  })

  it('that passed sends nothing', async () => {
    const { work } = start([{}], (at) => ({ deadline: at.clock.now() }))
    await expect(onClock(desk, work)).rejects.toMatchObject({ code: 'timeout', details: { sent: false } })
    expect(upstream.received).toHaveLength(0)
  })

  it('ends an attempt that takes longer', async () => {
    const { work } = start([{ hangs: true }], (at) => ({ deadline: at.clock.now() + 60 }))
    const error = await work.catch((thrown: EngineError) => thrown)
    expect(error).toMatchObject({ code: 'timeout' })
  })

  it('on_limit fail does not wait at all', async () => {
    const { work, began } = start([limited({ 'retry-after': '2' })], { onLimit: 'fail' })
    await expect(onClock(desk, work)).rejects.toMatchObject({ code: 'rate_limited', details: { waitMs: 2000 } })
    expect([elapsed(began), upstream.received.length]).toEqual([0, 1])
  })
})

describe('a caller who leaves', () => {
  it('before anything: nothing is sent', async () => {
    const gone = new AbortController()
    gone.abort()
    const { work } = start([{}], { signal: gone.signal })
    await expect(work).rejects.toMatchObject({ code: 'canceled', details: { sent: false } })
    expect(upstream.received).toHaveLength(0)
  })

  it('while an answer is awaited: the connection is closed, and nothing is tried again', async () => {
    const gone = new AbortController()
    const { work } = start([{ hangs: true }], { signal: gone.signal })
    while (upstream.received.length === 0) await settle()
    gone.abort()
    await expect(work).rejects.toMatchObject({ code: 'canceled' })
    while (upstream.left === 0) await settle()
    expect(upstream.received).toHaveLength(1)
  })

  it('while it waits for another attempt', async () => {
    const gone = new AbortController()
    const { work } = start([limited({ 'retry-after': '60' }, 503)], { signal: gone.signal })
    while (desk.clock.sleeping === 0) await settle()
    gone.abort()
    await expect(work).rejects.toMatchObject({ code: 'canceled' })
    expect(desk.clock.sleeping).toBe(0)
  })

  it('while it waits for the budget', async () => {
    const gone = new AbortController()
    const { work } = start([{ body: { id: 'p1' } }])
    await onClock(desk, work)
    const buckets = [{ key: 'env_1/acc_1/all', kind: 'sliding', limit: 25, windowMs: 1000 } as const]
    const lease = await desk.budget.acquire({ buckets, priority: 'sync', onLimit: 'wait' })
    lease.done({ blockedUntil: desk.clock.now() + 60_000 })
    const waiting = invoke(desk.context, invocationOf(desk, 'pays.list', {}, { signal: gone.signal }))
    waiting.catch(() => undefined)
    await settle()
    gone.abort()
    await expect(waiting).rejects.toMatchObject({ code: 'canceled', details: { sent: false } })
    expect(upstream.received).toHaveLength(1)
  })
})

describe('what is kept of a request', () => {
  it('a log line and counters for each attempt, with no id, value, body or credential in them', async () => {
    const { work, invocation } = start([{ status: 503, body: { note: 'b0dy' } }, { body: { id: 'p1' } }])
    await onClock(desk, work)
    expect(desk.logged.map(({ fields }) => [fields.attempt, fields.status, fields.code])).toEqual([
      [1, '503', 'provider_unavailable'],
      [2, '200', undefined],
    ])
    expect(desk.logged[0]?.fields).toMatchObject({
      request_id: 'req_1',
      integration: 'acme',
      operation: 'pays.get',
      integrated_account_id: 'acc_1',
      path: '/pays/{{ $path.id }}',
    })
    expect(JSON.stringify(desk.logged)).not.toMatch(/p1|b0dy|key_secret/)
    expect(desk.counted).toEqual([
      { name: 'upstream_requests_total', labels: { integration: 'acme', operation: 'pays.get', status: '503' } },
      { name: 'upstream_requests_total', labels: { integration: 'acme', operation: 'pays.get', status: '200' } },
    ])
    expect(invocation.call.report()).toMatchObject({ upstreamRequests: 2, budget: { limit: 25, remaining: 23 } })
  })

  it('a call stops at the most requests it may make', async () => {
    const { work } = start([{ status: 503 }], { maxRequests: 2 })
    await expect(onClock(desk, work)).rejects.toMatchObject({ code: 'cost_exceeded' })
    expect(upstream.received).toHaveLength(2)
  })
})
