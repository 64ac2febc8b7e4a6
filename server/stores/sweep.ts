import type { AccountStore } from './accounts.ts'
import type { ApprovalStore } from './approvals.ts'
import type { AuditLog } from './audit-log.ts'
import type { Database } from './database.ts'
import { deleteOldLocks } from './database-lock.ts'
import type { DeliveryStore } from './deliveries.ts'
import { DEFAULT_SETTINGS, type EnvironmentStore } from './environments.ts'
import type { EventStore } from './events.ts'
import type { IdempotencyStore } from './idempotency.ts'
import type { InboundStores } from './inbound.ts'
import type { LinkStore } from './link-tokens.ts'
import type { OAuthFlowStore } from './oauth-flows.ts'
import type { PartingStore } from './partings.ts'
import type { RequestLog } from './request-log.ts'
import type { RuleNoteStore } from './rule-notes.ts'
import type { RuleRunStore } from './rule-runs.ts'
import type { SyncRunStore } from './sync-runs.ts'
import type { SyncedReads } from './synced-read.ts'
import { dayOf, type TokenSpend } from './token-spend.ts'
import type { TokenStore } from './tokens.ts'

const DAY_MS = 86_400_000
/** No job tells a provider for longer than about two days. */
const PARTING_MS = 7 * DAY_MS
/** Nobody waits this long for credentials to be proven. */
const STUCK_MS = 3_600_000

/** How many rows a sweep deleted, and how many accounts it found stuck while connecting. */
export interface SweepReport {
  readonly requests: number
  readonly acts: number
  readonly idempotencyRecords: number
  readonly tokens: number
  readonly events: number
  readonly deliveries: number
  readonly changes: number
  readonly runs: number
  readonly ruleRuns: number
  readonly links: number
  readonly stuck: number
}

/** The stores whose rows have a retention. */
export interface SweptStores {
  readonly database: Database
  readonly environments: EnvironmentStore
  readonly accounts: AccountStore
  readonly tokens: TokenStore
  readonly tokenSpend: TokenSpend
  readonly approvals: ApprovalStore
  readonly idempotency: IdempotencyStore
  readonly requests: RequestLog
  readonly audit: AuditLog
  readonly events: EventStore
  readonly deliveries: DeliveryStore
  readonly inbound: InboundStores
  readonly links: LinkStore
  readonly oauthFlows: OAuthFlowStore
  readonly partings: PartingStore
  readonly ruleRuns: RuleRunStore
  readonly ruleNotes: RuleNoteStore
  readonly syncRuns: SyncRunStore
  readonly syncedReads: SyncedReads
}

/** Deletes what is past its retention in every environment; `now` in epoch ms. */
export async function sweep(stores: SweptStores, now: number): Promise<SweepReport> {
  const { retentionDays: common } = DEFAULT_SETTINGS
  let requests = await stores.requests.deleteBefore(null, now - common.requestLog * DAY_MS)
  let tokens = await stores.tokens.deleteEnded(null, now - common.requestLog * DAY_MS)
  let acts = 0
  let idempotencyRecords = 0
  let events = 0
  let deliveries = 0
  let changes = 0
  let runs = 0
  let ruleRuns = 0
  let links = 0
  let stuck = 0
  await stores.oauthFlows.deleteEnded(now)
  await deleteOldLocks(stores.database)
  await stores.tokenSpend.deleteBefore(dayOf(now - common.requestLog * DAY_MS))
  for (const { id, settings } of await stores.environments.list()) {
    const oldest = now - settings.retentionDays.requestLog * DAY_MS
    requests += await stores.requests.deleteBefore(id, oldest)
    tokens += await stores.tokens.deleteEnded(id, oldest)
    acts += await stores.audit.deleteBefore(id, now - settings.retentionDays.auditLog * DAY_MS)
    await stores.partings.deleteBefore(id, now - PARTING_MS)
    await stores.approvals.deleteBefore(id, now - settings.retentionDays.auditLog * DAY_MS)
    stuck += await stores.accounts.endStuck(id, now - STUCK_MS, now)
    const oldestEvent = now - settings.retentionDays.events * DAY_MS
    events += (await stores.events.deleteBefore(id, oldestEvent)) + (await stores.inbound.deleteBefore(id, oldestEvent))
    changes += await stores.syncedReads.deleteChangesBefore(id, now - settings.retentionDays.changes * DAY_MS)
    await stores.syncedReads.deleteDeletionsBefore(id, now - DAY_MS)
    deliveries += await stores.deliveries.deleteBefore(id, now - settings.retentionDays.deliveries * DAY_MS)
    runs += await stores.syncRuns.deleteEnded(id, oldest)
    const oldestAct = now - settings.retentionDays.auditLog * DAY_MS
    await stores.ruleRuns.emptyEnded(id, oldestEvent)
    ruleRuns += await stores.ruleRuns.deleteEnded(id, oldestAct)
    await stores.ruleNotes.deleteBefore(id, oldestAct)
    links += await stores.links.deleteEnded(id, oldest)
    idempotencyRecords += await stores.idempotency.deleteExpired(id, now)
  }
  return { requests, acts, idempotencyRecords, tokens, events, deliveries, changes, runs, ruleRuns, links, stuck }
}
