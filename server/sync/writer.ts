import type { Stores } from '../stores/index.ts'
import type { ChangeTeller, PageOutcome, SyncPage } from '../stores/sync-types.ts'

interface Waiting {
  readonly page: SyncPage
  readonly resolve: (outcome: PageOutcome) => void
  readonly reject: (error: unknown) => void
}

/** Stores the pages of all lanes; those that come while a transaction is under way share the next one. */
export class PageWriter {
  readonly #synced: Stores['synced']
  readonly #now: () => number
  readonly #tell: ChangeTeller
  #waiting: Waiting[] = []
  #isWriting = false

  constructor(synced: Stores['synced'], now: () => number, tell: ChangeTeller) {
    this.#synced = synced
    this.#now = now
    this.#tell = tell
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
      const some = this.#waiting.splice(0, this.#synced.pagesAtOnce)
      try {
        await this.#store(some)
      } catch (error) {
        // One page that cannot be stored keeps no other one from it.
        if (some.length === 1) some[0]?.reject(error)
        else for (const one of some) await this.#store([one]).catch(one.reject)
      }
      await new Promise((resolve) => setImmediate(resolve))
    }
    this.#isWriting = false
  }

  async #store(some: readonly Waiting[]): Promise<void> {
    const pages = some.map(({ page }) => page)
    const outcomes = await this.#synced.write(pages, this.#now(), this.#tell)
    for (const [at, { resolve }] of some.entries()) resolve(outcomes[at] ?? null)
  }
}
