import { EngineError, type ErrorCode, type ModelResource, type UnifiedQuery } from '../../engine/index.ts'
import type { IntegratedAccount } from '../stores/index.ts'
import type { SyncedSet } from '../stores/sync-types.ts'
import { chooseStored, findAccount } from './accounts.ts'
import type { CallContext, Services } from './context.ts'
import { accountsOf } from './reach.ts'
import { checkSyncedReach } from './synced-reach.ts'
import { instant } from './wire.ts'

/** One account's records of a resource, as they were synced. */
export interface SyncedSource {
  readonly account: IntegratedAccount
  readonly set: SyncedSet
}

/** An account of the call that has nothing to read, with why. */
export interface Missing {
  readonly integrated_account_id: string
  readonly code: ErrorCode
  readonly message: string
}

/** Where synced records are read: the accounts that have some, in the order of their sets, and those that have none. */
export interface SyncedSources {
  readonly sources: readonly SyncedSource[]
  readonly missing: readonly Missing[]
  /** Whether the call may be about several accounts. */
  readonly isSeveral: boolean
}

/** What is read: a resource of one or several accounts, as it was synced. */
export interface SyncedSubject extends SyncedSources {
  readonly services: Pick<Services, 'stores' | 'clock' | 'cursors'>
  readonly resource: ModelResource
  readonly query: UnifiedQuery
}

/** Which accounts a call names: one, several with commas, or all of a tenant. */
export interface SourceChoice {
  readonly integratedAccountId?: string | undefined
  readonly tenantId?: string | undefined
}

/**
 * Finds what was synced for a call, whatever the status of its accounts. Of several accounts, those that were not synced
 * or are out of reach are named; when that is all of them, or the only one, it throws. Throws `not_synced`, `forbidden`,
 * `unknown_account`, `ambiguous_account`, or `invalid_parameter` for more than `most` accounts.
 */
export async function chooseSources(
  context: CallContext,
  resource: ModelResource,
  choice: SourceChoice,
  most: number,
): Promise<SyncedSources> {
  const isSeveral = most > 1 && (choice.integratedAccountId?.includes(',') === true || isTenant(choice))
  const accounts = isSeveral
    ? await severalAccounts(context, choice, most)
    : [await chooseStored(context, choice.integratedAccountId)]
  const sources: SyncedSource[] = []
  const failures: { readonly account: IntegratedAccount; readonly error: EngineError }[] = []
  const sets = await setsOf(context, resource, accounts)
  for (const account of accounts) {
    const set = sets.get(`${account.environmentId} ${account.id}`)
    const error = refusalOf(context, resource, account) ?? (set === undefined ? notSynced(resource, account.id) : null)
    if (error === null && set !== undefined) sources.push({ account, set })
    else if (error !== null) failures.push({ account, error })
  }
  if (sources.length === 0) throw failures[0]?.error ?? notSynced(resource, null)
  sources.sort((a, b) => a.set.id - b.set.id)
  const missing = failures.map(({ account, error: { code, message } }) => {
    return { integrated_account_id: account.id, code, message }
  })
  return { sources, missing, isSeveral }
}

const isTenant = ({ integratedAccountId, tenantId }: SourceChoice): boolean =>
  integratedAccountId === undefined && tenantId !== undefined

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

/** The accounts that are named, or those of a tenant that the token reaches. */
async function severalAccounts(
  context: CallContext,
  { integratedAccountId, tenantId }: SourceChoice,
  most: number,
): Promise<readonly IntegratedAccount[]> {
  if (integratedAccountId !== undefined && tenantId !== undefined) {
    throw new EngineError('invalid_parameter', 'Name accounts or a tenant, not both', { where: 'tenant_id' })
  }
  if (integratedAccountId === undefined) return tenantAccounts(context, tenantId ?? '', most)
  const ids = [...new Set(integratedAccountId.split(',').map((id) => id.trim()))].filter((id) => id !== '')
  if (ids.length > most) throw tooMany(most, 'integrated_account_id')
  const accounts: IntegratedAccount[] = []
  for (const id of ids) accounts.push(await findAccount(context, id))
  return accounts
}

async function tenantAccounts(
  { services, caller, trace }: CallContext,
  tenantId: string,
  most: number,
): Promise<readonly IntegratedAccount[]> {
  const { token, environments } = caller
  if (token.kind === 'agent' && token.tenantId !== tenantId) return []
  const bound = accountsOf(token)
  for (const environmentId of environments) {
    const { result, next } = await services.stores.accounts.list(environmentId, { tenantId, limit: most })
    if (next !== null) throw tooMany(most, 'tenant_id')
    const reached = result.filter((account) => bound?.includes(account.id) ?? true)
    if (reached.length === 0) continue
    trace.environmentId = environmentId
    return reached
  }
  return []
}

const tooMany = (most: number, where: string): EngineError =>
  new EngineError('invalid_parameter', `More than ${most} accounts are too many for one call`, {
    where,
    hint: `Name up to ${most} of them: integrated_account_id=<id>,<id>.`,
  })

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
