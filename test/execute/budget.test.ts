import { describe, expect, it } from 'vitest'
import { MemoryBudget } from '../../engine/execute/memory-budget.ts'
import type { BucketAsk, BudgetAsk, EngineError, Lease, Priority } from '../../engine/index.ts'
import { settle, VirtualClock } from '../support/virtual-clock.ts'

const bucket = (kind: BucketAsk['kind'], limit: number, extra: Partial<BucketAsk> = {}): BucketAsk => ({
  key: `acc_1/${kind}`,
  kind,
  limit,
  windowMs: kind === 'concurrency' ? 0 : 1000,
  ...extra,
})

/** A budget, and who got through it in which order, with the instant since the start. */
class Queue {
  readonly clock = new VirtualClock(0)
  readonly budget = new MemoryBudget(this.clock)
  readonly served: string[] = []
  readonly leases = new Map<string, Lease>()
  readonly errors = new Map<string, EngineError>()

  ask(name: string, buckets: readonly BucketAsk[], extra: Partial<BudgetAsk> = {}): void {
    this.budget.acquire({ buckets, priority: 'interactive', onLimit: 'wait', ...extra }).then(
      (lease) => {
        this.served.push(`${name}@${this.clock.now()}`)
        this.leases.set(name, lease)
      },
      (error: EngineError) => this.errors.set(name, error),
    )
  }

  done(name: string, feedback?: Parameters<Lease['done']>[0]): void {
    this.leases.get(name)?.done(feedback)
  }
}

describe('the queue', () => {
  it('serves in the order of priority, and within it who came first', async () => {
    const queue = new Queue()
    const one = [bucket('sliding', 1)]
    const asked: readonly (readonly [string, Priority])[] = [
      ['first', 'sync'],
      ['s1', 'sync'],
      ['a1', 'agent'],
      ['i1', 'interactive'],
      ['s2', 'sync'],
      ['i2', 'interactive'],
      ['a2', 'agent'],
    ]
    for (const [name, priority] of asked) queue.ask(name, one, { priority })
    await queue.clock.advance(10_000)
    expect(queue.served).toEqual(['first@0', 'i1@1030', 'i2@2060', 'a1@3090', 'a2@4120', 's1@5150', 's2@6180'])
    expect(queue.clock.sleeping).toBe(0)
  })

  it('a busy class does not starve another: every tenth goes to whoever waits longest', async () => {
    const queue = new Queue()
    const one = [bucket('sliding', 1)]
    queue.ask('i0', one)
    queue.ask('s', one, { priority: 'sync' })
    for (let index = 1; index <= 30; index += 1) queue.ask(`i${index}`, one)
    await queue.clock.advance(9.5 * 1030)
    expect(queue.served.at(-1)).toBe('s@9270')
    expect(queue.served.filter((name) => name.startsWith('i'))).toHaveLength(9)
  })

  it('who needs a full bucket does not hold up who does not', async () => {
    const queue = new Queue()
    const [all, search] = [bucket('sliding', 10), bucket('window', 1, { key: 'search' })]
    queue.ask('search 1', [all, search])
    queue.ask('search 2', [all, search])
    queue.ask('list', [all])
    await settle()
    expect(queue.served).toEqual(['search 1@0', 'list@0'])
    await queue.clock.advance(2000)
    expect(queue.served.at(-1)).toBe('search 2@1030')
  })

  it('buckets of one key are shared, of another not', async () => {
    const queue = new Queue()
    queue.ask('a', [bucket('window', 1)])
    queue.ask('b', [bucket('window', 1)])
    queue.ask('other account', [bucket('window', 1, { key: 'acc_2/window' })])
    await settle()
    expect(queue.served).toEqual(['a@0', 'other account@0'])
  })

  it('concurrency: the next goes when one is done, and done counts once', async () => {
    const queue = new Queue()
    for (const name of ['a', 'b', 'c', 'd']) queue.ask(name, [bucket('concurrency', 2)])
    await queue.clock.advance(5000)
    expect(queue.served).toEqual(['a@0', 'b@0'])
    queue.done('a')
    queue.done('a')
    await settle()
    expect(queue.served).toEqual(['a@0', 'b@0', 'c@5000'])
  })

  it('an answer that names a wait blocks everybody who waits', async () => {
    const queue = new Queue()
    queue.ask('a', [bucket('concurrency', 9)])
    await settle()
    queue.done('a', { blockedUntil: 4000 })
    queue.ask('b', [bucket('concurrency', 9)])
    await queue.clock.advance(3999)
    expect(queue.served).toEqual(['a@0'])
    await queue.clock.advance(1)
    expect(queue.served).toEqual(['a@0', 'b@4000'])
  })

  it('takes limits that a reload changed', async () => {
    const queue = new Queue()
    queue.ask('a', [bucket('sliding', 1)])
    queue.ask('b', [bucket('sliding', 3)])
    await settle()
    expect(queue.served).toEqual(['a@0', 'b@0'])
    expect(queue.budget.state([bucket('sliding', 3)])).toEqual({ limit: 3, remaining: 1, resetMs: 1030 })
  })
})

describe('not waiting', () => {
  it('fails at once with the wait when told to', async () => {
    const queue = new Queue()
    queue.ask('a', [bucket('window', 1)])
    await queue.clock.advance(30)
    queue.ask('b', [bucket('window', 1)], { onLimit: 'fail' })
    await settle()
    expect(queue.errors.get('b')).toMatchObject({ code: 'rate_limited', details: { waitMs: 1000, sent: false } })
    queue.ask('c', [bucket('window', 1)])
    await queue.clock.advance(1000)
    expect(queue.served).toEqual(['a@0', 'c@1030'])
  })

  it('fails at once when the wait would pass the deadline', async () => {
    const queue = new Queue()
    queue.ask('a', [bucket('window', 1)])
    queue.ask('b', [bucket('window', 1)], { deadline: 1030 })
    await settle()
    expect(queue.errors.get('b')).toMatchObject({ code: 'rate_limited', details: { waitMs: 1030 } })
    expect(queue.clock.sleeping).toBe(0)
  })

  it('fails at the deadline when others were served before, and not a moment later', async () => {
    const queue = new Queue()
    for (const name of ['a', 'b', 'c']) queue.ask(name, [bucket('sliding', 1)])
    queue.ask('late', [bucket('sliding', 1)], { deadline: 2500, priority: 'sync' })
    queue.ask('stuck', [bucket('concurrency', 1)])
    queue.ask('never', [bucket('concurrency', 1)], { deadline: 700 })
    await queue.clock.advance(699)
    expect(queue.errors.size).toBe(0)
    await queue.clock.advance(1)
    expect(queue.errors.get('never')?.code).toBe('rate_limited')
    await queue.clock.advance(1800)
    expect(queue.errors.get('late')?.code).toBe('rate_limited')
    expect(queue.served).toEqual(['a@0', 'stuck@0', 'b@1030', 'c@2060'])
    expect(queue.clock.sleeping).toBe(0)
  })

  it('leaves the queue when canceled, and gives nothing away', async () => {
    const queue = new Queue()
    const [gone, never] = [new AbortController(), new AbortController()]
    never.abort(new Error('closed'))
    queue.ask('a', [bucket('sliding', 1)])
    queue.ask('b', [bucket('sliding', 1)], { signal: gone.signal })
    queue.ask('c', [bucket('sliding', 1)])
    queue.ask('d', [bucket('sliding', 1)], { signal: never.signal })
    await settle()
    gone.abort()
    await queue.clock.advance(1030)
    expect(queue.errors.get('b')?.code).toBe('canceled')
    expect(queue.errors.get('d')?.code).toBe('canceled')
    expect(queue.served).toEqual(['a@0', 'c@1030'])
    expect(queue.clock.sleeping).toBe(0)
  })
})

describe('many at once', () => {
  it('a thousand accounts with a queue each are served at their own pace', async () => {
    const queue = new Queue()
    for (let account = 0; account < 1000; account += 1) {
      for (const turn of [1, 2, 3]) queue.ask(`${account}/${turn}`, [bucket('window', 1, { key: `acc_${account}` })])
    }
    await queue.clock.advance(2060)
    expect(queue.served).toHaveLength(3000)
    expect(queue.served.filter((name) => name.endsWith('/3@2060'))).toHaveLength(1000)
  })
})
