import type { Json } from '../mapping/index.ts'
import { readPath } from '../mapping/index.ts'
import { type Entry, type Peeked, type Places, STOP, type Stream } from './stream.ts'

/** The declared order of a list. */
export interface Order {
  readonly field: string
  readonly descending: boolean
}

/** Where a record stands in the order, in list direction: negative when the first comes first. Records without the value come last. */
function compareEntries(a: Entry, b: Entry, order: Order): number {
  const [x, y] = [orderValue(a.draft, order), orderValue(b.draft, order)]
  if (x === y) return 0
  if (x === null || y === null) return x === null ? 1 : -1
  return x < y === order.descending ? 1 : -1
}

/** The value a record is ordered by; instants as numbers. */
export function orderValue(draft: Json | null, order: Order): number | string | null {
  const value = draft === null ? null : readPath(draft, order.field)
  if (typeof value === 'number') return value
  if (typeof value !== 'string') return null
  const instant = /^\d{4}-\d{2}-\d{2}T/.test(value) ? Date.parse(value) : Number.NaN
  return Number.isNaN(instant) ? value : instant
}

/** Several streams as one, in order. Going back the last in order comes first; equal records keep the order of the sources. */
export class Merge implements Stream {
  readonly #streams: readonly Stream[]
  readonly #order: Order
  readonly #isBack: boolean
  #chosen: Stream | undefined

  constructor(streams: readonly Stream[], order: Order, isBack: boolean) {
    this.#streams = streams
    this.#order = order
    this.#isBack = isBack
  }

  async peek(): Promise<Peeked> {
    const heads = await Promise.all(this.#streams.map((stream) => stream.peek()))
    this.#chosen = undefined
    let best: Entry | undefined
    for (const [at, head] of heads.entries()) {
      if (head === STOP) return STOP
      if (head === undefined || (best !== undefined && !this.#comesFirst(head, best))) continue
      best = head
      this.#chosen = this.#streams[at]
    }
    return best
  }

  #comesFirst(head: Entry, best: Entry): boolean {
    const order = compareEntries(head, best, this.#order)
    return this.#isBack ? order >= 0 : order < 0
  }

  take(): void {
    this.#chosen?.take()
  }

  mayHaveMore(): boolean {
    return this.#streams.some((stream) => stream.mayHaveMore())
  }

  save(begin: Places, end: Places): void {
    for (const stream of this.#streams) stream.save(begin, end)
  }
}
