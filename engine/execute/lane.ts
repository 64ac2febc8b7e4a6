import type { BudgetAsk, Priority } from '../ports.ts'
import type { Bucket } from '../resilience/index.ts'

const RANK: Readonly<Record<Priority, 0 | 1 | 2>> = { interactive: 0, agent: 1, sync: 2 }
/** Every so many grants the longest waiter is served whatever its priority, so that a busy class never starves another. */
const FAIR_SHARE = 10

/** A caller who waits for its turn. */
export interface Waiter {
  readonly ask: BudgetAsk
  /** Grows with each caller; the smaller waits longer. */
  readonly order: number
  readonly grant: () => void
  readonly refuse: (error: Error) => void
}

/** The callers who wait for the same buckets: one queue per priority. */
export class Lane {
  readonly key: string
  readonly buckets: readonly Bucket[]
  /** Set while a clock call will look at this lane again; ends that call. */
  alarm: AbortController | undefined
  readonly #queues: readonly [Waiter[], Waiter[], Waiter[]] = [[], [], []]

  constructor(key: string, buckets: readonly Bucket[]) {
    this.key = key
    this.buckets = buckets
  }

  get isEmpty(): boolean {
    return this.#queues.every((queue) => queue.length === 0)
  }

  /** All waiters, in the order of priority. */
  get waiters(): readonly Waiter[] {
    return this.#queues.flat()
  }

  add(waiter: Waiter): void {
    this.#queues[RANK[waiter.ask.priority]].push(waiter)
  }

  /** Takes a waiter out; false when it was not there any more. */
  remove(waiter: Waiter): boolean {
    const queue = this.#queues[RANK[waiter.ask.priority]]
    const at = queue.indexOf(waiter)
    if (at >= 0) queue.splice(at, 1)
    return at >= 0
  }

  /** First of each priority. */
  get heads(): readonly Waiter[] {
    return this.#queues.flatMap(([first]) => (first === undefined ? [] : [first]))
  }
}

/** Who of these lanes is served next, when `grants` were given before. */
export function nextWaiter(lanes: Iterable<Lane>, grants: number): { lane: Lane; waiter: Waiter } | undefined {
  const isFairTurn = grants % FAIR_SHARE === FAIR_SHARE - 1
  let best: { lane: Lane; waiter: Waiter; rank: number } | undefined
  for (const lane of lanes) {
    for (const waiter of lane.heads) {
      const rank = isFairTurn ? 0 : RANK[waiter.ask.priority]
      const isBetter =
        best === undefined || rank < best.rank || (rank === best.rank && waiter.order < best.waiter.order)
      if (isBetter) best = { lane, waiter, rank }
    }
  }
  return best
}
