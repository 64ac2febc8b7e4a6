import type { Kysely } from 'kysely'

/** Why an account is in its status. */
export async function statusReasons(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('integrated_accounts').addColumn('status_reason', 'text').execute()
}
