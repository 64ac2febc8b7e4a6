import type { Kysely } from 'kysely'
import { index } from './create.ts'

/** What a person said of two customers: that they are the same, or are not. The lesser of the two stands first. */
export async function identities(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('identity_verdicts')
    .addColumn('environment_id', 'text', (col) => col.notNull().references('environments.id'))
    .addColumn('id', 'text', (col) => col.notNull())
    .addColumn('account_a', 'text', (col) => col.notNull())
    .addColumn('customer_a', 'text', (col) => col.notNull())
    .addColumn('account_b', 'text', (col) => col.notNull())
    .addColumn('customer_b', 'text', (col) => col.notNull())
    .addColumn('verdict', 'text', (col) => col.notNull())
    .addColumn('note', 'text')
    .addColumn('made_by', 'text', (col) => col.notNull())
    .addColumn('created_at', 'bigint', (col) => col.notNull())
    .addPrimaryKeyConstraint('identity_verdicts_pk', ['environment_id', 'id'])
    .addUniqueConstraint('identity_verdicts_pair', [
      'environment_id',
      'account_a',
      'customer_a',
      'account_b',
      'customer_b',
    ])
    .execute()
  await index(db, 'identity_verdicts', 'second', ['environment_id', 'account_b'])
}
