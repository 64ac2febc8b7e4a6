import type { NewSyncJob, SyncJob, SyncMode, SyncRun } from '../stores/sync-types.ts'

/** How a run is asked for. */
export interface AskedRun {
  readonly mode: SyncMode
  /** Default: what the job says. */
  readonly maxDeletedShare?: number | undefined
}

/** A sync job to make, before it is known when it runs next. */
export type AskedSyncJob = Omit<NewSyncJob, 'nextRunAt' | 'nextFullAt'> & {
  /** Epoch ms; default at once. */
  readonly startAt: number | null
}

/** Everything that is done with sync jobs. */
export interface Sync {
  /** Makes a job and, unless it starts later, its first run. Throws `unknown_account`. */
  create(asked: AskedSyncJob): Promise<{ readonly job: SyncJob; readonly run: SyncRun | null }>
  /** Starts a run. Throws `conflict` when one is under way, or the job is paused. */
  run(job: SyncJob, asked: AskedRun): Promise<SyncRun>
  /** Starts no further run, and has the one under way rest where it is. */
  pause(job: SyncJob): Promise<void>
  /** Starts runs again; one that rests goes on where it was. */
  resume(job: SyncJob): Promise<void>
  /** Deletes a job with its runs. False when it is gone. */
  remove(job: SyncJob): Promise<boolean>
  /** Ends a run where it is. Throws `conflict` when it is over. */
  cancel(run: SyncRun): Promise<void>
}
