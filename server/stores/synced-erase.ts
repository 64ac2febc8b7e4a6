import type { StoreTransaction } from './database.ts'

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
