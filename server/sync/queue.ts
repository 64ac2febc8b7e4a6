import type { NewJob } from '../jobs/index.ts'
import type { SyncJob, SyncRun } from '../stores/sync-types.ts'

/** Name of the jobs that read for a run. */
export const RUN_JOB = 'sync.run'

/** The job that reads for a run, from `runAt` (epoch ms) on; what is synced of one account or tenant is read by one at a time. */
export function runJob(job: SyncJob, { id }: Pick<SyncRun, 'id'>, runAt?: number): NewJob {
  const of = job.integratedAccountId === null ? `tenant ${job.tenantId}` : `account ${job.integratedAccountId}`
  return {
    name: RUN_JOB,
    payload: { run_id: id },
    environmentId: job.environmentId,
    key: id,
    queue: `sync of ${of}`,
    runAt,
  }
}
