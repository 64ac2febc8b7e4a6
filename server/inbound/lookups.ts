import type { Stores } from '../stores/index.ts'

type Found = Awaited<ReturnType<Stores['inbound']['endpoints']['find']>>

/**
 * Looks endpoints up for many deliveries at once: those that arrive while one is looked for share the next look, so that each
 * is answered by what was there after it arrived.
 */
export class EndpointLookups {
  readonly #find: (urlId: string) => Promise<Found>
  readonly #running = new Map<string, Promise<Found>>()
  readonly #next = new Map<string, Promise<Found>>()

  constructor(find: (urlId: string) => Promise<Found>) {
    this.#find = find
  }

  /** The endpoint of a URL with its accounts, or null. */
  find(urlId: string): Promise<Found> {
    const running = this.#running.get(urlId)
    if (running === undefined) return this.#look(urlId)
    const known = this.#next.get(urlId)
    if (known !== undefined) return known
    const look = () => {
      this.#next.delete(urlId)
      return this.#look(urlId)
    }
    const next = running.then(look, look)
    this.#next.set(urlId, next)
    return next
  }

  #look(urlId: string): Promise<Found> {
    const found = this.#find(urlId)
    this.#running.set(urlId, found)
    const over = () => void (this.#running.get(urlId) === found && this.#running.delete(urlId))
    found.then(over, over)
    return found
  }
}
