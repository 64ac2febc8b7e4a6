import { EngineError, type ModelResource, type UnifiedQuery } from '../../engine/index.ts'
import type { IntegratedAccount } from '../stores/index.ts'
import type { SyncedSet } from '../stores/sync-types.ts'
import { type AccountChoice, chooseStored } from './accounts.ts'
import type { CallContext, Services } from './context.ts'
import { type LeftOut, leftOut } from './left-out.ts'
import { namesSeveral, severalAccounts } from './several-accounts.ts'
import { checkSyncedReach } from './synced-reach.ts'
import { instant } from './wire.ts'

/** One account's records of a resource, as they were synced. */
export interface SyncedSource {
  readonly account: IntegratedAccount
  readonly set: SyncedSet
}

/** Where synced records are read: the accounts that have some, in the order of their sets, and those that have none. */
export interface SyncedSources {
  readonly sources: readonly SyncedSource[]
  readonly missing: readonly ReturnType<typeof leftOut>[]
  /** Whether the call may be about several accounts. */
  readonly isSeveral: boolean
}

/** What is read: a resource of one or several accounts, as it was synced. */
export interface SyncedSubject extends SyncedSources {
  readonly services: Pick<Services, 'stores' | 'clock' | 'cursors'>
  readonly resource: ModelResource
  readonly query: UnifiedQuery
}

/**
 * Finds what was synced for a call, whatever the status of its accounts. Of several accounts, those that were not synced
 * or are out of reach are named; when that is all of them, or the only one, it throws. Throws `not_synced`, `forbidden`,
 * `unknown_account`, `ambiguous_account`, or `invalid_parameter` for more than `most` accounts.
 */
export async function chooseSources(
  context: CallContext,
  resource: ModelResource,
  choice: AccountChoice,
  most: number,
): Promise<SyncedSources> {
  const isSeveral = most > 1 && namesSeveral(choice)
  const accounts = isSeveral
    ? await severalAccounts(context, choice, most)
    : [await chooseStored(context, choice.integratedAccountId)]
  const sources: SyncedSource[] = []
  const failures: LeftOut[] = []
  const sets = await setsOf(context, resource, accounts)
  for (const account of accounts) {
    const set = sets.get(`${account.environmentId} ${account.id}`)
    const error = refusalOf(context, resource, account) ?? (set === undefined ? notSynced(resource, account.id) : null)
    if (error === null && set !== undefined) sources.push({ account, set })
    else if (error !== null) failures.push({ account, error })
  }
  if (sources.length === 0) throw failures[0]?.error ?? notSynced(resource, null)
  sources.sort((a, b) => a.set.id - b.set.id)
  const missing = failures.map((failure) => leftOut(failure))
  return { sources, missing, isSeveral }
}

/** `of` is an account that the caller reaches: whether there is another one is not told. */
const notSynced = ({ model, name }: ModelResource, of: string | null): EngineError =>
  new EngineError('not_synced', `${model}/${name}${of === null ? '' : ` of ${of}`} was not synced`, {
    where: 'source',
    hint: 'Make a sync job for it: POST /sync-job.',
  })

function refusalOf(context: CallContext, resource: ModelResource, account: IntegratedAccount): EngineError | null {
  try {
    checkSyncedReach(context, resource, account)
    return null
  } catch (thrown) {
    if (thrown instanceof EngineError && thrown.code === 'forbidden') return thrown
    throw thrown
  }
}

async function setsOf(
  { services }: CallContext,
  { model, name: resource }: ModelResource,
  accounts: readonly IntegratedAccount[],
): Promise<ReadonlyMap<string, SyncedSet>> {
  const found = new Map<string, SyncedSet>()
  for (const environmentId of new Set(accounts.map((account) => account.environmentId))) {
    const ids = accounts.filter((account) => account.environmentId === environmentId).map(({ id }) => id)
    const sets = await services.stores.syncedReads.sets({ environmentId, model, resource, integratedAccountIds: ids })
    for (const set of sets) found.set(`${environmentId} ${set.integratedAccountId}`, set)
  }
  return found
}

/** How old what was read is: as old as the oldest of its accounts; null where one was not read to its end. */
export function ageOf({ services, sources }: Pick<SyncedSubject, 'services' | 'sources'>) {
  const oldest = (of: (set: SyncedSet) => number | null): number | null =>
    sources.reduce<number | null>((least, { set }) => {
      const at = of(set)
      return at === null || least === null ? null : Math.min(least, at)
    }, Number.MAX_SAFE_INTEGER)
  const observedAt = oldest(({ completeUntil }) => completeUntil)
  const age = observedAt === null ? null : Math.max(0, Math.floor((services.clock.now() - observedAt) / 1_000))
  return {
    observed_at: instant(observedAt),
    age_seconds: age,
    reconciled_at: instant(oldest(({ reconciledAt }) => reconciledAt)),
  }
}

/** Whether records may be lacking: an account has none, or its first list has not come to its end. */
export const isPartial = ({ sources, missing }: SyncedSources): boolean =>
  missing.length > 0 || sources.some(({ set }) => set.completeUntil === null)
