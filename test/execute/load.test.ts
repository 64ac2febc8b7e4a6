import { afterEach, describe, expect, it } from 'vitest'
import { invoke } from '../../engine/execute/send.ts'
import { type Definition, type Desk, invocationOf, onClock, openDesk } from '../support/calls.ts'
import { type Received, type Reply, startUpstream, type Upstream } from '../support/upstream.ts'

const LIMIT = 25

const definition = (kind: 'window' | 'sliding'): Definition => ({
  rate_limits: { buckets: { all: { kind, limit: LIMIT, window_ms: 1000 } } },
  resources: {
    pays: { methods: { get: { verb: 'GET', effect: 'read', description: 'Reads.', path: '/pays/{{ $path.id }}' } } },
  },
})

/** An upstream that allows 25 requests in any second of the desk's clock, or in each second of the clock on the wall. */
function enforce(desk: Desk, kind: 'any span' | 'whole seconds'): (request: Received) => Reply {
  const accepted: number[] = []
  return ({ path }) => {
    const now = desk.clock.now()
    const from = kind === 'any span' ? now - 1000 : Math.floor(now / 1000) * 1000 - 1
    if (accepted.filter((at) => at > from).length >= LIMIT)
      return { status: 429, headers: { 'retry-after': '1' }, body: {} }
    accepted.push(now)
    return { body: { id: path.split('/').at(-1) } }
  }
}

describe('200 callers at once against 25 requests a second', () => {
  let desk: Desk
  let upstream: Upstream

  afterEach(async () => {
    await desk.close()
    await upstream.close()
  })

  it.each([
    ['sliding', 'any span'],
    ['sliding', 'whole seconds'],
    ['window', 'any span'],
    ['window', 'whole seconds'],
  ] as const)('%s budget, limit over %s: all are answered, at the pace of the limit', async (kind, how) => {
    upstream = await startUpstream()
    desk = openDesk(definition(kind), upstream.url)
    upstream.script = enforce(desk, how)
    const began = desk.clock.now()
    const ids = Array.from({ length: 200 }, (_, index) => `p${index}`)
    const work = Promise.all(ids.map((id) => invoke(desk.context, invocationOf(desk, 'pays.get', { path: { id } }))))
    const answers = await onClock(desk, work)
    expect(answers.map(({ record }) => record)).toEqual(ids.map((id) => ({ id })))
    const refused = desk.logged.filter(({ fields }) => fields.status === '429').length
    expect(refused).toBeLessThanOrEqual(upstream.received.length / 100)
    // 25 go at once; the other 175 need seven more seconds at the limit.
    const seconds = (desk.clock.now() - began) / 1000
    expect(175 / seconds).toBeGreaterThanOrEqual(LIMIT * 0.9)
    expect(desk.clock.sleeping).toBe(0)
  })
})
