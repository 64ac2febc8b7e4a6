import { type Selectable, sql } from 'kysely'
import type { Database, StoreTransaction } from './database.ts'
import type { EventSubject } from './event-types.ts'
import type { Tables } from './tables.ts'

/** Places behind those that the lost database may have given out: more than it can have told of since the backup. */
const PLACES_LEFT_OUT = 1_000_000_000
/** Why a message to people is not sent by itself. */
export const RESTORED = 'restored'

/** The last time that the database of an environment came out of a backup. Instants are epoch milliseconds. */
export interface Restore {
  readonly environmentId: string
  /** Until when the backup knows what was done; null where nothing tells. */
  readonly knownUntil: number | null
  /** When that was found: what was due before may have been done by the database that was lost. */
  readonly foundAt: number
  /** Null while rules and messages to people wait for somebody. */
  readonly resumedAt: number | null
  readonly resumedBy: string | null
}

/** What somebody looks at after a restore. */
interface RestoreCounts {
  /** Runs of rules that have something to do now. */
  readonly dueRuns: number
  readonly heldRuns: number
  readonly unknownDeliveries: number
}

/** What is known of the time of something that is told. */
interface ToldOf {
  readonly createdAt: number
  readonly about: Pick<EventSubject, 'recordId' | 'occurredAt'> | null
}

/**
 * From when on the lost database may have known what is told; where nobody says when it happened and it was found while all
 * waits, it counts as known before.
 */
export function knownFrom({ foundAt, resumedAt }: Restore, { createdAt, about }: ToldOf): number {
  if (about?.occurredAt != null) return Math.min(createdAt, about.occurredAt)
  const isOfWait = about?.recordId != null && createdAt < (resumedAt ?? Number.POSITIVE_INFINITY)
  return isOfWait ? Math.min(createdAt, foundAt) : createdAt
}

/** That the database came out of a backup, and who let go on what waits since. */
export class RestoreStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Says that this database came out of a backup, whether or not the backup says so; answers its environments. */
  async mark(now: number): Promise<readonly string[]> {
    await sql`insert into restores (environment_id, known_until, found_at, resumed_at, resumed_by)
      select id, null, null, null, null from environments where true
      on conflict (environment_id) do update set known_until = null, found_at = null, resumed_at = null, resumed_by = null
      where restores.found_at is not null`.execute(this.#database.db)
    return this.find(now)
  }

  /**
   * Environments of a backup that is used for the first time. Places of readers from before are over, since what they saw may
   * not be here; a message to people that waited may have gone out since, and is not sent by itself.
   */
  find(now: number): Promise<readonly string[]> {
    return this.#database.db.transaction().execute(async (trx) => {
      const found = await trx
        .updateTable('restores')
        .set({ found_at: now })
        .where('found_at', 'is', null)
        .returning(['environment_id', 'known_until'])
        .execute()
      for (const { environment_id: id, known_until: until } of found) {
        if (until === null) await guessKnown(trx, id)
        await leavePlaces(trx, id)
        await doubtDeliveries(trx, id)
      }
      return found.map(({ environment_id: id }) => id)
    })
  }

  /** What is known of an environment, or null where its database never came out of a backup. */
  async of(
    environmentId: string,
    db: Pick<StoreTransaction, 'selectFrom'> = this.#database.db,
  ): Promise<Restore | null> {
    const row = await db
      .selectFrom('restores')
      .selectAll()
      .where('environment_id', '=', environmentId)
      .executeTakeFirst()
    return row === undefined ? null : toRestore(row)
  }

  /** Environments in which rules and messages to people wait. */
  async waiting(): Promise<readonly Restore[]> {
    const rows = await this.#database.db
      .selectFrom('restores')
      .selectAll()
      .where('resumed_at', 'is', null)
      .orderBy('environment_id')
      .execute()
    return rows.flatMap((row) => toRestore(row) ?? [])
  }

  /** What waits in an environment, or for what somebody has to say something. */
  async counts(environmentId: string, now: number): Promise<RestoreCounts> {
    const { db } = this.#database
    const runs = db
      .selectFrom('rule_runs')
      .select(({ fn }) => fn.countAll().as('n'))
      .where('environment_id', '=', environmentId)
    const unknown = db
      .selectFrom('webhook_deliveries')
      .select(({ fn }) => fn.countAll().as('n'))
      .where('environment_id', '=', environmentId)
      .where('status', '=', 'unknown')
    const due = runs.where('status', 'in', ['starting', 'active']).where('next_at', '<=', now)
    const [dueRuns, heldRuns, unknownDeliveries] = await Promise.all(
      [due, runs.where('status', '=', 'held'), unknown].map(async (each) =>
        Number((await each.executeTakeFirstOrThrow()).n),
      ),
    )
    return { dueRuns: dueRuns ?? 0, heldRuns: heldRuns ?? 0, unknownDeliveries: unknownDeliveries ?? 0 }
  }

  /** Lets go on what waits. False when nothing does. */
  async resume(trx: StoreTransaction, environmentId: string, by: string, now: number): Promise<boolean> {
    const { numUpdatedRows } = await trx
      .updateTable('restores')
      .set({ resumed_at: now, resumed_by: by })
      .where('environment_id', '=', environmentId)
      .where('found_at', 'is not', null)
      .where('resumed_at', 'is', null)
      .executeTakeFirst()
    return numUpdatedRows > 0n
  }
}

/** The newest event is the last that is known to have been done. */
async function guessKnown(trx: StoreTransaction, environmentId: string): Promise<void> {
  const newest = trx
    .selectFrom('events')
    .select('created_at')
    .where('environment_id', '=', environmentId)
    .orderBy('seq', 'desc')
    .limit(1)
  await trx.updateTable('restores').set({ known_until: newest }).where('environment_id', '=', environmentId).execute()
}

async function leavePlaces(trx: StoreTransaction, environmentId: string): Promise<void> {
  const start = { environment_id: environmentId, last: PLACES_LEFT_OUT, swept: PLACES_LEFT_OUT }
  await trx
    .insertInto('event_heads')
    .values(start)
    .onConflict((conflict) =>
      conflict.column('environment_id').doUpdateSet((eb) => ({
        last: eb('event_heads.last', '+', PLACES_LEFT_OUT),
        swept: eb('event_heads.last', '+', PLACES_LEFT_OUT),
      })),
    )
    .execute()
  await trx
    .updateTable('synced_sets')
    .set((eb) => ({
      last_change: eb('last_change', '+', PLACES_LEFT_OUT),
      swept_change: eb('last_change', '+', PLACES_LEFT_OUT),
    }))
    .where('environment_id', '=', environmentId)
    .execute()
}

async function doubtDeliveries(trx: StoreTransaction, environmentId: string): Promise<void> {
  const people = trx
    .selectFrom('webhooks')
    .select('id')
    .where('environment_id', '=', environmentId)
    .where('kind', '<>', 'webhook')
  await trx
    .updateTable('webhook_deliveries')
    .set({ status: 'unknown', lease: null, error: RESTORED })
    .where('environment_id', '=', environmentId)
    .where('webhook_id', 'in', people)
    .where('status', '=', 'waiting')
    .execute()
}

function toRestore(row: Selectable<Tables['restores']>): Restore | null {
  if (row.found_at === null) return null
  return {
    environmentId: row.environment_id,
    knownUntil: row.known_until,
    foundAt: row.found_at,
    resumedAt: row.resumed_at,
    resumedBy: row.resumed_by,
  }
}
