import type { StoreTransaction } from './database.ts'

/** Whose data is to go; a customer's of one account, or of every account of the environment. */
export interface RuleErasure {
  readonly environmentId: string
  readonly integratedAccountId?: string | undefined
  readonly customerId?: string | undefined
}

/** Deletes the runs of rules about an account or a customer, with what they said and noted. Answers how many rows. */
export async function eraseRules(trx: StoreTransaction, of: RuleErasure): Promise<number> {
  const { environmentId, integratedAccountId, customerId } = of
  if (integratedAccountId === undefined && customerId === undefined) return 0
  let count = 0
  // What is said goes with its run.
  for (const table of ['rule_runs', 'rule_notes'] as const) {
    let rows = trx.deleteFrom(table).where('environment_id', '=', environmentId)
    if (integratedAccountId !== undefined) rows = rows.where('integrated_account_id', '=', integratedAccountId)
    if (customerId !== undefined) rows = rows.where('customer_id', '=', customerId)
    count += Number((await rows.executeTakeFirst()).numDeletedRows)
  }
  return count
}
