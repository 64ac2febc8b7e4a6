import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { type Clock, EngineError, type Lock } from '../../engine/index.ts'
import type { Database } from './database.ts'

const FIRST_WAIT_MS = 20
const LONGEST_WAIT_MS = 250
const DAY_MS = 86_400_000

/** Milliseconds since the epoch in the database's own time, so that the clocks of nodes do not matter. */
const NOW = {
  sqlite: sql<number>`cast(unixepoch('subsec') * 1000 as integer)`,
  postgres: sql<number>`cast(extract(epoch from clock_timestamp()) * 1000 as bigint)`,
}

/** Locks in the database, over all processes that use it; a holder that died is passed over after its time. */
export class DatabaseLock implements Lock {
  readonly #database: Database
  readonly #clock: Pick<Clock, 'sleep'>

  constructor(database: Database, clock: Pick<Clock, 'sleep'>) {
    this.#database = database
    this.#clock = clock
  }

  /** Waits for its turn up to twice `ttlMs`. Throws overloaded after that, store_failed, and what the work throws. */
  async run<T>(name: string, ttlMs: number, work: (fence: number) => Promise<T>): Promise<T> {
    const holder = randomBytes(12).toString('hex')
    const fence = await this.#wait(name, holder, ttlMs)
    try {
      return await work(fence)
    } finally {
      await this.#release(name, holder).catch(() => undefined)
    }
  }

  async #wait(name: string, holder: string, ttlMs: number): Promise<number> {
    for (let [waited, pauseMs] = [0, FIRST_WAIT_MS]; ; ) {
      const fence = await this.#take(name, holder, ttlMs)
      if (fence !== null) return fence
      if (waited >= 2 * ttlMs) throw new EngineError('overloaded', 'A lock was not free in time')
      await this.#clock.sleep(pauseMs)
      waited += pauseMs
      pauseMs = Math.min(LONGEST_WAIT_MS, pauseMs * 2)
    }
  }

  /** The next fence, or null while another one holds the lock. */
  async #take(name: string, holder: string, ttlMs: number): Promise<number | null> {
    const now = NOW[this.#database.dialect]
    const { rows } = await sql<{ fence: number }>`
      insert into locks (name, holder, fence, until) values (${name}, ${holder}, 1, ${now} + ${ttlMs})
      on conflict (name) do update
      set holder = excluded.holder, fence = locks.fence + 1, until = excluded.until
      where locks.until <= ${now}
      returning fence`.execute(this.#database.db)
    return rows[0]?.fence ?? null
  }

  async #release(name: string, holder: string): Promise<void> {
    await this.#database.db
      .updateTable('locks')
      .set({ until: NOW[this.#database.dialect] })
      .where('name', '=', name)
      .where('holder', '=', holder)
      .execute()
  }
}

/** Deletes locks that nobody held for a day: what was done under them is over, and counting fences may begin anew. */
export async function deleteOldLocks({ db, dialect }: Database): Promise<void> {
  await sql`delete from locks where until < ${NOW[dialect]} - ${DAY_MS}`.execute(db)
}
