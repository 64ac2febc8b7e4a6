import { EngineError, type JsonRecord } from '../../engine/index.ts'
import type { IdentityRule } from '../stores/environments.ts'
import type { CustomerPlace } from '../stores/identity-verdicts.ts'
import type { IntegratedAccount, Stores } from '../stores/index.ts'
import type { KeptRecord, SyncedSet } from '../stores/sync-types.ts'
import type { Candidate } from './join.ts'
import { keysOf } from './rules.ts'

const BATCH = 500
/** What is compared is held in memory, about 300 bytes each. */
const MOST_CUSTOMERS = 300_000

/** What is shown of a customer that was compared. */
export interface SyncedCustomer extends Candidate {
  readonly setId: number
}

/** The customers of an account as they were synced, from one of the models. */
export interface CustomerSet {
  readonly account: IntegratedAccount
  readonly set: SyncedSet
}

/** Customers as they are compared, by account and id. Throws too_much_data for more than can be held. */
export async function readCustomers(
  { syncedReads }: Pick<Stores, 'syncedReads'>,
  sets: readonly CustomerSet[],
  rules: readonly IdentityRule[],
): Promise<readonly SyncedCustomer[]> {
  const found: SyncedCustomer[] = []
  for (const { account, set } of sets) {
    for await (const rows of pages(syncedReads, set)) {
      for (const { recordId, data } of rows) {
        const place: CustomerPlace = { accountId: account.id, customerId: recordId }
        const keys = keysOf(JSON.parse(data) as JsonRecord, rules)
        found.push({ place, tenantId: account.tenantId, keys, setId: set.id })
      }
      if (found.length > MOST_CUSTOMERS) throw tooMany()
    }
  }
  return found
}

async function* pages(reads: Stores['syncedReads'], set: SyncedSet): AsyncGenerator<readonly KeptRecord[]> {
  for (let after: { readonly createdAt: number; readonly recordId: string } | null = null; ; ) {
    const rows: readonly KeptRecord[] = await reads.records(set.id, { descending: false, after, limit: BATCH })
    yield rows
    const last = rows.at(-1)
    if (rows.length < BATCH || last === undefined) return
    after = { createdAt: last.createdAt, recordId: last.recordId }
    await new Promise((resolve) => setImmediate(resolve))
  }
}

const tooMany = (): EngineError =>
  new EngineError('too_much_data', `More than ${MOST_CUSTOMERS} customers would have to be compared`, {
    where: 'tenant_id',
    hint: 'Name some of the accounts: integrated_account_id=<id>,<id>.',
  })
