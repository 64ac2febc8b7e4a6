import { EngineError } from '../../engine/index.ts'
import type { Cage } from './cage.ts'

/** How many cages there are, and how many may wait for one: over all owners, and of one. */
export interface PoolLimits {
  readonly size: number
  readonly waiting: number
  readonly waitingOfOwner: number
  /** Batches after which a cage is replaced. */
  readonly batches: number
}

interface Waiting {
  readonly owner: string
  readonly enter: (refusal?: EngineError) => void
}

const WAIT_MS = 1000

/**
 * Lends cages, in the order in which they are asked for. With more than one of them no owner has all, so that what one
 * runs for long does not hold up the others.
 */
export class CagePool {
  readonly #open: () => Promise<Cage>
  readonly #limits: PoolLimits
  readonly #cages = new Set<Cage>()
  #idle: Cage[] = []
  #waiting: Waiting[] = []
  readonly #busy = new Map<string, number>()
  #dying = 0
  #isClosed = false

  constructor(open: () => Promise<Cage>, limits: PoolLimits) {
    this.#open = open
    this.#limits = limits
  }

  /** Does work in a cage that nobody else uses. Throws EngineError overloaded where too many wait or the pool is closed. */
  async use<T>(owner: string, work: (cage: Cage) => Promise<T>): Promise<T> {
    await this.#enter(owner)
    try {
      const cage = this.#idle.pop() ?? (await this.#opened())
      const result = await work(cage)
      this.#giveBack(cage)
      return result
    } finally {
      this.#leave(owner)
    }
  }

  /** Ends all cages and refuses those who wait. */
  async close(): Promise<void> {
    this.#isClosed = true
    for (const { enter } of this.#waiting.splice(0)) enter(overloaded('The server is shutting down'))
    await Promise.all([...this.#cages].map((cage) => cage.close()))
  }

  async #opened(): Promise<Cage> {
    const cage = await this.#open()
    this.#cages.add(cage)
    if (this.#isClosed) await cage.close()
    return cage
  }

  /** A cage that was stopped or is worn out is not lent again. */
  #giveBack(cage: Cage): void {
    if (!cage.isClosed && cage.batches < this.#limits.batches) {
      this.#idle.push(cage)
      return
    }
    // a thread inside of native code may take its time to end: nobody waits for it, but only so many may be at that
    this.#dying++
    void cage.close().finally(() => {
      this.#dying--
      this.#cages.delete(cage)
      this.#admit()
    })
  }

  #enter(owner: string): Promise<void> {
    if (this.#isClosed) throw overloaded('The server is shutting down')
    if (this.#hasRoom(owner)) {
      this.#count(owner, 1)
      return Promise.resolve()
    }
    const own = this.#waiting.filter((one) => one.owner === owner).length
    if (this.#waiting.length >= this.#limits.waiting || own >= this.#limits.waitingOfOwner) {
      throw overloaded('Too many expressions of tenants wait to be evaluated')
    }
    return new Promise((resolve, reject) => {
      const enter = (refusal?: EngineError): void => (refusal === undefined ? resolve() : reject(refusal))
      this.#waiting.push({ owner, enter })
    })
  }

  #leave(owner: string): void {
    this.#count(owner, -1)
    this.#admit()
  }

  #admit(): void {
    for (;;) {
      const next = this.#waiting.find((one) => this.#hasRoom(one.owner))
      if (next === undefined) return
      this.#waiting = this.#waiting.filter((one) => one !== next)
      this.#count(next.owner, 1)
      next.enter()
    }
  }

  #hasRoom(owner: string): boolean {
    const { size } = this.#limits
    let total = 0
    for (const busy of this.#busy.values()) total += busy
    return this.#dying <= size && total < size && (this.#busy.get(owner) ?? 0) < Math.max(1, size - 1)
  }

  #count(owner: string, change: 1 | -1): void {
    const busy = (this.#busy.get(owner) ?? 0) + change
    if (busy === 0) this.#busy.delete(owner)
    else this.#busy.set(owner, busy)
  }
}

const overloaded = (message: string): EngineError =>
  new EngineError('overloaded', message, { waitMs: WAIT_MS, hint: 'Try again in a moment.' })
