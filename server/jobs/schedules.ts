import { Cron } from 'croner'
import type { Clock, Log } from '../../engine/index.ts'
import type { Database, StoreTransaction } from '../stores/index.ts'

/** Work that comes again and again. */
export interface Schedule {
  readonly name: string
  readonly cron: string
}

/** What schedules work with. */
interface Means {
  readonly database: Database
  readonly clock: Clock
  readonly log: Log
  /** Enqueues the job of a schedule within the transaction that says that it fired. */
  readonly fire: (trx: StoreTransaction, name: string) => Promise<void>
}

const RETRY_MS = 60_000
/** A machine that slept or set its clock is noticed by then. */
const LONGEST_MS = 3_600_000

/** The first instant (epoch ms) of a cron pattern after another one; a pattern without any never fires. */
export function nextRun(cron: string, after: number, timezone = 'UTC'): number {
  return new Cron(cron, { timezone }).nextRun(new Date(after))?.getTime() ?? Number.MAX_SAFE_INTEGER
}

/**
 * Fires schedules until the signal ends. When a schedule fired last stands in the database: of any number of processes
 * the one that moves it on enqueues the job, and a slot that no process was there for fires once at the next start.
 */
export async function runSchedules(schedules: readonly Schedule[], means: Means, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && schedules.length > 0) {
    let next: number
    try {
      next = Math.min(...(await Promise.all(schedules.map((schedule) => fireWhenDue(schedule, means)))))
    } catch (error) {
      means.log.error({ err: error }, 'schedules could not be read; it is tried again')
      next = means.clock.now() + RETRY_MS
    }
    const wait = Math.min(next - means.clock.now(), LONGEST_MS)
    if (wait > 0) await means.clock.sleep(wait, signal).catch(() => undefined)
  }
}

/** Answers when it is due next. */
async function fireWhenDue({ name, cron }: Schedule, { database, clock, fire }: Means): Promise<number> {
  const now = clock.now()
  const firedAt = await firedLast(database, name, now)
  const due = nextRun(cron, firedAt)
  if (due > now) return due
  await database.db.transaction().execute(async (trx) => {
    const moved = await trx
      .updateTable('job_schedules')
      .set({ fired_at: now })
      .where('name', '=', name)
      .where('fired_at', '=', firedAt)
      .executeTakeFirst()
    if (moved.numUpdatedRows > 0n) await fire(trx, name)
  })
  return nextRun(cron, now)
}

/** A schedule that is new counts from now. */
async function firedLast({ db }: Database, name: string, now: number): Promise<number> {
  const known = () => db.selectFrom('job_schedules').select('fired_at').where('name', '=', name).executeTakeFirst()
  const found = await known()
  if (found) return found.fired_at
  await db
    .insertInto('job_schedules')
    .values({ name, fired_at: now })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute()
  return (await known())?.fired_at ?? now
}
