import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { sql } from 'kysely'
import { EngineError } from '../../engine/index.ts'
import type { Database } from './database.ts'
import { isMissingReference } from './driver.ts'
import type { KeyRing } from './key-ring.ts'
import { countOn, SEALED_COLUMNS } from './sealed-columns.ts'

/** A server that is not heard of for this long no longer runs. */
const ALIVE_MS = 30_000
const BEAT_MS = 5_000

/** A process that serves, and the keys that it has. */
export interface KeyHolder {
  /** Process and machine, for people. */
  readonly name: string
  readonly keyIds: readonly string[]
}

/**
 * The master keys as the database knows them: which one encrypts, and which ones a row still needs. Every sealed row refers
 * to its key here, so a key that was taken out cannot be written with any more, by no process.
 */
export class MasterKeys {
  readonly #database: Database
  readonly #ring: KeyRing
  readonly #holder = `${process.pid}@${hostname()}#${randomBytes(4).toString('hex')}`
  #told: { readonly at: number; readonly keys: string } | null = null

  constructor(database: Database, ring: KeyRing) {
    this.#database = database
    this.#ring = ring
    ring.follow(() => this.refresh())
  }

  /**
   * Follows the key that the database encrypts with; at the very first start, makes the first of the list that one. Keys that
   * nothing needs are forgotten, but for the one that a rotation moves to. Throws `key_missing` naming the ids of those that are needed and not given.
   */
  async open(readonly: boolean): Promise<void> {
    const missing: string[] = []
    const [ids, active] = [await this.ids(), await this.#activeId()]
    for (const id of ids) {
      if (this.#ring.get(id) !== undefined) continue
      if (readonly ? await this.#isNeeded(id) : (ids.length > 1 && id === active) || !(await this.forget(id))) {
        missing.push(id)
      }
    }
    if (missing.length > 0) {
      throw new EngineError(
        'key_missing',
        `Stored rows are encrypted with master keys not given: ${missing.join(', ')}`,
        {
          where: 'ONEFOLD_MASTER_KEY',
          hint: 'Add the old keys after the new one, divided by commas.',
        },
      )
    }
    if (!readonly && (await this.#activeId()) === null) await this.activate(await this.#firstChoice())
    if (!readonly) await this.refresh()
  }

  /** Ids that a row may need. */
  async ids(): Promise<string[]> {
    const rows = await this.#database.db.selectFrom('master_keys').select('id').orderBy('id').execute()
    return rows.map(({ id }) => id)
  }

  /** Encrypts with the key that the database says; true when that is another one. Throws `key_missing`. */
  async refresh(): Promise<boolean> {
    const id = await this.#activeId()
    return id !== null && this.#ring.activate(id)
  }

  /** Makes a key of the ring the one that every process encrypts with, each as soon as it looks. */
  async activate(id: string): Promise<void> {
    const { db } = this.#database
    const row = { id, is_active: 0 }
    await db
      .insertInto('master_keys')
      .values(row)
      .onConflict((conflict) => conflict.column('id').doNothing())
      .execute()
    await sql`update master_keys set is_active = case when id = ${id} then 1 else 0 end`.execute(db)
  }

  /** Forgets a key. False while a row is on it, or somebody is about to write one. */
  async forget(id: string): Promise<boolean> {
    try {
      const gone = await this.#database.giveWay((db) => db.deleteFrom('master_keys').where('id', '=', id).execute())
      return gone !== null
    } catch (error) {
      if (isMissingReference(error)) return false
      throw error
    }
  }

  /** Meant for once a second in a server: follows the key in use, reads a key file anew, and tells others what it holds. */
  async beat(now: number): Promise<void> {
    this.#ring.reload()
    await this.refresh()
    const keys = JSON.stringify([...this.#ring.ids])
    if (this.#told !== null && this.#told.keys === keys && now - this.#told.at < BEAT_MS) return
    const row = { keys, seen_at: now }
    await this.#database.db
      .insertInto('key_holders')
      .values({ id: this.#holder, ...row })
      .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
      .execute()
    this.#told = { at: now, keys }
  }

  /** Tells others that this process serves no more. */
  async leave(): Promise<void> {
    if (this.#told !== null) await this.#database.db.deleteFrom('key_holders').where('id', '=', this.#holder).execute()
  }

  /** Servers that were heard of lately; those that were not are forgotten. */
  async holders(now: number): Promise<readonly KeyHolder[]> {
    const { db } = this.#database
    await db
      .deleteFrom('key_holders')
      .where('seen_at', '<', now - ALIVE_MS)
      .execute()
    const rows = await db.selectFrom('key_holders').selectAll().orderBy('id').execute()
    return rows.map(({ id, keys }) => ({ name: id.split('#', 1)[0] ?? id, keyIds: JSON.parse(keys) as string[] }))
  }

  async #isNeeded(id: string): Promise<boolean> {
    const counts = await Promise.all(SEALED_COLUMNS.map((column) => countOn(this.#database, column, id)))
    return counts.some((count) => count > 0)
  }

  async #activeId(): Promise<string | null> {
    const row = await this.#database.db
      .selectFrom('master_keys')
      .select('id')
      .where('is_active', '=', 1)
      .orderBy('id')
      .executeTakeFirst()
    return row?.id ?? null
  }

  /** A database from before keys were kept here has rows on one: it goes on with it. */
  async #firstChoice(): Promise<string> {
    const [used] = await this.ids()
    return used ?? this.#ring.firstId
  }
}
