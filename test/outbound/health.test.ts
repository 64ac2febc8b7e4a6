import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pauseAfter, retryAfterMs } from '../../server/outbound/backoff.ts'
import { afterFailure, HEALTHY } from '../../server/stores/webhook-health.ts'
import type { WebhookHealth } from '../../server/stores/webhook-types.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const WELL: WebhookHealth = { ...HEALTHY, isEnabled: true }

const failing = (gaps: readonly number[]): { health: WebhookHealth; now: number } =>
  gaps.reduce(({ health, now }, gap) => ({ health: afterFailure(health, now + gap, false), now: now + gap }), {
    health: WELL,
    now: 1,
  })

describe('the health of a destination', () => {
  it('is no worry before the fifth failure in a row', () => {
    expect(failing([1, 1, 1, 1]).health).toMatchObject({ failures: 4, pausedUntil: null, isEnabled: true })
    const { health, now } = failing([1, 1, 1, 1, 1])
    expect(health).toMatchObject({ failures: 5, pausedUntil: now + 10_000, failingSince: 2 })
  })

  it('pauses twice as long each time, up to ten minutes', () => {
    const pauses = Array.from({ length: 14 }, (_, n) => {
      const { health, now } = failing(Array.from({ length: n + 1 }, () => 1))
      return health.pausedUntil === null ? 0 : (health.pausedUntil - now) / 1_000
    })
    expect(pauses).toEqual([0, 0, 0, 0, 10, 20, 40, 80, 160, 320, 600, 600, 600, 600])
  })

  it('ends after five days of nothing but failures, not for two that are far apart', () => {
    expect(failing(Array.from({ length: 120 }, () => HOUR)).health.isEnabled).toBe(true)
    expect(failing(Array.from({ length: 121 }, () => HOUR)).health).toMatchObject({
      isEnabled: false,
      disabledReason: 'failing',
    })
    expect(failing([HOUR, 1, 1, 1, 1, 6 * DAY]).health).toMatchObject({
      isEnabled: true,
      failures: 1,
      pausedUntil: null,
    })
  })

  it('ends at once when the destination says that it is gone', () => {
    expect(afterFailure(WELL, 5, true)).toMatchObject({ isEnabled: false, disabledReason: 'gone' })
  })

  it('whatever happens, nothing is paused for more than ten minutes and an end has a reason', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3 * DAY }), { minLength: 1, maxLength: 200 }), (gaps) => {
        const { health, now } = failing(gaps)
        expect((health.pausedUntil ?? now) - now).toBeLessThanOrEqual(600_000)
        expect(health.isEnabled).toBe(health.disabledReason === null)
        expect(health.failures).toBeLessThanOrEqual(gaps.length)
      }),
    )
  })
})

describe('the pauses between attempts', () => {
  it('are nine, about three days together, and stretched by chance by up to a fifth', () => {
    const sum = (chance: number) =>
      Array.from({ length: 9 }, (_, n) => pauseAfter(n + 1, chance) ?? 0).reduce((all, one) => all + one, 0)
    expect(sum(0) / DAY).toBeCloseTo(3.15, 1)
    expect(sum(1)).toBe(sum(0) * 1.2)
    expect([pauseAfter(1, 0), pauseAfter(1, 0.5), pauseAfter(10, 0)]).toEqual([5_000, 5_500, null])
  })

  it('are at least what is asked for, up to a day', () => {
    expect([pauseAfter(1, 1, 60_000), pauseAfter(9, 0, 60_000), pauseAfter(1, 0, 40 * DAY)]).toEqual([60_000, DAY, DAY])
  })

  it.each([
    [undefined, undefined],
    ['120', 120_000],
    ['Thu, 01 Jan 1970 00:01:00 GMT', 50_000],
    ['Thu, 01 Jan 1970 00:00:01 GMT', 0],
    ['-5', undefined],
    ['soon', undefined],
    ['1e9', undefined],
  ])('Retry-After %s asks for %s', (header, ms) => {
    expect(retryAfterMs(header, 10_000)).toBe(ms)
  })
})
