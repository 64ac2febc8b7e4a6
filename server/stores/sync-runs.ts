import type { Selectable } from 'kysely'
import type { Database, StoreTransaction } from './database.ts'
import { fromJson, newestFirst, newId, type Page, type PageQuery } from './rows.ts'
import type {
  NewPartition,
  SyncFailure,
  SyncJob,
  SyncMode,
  SyncPartition,
  SyncPlan,
  SyncRun,
  SyncStatus,
} from './sync-types.ts'
import type { Tables } from './tables.ts'

/** Which runs, newest first. */
export interface SyncRunQuery extends PageQuery {
  readonly environments: readonly string[]
  readonly jobId?: string | undefined
  readonly status?: SyncStatus | undefined
}

/** The runs of sync jobs with their parts: what is read, and how far. */
export class SyncRunStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Makes a waiting run; null when the job has one that is not over. */
  async create(
    trx: StoreTransaction,
    job: Pick<SyncJob, 'id' | 'environmentId'>,
    given: { readonly mode: SyncMode; readonly maxDeletedShare: number; readonly now: number },
  ): Promise<SyncRun | null> {
    const row = await trx
      .insertInto('sync_runs')
      .values({
        ...{ id: newId('sr'), environment_id: job.environmentId, sync_job_id: job.id, mode: given.mode },
        ...{ status: 'waiting', max_deleted_share: String(given.maxDeletedShare), plan: null, error: null },
        ...{ created_at: given.now, started_at: null, ended_at: null },
      })
      .onConflict((conflict) => conflict.doNothing())
      .returningAll()
      .executeTakeFirst()
    return row ? toRun(row) : null
  }

  /** The run where one of these environments has it, or null. */
  async get(environments: readonly string[], id: string): Promise<SyncRun | null> {
    const row = await this.#database.db
      .selectFrom('sync_runs')
      .selectAll()
      .where('environment_id', 'in', environments)
      .where('id', '=', id)
      .executeTakeFirst()
    return row ? toRun(row) : null
  }

  async list(query: SyncRunQuery): Promise<Page<SyncRun>> {
    const { environments, jobId: sync_job_id, status } = query
    const runs = this.#database.db.selectFrom('sync_runs').selectAll().where('environment_id', 'in', environments)
    return await newestFirst(runs, { query, by: 'created_at', only: { sync_job_id, status } }, toRun)
  }

  /** Brings a run from one of some statuses to another. False when it is in none of them. */
  async move(
    id: string,
    from: readonly SyncStatus[],
    to: SyncStatus,
    given: { readonly now: number; readonly error?: SyncFailure | null; readonly trx?: StoreTransaction },
  ): Promise<boolean> {
    const isOver = to === 'succeeded' || to === 'failed' || to === 'canceled'
    const { now, error, trx } = given
    const moved = await (trx ?? this.#database.db)
      .updateTable('sync_runs')
      .set((eb) => ({
        status: to,
        ...(to === 'running' ? { started_at: eb.fn.coalesce('started_at', eb.val(now)) } : {}),
        ...(isOver ? { ended_at: now } : {}),
        ...(error === undefined ? {} : { error: error && JSON.stringify(error) }),
      }))
      .where('id', '=', id)
      .where('status', 'in', from)
      .executeTakeFirst()
    return moved.numUpdatedRows > 0n
  }

  /** The run of a job that is not over, or null. */
  async active(trx: StoreTransaction, jobId: string): Promise<SyncRun | null> {
    const row = await trx
      .selectFrom('sync_runs')
      .selectAll()
      .where('sync_job_id', '=', jobId)
      .where('status', 'in', ['waiting', 'running', 'paused'])
      .executeTakeFirst()
    return row ? toRun(row) : null
  }

  /** Stores what a run reads, and with its first part for each list. */
  async savePlan(
    runId: string,
    plan: readonly SyncPlan[],
    parts: {
      readonly trx: StoreTransaction
      readonly fresh: readonly NewPartition[]
      readonly now: number
    } | null = null,
  ): Promise<void> {
    const db = parts?.trx ?? this.#database.db
    await db
      .updateTable('sync_runs')
      .set({ plan: JSON.stringify(plan) })
      .where('id', '=', runId)
      .execute()
    for (const part of parts?.fresh ?? []) {
      await db
        .insertInto('sync_partitions')
        .values(newPartition(runId, part, parts?.now ?? 0))
        .execute()
    }
  }

  /** The parts of a run. */
  async partitions(runId: string): Promise<readonly SyncPartition[]> {
    const rows = await this.#database.db
      .selectFrom('sync_partitions')
      .selectAll()
      .where('run_id', '=', runId)
      .orderBy('n')
      .execute()
    return rows.map(toPartition)
  }

  /** Gives the older rest of a part to a new one. False when the run is not running, or the part is done. */
  split(runId: string, n: number, rest: NewPartition, now: number): Promise<boolean> {
    return this.#database.db.transaction().execute(async (trx) => {
      const cut = await trx
        .updateTable('sync_partitions')
        .set({ lower: rest.upper, updated_at: now })
        .where('run_id', '=', runId)
        .where('n', '=', n)
        .where('is_done', '=', 0)
        .where(({ exists, selectFrom }) =>
          exists(selectFrom('sync_runs').select('id').where('id', '=', runId).where('status', '=', 'running')),
        )
        .executeTakeFirst()
      if (cut.numUpdatedRows === 0n) return false
      await trx
        .insertInto('sync_partitions')
        .values(newPartition(runId, rest, now))
        .execute()
      return true
    })
  }

  /** Has a part begin anew, below an instant where the provider can be asked for that. */
  async rewind(runId: string, n: number, bounds: Pick<SyncPartition, 'lower' | 'upper'>, now: number): Promise<void> {
    await this.#database.db
      .updateTable('sync_partitions')
      .set({ cursor: null, asked_from: bounds.lower, upper: bounds.upper, updated_at: now })
      .where('run_id', '=', runId)
      .where('n', '=', n)
      .execute()
  }

  /** Deletes runs that ended before an instant (epoch ms), except the newest of each job; answers how many. */
  async deleteEnded(environmentId: string, before: number): Promise<number> {
    const deleted = await this.#database.db
      .deleteFrom('sync_runs')
      .where('environment_id', '=', environmentId)
      .where('ended_at', '<', before)
      .where(({ exists, selectFrom }) =>
        exists(
          selectFrom('sync_runs as newer')
            .select('newer.id')
            .whereRef('newer.sync_job_id', '=', 'sync_runs.sync_job_id')
            .whereRef('newer.created_at', '>', 'sync_runs.created_at'),
        ),
      )
      .executeTakeFirst()
    return Number(deleted.numDeletedRows)
  }
}

/** Columns of a part that nobody has read from. */
function newPartition(runId: string, { n, setId, lower, upper }: NewPartition, now: number) {
  const fresh = { cursor: null, position: null, is_done: 0, pages: 0, records: 0, added: 0, updated: 0 }
  return { run_id: runId, n, set_id: setId, asked_from: lower, lower, upper, ...fresh, updated_at: now }
}

function toRun(row: Selectable<Tables['sync_runs']>): SyncRun {
  return {
    id: row.id,
    environmentId: row.environment_id,
    jobId: row.sync_job_id,
    mode: row.mode as SyncMode,
    status: row.status as SyncStatus,
    maxDeletedShare: Number(row.max_deleted_share),
    plan: row.plan === null ? null : fromJson<SyncPlan[]>(row.plan),
    error: row.error === null ? null : fromJson<SyncFailure>(row.error),
    createdAt: row.created_at,
    startedAt: row.started_at,
    endedAt: row.ended_at,
  }
}

function toPartition(row: Selectable<Tables['sync_partitions']>): SyncPartition {
  return {
    n: row.n,
    setId: row.set_id,
    askedFrom: row.asked_from,
    lower: row.lower,
    upper: row.upper,
    cursor: row.cursor,
    position: row.position,
    isDone: row.is_done === 1,
    pages: row.pages,
    records: row.records,
    added: row.added,
    updated: row.updated,
  }
}
