import type { Selectable } from 'kysely'
import { EngineError } from '../../engine/index.ts'
import type { Database, StoreTransaction } from './database.ts'
import { newestFirst, newId, type Page, type PageQuery } from './rows.ts'
import type { Tables } from './tables.ts'

/** What can be said of two customers. */
export const VERDICTS = Object.freeze(['same', 'different'] as const)

/** A customer of a connected account. */
export interface CustomerPlace {
  readonly accountId: string
  readonly customerId: string
}

/** What a person said of two customers. */
export interface IdentityVerdict {
  readonly id: string
  readonly pair: readonly [CustomerPlace, CustomerPlace]
  readonly verdict: (typeof VERDICTS)[number]
  readonly note: string | null
  /** The token it was said with. */
  readonly madeBy: string
  /** Epoch milliseconds. */
  readonly createdAt: number
}

/** What persons said of customers of two accounts; it goes before every rule, and can be taken back. */
export class IdentityVerdictStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Keeps what is said of a pair, in place of what was said before. */
  async put(
    environmentId: string,
    said: Omit<IdentityVerdict, 'id' | 'createdAt'>,
    now: number,
  ): Promise<IdentityVerdict> {
    const [a, b] = [...said.pair].sort(inOrder) as [CustomerPlace, CustomerPlace]
    const what = { verdict: said.verdict, note: said.note, made_by: said.madeBy, created_at: now }
    const row = await this.#database.db
      .insertInto('identity_verdicts')
      .values({
        ...{ environment_id: environmentId, id: newId('idv'), account_a: a.accountId, customer_a: a.customerId },
        ...{ account_b: b.accountId, customer_b: b.customerId, ...what },
      })
      .onConflict((conflict) =>
        conflict.columns(['environment_id', 'account_a', 'customer_a', 'account_b', 'customer_b']).doUpdateSet(what),
      )
      .returningAll()
      .executeTakeFirstOrThrow()
    return toVerdict(row)
  }

  /** Newest first; of pairs with one of these accounts where they are named. */
  list(
    query: PageQuery & { readonly environmentId: string; readonly accountId?: string | undefined },
  ): Promise<Page<IdentityVerdict>> {
    const { environmentId, accountId } = query
    let rows = this.#database.db.selectFrom('identity_verdicts').selectAll().where('environment_id', '=', environmentId)
    if (accountId !== undefined) {
      rows = rows.where(({ or, eb }) => or([eb('account_a', '=', accountId), eb('account_b', '=', accountId)]))
    }
    return newestFirst(rows, { query, by: 'created_at' }, toVerdict)
  }

  /** All of pairs within some accounts. */
  async within(environmentId: string, accountIds: readonly string[]): Promise<readonly IdentityVerdict[]> {
    const rows = await this.#database.db
      .selectFrom('identity_verdicts')
      .selectAll()
      .where('environment_id', '=', environmentId)
      .where('account_a', 'in', accountIds)
      .where('account_b', 'in', accountIds)
      .orderBy('id')
      .execute()
    return rows.map(toVerdict)
  }

  /** Takes a verdict back and answers it. Throws not_found. */
  async delete(environmentId: string, id: string): Promise<IdentityVerdict> {
    const row = await this.#database.db
      .deleteFrom('identity_verdicts')
      .where('environment_id', '=', environmentId)
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirst()
    if (row !== undefined) return toVerdict(row)
    throw new EngineError('not_found', `There is no verdict ${id.slice(0, 64)}`, { where: 'id' })
  }
}

/** Deletes what was said of customers of an account. */
export async function dropVerdicts(trx: StoreTransaction, environmentId: string, accountId: string): Promise<void> {
  await trx
    .deleteFrom('identity_verdicts')
    .where('environment_id', '=', environmentId)
    .where(({ or, eb }) => or([eb('account_a', '=', accountId), eb('account_b', '=', accountId)]))
    .execute()
}

/** By account, then by id: the same order wherever customers are told of. */
export function inOrder(a: CustomerPlace, b: CustomerPlace): number {
  if (a.accountId !== b.accountId) return a.accountId < b.accountId ? -1 : 1
  if (a.customerId === b.customerId) return 0
  return a.customerId < b.customerId ? -1 : 1
}

function toVerdict(row: Selectable<Tables['identity_verdicts']>): IdentityVerdict {
  return {
    id: row.id,
    pair: [
      { accountId: row.account_a, customerId: row.customer_a },
      { accountId: row.account_b, customerId: row.customer_b },
    ],
    verdict: row.verdict as IdentityVerdict['verdict'],
    note: row.note,
    madeBy: row.made_by,
    createdAt: row.created_at,
  }
}
