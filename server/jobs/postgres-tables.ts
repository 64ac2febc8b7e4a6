import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { JsonObject, Tables } from '../stores/index.ts'
import { type CheckedJob, CUT_OFF, type FailedRun, LEASE_MS, pauseMs } from './driver.ts'
import type { Job, JobCount, JobQuery, JobStatus } from './port.ts'

/** Schema of the library's tables. */
export const SCHEMA = 'graphile_worker'

type Db = Kysely<Tables>

interface Row {
  readonly id: number
  readonly name: string
  readonly flags: Readonly<Record<string, true>> | null
  readonly status: string
  readonly payload: JsonObject
  readonly key: string | null
  readonly queue: string | null
  readonly run_at: number
  readonly attempts: number
  readonly max_attempts: number
  readonly last_error: string | null
  readonly created_at: number
}

/** Long enough that a process that stops does not take it again. */
const INTERRUPTED_MS = 1_000
const FLAG = 'environment:'
const INSTALLATION = 'installation'

const flagOf = (environmentId: string | null): string =>
  environmentId === null ? INSTALLATION : `${FLAG}${environmentId}`

/** The environment that the flags of a job name. */
export function environmentOf(flags: Readonly<Record<string, unknown>> | null): string | null {
  const flag = Object.keys(flags ?? {}).find((name) => name.startsWith(FLAG))
  return flag === undefined ? null : flag.slice(FLAG.length)
}

/** Adds a job by the library's own function, whose notice is sent when the transaction commits. */
export async function addJob(db: Db, job: CheckedJob): Promise<void> {
  const runAt = job.runAt === null ? sql`null::timestamptz` : sql`to_timestamp(${job.runAt}::double precision / 1000)`
  await sql`select graphile_worker.add_job(
    identifier => ${job.name}::text, payload => ${job.payload}::json, queue_name => ${job.queue}::text, run_at => ${runAt},
    max_attempts => ${job.maxAttempts}::integer, job_key => ${job.key}::text, flags => array[${flagOf(job.environmentId)}::text]
  )`.execute(db)
}

/** Renews claims; answers the ids of those that still stand. */
export async function renewClaims(
  db: Db,
  claims: readonly { readonly id: string; readonly claimedBy: string }[],
): Promise<ReadonlySet<string>> {
  if (claims.length === 0) return new Set()
  const ids = claims.map(({ id }) => id)
  const owner = claims[0]?.claimedBy ?? ''
  const { rows } = await sql<{ id: number }>`
    with renewed as (
      update graphile_worker._private_jobs set locked_at = clock_timestamp()
      where id = any(${ids}::bigint[]) and locked_by = ${owner} returning id, job_queue_id
    ), queues as (
      update graphile_worker._private_job_queues set locked_at = clock_timestamp()
      where locked_by = ${owner} and id in (select job_queue_id from renewed)
    )
    select id from renewed`.execute(db)
  return new Set(rows.map(({ id }) => String(id)))
}

/** Gives free what was not renewed for the length of a lease: its process is gone. */
export async function freeJobs(db: Db): Promise<void> {
  const since = sql`clock_timestamp() - ${LEASE_MS}::double precision * interval '1 millisecond'`
  await sql`
    with freed as (
      update graphile_worker._private_jobs set locked_at = null, locked_by = null, last_error = ${CUT_OFF}
      where locked_at < ${since} returning id
    ), queues as (
      update graphile_worker._private_job_queues set locked_at = null, locked_by = null
      where locked_at < ${since} returning id
    )
    select pg_notify('jobs:insert', '{"count":1}') where exists (select from freed) or exists (select from queues)
  `.execute(db)
}

/**
 * Stores how a run ended, unless its claim does not stand any more, and wakes whoever waits for its queue. The library
 * does so after the handler, waiting for nothing and waking nobody: it finds nothing left to do.
 */
export async function settleJob(db: Db, job: SettledJob, failed: FailedRun | null): Promise<void> {
  const { id, claimedBy } = job
  const ended = failed === null ? deleted(id, claimedBy) : putBack(job, failed)
  await sql`
    with ended as (${ended}), queues as (
      update graphile_worker._private_job_queues as queue set locked_at = null, locked_by = null
      from ended where queue.id = ended.job_queue_id and queue.locked_by = ${claimedBy}
    )
    select pg_notify('jobs:insert', '{"count":1}') from ended where job_queue_id is not null`.execute(db)
}

/** A claimed job whose run has ended. */
export interface SettledJob {
  readonly id: string
  readonly claimedBy: string
  readonly attempts: number
}

const deleted = (id: string, claimedBy: string) => sql`
  delete from graphile_worker._private_jobs where id = ${id}::bigint and locked_by = ${claimedBy}
  returning job_queue_id`

function putBack({ id, claimedBy, attempts }: SettledJob, failed: FailedRun) {
  const pause = failed.isInterrupted ? INTERRUPTED_MS : pauseMs(attempts) + failed.jitterMs
  return sql`
    update graphile_worker._private_jobs
    set run_at = clock_timestamp() + ${pause}::double precision * interval '1 millisecond',
      attempts = attempts - ${failed.isInterrupted ? 1 : 0}::integer, last_error = ${failed.error},
      locked_at = null, locked_by = null
    where id = ${id}::bigint and locked_by = ${claimedBy}
    returning job_queue_id`
}

/** Has a job that does not run wait to run at once, as if it was new. */
export async function rescheduleJob(db: Db, id: string): Promise<boolean> {
  const { rows } = await sql`
    select id, pg_notify('jobs:insert', '{"count":1}')
    from graphile_worker.reschedule_jobs(array[${id}::bigint], run_at => now(), attempts => 0)`.execute(db)
  return rows.length > 0
}

/** Deletes a job that does not run. */
export async function deleteJob(db: Db, id: string): Promise<boolean> {
  const { rows } = await sql`select id from graphile_worker.complete_jobs(array[${id}::bigint])`.execute(db)
  return rows.length > 0
}

/** Deletes dead jobs whose last run ended before an instant. */
export async function deleteDead(db: Db, before: number): Promise<number> {
  const { rows } = await sql`
    delete from graphile_worker._private_jobs
    where locked_at is null and attempts >= max_attempts and run_at < to_timestamp(${before}::double precision / 1000)
    returning id`.execute(db)
  return rows.length
}

const STATUS: RawBuilder<string> = sql`case
  when job.locked_at is not null then 'running'
  when job.attempts >= job.max_attempts then 'dead'
  else 'waiting' end`

const epochMs = (column: string) => sql`(extract(epoch from ${sql.ref(column)}) * 1000)::bigint`

const JOBS = sql`
  select job.id, task.identifier as name, job.flags, ${STATUS} as status, job.payload, job.key, queue.queue_name as queue,
    ${epochMs('job.run_at')} as run_at, job.attempts, job.max_attempts, job.last_error,
    ${epochMs('job.created_at')} as created_at
  from graphile_worker._private_jobs as job
  join graphile_worker._private_tasks as task on task.id = job.task_id
  left join graphile_worker._private_job_queues as queue on queue.id = job.job_queue_id`

/** Jobs, newest first. */
export async function listJobs(db: Db, query: JobQuery): Promise<readonly Job[]> {
  const { status = null, name = null, before = null, limit } = query
  const { rows } = await sql<Row>`${JOBS}
    where job.flags ?| ${query.environments.map(flagOf)}::text[]
      and (${status}::text is null or ${STATUS} = ${status})
      and (${name}::text is null or task.identifier = ${name})
      and (${before}::bigint is null or job.id < ${before}::bigint)
    order by job.id desc limit ${limit}`.execute(db)
  return rows.map(toJob)
}

/** The job, or null. */
export async function getJob(db: Db, id: string): Promise<Job | null> {
  const { rows } = await sql<Row>`${JOBS} where job.id = ${id}::bigint`.execute(db)
  return rows[0] === undefined ? null : toJob(rows[0])
}

/** How many jobs there are by name and status. */
export async function countJobs(db: Db): Promise<readonly JobCount[]> {
  const { rows } = await sql<{ name: string; status: string; count: number }>`
    select task.identifier as name, ${STATUS} as status, count(*) as count
    from graphile_worker._private_jobs as job join graphile_worker._private_tasks as task on task.id = job.task_id
    group by 1, 2`.execute(db)
  return rows.map(({ name, status, count }) => ({ name, status: status as JobStatus, count: Number(count) }))
}

function toJob(row: Row): Job {
  return {
    id: String(row.id),
    name: row.name,
    environmentId: environmentOf(row.flags),
    status: row.status as JobStatus,
    payload: row.payload,
    key: row.key,
    queue: row.queue,
    runAt: Number(row.run_at),
    attempts: row.attempts,
    maxAttempts: row.max_attempts,
    lastError: row.last_error,
    createdAt: Number(row.created_at),
  }
}
