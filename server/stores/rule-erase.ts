import type { StoreTransaction } from './database.ts'

/** Deletes the runs of rules about an account, with what they said and noted. */
export async function eraseRules(trx: StoreTransaction, environmentId: string, accountId: string): Promise<void> {
  // What was said goes with its run.
  for (const table of ['rule_runs', 'rule_notes'] as const) {
    await trx
      .deleteFrom(table)
      .where('environment_id', '=', environmentId)
      .where('integrated_account_id', '=', accountId)
      .execute()
  }
}
