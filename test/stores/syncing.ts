import type { Stores } from '../../server/stores/index.ts'
import type { SyncedRow, SyncPage } from '../../server/stores/sync-types.ts'
import { T0 } from './backends.ts'

/** A row of a record with a text. */
export const row = (recordId: string, text = 'x', createdAt: number | null = T0): SyncedRow => {
  const data = JSON.stringify({ id: recordId, text })
  return { recordId, createdAt, hash: data, data }
}

/** An account with a sync job whose run is running, and one part of it. */
export async function running(stores: Stores) {
  const { accounts, syncJobs, syncRuns, synced, database } = stores
  await accounts.create('default', { id: 'a', integration: 'acme', tenantId: 't' }, T0)
  const address = { environmentId: 'default', integratedAccountId: 'a', model: 'shop', resource: 'payments' }
  const set = await synced.ensure(address, T0)
  const { job, run } = await database.db.transaction().execute(async (trx) => {
    const made = await syncJobs.create(trx, asked, T0)
    return { job: made, run: await syncRuns.create(trx, made, { mode: 'auto', maxDeletedShare: 0.3, now: T0 }) }
  })
  if (run === null) throw new Error('no run')
  await syncRuns.move(run.id, ['waiting'], 'running', { now: T0 })
  await database.db
    .transaction()
    .execute((trx) =>
      syncRuns.savePlan(run.id, [], { trx, fresh: [{ n: 1, setId: set.id, lower: null, upper: null }], now: T0 }),
    )
  const page = (rows: readonly SyncedRow[], more: Partial<SyncPage> = {}): SyncPage => ({
    ...{
      runId: run.id,
      n: 1,
      setId: set.id,
      generation: 1,
      isFull: true,
      rows,
      same: [],
      telling: null,
      observedAt: T0,
    },
    ...{ cursor: 'c', position: T0, isDone: false, ...more },
  })
  return { set, job, run, page, address }
}

/** A sync job of that account. */
export const asked = {
  ...{ environmentId: 'default', integratedAccountId: 'a', tenantId: null, resources: ['shop/payments'] },
  ...{
    schedule: null,
    fullSchedule: null,
    maxDeletedShare: 0.3,
    push: 'changes' as const,
    nextRunAt: null,
    nextFullAt: null,
  },
}

/** The change log. */
export const log = async ({ database }: Stores) =>
  (await database.db.selectFrom('synced_changes').selectAll().orderBy('seq').execute()).map(
    ({ seq, record_id, change }) => `${seq} ${change} ${record_id}`,
  )
/** What is kept. */
export const rows = ({ database }: Stores) =>
  database.db.selectFrom('synced_records').selectAll().orderBy('record_id').execute()
