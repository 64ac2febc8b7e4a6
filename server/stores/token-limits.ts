import { sql } from 'kysely'
import type { Database } from './database.ts'
import type { RateLimit } from './token-types.ts'

/** Where a token stands in its window. */
export interface TokenWindow {
  readonly isOver: boolean
  readonly limit: number
  readonly remaining: number
  /** Milliseconds until the window ends. */
  readonly resetMs: number
}

const MOST_KEPT = 10_000

/**
 * Counts the calls of tokens in windows of fixed length. On Postgres all processes count together, in one statement a call;
 * the embedded database has one server, which counts in memory.
 */
export class TokenLimits {
  readonly #database: Database
  readonly #windows = new Map<string, { startedAt: number; used: number }>()

  constructor(database: Database) {
    this.#database = database
  }

  /** Counts one call, also one that is over the limit. Throws `store_failed`. */
  async take(tokenId: string, { requests, windowS }: RateLimit, now: number): Promise<TokenWindow> {
    const windowMs = windowS * 1_000
    const startedAt = Math.floor(now / windowMs) * windowMs
    const { dialect } = this.#database
    const used = dialect === 'sqlite' ? this.#countHere(tokenId, startedAt) : await this.#countThere(tokenId, startedAt)
    const remaining = Math.max(0, requests - used)
    return { isOver: used > requests, limit: requests, remaining, resetMs: startedAt + windowMs - now }
  }

  #countHere(tokenId: string, startedAt: number): number {
    const known = this.#windows.get(tokenId)
    if (known !== undefined && known.startedAt >= startedAt) {
      known.used += 1
      return known.used
    }
    if (this.#windows.size >= MOST_KEPT) this.#forgetBefore(startedAt)
    this.#windows.set(tokenId, { startedAt, used: 1 })
    return 1
  }

  #forgetBefore(startedAt: number): void {
    for (const [id, window] of this.#windows) if (window.startedAt < startedAt) this.#windows.delete(id)
  }

  async #countThere(tokenId: string, startedAt: number): Promise<number> {
    const { rows } = await sql<{ used: number }>`
      insert into token_windows (token_id, started_at, used) values (${tokenId}, ${startedAt}, 1)
      on conflict (token_id) do update set
        used = case when token_windows.started_at >= excluded.started_at then token_windows.used + 1 else 1 end,
        started_at = greatest(token_windows.started_at, excluded.started_at)
      returning used`.execute(this.#database.db)
    return rows[0]?.used ?? 1
  }
}
