import type { StoreTransaction } from './database.ts'

/** Erases what is kept of a deleted account elsewhere: that something was done to it stays known, and nothing of what. */
export async function erase(trx: StoreTransaction, environmentId: string, id: string): Promise<void> {
  await trx
    .updateTable('audit_log')
    .set({ details: '{}' })
    .where('environment_id', '=', environmentId)
    .where('target', '=', `integrated_account:${id}`)
    .execute()
  await trx.deleteFrom('link_tokens').where('environment_id', '=', environmentId).where('account_id', '=', id).execute()
}
