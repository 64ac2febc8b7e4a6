import { sql } from 'kysely'
import type { Database } from './database.ts'

/** An amount that a token moves on a day. */
export interface Spend {
  readonly tokenId: string
  readonly currency: string
  /** In UTC, `2026-11-29`. */
  readonly day: string
  /** Minor units, not negative. */
  readonly amount: number
}

/** What tokens have spent or reserved by currency and day. What was reserved and never given back stays spent. */
export class TokenSpend {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /**
   * Reserves an amount when the day, everything reserved included, has room for it; false when not. One statement: many at
   * once, in any number of processes, never take more than `most` together. Throws `store_failed`.
   */
  async reserve({ tokenId, currency, day, amount }: Spend, most: number): Promise<boolean> {
    if (amount > most) return false
    const { rows } = await sql<{ amount: number }>`
      insert into token_spend (token_id, currency, day, amount) values (${tokenId}, ${currency}, ${day}, ${amount})
      on conflict (token_id, currency, day) do update set amount = token_spend.amount + excluded.amount
        where token_spend.amount + excluded.amount <= ${most}
      returning amount`.execute(this.#database.db)
    return rows.length > 0
  }

  /** Gives back what was reserved for something that surely did not happen. */
  async release({ tokenId, currency, day, amount }: Spend): Promise<void> {
    await this.#database.db
      .updateTable('token_spend')
      .set((eb) => ({ amount: eb('amount', '-', amount) }))
      .where('token_id', '=', tokenId)
      .where('currency', '=', currency)
      .where('day', '=', day)
      .execute()
  }

  /** What a token has spent or reserved on a day, by currency. */
  async spent(tokenId: string, day: string): Promise<ReadonlyMap<string, number>> {
    const rows = await this.#database.db
      .selectFrom('token_spend')
      .select(['currency', 'amount'])
      .where('token_id', '=', tokenId)
      .where('day', '=', day)
      .execute()
    return new Map(rows.map(({ currency, amount }) => [currency, amount]))
  }

  /** Forgets the days before one. */
  async deleteBefore(day: string): Promise<void> {
    await this.#database.db.deleteFrom('token_spend').where('day', '<', day).execute()
  }
}

/** The day of an instant, in UTC. */
export const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10)
