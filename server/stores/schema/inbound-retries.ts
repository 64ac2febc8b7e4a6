import type { Kysely } from 'kysely'

/** What cannot be read for now waits for its own time, and is counted by itself. */
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
}
