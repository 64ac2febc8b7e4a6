import { describe, expect, it } from 'vitest'
import type { ResourceCapabilities } from '../../engine/index.ts'
import type { SyncedSet } from '../../server/stores/sync-types.ts'
import { allRecordsLeft, type PartProgress, recordsLeft, splitPoint } from '../../server/sync/parts.ts'
import { planOf } from '../../server/sync/plan.ts'

const SET: SyncedSet = {
  ...{ id: 1, integratedAccountId: 'a', model: 'shop', resource: 'orders', generation: 7, completeUntil: 5_000 },
  ...{ reconciledAt: 4_000, reconciledGeneration: 5, lastChange: 0, sweptChange: 0 },
}

const resource = (methods: readonly string[], stability: 'keyset' | 'best_effort'): ResourceCapabilities =>
  ({ methods, stability, filters: {}, sort: [], expand: [], canGoBack: false, fields: {} }) as ResourceCapabilities

const full = (of: ResourceCapabilities) => planOf(SET, of, { mode: 'full', push: 'changes' })

it('a run that was canceled does not count among the two that have to lack a record', () => {
  // Generations 6 and 7 were begun and not ended: the last full list that came to its end is the fifth.
  expect(full(resource(['list'], 'best_effort'))).toMatchObject({ generation: 8, goneBefore: 5, confirms: false })
  expect(full(resource(['list'], 'keyset'))).toMatchObject({ goneBefore: 8, confirms: false })
  expect(full(resource(['list', 'get'], 'best_effort'))).toMatchObject({ goneBefore: 8, confirms: true })
})

it('the first reading tells nothing unless it is asked to', () => {
  const tells = (completeUntil: number | null, push: 'changes' | 'all' | 'none') =>
    planOf({ ...SET, completeUntil }, resource(['list'], 'keyset'), { mode: 'auto', push }).tells
  expect([tells(null, 'changes'), tells(1, 'changes')]).toEqual([false, true])
  expect([tells(null, 'all'), tells(1, 'all'), tells(null, 'none'), tells(1, 'none')]).toEqual([
    true,
    true,
    false,
    false,
  ])
})

describe('a part', () => {
  const [DAY, TOP] = [86_400_000, Date.UTC(2026, 0, 1)]
  const part = (given: Partial<PartProgress>): PartProgress => {
    return { top: TOP, read: 100, position: TOP - DAY, lower: TOP - 11 * DAY, upper: null, isDone: false, ...given }
  }

  it('is worth what is left at the density of what was read, whenever that began', () => {
    expect(recordsLeft(part({}))).toBe(1_000)
    expect(recordsLeft(part({ top: TOP - DAY / 2 }))).toBe(2_000)
    expect([recordsLeft(part({ position: null })), recordsLeft(part({ isDone: true }))]).toEqual([null, 0])
  })

  it('of which nothing was read is taken to be as dense as the others', () => {
    const fresh = part({ top: TOP - 11 * DAY, read: 0, position: null, lower: TOP - 16 * DAY })
    expect(allRecordsLeft([part({}), fresh])).toBe(1_500)
    expect(allRecordsLeft([part({}), { ...fresh, lower: null }])).toBeNull()
    expect(allRecordsLeft([fresh])).toBeNull()
  })

  it('is divided in the middle where that is worth it', () => {
    expect(splitPoint(part({}))).toBe(TOP - 6 * DAY)
    expect(splitPoint(part({ lower: TOP - 5 * DAY }))).toBe(TOP - 3 * DAY)
    expect(splitPoint(part({ lower: TOP - 4.9 * DAY }))).toBeNull()
    expect(splitPoint(part({ position: null }))).toBeNull()
  })

  it('without an end is divided so far away as its orders of magnitude say', () => {
    // 26 years before the place that was read, a day of which was read: their geometric mean.
    const days = (TOP - DAY - Date.UTC(2000, 0, 1)) / DAY
    const at = splitPoint(part({ lower: null })) ?? 0
    expect(Math.abs(TOP - DAY - Math.sqrt(days) * DAY - at)).toBeLessThanOrEqual(1_000)
  })
})
