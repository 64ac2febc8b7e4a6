import type { Account } from '../../engine/index.ts'
import type { SyncPlan, Telling } from '../stores/sync-types.ts'
import type { SyncServices as Services } from './services.ts'

/** A list that is read. */
export interface Target {
  readonly plan: SyncPlan
  readonly account: Account
  /** Whether the newest records come first, so that it can be told when a bound is passed. */
  readonly isOrdered: boolean
  /** Whose changes are told; null where none are. */
  readonly telling: Telling | null
  /** Whether the provider may tell of records by itself. */
  readonly isTold: boolean
}

/** What reading a page needs. */
export interface Reading {
  readonly services: Services
  readonly runId: string
  /** Ends the requests under way. */
  readonly signal: AbortSignal
}
