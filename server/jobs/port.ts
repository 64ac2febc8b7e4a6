import type { CancelSignal } from '../../engine/index.ts'
import type { JsonObject, StoreTransaction } from '../stores/index.ts'

/** Work to be done once, later or at once, by whichever process is free. */
export interface NewJob {
  /** Which handler does it; lower case words joined by `.` or `_`. */
  readonly name: string
  /** At most 256 KB as JSON; ids, never a secret. */
  readonly payload: JsonObject
  /** Null for work of the installation. */
  readonly environmentId: string | null
  /** Epoch ms; default at once. */
  readonly runAt?: number | undefined
  /** Replaces a waiting job of the same environment, name and key; one that runs is not repeated and followed by this one. */
  readonly key?: string | undefined
  /** Default 12, over about a day and a half; then the job is dead and kept. */
  readonly maxAttempts?: number | undefined
  /** Jobs of one environment and queue run one at a time; one that failed waits without holding the others up. */
  readonly queue?: string | undefined
}

/** What a handler is told beside the payload. */
export interface JobContext {
  readonly id: string
  /** From 1. */
  readonly attempt: number
  readonly isLastAttempt: boolean
  readonly environmentId: string | null
  /** Ends when the time is over, the server stops or another process took the job over: leave off then. */
  readonly signal: CancelSignal
}

/** Does a job. It may be run again after a crash, so what it does must bear a repeat. A throw is tried again later. */
export type JobHandler = (payload: JsonObject, context: JobContext) => Promise<void> | void

/** How jobs of a name are handled. */
export interface HandlerOptions {
  /** A run that takes longer has failed; default 5 minutes. */
  readonly timeoutMs?: number | undefined
}

/** `dead`: failed as often as it may; kept until somebody retries or deletes it. */
export type JobStatus = 'waiting' | 'running' | 'dead'

/** A job that is not done. Instants are epoch milliseconds. */
export interface Job {
  readonly id: string
  readonly name: string
  readonly environmentId: string | null
  readonly status: JobStatus
  readonly payload: JsonObject
  readonly key: string | null
  readonly queue: string | null
  readonly runAt: number
  readonly attempts: number
  readonly maxAttempts: number
  readonly lastError: string | null
  readonly createdAt: number
}

/** Which jobs, newest first. */
export interface JobQuery {
  /** The environments whose jobs are meant; null stands for those of the installation. */
  readonly environments: readonly (string | null)[]
  readonly status?: JobStatus | undefined
  readonly name?: string | undefined
  readonly limit: number
  /** Id of the last job of the page before. */
  readonly before?: number | undefined
}

/** How many jobs there are of a name in a status. */
export interface JobCount {
  readonly name: string
  readonly status: JobStatus
  readonly count: number
}

/**
 * Durable work. A job enqueued in a transaction exists exactly when that commits. Each job is run by one process at a
 * time, again after a crash, with growing pauses after failures, and is kept as dead when it never succeeded.
 */
export interface Jobs {
  /** Enqueues within the transaction of the state that the job follows. */
  enqueue(trx: StoreTransaction, job: NewJob): Promise<void>
  /** Enqueues by itself. */
  add(job: NewJob): Promise<void>
  /** Says who does jobs of a name; before `start`. Jobs that nobody handles wait. */
  handle(name: string, handler: JobHandler, options?: HandlerOptions): void
  /**
   * Has jobs of a name enqueued by a cron pattern (UTC), once however many processes run; one that was missed while none
   * ran is made up for once. Before `start`.
   */
  schedule(name: string, cron: string): void
  start(): Promise<void>
  /** Takes no more jobs, lets running ones end for up to `graceMs`, then aborts them; they run again elsewhere. */
  stop(graceMs?: number): Promise<void>
  list(query: JobQuery): Promise<readonly Job[]>
  /** The job, or null. */
  get(id: string): Promise<Job | null>
  /** Has a waiting or dead job run at once, its attempts counted anew. False when it runs, or is gone. */
  retry(id: string): Promise<boolean>
  /** Deletes a waiting or dead job. False when it runs, or is gone. */
  remove(id: string): Promise<boolean>
  counts(): Promise<readonly JobCount[]>
  /** Deletes dead jobs whose last run ended before an instant (epoch ms); answers how many. */
  forgetDead(before: number): Promise<number>
}
