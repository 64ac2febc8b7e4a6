import { hashOf } from '../inbound/records.ts'
import type { JsonObject } from '../stores/index.ts'
import type { SyncFailure, SyncPartition, SyncPlan, SyncRun } from '../stores/sync-types.ts'
import type { Gone } from '../stores/synced-gone.ts'
import { readRecords } from './read-records.ts'
import { toldRow } from './rows.ts'
import type { SyncServices as Services } from './services.ts'
import type { Target } from './target.ts'
import { tellerOf } from './tell.ts'

/** So few deletions are never too many. */
const FEW = 10
/** Records that are read by themselves before the next transaction. */
const SETTLED_AT_ONCE = 100

/** A list that was read whole. */
export interface Finishing {
  readonly services: Services
  readonly run: SyncRun
  readonly target: Target
  /** Ends the requests under way. */
  readonly signal: AbortSignal
  /** Instant (epoch ms) after which nothing more is begun. */
  readonly until: number
  /** Stores how far it has come. */
  note(plan: SyncPlan): Promise<void>
}

/**
 * Ends a list that was read whole: what a full one has not seen, and is not there when it is asked for, is deleted, unless
 * that is more than may be. The plan is `reading` still where it was to leave off before.
 */
export async function finishList(finishing: Finishing): Promise<SyncPlan> {
  const { services, run, target } = finishing
  const { plan } = target
  const { synced } = services.stores
  const startedAt = run.startedAt ?? run.createdAt
  if (plan.scope === 'recent') {
    await synced.complete(plan.setId, startedAt, null)
    return { ...plan, state: 'done' }
  }
  const gone = { setId: plan.setId, before: plan.goneBefore, observedBefore: startedAt }
  const found = await countMissing(services, gone)
  if (found.missing > FEW && found.missing > found.rows * run.maxDeletedShare) {
    await synced.complete(plan.setId, startedAt, null)
    return { ...plan, state: 'failed', error: refusal(found, run.maxDeletedShare) }
  }
  const settled = found.missing === 0 ? plan : await settleMissing(finishing, gone)
  if (settled === null) return plan
  await synced.complete(plan.setId, startedAt, plan.generation)
  return { ...settled, state: 'done' }
}

interface Counted {
  readonly rows: number
  readonly missing: number
}

async function countMissing({ stores }: Services, gone: Gone): Promise<Counted> {
  let [rows, missing] = [0, 0]
  for (let after: string | null = null; ; ) {
    const part = await stores.syncedGone.missing(gone, after)
    rows += part.rows
    missing += part.missing.length
    if (part.last === null) return { rows, missing }
    after = part.last
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** Deletes what is gone, some at a time; null when it was to leave off before the end. */
async function settleMissing(finishing: Finishing, gone: Gone): Promise<SyncPlan | null> {
  const { services, target, signal, until } = finishing
  const { stores, clock } = services
  const { generation } = target.plan
  let { plan } = target
  for (let after: string | null = null; ; ) {
    const part = await stores.syncedGone.missing(gone, after)
    for (let from = 0; from < part.missing.length; from += SETTLED_AT_ONCE) {
      if (signal.aborted || clock.now() >= until) return null
      const observedAt = clock.now()
      const confirming = await confirmed(finishing, part.missing.slice(from, from + SETTLED_AT_ONCE))
      const settling = { runId: finishing.run.id, gone, generation, ...confirming, observedAt, telling: target.telling }
      const count = await stores.syncedGone.settle(settling, clock.now(), tellerOf(services))
      if (count === null) return null
      plan = { ...plan, deleted: plan.deleted + count }
      await finishing.note(plan)
    }
    if (part.last === null) return plan
    after = part.last
  }
}

/** Which records are gone, and which are there although a list lacks them. */
async function confirmed({ services, target, signal }: Finishing, ids: readonly string[]) {
  const { plan, account } = target
  if (!plan.confirms) return { deleted: ids, found: [], changed: [] }
  const records = await readRecords({ services, signal }, account, plan, ids)
  const there = [...records.values()].flatMap((record) => (record === null ? [] : [record]))
  const kept = await services.stores.synced.data(plan.setId, ids)
  const isSame = (record: JsonObject): boolean =>
    hashOf(JSON.parse(kept.get(String(record.id)) ?? '{}') as JsonObject) === hashOf(record)
  return {
    deleted: ids.filter((id) => records.get(id) === null),
    found: there.map(({ id }) => String(id)),
    changed: there.filter((record) => !isSame(record)).map(toldRow),
  }
}

function refusal({ rows, missing }: Counted, share: number): SyncFailure {
  const message = `${missing} of ${rows} records were not listed any more, which is more than the share of ${share} that may be deleted`
  return { code: 'deletions_refused', message }
}

/** Whether every part of a list is read. */
export const isRead = ({ setId }: SyncPlan, parts: readonly SyncPartition[]): boolean =>
  parts.filter((part) => part.setId === setId).every(({ isDone }) => isDone)
