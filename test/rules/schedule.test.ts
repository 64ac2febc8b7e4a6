import { describe, expect, it } from 'vitest'
import type { QuietTimes } from '../../engine/index.ts'
import { nextStepAt, openAt, stepAt } from '../../server/rules/schedule.ts'

const NIGHT = { hours: { from: 20 * 60, to: 8 * 60 }, days: [] } as const
const at = (text: string): number => Date.parse(text)
const shown = (ms: number | null): string => (ms === null ? 'never' : new Date(ms).toISOString())
const ruleOf = (quiet: QuietTimes, timezone = 'Europe/Amsterdam') => ({ timezone, quiet, steps: [] })

describe('quiet times', () => {
  it.each<[string, QuietTimes, string, string]>([
    ['midday is open', NIGHT, '2026-01-05T12:00:00.250Z', '2026-01-05T12:00:00.250Z'],
    ['the evening waits past midnight', NIGHT, '2026-01-05T22:10:00Z', '2026-01-06T07:00:00.000Z'],
    ['the night waits until the morning', NIGHT, '2026-01-06T03:00:00Z', '2026-01-06T07:00:00.000Z'],
    ['it is open at the minute it ends', NIGHT, '2026-01-06T07:00:00Z', '2026-01-06T07:00:00.000Z'],
    ['it is quiet at the minute it begins', NIGHT, '2026-01-05T19:00:00Z', '2026-01-06T07:00:00.000Z'],
    ['the night in which clocks go forward is short', NIGHT, '2026-03-28T21:00:00Z', '2026-03-29T06:00:00.000Z'],
    ['the night in which they go back is long', NIGHT, '2026-10-24T20:00:00Z', '2026-10-25T07:00:00.000Z'],
    [
      'hours within a day',
      { hours: { from: 12 * 60, to: 13 * 60 + 30 }, days: [] },
      '2026-01-05T11:15:00Z',
      '2026-01-05T12:30:00.000Z',
    ],
    [
      'a weekend and the night after it',
      { hours: NIGHT.hours, days: [0, 6] },
      '2026-03-27T21:00:00Z',
      '2026-03-30T06:00:00.000Z',
    ],
    [
      'an end within the hour that is left out comes after it',
      { hours: { from: 60, to: 150 }, days: [] },
      '2026-03-29T00:30:00Z',
      '2026-03-29T01:30:00.000Z',
    ],
    [
      'nothing is quiet where nothing is said',
      { hours: undefined, days: [] },
      '2026-01-05T23:00:00Z',
      '2026-01-05T23:00:00.000Z',
    ],
  ])('%s', (_name, quiet, from, to) => {
    expect(shown(openAt(ruleOf(quiet), at(from)))).toBe(to)
  })
})

describe('steps', () => {
  const none = { hours: undefined, days: [] }
  const steps = (['minute', 'hour', 'day'] as const).map((unit) => ({ after: { count: 2, unit }, actions: [] }))
  const rule = { timezone: 'Europe/Amsterdam', quiet: none, steps }

  it('minutes and hours are counted by the clock, days by the calendar', () => {
    const start = at('2026-03-27T12:00:00.750Z')
    expect(steps.map((_, step) => shown(stepAt(rule, start, step)))).toEqual([
      '2026-03-27T12:02:00.750Z',
      '2026-03-27T14:00:00.750Z',
      '2026-03-29T11:00:00.750Z',
    ])
    expect(stepAt(rule, start, 3)).toBeNull()
  })

  it('a day in UTC is a day', () => {
    expect(shown(stepAt({ ...rule, timezone: 'UTC' }, at('2026-03-27T12:00:00Z'), 2))).toBe('2026-03-29T12:00:00.000Z')
  })

  it('one that is late keeps its distance to the one before', () => {
    const start = at('2026-01-05T12:00:00Z')
    const later = (done: string, step: number) => shown(nextStepAt({ ...rule, quiet: NIGHT }, start, step, at(done)))
    expect(later('2026-01-05T12:05:00Z', 1)).toBe('2026-01-05T14:00:00.000Z')
    expect(later('2026-01-05T15:00:00Z', 1)).toBe('2026-01-05T16:58:00.000Z')
    expect(later('2026-01-05T18:30:00Z', 1)).toBe('2026-01-06T07:00:00.000Z')
    expect(later('2026-01-20T12:00:00Z', 2)).toBe('2026-01-22T10:00:00.000Z')
    expect(later('2026-01-20T12:00:00Z', 3)).toBe('never')
  })
})
