import { EngineError } from '../../engine/index.ts'
import type { SyncJob, SyncMode, SyncPartition, SyncPlan, SyncPush, SyncRun } from '../stores/sync-types.ts'
import { allRecordsLeft } from '../sync/parts.ts'
import type { AskedRun } from '../sync/port.ts'
import { checkedSchedule } from '../sync/schedule.ts'
import { audit } from './audit.ts'
import type { CallContext } from './context.ts'
import { modelResource } from './unified.ts'
import { instant } from './wire.ts'

const DEFAULT_SHARE = 0.3
const DEFAULT_FULL = '1d'

/** A sync job as a caller gives it. */
export interface SyncJobRequest {
  readonly integrated_account_id?: string
  readonly tenant_id?: string
  readonly resources: readonly string[]
  readonly schedule?: string | null
  readonly full_schedule?: string | null
  readonly max_deleted_share?: number
  readonly push?: SyncPush
  readonly start_at?: string
}

/** Makes a sync job and its first run. Throws invalid_parameter, ambiguous_account, unknown_account or unknown_resource. */
export async function createSyncJob(context: CallContext, request: SyncJobRequest) {
  const { services } = context
  const of = await subjectOf(context, request)
  const asked = {
    ...of,
    resources: [...new Set(request.resources.map((name) => resourceName(context, name)))],
    schedule: scheduleOf(request.schedule ?? null, 'schedule'),
    fullSchedule: scheduleOf(
      request.full_schedule === undefined ? defaultFull(request) : request.full_schedule,
      'full_schedule',
    ),
    maxDeletedShare: request.max_deleted_share ?? DEFAULT_SHARE,
    push: request.push ?? ('changes' as const),
    startAt: startOf(request.start_at),
  }
  const { job, run } = await services.sync.create(asked)
  await audit(context, 'sync_job.create', `sync_job:${job.id}`, 'succeeded', { resources: job.resources })
  return { id: job.id, run_id: run?.id ?? null }
}

/** A job that runs by itself also looks for updates and deletions by itself. */
const defaultFull = ({ schedule }: SyncJobRequest): string | null => (schedule == null ? null : DEFAULT_FULL)

const scheduleOf = (text: string | null, where: string): string | null =>
  text === null ? null : checkedSchedule(text, where)

async function subjectOf(context: CallContext, { integrated_account_id: id, tenant_id: tenant }: SyncJobRequest) {
  const { services, caller } = context
  if ((id === undefined) === (tenant === undefined)) {
    throw new EngineError('ambiguous_account', 'A sync job is for one account, or for all accounts of one tenant', {
      where: 'integrated_account_id',
      hint: 'Give either integrated_account_id or tenant_id.',
    })
  }
  if (id === undefined)
    return { environmentId: caller.environmentId, integratedAccountId: null, tenantId: tenant ?? '' }
  for (const environmentId of caller.environments) {
    if ((await services.reads.account(environmentId, id)) === null) continue
    return { environmentId, integratedAccountId: id, tenantId: null }
  }
  throw new EngineError('unknown_account', `There is no integrated account ${id.slice(0, 128)}`, {
    where: 'integrated_account_id',
  })
}

/** `model/resource`, as it stands in the catalog. */
function resourceName({ services }: CallContext, name: string): string {
  const [model = '', resource = '', ...rest] = name.split('/')
  const found = rest.length === 0 ? modelResource(services, model, resource) : undefined
  if (found !== undefined) return `${model}/${found.name}`
  throw new EngineError('unknown_resource', `\`${name.slice(0, 128)}\` is no resource`, {
    where: 'resources',
    hint: 'Name model and resource, such as payment-gateway/payments.',
  })
}

function startOf(text: string | undefined): number | null {
  if (text === undefined) return null
  const at = Date.parse(text)
  if (!Number.isNaN(at)) return at
  throw new EngineError('invalid_parameter', '`start_at` is no instant', { where: 'start_at', hint: 'Write RFC 3339.' })
}

/** The sync job of this id where the caller may look. Throws not_found. */
export async function findSyncJob({ services, caller }: CallContext, id: string): Promise<SyncJob> {
  const job = await services.stores.syncJobs.get(caller.environments, id)
  if (job !== null) return job
  throw new EngineError('not_found', 'There is no such sync job', { where: 'id' })
}

/** The run of this id where the caller may look. Throws not_found. */
export async function findSyncRun({ services, caller }: CallContext, id: string): Promise<SyncRun> {
  const run = await services.stores.syncRuns.get(caller.environments, id)
  if (run !== null) return run
  throw new EngineError('not_found', 'There is no such run; runs are kept as long as the request log', { where: 'id' })
}

/** How a caller asks for a run. */
export interface RunRequest {
  readonly mode?: SyncMode
  readonly max_deleted_share?: number
}

/** What is asked of the desk. */
export const askedRun = ({ mode = 'auto', max_deleted_share: maxDeletedShare }: RunRequest): AskedRun => ({
  mode,
  maxDeletedShare,
})

/** A sync job on the wire. */
export function syncJobOut(job: SyncJob) {
  return {
    id: job.id,
    environment: job.environmentId,
    integrated_account_id: job.integratedAccountId,
    tenant_id: job.tenantId,
    resources: job.resources,
    schedule: job.schedule,
    full_schedule: job.fullSchedule,
    max_deleted_share: job.maxDeletedShare,
    push: job.push,
    is_paused: job.isPaused,
    next_run_at: instant(job.nextRunAt),
    next_full_at: instant(job.nextFullAt),
    created_at: instant(job.createdAt),
    updated_at: instant(job.updatedAt),
  }
}

/** A run on the wire, without its progress. */
export function syncRunOut(run: SyncRun) {
  return {
    id: run.id,
    environment: run.environmentId,
    sync_job_id: run.jobId,
    mode: run.mode,
    status: run.status,
    error: run.error,
    created_at: instant(run.createdAt),
    started_at: instant(run.startedAt),
    ended_at: instant(run.endedAt),
  }
}

/** A run with how far it has come, in all and for each list. */
export async function syncRunProgress({ services }: CallContext, run: SyncRun) {
  const parts = await services.stores.syncRuns.partitions(run.id)
  const startedAt = run.startedAt ?? run.createdAt
  const seconds = Math.max(0, (run.endedAt ?? services.clock.now()) - startedAt) / 1_000
  const records = sum(parts, ({ records: some }) => some)
  const rate = seconds > 0 ? records / seconds : null
  const isOpen = run.status === 'running' || run.status === 'waiting'
  const left = run.endedAt !== null ? 0 : isOpen ? leftOf(run.plan, parts, startedAt) : null
  return {
    ...syncRunOut(run),
    progress: {
      ...countsOf(parts, run.plan ?? []),
      records_per_second: rate === null ? null : Math.round(rate * 10) / 10,
      eta_seconds: left === null || rate === null || rate === 0 ? null : Math.round(left / rate),
    },
    resources: (run.plan ?? []).map((plan) => ({
      integrated_account_id: plan.integratedAccountId,
      resource: `${plan.model}/${plan.resource}`,
      state: plan.state,
      way: plan.way,
      scope: plan.scope,
      since: instant(plan.since),
      why: plan.why,
      error: plan.error,
      ...countsOf(
        parts.filter(({ setId }) => setId === plan.setId),
        [plan],
      ),
    })),
  }
}

function countsOf(parts: readonly SyncPartition[], plans: readonly SyncPlan[]) {
  return {
    records: sum(parts, ({ records }) => records),
    added: sum(parts, ({ added }) => added),
    updated: sum(parts, ({ updated }) => updated),
    deleted: sum(plans, ({ deleted }) => deleted),
    pages: sum(parts, ({ pages }) => pages),
    partitions: parts.length,
    partitions_done: parts.filter(({ isDone }) => isDone).length,
  }
}

const sum = <T>(items: readonly T[], of: (item: T) => number): number => items.reduce((all, item) => all + of(item), 0)

/** Records that are probably left; null where a list does not tell how far it goes. */
function leftOf(plans: SyncRun['plan'], parts: readonly SyncPartition[], startedAt: number): number | null {
  if (plans === null) return null
  let left = 0
  for (const { setId, way } of plans) {
    const own = parts.filter((part) => part.setId === setId)
    const isOver = own.every(({ isDone }) => isDone)
    const progress = own.map((part) => ({ ...part, top: part.upper ?? startedAt, read: part.records }))
    const some = isOver ? 0 : way === 'windows' ? allRecordsLeft(progress) : null
    if (some === null) return null
    left += some
  }
  return left
}
