import { isDeepStrictEqual } from 'node:util'
import { accountOut } from './account-out.ts'
import type { AccountStatus, IntegratedAccount } from './account-types.ts'
import type { NewEvent } from './event-types.ts'
import type { JsonObject } from './rows.ts'

/** What happened to an account: each is an event `integrated_account.<name>`. */
export type AccountHappening =
  | Exclude<AccountStatus, 'connecting'>
  | 'created'
  | 'enabled'
  | 'updated'
  | 'reconnected'
  | 'deleted'

/** What the store cannot know of a change by itself. */
export interface ToldChange {
  /** Default: read off the change. An event is written then only when something visible changed. */
  readonly happening?: AccountHappening | undefined
  /** Why, as a code such as `invalid_grant`. */
  readonly reason?: string | undefined
}

/** The event of a new account. */
export function accountCreated(account: IntegratedAccount): NewEvent {
  return accountEvent('created', account, accountOut(account))
}

/** The event of a change, or null when nothing is to be told: new tokens alone are no news. */
export function accountChanged(before: IntegratedAccount, after: IntegratedAccount, told: ToldChange): NewEvent | null {
  const changes = visibleChanges(accountOut(before), accountOut(after))
  const happening = told.happening ?? (Object.keys(changes).length === 0 ? null : readOff(before, after))
  if (happening === null) return null
  const reason = told.reason ?? (before.status === after.status ? undefined : after.statusReason?.code)
  return { ...accountEvent(happening, after, accountOut(after)), changes, reason: reason ?? null }
}

/** The event of an account that is gone: the account as it was, without what may be personal. */
export function accountDeleted(account: IntegratedAccount, reason: string | undefined): NewEvent {
  const gone = {
    statusReason: null,
    hasCredentials: false,
    identity: null,
    webhook: null,
    settings: {},
    context: {},
    traits: {},
  }
  const data = accountOut({ ...account, ...gone })
  return { ...accountEvent('deleted', account, data), reason: reason ?? null }
}

/** Type of the event that tells of a gap in the feed of an account. */
export const FEED_GAP = 'integrated_account.feed_gap'

/** What a feed does not remember any more, from an instant until another one (epoch ms). */
export interface FeedGap {
  readonly from: number
  readonly until: number
  readonly retentionDays: number
}

/** The event of a feed that was left unread for longer than its retention: what changed meanwhile is told by nobody. */
export function feedGap(account: IntegratedAccount, { from, until, retentionDays }: FeedGap): NewEvent {
  return {
    type: FEED_GAP,
    integratedAccountId: account.id,
    tenantId: account.tenantId,
    integration: account.integration,
    livemode: account.livemode,
    data: {
      id: account.id,
      from: new Date(from).toISOString(),
      until: new Date(until).toISOString(),
      retention_days: retentionDays,
    },
  }
}

function accountEvent(happening: AccountHappening, account: IntegratedAccount, data: JsonObject): NewEvent {
  return {
    type: `integrated_account.${happening}`,
    integratedAccountId: account.id,
    tenantId: account.tenantId,
    integration: account.integration,
    livemode: account.livemode,
    data,
  }
}

function visibleChanges(before: JsonObject, after: JsonObject): JsonObject {
  const names = Object.keys(after).filter((name) => name !== 'updated_at')
  const changed = names.filter((name) => !isDeepStrictEqual(before[name], after[name]))
  return Object.fromEntries(changed.map((name) => [name, { from: before[name] ?? null, to: after[name] ?? null }]))
}

/** An account that its provider had known is not new when it becomes active. */
function readOff({ status: from, identity }: IntegratedAccount, { status: to }: IntegratedAccount): AccountHappening {
  if (from === to || to === 'connecting') return 'updated'
  if (to !== 'active') return to
  if (from === 'disabled') return 'enabled'
  return from === 'needs_reauth' || (from === 'validation_error' && identity !== null) ? 'reconnected' : 'active'
}
