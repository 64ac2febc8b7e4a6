import type { StoreTransaction } from '../stores/index.ts'
import type { Job, JobCount, JobQuery } from './port.ts'

/** A job that passed the checks, with its key and queue made unique over environments. */
export interface CheckedJob {
  readonly name: string
  /** JSON text of an object. */
  readonly payload: string
  readonly environmentId: string | null
  /** Null: at once. */
  readonly runAt: number | null
  readonly key: string | null
  readonly queue: string | null
  readonly maxAttempts: number
}

/** How a run ended that did not succeed. */
export interface FailedRun {
  readonly error: string
  /** Milliseconds on top of the pause that grows with the attempts. */
  readonly jitterMs: number
  /** Whether the attempt is not to count: the server stopped. */
  readonly isInterrupted: boolean
}

/** Runs a claimed job to its end; null when it succeeded. Never rejects. `lost` ends when the claim does not stand any more. */
export type RunClaimed = (job: Job, lost: AbortSignal) => Promise<FailedRun | null>

/** Keeps jobs in one kind of database, and hands them out. */
export interface JobDriver {
  enqueue(trx: StoreTransaction, job: CheckedJob): Promise<void>
  /** Starts to hand out jobs of these names. */
  start(names: readonly string[], run: RunClaimed): Promise<void>
  /** Hands out no more; resolves when every run has ended and its end is stored. */
  stop(): Promise<void>
  list(query: JobQuery): Promise<readonly Job[]>
  get(id: string): Promise<Job | null>
  retry(id: string): Promise<boolean>
  remove(id: string): Promise<boolean>
  counts(): Promise<readonly JobCount[]>
  forgetDead(before: number): Promise<number>
}

/** What is told of a run whose process was gone before it could tell. */
export const CUT_OFF = 'internal: the run was cut off before its end was stored'
/** How many jobs a process runs at once. */
export const CONCURRENCY = 10
/** A claim that was not renewed for this long is free: its process is gone. */
export const LEASE_MS = 60_000
/** How often a process renews its claims and looks for those that are free. */
export const HEARTBEAT_MS = 15_000

/** The pause after a failed attempt (from 1): e to the power of the attempts in seconds, six hours at most. */
export const pauseMs = (attempts: number): number => Math.round(Math.exp(Math.min(attempts, 10)) * 1_000)
