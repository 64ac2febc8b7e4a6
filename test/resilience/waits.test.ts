import { describe, expect, it } from 'vitest'
import { backoffMs, longestWait, readFeedback, readWait } from '../../engine/resilience/index.ts'

const NOW = Date.parse('2026-03-01T12:00:00Z')

describe('backoff', () => {
  const rules = { baseMs: 250, capMs: 20_000 }

  it('is a random share of a bound that doubles up to the cap', () => {
    expect([1, 2, 3, 4].map((attempt) => backoffMs(attempt, rules, 0.999999))).toEqual([250, 500, 1000, 2000])
    expect([8, 60, 1e6].map((attempt) => backoffMs(attempt, rules, 0.999999))).toEqual([20_000, 20_000, 20_000])
    expect(backoffMs(3, rules, 0)).toBe(0)
    expect(backoffMs(3, rules, 0.5)).toBe(500)
  })
})

describe('waits in headers', () => {
  it.each([
    ['auto', '120', 120_000],
    ['auto', '0', 0],
    ['auto', '1.5', 1500],
    ['auto', 'Sun, 01 Mar 2026 12:00:30 GMT', 30_000],
    ['auto', 'Sunday, 01-Mar-26 12:00:30 GMT', 30_000],
    ['auto', 'Sun, 01 Mar 2026 11:00:00 GMT', 0],
    ['seconds', '2', 2000],
    ['ms', '1500', 1500],
    ['date', '2026-03-01T12:00:05Z', 5000],
    ['epoch_s', String(NOW / 1000 + 7), 7000],
    ['epoch_s', String(NOW + 7000), 7000],
    ['epoch_ms', String(NOW + 250), 250],
    ['epoch_s', String(NOW / 1000 - 100), 0],
    ['auto', '99999999999', 86_400_000],
    ['auto', 'soon', undefined],
    ['seconds', '-5', undefined],
    ['seconds', 'Sun, 01 Mar 2026 12:00:30 GMT', undefined],
    ['date', '', undefined],
    ['epoch_ms', 'tomorrow', undefined],
  ] as const)('%s %j is a wait of %s ms', (form, text, wait) => {
    expect(readWait({ header: 'X-Wait', form }, { 'x-wait': text }, NOW)).toBe(wait)
  })

  it('there is none without header or rule, and auto is the default', () => {
    expect(readWait({ header: 'X-Wait' }, {}, NOW)).toBeUndefined()
    expect(readWait(undefined, { 'x-wait': '1' }, NOW)).toBeUndefined()
    expect(readWait({ header: 'X-Wait' }, { 'x-wait': ' 3 ' }, NOW)).toBe(3000)
  })

  it('the longest of those known wins', () => {
    expect(longestWait(undefined, 5, 70, undefined, 3)).toBe(70)
    expect(longestWait(undefined, undefined)).toBeUndefined()
  })
})

describe('feedback', () => {
  const rules = {
    limited: undefined,
    reason: undefined,
    retryAfter: { header: 'Retry-After' },
    reset: { header: 'X-Reset', form: 'epoch_s' },
    remaining: 'X-Remaining',
  } as const
  const reset = String(NOW / 1000 + 10)

  it('a limited answer blocks until the longest of its waits', () => {
    expect(readFeedback(rules, { 'retry-after': '3', 'x-reset': reset }, true, NOW)).toEqual({
      blockedUntil: NOW + 10_000,
    })
    expect(readFeedback(rules, { 'retry-after': '30', 'x-reset': reset }, true, NOW)).toEqual({
      blockedUntil: NOW + 30_000,
    })
    expect(readFeedback(rules, {}, true, NOW)).toBeUndefined()
  })

  it('another answer tells what is left, when it tells until when', () => {
    expect(readFeedback(rules, { 'x-remaining': '4', 'x-reset': reset }, false, NOW)).toEqual({
      remaining: 4,
      resetAt: NOW + 10_000,
    })
    expect(readFeedback(rules, { 'x-remaining': '4' }, false, NOW)).toBeUndefined()
    expect(readFeedback(rules, { 'x-reset': reset }, false, NOW)).toBeUndefined()
    expect(readFeedback(rules, { 'x-remaining': 'many', 'x-reset': reset }, false, NOW)).toBeUndefined()
  })
})
