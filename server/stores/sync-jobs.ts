import type { Selectable } from 'kysely'
import { EngineError } from '../../engine/index.ts'
import type { Database, StoreTransaction } from './database.ts'
import { isMissingReference } from './driver.ts'
import { fromJson, newestFirst, newId, type Page, type PageQuery } from './rows.ts'
import type { NewSyncJob, SyncJob, SyncPush } from './sync-types.ts'
import type { Tables } from './tables.ts'

/** Which sync jobs, newest first. */
export interface SyncJobQuery extends PageQuery {
  readonly environments: readonly string[]
  readonly integratedAccountId?: string | undefined
  readonly tenantId?: string | undefined
}

/** An account with the tenant by which jobs may reach it, too. */
export interface SyncedAccount {
  readonly environmentId: string
  readonly integratedAccountId: string
  readonly tenantId: string | null
}

/** When a job runs next. */
export type NextRuns = Pick<SyncJob, 'nextRunAt' | 'nextFullAt'>

/** What is synced, and when. */
export class SyncJobStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Makes a job within a transaction. Throws `unknown_account` when its account is gone. */
  async create(trx: StoreTransaction, input: NewSyncJob, now: number): Promise<SyncJob> {
    const row = {
      id: newId('sj'),
      environment_id: input.environmentId,
      integrated_account_id: input.integratedAccountId,
      tenant_id: input.tenantId,
      resources: JSON.stringify(input.resources),
      schedule: input.schedule,
      full_schedule: input.fullSchedule,
      max_deleted_share: String(input.maxDeletedShare),
      push: input.push,
      is_paused: 0,
      next_run_at: input.nextRunAt,
      next_full_at: input.nextFullAt,
      created_at: now,
      updated_at: now,
    }
    await trx
      .insertInto('sync_jobs')
      .values(row)
      .execute()
      .catch((error: unknown) => {
        if (!isMissingReference(error)) throw error
        throw new EngineError('unknown_account', `There is no integrated account ${input.integratedAccountId}`)
      })
    return toJob(row)
  }

  /** The job where one of these environments has it, or null. */
  async get(environments: readonly string[], id: string): Promise<SyncJob | null> {
    const row = await this.#database.db
      .selectFrom('sync_jobs')
      .selectAll()
      .where('environment_id', 'in', environments)
      .where('id', '=', id)
      .executeTakeFirst()
    return row ? toJob(row) : null
  }

  async list(query: SyncJobQuery): Promise<Page<SyncJob>> {
    const { environments, integratedAccountId: integrated_account_id, tenantId: tenant_id } = query
    const jobs = this.#database.db.selectFrom('sync_jobs').selectAll().where('environment_id', 'in', environments)
    return await newestFirst(jobs, { query, by: 'created_at', only: { integrated_account_id, tenant_id } }, toJob)
  }

  /** Jobs that are due, those that came due first. */
  async due(now: number, most: number): Promise<readonly SyncJob[]> {
    const rows = await this.#database.db
      .selectFrom('sync_jobs')
      .selectAll()
      .where('is_paused', '=', 0)
      .where((eb) => eb.or([eb('next_run_at', '<=', now), eb('next_full_at', '<=', now)]))
      .orderBy('next_run_at')
      .limit(most)
      .execute()
    return rows.map(toJob)
  }

  /** Says when a job runs next, if it is as it was read. False when another process was first. */
  async moveOn(trx: StoreTransaction, job: SyncJob, next: NextRuns): Promise<boolean> {
    const moved = await trx
      .updateTable('sync_jobs')
      .set({ next_run_at: next.nextRunAt, next_full_at: next.nextFullAt })
      .where('id', '=', job.id)
      .where('is_paused', '=', 0)
      .where('next_run_at', job.nextRunAt === null ? 'is' : '=', job.nextRunAt)
      .where('next_full_at', job.nextFullAt === null ? 'is' : '=', job.nextFullAt)
      .executeTakeFirst()
    return moved.numUpdatedRows > 0n
  }

  async setPaused(trx: StoreTransaction, id: string, isPaused: boolean, now: number): Promise<void> {
    await trx
      .updateTable('sync_jobs')
      .set({ is_paused: Number(isPaused), updated_at: now })
      .where('id', '=', id)
      .execute()
  }

  /** Has the jobs that sync an account read everything again as soon as they may. */
  async askFull(trx: StoreTransaction, of: SyncedAccount, now: number): Promise<void> {
    await trx
      .updateTable('sync_jobs')
      .set({ next_full_at: now })
      .where('environment_id', '=', of.environmentId)
      .where((eb) =>
        eb.or([eb('integrated_account_id', '=', of.integratedAccountId), eb('tenant_id', '=', of.tenantId)]),
      )
      .execute()
  }

  /** Deletes a job with its runs; what was synced stays with the account. False when there is none. */
  async delete(environmentId: string, id: string): Promise<boolean> {
    const deleted = await this.#database.db
      .deleteFrom('sync_jobs')
      .where('environment_id', '=', environmentId)
      .where('id', '=', id)
      .executeTakeFirst()
    return deleted.numDeletedRows > 0n
  }
}

function toJob(row: Selectable<Tables['sync_jobs']>): SyncJob {
  return {
    id: row.id,
    environmentId: row.environment_id,
    integratedAccountId: row.integrated_account_id,
    tenantId: row.tenant_id,
    resources: fromJson<string[]>(row.resources),
    schedule: row.schedule,
    fullSchedule: row.full_schedule,
    maxDeletedShare: Number(row.max_deleted_share),
    push: row.push as SyncPush,
    isPaused: row.is_paused === 1,
    nextRunAt: row.next_run_at,
    nextFullAt: row.next_full_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}
