import type { Database, StoreTransaction } from './database.ts'
import { isAnyOf } from './many-rows.ts'
import { holdSets, logChanges } from './synced-log.ts'

/** Deletes what was synced of an account, with its change log. Whoever writes to it is waited for, and writes no more. */
export async function eraseSynced(trx: StoreTransaction, environmentId: string, accountId: string): Promise<void> {
  const sets = await trx
    .deleteFrom('synced_sets')
    .where('environment_id', '=', environmentId)
    .where('integrated_account_id', '=', accountId)
    .returning('id')
    .execute()
  for (const { id } of sets) {
    await trx.deleteFrom('synced_records').where('set_id', '=', id).execute()
    await trx.deleteFrom('synced_changes').where('set_id', '=', id).execute()
    await trx.deleteFrom('synced_deletions').where('set_id', '=', id).execute()
  }
}

/** Deletes records of a set with all that the change log says of them, but that they are gone. */
export function eraseRecords(database: Database, setId: number, ids: readonly string[], now: number): Promise<void> {
  return database.db.transaction().execute(async (trx) => {
    if (!(await holdSets(trx, database, [setId])).has(setId)) return
    const isMeant = isAnyOf(database.dialect, 'record_id', ids)
    await trx.deleteFrom('synced_changes').where('set_id', '=', setId).where(isMeant).execute()
    const gone = trx.deleteFrom('synced_records').where('set_id', '=', setId).where(isMeant)
    const deleted = await gone.returning('record_id').execute()
    const changes = deleted.map(({ record_id: recordId }) => ({ recordId, change: 'deleted' as const }))
    await logChanges(trx, database, setId, changes, now)
  })
}
