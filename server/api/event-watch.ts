import type { CancelSignal, Log } from '../../engine/index.ts'
import type { Stores } from '../stores/index.ts'

/** How often it is looked whether another process has stored events. */
const POLL_MS = 1_000
/** A transaction that is open when it tells of its events is over by then, mostly. */
const SOON_MS = 50

interface Waiting {
  readonly environmentId: string
  readonly place: string
  readonly wake: () => void
}

/**
 * Tells who waits for events that there are some: at once for those of this process, within a second for those of others. One
 * look serves all who wait, and without any there is none.
 */
export class EventWatch {
  readonly #stores: Stores
  readonly #log: Log
  readonly #waiting = new Set<Waiting>()
  #looking: Promise<void> | null = null
  #isCalled = false
  #poll: NodeJS.Timeout | undefined
  #soon: NodeJS.Timeout | undefined

  constructor({ stores, log }: { readonly stores: Stores; readonly log: Log }) {
    this.#stores = stores
    this.#log = log
    stores.events.followAll(() => {
      this.#nudge()
      return Promise.resolve()
    })
  }

  /** Resolves when events are behind a place of an environment, or when the signal ends. */
  behind(environmentId: string, place: string, signal: CancelSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#waiting.delete(waiting)
        signal.removeEventListener('abort', wake)
        if (this.#waiting.size === 0) this.#rest()
        resolve()
      }
      const waiting = { environmentId, place, wake }
      if (signal.aborted) return resolve()
      signal.addEventListener('abort', wake, { once: true })
      this.#waiting.add(waiting)
      this.#poll ??= setInterval(() => this.#look(), POLL_MS).unref()
      // What was stored between the caller's reading and now is told by nobody.
      this.#look()
    })
  }

  #nudge(): void {
    if (this.#waiting.size === 0) return
    this.#look()
    if (this.#stores.dialect === 'sqlite') return
    clearTimeout(this.#soon)
    this.#soon = setTimeout(() => this.#look(), SOON_MS).unref()
  }

  #rest(): void {
    clearInterval(this.#poll)
    clearTimeout(this.#soon)
    this.#poll = undefined
  }

  /** One look at a time, and another one after it when more calls came meanwhile. */
  #look(): void {
    this.#isCalled = true
    this.#looking ??= this.#lookAll()
      .catch((error) => this.#log.error({ err: error }, 'it could not be looked whether there are events'))
      .finally(() => {
        this.#looking = null
        if (this.#isCalled && this.#waiting.size > 0) this.#look()
      })
  }

  async #lookAll(): Promise<void> {
    while (this.#isCalled && this.#waiting.size > 0) {
      this.#isCalled = false
      const heads = await this.#stores.events.heads([...this.#waiting].map(({ environmentId }) => environmentId))
      for (const { environmentId, place, wake } of [...this.#waiting]) {
        const head = heads.get(environmentId)
        if (head !== undefined && head > place) wake()
      }
    }
  }
}
