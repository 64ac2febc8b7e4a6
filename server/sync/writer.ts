import type { Stores } from '../stores/index.ts'
import type { PageOutcome, SyncPage } from '../stores/sync-types.ts'

/** Pages of one transaction: their rows are written at once, and on SQLite nothing else happens meanwhile. */
const PAGES = 5

interface Waiting {
  readonly page: SyncPage
  readonly resolve: (outcome: PageOutcome) => void
  readonly reject: (error: unknown) => void
}

/** Stores the pages of all lanes; those that come while a transaction is under way share the next one. */
export class PageWriter {
  readonly #synced: Stores['synced']
  readonly #now: () => number
  #waiting: Waiting[] = []
  #isWriting = false

  constructor(synced: Stores['synced'], now: () => number) {
    this.#synced = synced
    this.#now = now
  }

  /** Resolves when the page is stored with its place; null when its run is not to go on. Throws `store_failed`. */
  write(page: SyncPage): Promise<PageOutcome> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ page, resolve, reject })
      if (!this.#isWriting) void this.#drain()
    })
  }

  async #drain(): Promise<void> {
    this.#isWriting = true
    while (this.#waiting.length > 0) {
      const some = this.#waiting.splice(0, PAGES)
      try {
        const outcomes = await this.#synced.write(
          some.map(({ page }) => page),
          this.#now(),
        )
        for (const [at, { resolve }] of some.entries()) resolve(outcomes[at] ?? null)
      } catch (error) {
        for (const { reject } of some) reject(error)
      }
      await new Promise((resolve) => setImmediate(resolve))
    }
    this.#isWriting = false
  }
}
