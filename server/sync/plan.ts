import type { ResourceCapabilities } from '../../engine/index.ts'
import type { SyncedSet, SyncMode, SyncPlan, SyncPush } from '../stores/sync-types.ts'

/** Records may turn up that were made this long before the last run began: clocks differ, and lists lag. */
const OVERLAP_MS = 3_600_000
const NEWEST_FIRST = '-created_at'

/**
 * How a list is read. In parts of time where the provider filters by creation time and gives the newest first; else page
 * by page. Only what is new where the order tells when to stop, and a full list has come to its end before.
 */
export function planOf(
  set: SyncedSet,
  resource: ResourceCapabilities,
  { mode, push }: { readonly mode: SyncMode; readonly push: SyncPush },
): SyncPlan {
  const { way, why } = wayOf(resource)
  const isOrdered = resource.sort.includes(NEWEST_FIRST)
  const isRecent = mode === 'auto' && isOrdered && set.completeUntil !== null
  const since = isRecent ? (set.completeUntil ?? 0) - OVERLAP_MS : null
  const generation = isRecent ? set.generation : set.generation + 1
  const confirms = resource.methods.includes('get')
  const isSure = confirms || resource.stability === 'keyset'
  return {
    setId: set.id,
    integratedAccountId: set.integratedAccountId,
    model: set.model,
    resource: set.resource,
    way,
    scope: isRecent ? 'recent' : 'full',
    since,
    why: `${why}; ${scopeWhy(set, mode, isOrdered)}`,
    generation,
    // Where a list may lose a record between two pages, the last one that was read to its end has to lack it, too.
    goneBefore: isSure ? generation : (set.reconciledGeneration ?? 0),
    tells: push === 'all' || (push === 'changes' && set.completeUntil !== null),
    confirms,
    state: 'reading',
    deleted: 0,
    error: null,
  }
}

/** Where the records before the newest are asked for by time, and whether the order tells that a bound is passed. */
export const isNewestFirst = (resource: ResourceCapabilities): boolean => resource.sort.includes(NEWEST_FIRST)

function wayOf({ filters, sort }: ResourceCapabilities): Pick<SyncPlan, 'way' | 'why'> {
  const filter = filters.created_at
  const isNative = filter?.mode === 'native' && filter.ops.includes('gte') && filter.ops.includes('lt')
  if (!isNative) return { way: 'cursor', why: 'page by page, because the provider cannot filter it by created_at' }
  if (sort.includes(NEWEST_FIRST)) {
    return { way: 'windows', why: 'in parts of time, because the provider filters it by created_at' }
  }
  return { way: 'cursor', why: `page by page, because the provider orders it by ${sort[0] ?? 'nothing known'}` }
}

function scopeWhy(set: SyncedSet, mode: SyncMode, isOrdered: boolean): string {
  if (set.completeUntil === null) return 'everything, because it was never read to its end'
  if (mode === 'full') return 'everything, to find updates and deletions'
  if (isOrdered) return 'only what was made since the last run began, an hour earlier to be safe'
  return 'everything, because its order does not tell what is new'
}
