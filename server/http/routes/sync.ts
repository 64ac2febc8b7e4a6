import { EngineError } from '../../../engine/index.ts'
import { audit } from '../../api/audit.ts'
import type { Reply } from '../../api/context.ts'
import {
  askedRun,
  createSyncJob,
  findSyncJob,
  findSyncRun,
  type RunRequest,
  type SyncJobRequest,
  syncJobOut,
  syncRunOut,
  syncRunProgress,
} from '../../api/sync.ts'
import { pageReply, readPageQuery } from '../../api/wire.ts'
import { RUN_STATUSES, type SyncJob } from '../../stores/sync-types.ts'
import type { Route, RouteCall } from '../route.ts'
import { object, PAGING, pageOf, text, textOrNull } from '../schemas.ts'
import { RUN_BODY, SYNC_JOB, SYNC_JOB_BODY, SYNC_RUN, SYNC_RUN_PROGRESS } from './sync-schemas.ts'

const tag = 'Sync'
const filter = (description: string) => ({ description, schema: { type: 'string' } })

/** What is synced, and the runs that do it. */
export const SYNC_ROUTES: readonly Route[] = [
  {
    ...{ verb: 'post', path: '/sync-job', tag, rank: 'write', query: {}, body: SYNC_JOB_BODY, status: 201 },
    summary: 'Makes a sync job, and starts its first run unless it starts later.',
    answer: object({
      id: text('Id of the job.'),
      run_id: textOrNull('Id of its first run; null when it starts later.'),
    }),
    handle: async ({ context, body }) => ({ status: 201, body: await createSyncJob(context, body as SyncJobRequest) }),
  },
  {
    ...{ verb: 'get', path: '/sync-job', tag, rank: 'read', answer: pageOf(SYNC_JOB), handle: listJobs },
    summary: 'Lists the sync jobs, newest first.',
    query: { ...PAGING, integrated_account_id: filter('Of this account.'), tenant_id: filter('Of this tenant.') },
  },
  {
    ...{ verb: 'get', path: '/sync-job/{id}', tag, rank: 'read', query: {}, answer: SYNC_JOB },
    summary: 'Gets a sync job.',
    handle: async ({ context, params }) => shown(await findSyncJob(context, params.id ?? '')),
  },
  {
    ...{ verb: 'post', path: '/sync-job/{id}/run', tag, rank: 'write', query: {}, body: RUN_BODY, answer: SYNC_RUN },
    ...{ status: 201, summary: 'Starts a run now.', handle: run },
  },
  {
    ...{ verb: 'post', path: '/sync-job/{id}/pause', tag, rank: 'write', query: {}, answer: SYNC_JOB },
    summary: 'Has a sync job and its run rest; within a page it stops.',
    handle: (call) => change(call, 'pause'),
  },
  {
    ...{ verb: 'post', path: '/sync-job/{id}/resume', tag, rank: 'write', query: {}, answer: SYNC_JOB },
    summary: 'Has a sync job run again; a run that rests goes on where it was.',
    handle: (call) => change(call, 'resume'),
  },
  {
    ...{ verb: 'delete', path: '/sync-job/{id}', tag, rank: 'write', query: {}, handle: remove },
    summary: 'Deletes a sync job with its runs; what it synced stays with the account.',
    answer: object({ id: text('Its id.') }),
  },
  {
    ...{ verb: 'get', path: '/sync-job-run', tag, rank: 'read', answer: pageOf(SYNC_RUN), handle: listRuns },
    summary: 'Lists runs of sync jobs, newest first.',
    query: {
      ...PAGING,
      sync_job_id: filter('Of this job.'),
      status: { description: 'In this status.', schema: { type: 'string', enum: RUN_STATUSES } },
    },
  },
  {
    ...{ verb: 'get', path: '/sync-job-run/{id}', tag, rank: 'read', query: {}, answer: SYNC_RUN_PROGRESS },
    summary: 'Gets a run with its progress, and how each resource is read and why.',
    handle: async ({ context, params }) => {
      const found = await findSyncRun(context, params.id ?? '')
      return { status: 200, body: await syncRunProgress(context, found) }
    },
  },
  {
    ...{
      verb: 'post',
      path: '/sync-job-run/{id}/cancel',
      tag,
      rank: 'write',
      query: {},
      answer: SYNC_RUN,
      handle: cancel,
    },
    summary: 'Ends a run where it is; what it has read stays.',
  },
]

const shown = (job: SyncJob): Reply => ({ status: 200, body: syncJobOut(job) })

async function listJobs({ context, query }: RouteCall): Promise<Reply> {
  const { page, filters, binding } = readPageQuery(context, 'sync-jobs', query)
  const { integrated_account_id: integratedAccountId, tenant_id: tenantId } = filters
  const { environments } = context.caller
  const found = await context.services.stores.syncJobs.list({ ...page, environments, integratedAccountId, tenantId })
  return pageReply(context, binding, found, syncJobOut)
}

async function listRuns({ context, query }: RouteCall): Promise<Reply> {
  const { page, filters, binding } = readPageQuery(context, 'sync-job-runs', query)
  const status = RUN_STATUSES.find((one) => one === filters.status)
  if (filters.status !== undefined && status === undefined) {
    throw new EngineError('invalid_parameter', 'This is no status', { where: 'status', valid: RUN_STATUSES })
  }
  const { environments } = context.caller
  const found = await context.services.stores.syncRuns.list({
    ...page,
    environments,
    jobId: filters.sync_job_id,
    status,
  })
  return pageReply(context, binding, found, syncRunOut)
}

async function run({ context, params, body }: RouteCall): Promise<Reply> {
  const job = await findSyncJob(context, params.id ?? '')
  const made = await context.services.sync.run(job, askedRun((body ?? {}) as RunRequest))
  await audit(context, 'sync_job.run', `sync_job:${job.id}`, 'succeeded', { run: made.id, mode: made.mode })
  return { status: 201, body: syncRunOut(made) }
}

async function change({ context, params }: RouteCall, act: 'pause' | 'resume'): Promise<Reply> {
  const job = await findSyncJob(context, params.id ?? '')
  await context.services.sync[act](job)
  await audit(context, `sync_job.${act}`, `sync_job:${job.id}`, 'succeeded')
  return shown(await findSyncJob(context, job.id))
}

async function remove({ context, params }: RouteCall): Promise<Reply> {
  const job = await findSyncJob(context, params.id ?? '')
  await context.services.sync.remove(job)
  await audit(context, 'sync_job.delete', `sync_job:${job.id}`, 'succeeded')
  return { status: 200, body: { id: job.id } }
}

async function cancel({ context, params }: RouteCall): Promise<Reply> {
  const found = await findSyncRun(context, params.id ?? '')
  await context.services.sync.cancel(found)
  await audit(context, 'sync_job_run.cancel', `sync_job_run:${found.id}`, 'succeeded')
  return { status: 200, body: syncRunOut(await findSyncRun(context, found.id)) }
}
