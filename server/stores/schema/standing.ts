import type { Kysely } from 'kysely'

/** What makes a call that waits one and the same; null once it was used or refused. Those stored before count as different. */
export async function standing(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('approvals').addColumn('standing', 'text').execute()
  await db.schema.createIndex('approvals_standing').unique().on('approvals').column('standing').execute()
}
