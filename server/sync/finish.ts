import type { SyncFailure, SyncPartition, SyncPlan, SyncRun } from '../stores/sync-types.ts'
import type { SyncServices as Services } from './services.ts'

/** So few deletions are never too many. */
const FEW = 10

/** Ends a list that was read whole: what a full one has not seen is deleted, unless that is more than may be. */
export async function finishList(services: Services, run: SyncRun, plan: SyncPlan): Promise<SyncPlan> {
  const { stores } = services
  const startedAt = run.startedAt ?? run.createdAt
  if (plan.scope === 'recent') {
    await stores.synced.complete(plan.setId, startedAt, false)
    return { ...plan, state: 'done' }
  }
  const gone = { setId: plan.setId, before: plan.goneBefore, observedBefore: startedAt }
  const found = await stores.synced.countGone(gone)
  if (found.gone > FEW && found.gone > found.rows * run.maxDeletedShare) {
    await stores.synced.complete(plan.setId, startedAt, false)
    return { ...plan, state: 'failed', error: refusal(found, run.maxDeletedShare) }
  }
  let deleted = plan.deleted
  for (let some = found.gone; some > 0; deleted += some) {
    some = await stores.synced.deleteGone(gone, services.clock.now())
    await new Promise((resolve) => setImmediate(resolve))
  }
  await stores.synced.complete(plan.setId, startedAt, true)
  return { ...plan, state: 'done', deleted }
}

function refusal({ rows, gone }: { readonly rows: number; readonly gone: number }, share: number): SyncFailure {
  const message = `${gone} of ${rows} records were not listed any more, which is more than the share of ${share} that may be deleted`
  return { code: 'deletions_refused', message }
}

/** Whether every part of a list is read. */
export const isRead = ({ setId }: SyncPlan, parts: readonly SyncPartition[]): boolean =>
  parts.filter((part) => part.setId === setId).every(({ isDone }) => isDone)
