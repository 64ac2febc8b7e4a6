import { EngineError } from '../../engine/index.ts'

const WINDOW_MS = 10_000
/** Deliveries in a window: what is signed costs a check; what is not costs a call of the provider. */
const SIGNED = 10_000
const UNSIGNED = 100

/** How many deliveries each address takes, in this process. */
export class DeliveryRates {
  readonly #now: () => number
  readonly #taken = new Map<string, number>()
  #since = 0

  constructor(now: () => number) {
    this.#now = now
  }

  /** Counts a delivery. Throws rate_limited. */
  take(endpointId: string, isSigned: boolean): void {
    const now = this.#now()
    if (now - this.#since >= WINDOW_MS || now < this.#since) {
      this.#taken.clear()
      this.#since = now
    }
    const key = isSigned ? endpointId : `${endpointId}/unsigned`
    const taken = (this.#taken.get(key) ?? 0) + 1
    this.#taken.set(key, taken)
    const limit = isSigned ? SIGNED : UNSIGNED
    if (taken <= limit) return
    throw new EngineError('rate_limited', `This address takes ${limit} deliveries in ${WINDOW_MS / 1000} seconds`, {
      waitMs: this.#since + WINDOW_MS - now,
    })
  }
}
