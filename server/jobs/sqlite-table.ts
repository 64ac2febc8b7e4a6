import { type Kysely, type Selectable, sql } from 'kysely'
import { fromJson, type JsonObject, newId, type Tables } from '../stores/index.ts'
import { type CheckedJob, CUT_OFF, type FailedRun, LEASE_MS, pauseMs } from './driver.ts'
import type { Job, JobCount, JobQuery, JobStatus } from './port.ts'

/** A row of the table of jobs. */
export type JobRow = Selectable<Tables['jobs']>

type Db = Kysely<Tables>

/** Adds a job, or puts it in the place of a waiting one of its key. */
export async function insertJob(db: Db, job: CheckedJob, now: number): Promise<void> {
  const fields = {
    name: job.name,
    environment_id: job.environmentId,
    payload: job.payload,
    queue: job.queue,
    run_at: job.runAt ?? now,
    max_attempts: job.maxAttempts,
    attempts: 0,
    last_error: null,
    created_at: now,
  }
  if (job.key !== null) await releaseKey(db, job.key)
  await db
    .insertInto('jobs')
    .values({ ...fields, key: job.key, status: 'waiting', lease: null, lease_until: null })
    .onConflict((conflict) => conflict.column('key').doUpdateSet(fields))
    .execute()
}

/** What runs or is dead keeps its place without the key, and is not tried again. */
async function releaseKey(db: Db, key: string): Promise<void> {
  await db
    .updateTable('jobs')
    .set((eb) => ({ key: null, attempts: eb.ref('max_attempts') }))
    .where('key', '=', key)
    .where('status', '!=', 'waiting')
    .execute()
}

/** Gives free what a process held that did not renew its claim; what was tried as often as it may is dead then. */
export async function freeJobs(db: Db, until: number): Promise<boolean> {
  const result = await db
    .updateTable('jobs')
    .set((eb) => ({
      status: eb.case().when('attempts', '>=', eb.ref('max_attempts')).then('dead').else('waiting').end(),
      last_error: CUT_OFF,
      lease: null,
      lease_until: null,
    }))
    .where('status', '=', 'running')
    .where('lease_until', '<=', until)
    .executeTakeFirst()
  return result.numUpdatedRows > 0n
}

/** Claims the job that is due for the longest time, its queue being free; null when there is none. */
export async function claimJob(db: Db, names: readonly string[], now: number): Promise<JobRow | null> {
  const due = db
    .selectFrom('jobs as job')
    .select('job.id')
    .where('job.status', '=', 'waiting')
    .where('job.run_at', '<=', now)
    .where('job.name', 'in', names)
    .where((eb) =>
      eb.or([
        eb('job.queue', 'is', null),
        eb.not(
          eb.exists(
            eb
              .selectFrom('jobs as other')
              .select('other.id')
              .whereRef('other.queue', '=', 'job.queue')
              .where('other.status', '=', 'running'),
          ),
        ),
      ]),
    )
    .orderBy('job.run_at')
    .orderBy('job.id')
    .limit(1)
  const row = await db
    .updateTable('jobs')
    .set((eb) => ({
      status: 'running',
      attempts: eb('attempts', '+', 1),
      lease: newId('run'),
      lease_until: now + LEASE_MS,
    }))
    .where('id', '=', due)
    .returningAll()
    .executeTakeFirst()
  return row ?? null
}

/** When the next waiting job is due, or null. */
export async function nextDue(db: Db, names: readonly string[], now: number): Promise<number | null> {
  const row = await db
    .selectFrom('jobs')
    .select('run_at')
    .where('status', '=', 'waiting')
    .where('run_at', '>', now)
    .where('name', 'in', names)
    .orderBy('run_at')
    .limit(1)
    .executeTakeFirst()
  return row?.run_at ?? null
}

/** Renews claims; answers the leases that still stand. */
export async function renewLeases(db: Db, leases: readonly string[], now: number): Promise<readonly string[]> {
  const rows = await db
    .updateTable('jobs')
    .set({ lease_until: now + LEASE_MS })
    .where('lease', 'in', leases)
    .returning('lease')
    .execute()
  return rows.flatMap(({ lease }) => (lease === null ? [] : [lease]))
}

/** Stores how a run ended, unless its claim does not stand any more. */
export async function settleJob(db: Db, row: JobRow, failed: FailedRun | null, now: number): Promise<void> {
  const { id, lease } = row
  if (failed === null) {
    await db.deleteFrom('jobs').where('id', '=', id).where('lease', '=', lease).execute()
    return
  }
  const { isInterrupted, jitterMs, error } = failed
  const back = isInterrupted ? 1 : 0
  const runAt = isInterrupted ? now : now + pauseMs(row.attempts) + jitterMs
  await db
    .updateTable('jobs')
    .set((eb) => ({
      status: eb
        .case()
        .when(eb('attempts', '-', back), '>=', eb.ref('max_attempts'))
        .then('dead')
        .else('waiting')
        .end(),
      attempts: eb('attempts', '-', back),
      run_at: runAt,
      last_error: error,
      lease: null,
      lease_until: null,
    }))
    .where('id', '=', id)
    .where('lease', '=', lease)
    .execute()
}

/** Has a job that does not run wait to run at once, as if it was new. */
export async function rescheduleJob(db: Db, id: number, now: number): Promise<boolean> {
  const result = await db
    .updateTable('jobs')
    .set({ status: 'waiting', attempts: 0, run_at: now })
    .where('id', '=', id)
    .where('status', '!=', 'running')
    .executeTakeFirst()
  return result.numUpdatedRows > 0n
}

/** Deletes a job that does not run. */
export async function deleteJob(db: Db, id: number): Promise<boolean> {
  const result = await db.deleteFrom('jobs').where('id', '=', id).where('status', '!=', 'running').executeTakeFirst()
  return result.numDeletedRows > 0n
}

/** Deletes dead jobs whose last run ended before an instant. */
export async function deleteDead(db: Db, before: number): Promise<number> {
  // The last failure put it a pause ahead, as every failure does.
  const result = await db
    .deleteFrom('jobs')
    .where('status', '=', 'dead')
    .where('run_at', '<', before)
    .executeTakeFirst()
  return Number(result.numDeletedRows)
}

/** Jobs, newest first. */
export async function listJobs(db: Db, query: JobQuery): Promise<readonly Job[]> {
  const named = query.environments.filter((id) => id !== null)
  let rows = db
    .selectFrom('jobs')
    .selectAll()
    .where((eb) =>
      eb.or([
        ...(named.length === 0 ? [] : [eb('environment_id', 'in', named)]),
        ...(query.environments.includes(null) ? [eb('environment_id', 'is', null)] : []),
      ]),
    )
  if (query.status !== undefined) rows = rows.where('status', '=', query.status)
  if (query.name !== undefined) rows = rows.where('name', '=', query.name)
  if (query.before !== undefined) rows = rows.where('id', '<', query.before)
  return (await rows.orderBy('id', 'desc').limit(query.limit).execute()).map(toJob)
}

/** The job, or null. */
export async function getJob(db: Db, id: number): Promise<Job | null> {
  const row = await db.selectFrom('jobs').selectAll().where('id', '=', id).executeTakeFirst()
  return row ? toJob(row) : null
}

/** How many jobs there are by name and status. */
export async function countJobs(db: Db): Promise<readonly JobCount[]> {
  const rows = await db
    .selectFrom('jobs')
    .select(['name', 'status', sql<number>`count(*)`.as('count')])
    .groupBy(['name', 'status'])
    .execute()
  return rows.map(({ name, status, count }) => ({ name, status: status as JobStatus, count: Number(count) }))
}

/** A stored job as others see it. */
export function toJob(row: JobRow): Job {
  return {
    id: String(row.id),
    name: row.name,
    environmentId: row.environment_id,
    status: row.status as JobStatus,
    payload: fromJson<JsonObject>(row.payload),
    key: row.key,
    queue: row.queue,
    runAt: row.run_at,
    attempts: row.attempts,
    maxAttempts: row.max_attempts,
    lastError: row.last_error,
    createdAt: row.created_at,
  }
}
