import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { BucketAsk } from '../../engine/index.ts'
import { createBucket, decide, giveBack, isIdle, stateOf, take } from '../../engine/resilience/index.ts'

const ask = (kind: BucketAsk['kind'], limit: number, windowMs = 1000): BucketAsk => ({
  key: kind,
  kind,
  limit,
  windowMs,
})

/** Takes as many as are granted at one instant. */
function drain(buckets: ReturnType<typeof createBucket>[], nowMs: number): number {
  let granted = 0
  for (; decide(buckets, nowMs).grant; granted += 1) take(buckets, nowMs)
  return granted
}

describe('buckets', () => {
  it.each(['window', 'sliding'] as const)('%s: the limit, then the end of the window and a guard of 3%%', (kind) => {
    const bucket = createBucket(ask(kind, 3))
    expect(drain([bucket], 0)).toBe(3)
    expect(decide([bucket], 400)).toEqual({ grant: false, waitMs: 630 })
    expect(drain([bucket], 1029)).toBe(0)
    expect(drain([bucket], 1030)).toBe(3)
  })

  it('window: starts with its first request; sliding: each request frees its own place', () => {
    const [fixed, sliding] = [createBucket(ask('window', 2)), createBucket(ask('sliding', 2))]
    for (const bucket of [fixed, sliding]) {
      take([bucket], 0)
      take([bucket], 900)
    }
    expect(drain([fixed], 1030)).toBe(2)
    expect(drain([sliding], 1030)).toBe(1)
  })

  it('concurrency: no time to wait for, only for a request to end', () => {
    const bucket = createBucket(ask('concurrency', 2))
    expect(drain([bucket], 0)).toBe(2)
    expect(decide([bucket], 9_999_999)).toEqual({ grant: false, waitMs: undefined })
    giveBack([bucket], undefined, 5)
    expect(drain([bucket], 5)).toBe(1)
  })

  it('several: all must have room, and the longest wait wins', () => {
    const [fast, slow] = [createBucket(ask('sliding', 1)), createBucket({ ...ask('window', 1, 60_000), key: 'slow' })]
    expect(drain([fast, slow], 0)).toBe(1)
    expect(decide([fast, slow], 0)).toEqual({ grant: false, waitMs: 61_800 })
    expect(decide([fast], 0)).toEqual({ grant: false, waitMs: 1030 })
    expect(drain([fast], 1030)).toBe(1)
    expect(decide([fast, slow], 1030)).toEqual({ grant: false, waitMs: 60_770 })
  })

  it('an answer blocks until the instant it names, and no other answer makes that earlier', () => {
    const bucket = createBucket(ask('concurrency', 9))
    take([bucket, bucket], 0)
    giveBack([bucket], { blockedUntil: 5000 }, 0)
    giveBack([bucket], { blockedUntil: 2000 }, 10)
    expect(decide([bucket], 100)).toEqual({ grant: false, waitMs: 4900 })
    expect(decide([bucket], 5000).grant).toBe(true)
  })

  it('a window learns what others used of it and when it ends', () => {
    const bucket = createBucket(ask('window', 10))
    take([bucket], 0)
    giveBack([bucket], { remaining: 2, resetAt: 700 }, 50)
    expect(stateOf([bucket], 50)).toEqual({ limit: 10, remaining: 2, resetMs: 650 })
    expect(drain([bucket], 60)).toBe(2)
    expect(drain([bucket], 700)).toBe(10)
  })

  it('nothing left blocks all buckets; of two windows none is believed to be meant', () => {
    const [one, other] = [createBucket(ask('window', 10)), createBucket({ ...ask('window', 5), key: 'other' })]
    take([one, other], 0)
    giveBack([one, other], { remaining: 1, resetAt: 900 }, 0)
    expect(drain([one, other], 0)).toBe(4)
    giveBack([one, other], { remaining: 0, resetAt: 90_000 }, 0)
    expect(decide([one], 2000)).toEqual({ grant: false, waitMs: 88_000 })
  })

  it('the tightest window is told, and an unused bucket can be forgotten', () => {
    const [wide, tight] = [createBucket(ask('sliding', 100)), createBucket({ ...ask('window', 4), key: 'tight' })]
    expect(isIdle(wide, 0)).toBe(true)
    take([wide, tight], 0)
    expect(stateOf([wide, tight], 10)).toEqual({ limit: 4, remaining: 3, resetMs: 1020 })
    expect(stateOf([createBucket(ask('concurrency', 1))], 0)).toBeUndefined()
    giveBack([wide, tight], undefined, 20)
    expect([isIdle(wide, 1029), isIdle(wide, 1030), isIdle(tight, 1030)]).toEqual([false, true, true])
  })

  it('sliding: whatever the arrivals, no span of a window ever holds more than the limit, and waiting as told is enough', () => {
    const gaps = fc.array(fc.nat(400), { minLength: 20, maxLength: 120 })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), gaps, (limit, arrivals) => {
        const bucket = createBucket(ask('sliding', limit))
        const granted: number[] = []
        let now = 0
        for (const gap of arrivals) {
          now += gap
          const decision = decide([bucket], now)
          if (!decision.grant) now += decision.waitMs ?? 0
          expect(decide([bucket], now).grant).toBe(true)
          take([bucket], now)
          granted.push(now)
        }
        for (const from of granted) {
          expect(granted.filter((at) => at >= from && at < from + 1000).length).toBeLessThanOrEqual(limit)
        }
      }),
    )
  })
})
