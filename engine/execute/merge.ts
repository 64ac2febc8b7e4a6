import type { Json } from '../mapping/index.ts'
import { readPath } from '../mapping/index.ts'
import { type Entry, type Peeked, type Places, STOP, type Stream } from './stream.ts'

/** The declared order of a list. */
export interface Order {
  readonly field: string
  readonly descending: boolean
}

type OrderValue = number | string | null

/** Where a value stands in the order, in list direction: negative when the first comes first. Records without one come last. */
function compareValues(x: OrderValue, y: OrderValue, { descending }: Order): number {
  if (x === y) return 0
  if (x === null || y === null) return x === null ? 1 : -1
  return x < y === descending ? 1 : -1
}

/** The value a record is ordered by; instants as numbers. */
export function orderValue(draft: Json | null, order: Order): OrderValue {
  const value = draft === null ? null : readPath(draft, order.field)
  if (typeof value === 'number') return value
  if (typeof value !== 'string') return null
  const instant = /^\d{4}-\d{2}-\d{2}T/.test(value) ? Date.parse(value) : Number.NaN
  return Number.isNaN(instant) ? value : instant
}

/** The first record of a stream, and its place in the order. */
interface Head {
  readonly entry: Entry
  readonly value: OrderValue
}

const isThere = (heads: readonly (Peeked | Promise<Peeked>)[]): heads is readonly Peeked[] =>
  heads.every((head) => !(head instanceof Promise))

/** Several streams as one, in order. Going back the last in order comes first; equal records keep the order of the sources. */
export class Merge implements Stream {
  readonly #streams: readonly Stream[]
  readonly #order: Order
  readonly #isBack: boolean
  readonly #heads: Head[] = []
  #chosen: Stream | undefined

  constructor(streams: readonly Stream[], order: Order, isBack: boolean) {
    this.#streams = streams
    this.#order = order
    this.#isBack = isBack
  }

  peek(): Peeked | Promise<Peeked> {
    const heads = this.#streams.map((stream) => stream.peek())
    return isThere(heads) ? this.#choose(heads) : Promise.all(heads).then((read) => this.#choose(read))
  }

  #choose(heads: readonly Peeked[]): Peeked {
    this.#chosen = undefined
    let best: Head | undefined
    for (let at = 0; at < heads.length; at++) {
      const entry = heads[at]
      if (entry === STOP) return STOP
      if (entry === undefined) continue
      const head = this.#headOf(at, entry)
      if (best !== undefined && !this.#comesFirst(head, best)) continue
      best = head
      this.#chosen = this.#streams[at]
    }
    return best?.entry
  }

  /** A record stays the head of its stream while others are taken: its place in the order is read once. */
  #headOf(at: number, entry: Entry): Head {
    const known = this.#heads[at]
    if (known?.entry === entry) return known
    const head = { entry, value: orderValue(entry.draft, this.#order) }
    this.#heads[at] = head
    return head
  }

  #comesFirst(head: Head, best: Head): boolean {
    const order = compareValues(head.value, best.value, this.#order)
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
