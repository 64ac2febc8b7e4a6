import type { Kysely } from 'kysely'
import { index } from './create.ts'

/** What cannot be read for now waits for its own time, and is counted by itself; accounts are found by what events name. */
export async function inboundRetries(db: Kysely<unknown>): Promise<void> {
  const { schema } = db
  await schema
    .alterTable('inbound_events')
    .addColumn('attempts', 'integer', (col) => col.notNull().defaultTo(0))
    .execute()
  await schema
    .alterTable('inbound_events')
    .addColumn('due_at', 'bigint', (col) => col.notNull().defaultTo(0))
    .execute()
  await schema.dropIndex('inbound_events_waiting').execute()
  const columns = ['environment_id', 'integrated_account_id', 'status', 'due_at', 'received_at']
  await index(db, 'inbound_events', 'due', columns)
  // An event that comes to an address of many accounts names the one that it is for.
  await index(db, 'integrated_accounts', 'identity', ['environment_id', 'integration', 'identity'])
}
