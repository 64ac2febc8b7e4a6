import type { Database } from './database.ts'
import { positionOf } from './event-places.ts'

/** The place in front of the first event of an environment from an instant (epoch ms) on; undefined where there never was one. */
export async function placeBefore({ db }: Database, environmentId: string, at: number): Promise<string | undefined> {
  const first = await db
    .selectFrom('events')
    .select('seq')
    .where('environment_id', '=', environmentId)
    .where('created_at', '>=', at)
    .orderBy('seq')
    .limit(1)
    .executeTakeFirst()
  if (first !== undefined) return positionOf(first.seq - 1)
  const head = await db
    .selectFrom('event_heads')
    .select('last')
    .where('environment_id', '=', environmentId)
    .executeTakeFirst()
  return head && positionOf(head.last)
}
