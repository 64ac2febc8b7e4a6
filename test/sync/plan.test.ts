import { expect, it } from 'vitest'
import type { ResourceCapabilities } from '../../engine/index.ts'
import type { SyncedSet } from '../../server/stores/sync-types.ts'
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
