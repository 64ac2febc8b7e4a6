import type { StoreTransaction } from './database.ts'

/** What is synced again and again. Instants are epoch milliseconds, here and below. */
export interface SyncJob {
  readonly id: string
  readonly environmentId: string
  /** The account, or null when it is for every active account of the tenant. */
  readonly integratedAccountId: string | null
  readonly tenantId: string | null
  /** Such as `payment-gateway/payments`. */
  readonly resources: readonly string[]
  /** A cron pattern (UTC) or an interval such as `15m`; null: only when asked for. */
  readonly schedule: string | null
  /** When everything is read again, so that updates and deletions are found; the same grammar. */
  readonly fullSchedule: string | null
  /** Share of a resource's records that a full run may delete, 0 to 1. */
  readonly maxDeletedShare: number
  readonly push: SyncPush
  readonly isPaused: boolean
  readonly nextRunAt: number | null
  readonly nextFullAt: number | null
  readonly createdAt: number
  readonly updatedAt: number
}

/** Every way to tell of what a sync finds: what changed after the first reading, everything, or nothing. */
export const SYNC_PUSHES = Object.freeze(['changes', 'all', 'none'] as const)

/** One of SYNC_PUSHES. */
export type SyncPush = (typeof SYNC_PUSHES)[number]

/** A sync job to make. */
export type NewSyncJob = Omit<SyncJob, 'id' | 'isPaused' | 'createdAt' | 'updatedAt'>

/** `auto` reads what is new where that can be told, and everything where it cannot or was never done; `full` everything. */
export type SyncMode = 'auto' | 'full'

/** Every status of a run; the first three are of a run that is not over. */
export const RUN_STATUSES = Object.freeze(['waiting', 'running', 'paused', 'succeeded', 'failed', 'canceled'] as const)

/** One of RUN_STATUSES. */
export type SyncStatus = (typeof RUN_STATUSES)[number]

/** Why something did not succeed. */
export interface SyncFailure {
  readonly code: string
  readonly message: string
}

/** How one resource of one account is read by a run, and what came of it. */
export interface SyncPlan {
  readonly setId: number
  readonly integratedAccountId: string
  readonly model: string
  readonly resource: string
  /** `windows`: parts of time in parallel; `cursor`: one page after the other. */
  readonly way: 'windows' | 'cursor'
  /** `full` reads everything, `recent` what was made since `since`. */
  readonly scope: 'full' | 'recent'
  readonly since: number | null
  /** Why this way, for people. */
  readonly why: string
  readonly generation: number
  /** Rows of an older generation than this are gone when the full list has ended. */
  readonly goneBefore: number
  /** Whether changes that are found become events. */
  readonly tells: boolean
  /** Whether a record that a full list lacks is read by itself before it is deleted. */
  readonly confirms: boolean
  readonly state: 'reading' | 'done' | 'failed'
  readonly deleted: number
  readonly error: SyncFailure | null
}

/** One run of a sync job. */
export interface SyncRun {
  readonly id: string
  readonly environmentId: string
  readonly jobId: string
  readonly mode: SyncMode
  readonly status: SyncStatus
  readonly maxDeletedShare: number
  /** Null until it is decided. */
  readonly plan: readonly SyncPlan[] | null
  readonly error: SyncFailure | null
  readonly createdAt: number
  readonly startedAt: number | null
  readonly endedAt: number | null
}

/** A part of a list that one lane reads, newest first. */
export interface SyncPartition {
  readonly n: number
  readonly setId: number
  /** The bound that the provider is asked for; the cursor belongs to it. */
  readonly askedFrom: number | null
  /** Where this part ends: `askedFrom`, or later where the rest was given to another part. */
  readonly lower: number | null
  /** Exclusive; null is open. */
  readonly upper: number | null
  readonly cursor: string | null
  /** Instant of the last record read. */
  readonly position: number | null
  readonly isDone: boolean
  readonly pages: number
  readonly records: number
  readonly added: number
  readonly updated: number
}

/** A part that is to be read. */
export type NewPartition = Pick<SyncPartition, 'n' | 'setId' | 'lower' | 'upper'>

/** One resource of one account, as far as it was synced. */
export interface SyncedSet {
  readonly id: number
  readonly integratedAccountId: string
  readonly model: string
  readonly resource: string
  readonly generation: number
  /** Everything made before this was read once; null before the first list came to its end. */
  readonly completeUntil: number | null
  readonly reconciledAt: number | null
  readonly reconciledGeneration: number | null
  readonly lastChange: number
  readonly sweptChange: number
}

/** A record as it is kept. */
export interface SyncedRow {
  readonly recordId: string
  readonly createdAt: number | null
  readonly hash: string
  /** JSON text. */
  readonly data: string
  /** When it was read, where that was not with its page (epoch ms). */
  readonly observedAt?: number
  /** Whether it was read by itself or told, and may say more than lists do; `hash` is of what a list showed. Default false. */
  readonly isTold?: boolean
  /** JSON text of the record as the list shows it, where `data` says more. */
  readonly listed?: string
}

/** A row that a list shows in another way than it is kept, and that is the same all the same. */
export interface SameRow {
  readonly recordId: string
  readonly version: number
  /** Of what the list shows. */
  readonly hash: string
}

/** Whose records a change is told of. */
export interface Telling {
  readonly environmentId: string
  readonly integratedAccountId: string
  readonly tenantId: string
  readonly integration: string
  readonly livemode: boolean | null
  readonly model: string
  readonly resource: string
}

/** A change that a sync has found. */
export interface FoundChange {
  readonly telling: Telling
  readonly recordId: string
  /** JSON text of the record as it was kept; null where it is new. */
  readonly before: string | null
  /** JSON text of the record as it is; null when it is gone. */
  readonly after: string | null
  /** The same, read in the way in which `before` was. */
  readonly comparable: string | null
  readonly observedAt: number
}

/** Tells of changes within the transaction that keeps them, as its last step. */
export type ChangeTeller = (trx: StoreTransaction, found: readonly FoundChange[], now: number) => Promise<void>

/** A page of a partition, with where to go on: both are stored or neither is. */
export interface SyncPage {
  readonly runId: string
  readonly n: number
  readonly setId: number
  readonly generation: number
  /** Whether unchanged rows are marked as seen, too. */
  readonly isFull: boolean
  readonly rows: readonly SyncedRow[]
  readonly same: readonly SameRow[]
  /** Null where nothing is told. */
  readonly telling: Telling | null
  readonly observedAt: number
  readonly cursor: string | null
  readonly position: number | null
  readonly isDone: boolean
}

/** What a page brought; null when its run is not running any more, and nothing was stored. */
export type PageOutcome = { readonly added: number; readonly updated: number } | null

/** A record of a set as it is kept. */
export interface KeptRecord {
  readonly recordId: string
  /** 0 where the record has none. */
  readonly createdAt: number
  /** JSON text. */
  readonly data: string
  /** When this state was read first. */
  readonly observedAt: number
}

/** Which records of a set, in the order of their own instants. */
export interface KeptQuery {
  readonly descending: boolean
  /** The last record of the page before. */
  readonly after: Pick<KeptRecord, 'createdAt' | 'recordId'> | null
  /** Inclusive. */
  readonly from?: number | undefined
  /** Exclusive. */
  readonly to?: number | undefined
  readonly ids?: readonly string[] | undefined
  readonly limit: number
}

/** One entry of the change log. */
export interface SyncedChange {
  readonly seq: number
  readonly change: 'added' | 'updated' | 'deleted'
  readonly recordId: string
  readonly at: number
  /** The record as it is now; null when it is gone. */
  readonly record: KeptRecord | null
}
