import { EngineError } from '../../../engine/index.ts'
import { audit } from '../../api/audit.ts'
import type { CallContext, Reply } from '../../api/context.ts'
import { jobOut, pageReply, readPageQuery } from '../../api/wire.ts'
import type { Job, JobStatus } from '../../jobs/index.ts'
import type { Route, RouteCall } from '../route.ts'
import { JOB, object, PAGING, pageOf, text } from '../schemas.ts'

const STATUSES: readonly JobStatus[] = ['waiting', 'running', 'dead']
const DEFAULT_LIMIT = 20
const MAX_LIMIT = 1_000
const tag = 'Operations'

/** Work that is waiting, running or dead, for operators. */
export const JOB_ROUTES: readonly Route[] = [
  {
    ...{ verb: 'get', path: '/job', tag, rank: 'admin', answer: pageOf(JOB), handle: list },
    summary: 'Lists the jobs of the environment that are not done, dead ones included, newest first.',
    query: {
      ...PAGING,
      status: { description: 'In this status.', schema: { type: 'string', enum: STATUSES } },
      name: { description: 'Of this name.', schema: { type: 'string' } },
    },
  },
  {
    ...{ verb: 'get', path: '/job/{id}', tag, rank: 'admin', query: {}, answer: JOB },
    summary: 'Gets a job with its payload.',
    handle: async (call) => ({ status: 200, body: jobOut(await reached(call), true) }),
  },
  {
    ...{ verb: 'post', path: '/job/{id}/retry', tag, rank: 'admin', query: {}, answer: JOB, handle: retry },
    summary: 'Has a waiting or dead job run at once, its attempts counted anew.',
  },
  {
    ...{ verb: 'delete', path: '/job/{id}', tag, rank: 'admin', query: {}, handle: remove },
    summary: 'Deletes a waiting or dead job.',
    answer: object({ id: text('Its id.') }),
  },
]

/** A token that is bound to no environment sees the jobs of the installation, too. */
const environmentsOf = ({ caller }: CallContext): readonly (string | null)[] =>
  caller.token.environmentId === null ? [caller.environmentId, null] : [caller.environmentId]

async function list({ context, query }: RouteCall): Promise<Reply> {
  const { page, filters, binding } = readPageQuery(context, 'jobs', query)
  const status = STATUSES.find((one) => one === filters.status)
  if (filters.status !== undefined && status === undefined) {
    throw new EngineError('invalid_parameter', 'This is no status', { where: 'status', valid: STATUSES })
  }
  const limit = page.limit ?? DEFAULT_LIMIT
  if (!(limit >= 1 && limit <= MAX_LIMIT)) {
    throw new EngineError('invalid_parameter', `limit must be a whole number from 1 to ${MAX_LIMIT}`, {
      where: 'limit',
    })
  }
  const environments = environmentsOf(context)
  const before = page.after?.at
  const wanted = { environments, status, name: filters.name, before, limit: limit + 1 }
  const found = await context.services.jobs.list(wanted)
  const result = found.slice(0, limit)
  const last = result.at(-1)
  const next = found.length > limit && last ? { at: Number(last.id), id: last.id } : null
  return pageReply(context, binding, { result, next, limit }, (job) => jobOut(job))
}

/** The job of this id where the caller may look. Throws not_found. */
async function reached({ context, params }: RouteCall): Promise<Job> {
  const job = await context.services.jobs.get(params.id ?? '')
  if (job !== null && environmentsOf(context).includes(job.environmentId)) return job
  throw new EngineError('not_found', 'There is no such job; one that is done is gone', { where: 'id' })
}

async function retry(call: RouteCall): Promise<Reply> {
  const { jobs } = call.context.services
  const { id, name } = await reached(call)
  if (!(await jobs.retry(id))) throw isRunning()
  await audit(call.context, 'job.retry', `job:${id}`, 'succeeded', { name })
  const job = await jobs.get(id)
  if (job === null) throw new EngineError('not_found', 'The job has run and is done', { where: 'id' })
  return { status: 200, body: jobOut(job, true) }
}

async function remove(call: RouteCall): Promise<Reply> {
  const { id, name } = await reached(call)
  if (!(await call.context.services.jobs.remove(id))) throw isRunning()
  await audit(call.context, 'job.delete', `job:${id}`, 'succeeded', { name })
  return { status: 200, body: { id } }
}

const isRunning = () =>
  new EngineError('conflict', 'The job runs just now', { where: 'id', hint: 'Wait until its run has ended.' })
