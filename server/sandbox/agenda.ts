import type { DueRules } from './contract.ts'
import type { Json } from './paths.ts'
import { isTrue } from './steps.ts'

/** A rule that is to act on a record at an instant, in seconds. */
export interface Appointment {
  readonly atS: number
  readonly rule: DueRules
  readonly id: string
  /** Of two at one instant the smaller comes first: rules in their order, then records in that of their making. */
  readonly rank: readonly [rule: number, record: number]
}

/** What the agenda reads of a record: its fields, and its place in the order of making. */
export type ReadRecord = (resource: string, id: string) => { readonly record: Json; readonly order: number } | undefined

const isBefore = (a: Appointment, b: Appointment): boolean =>
  a.atS < b.atS || (a.atS === b.atS && (a.rank[0] < b.rank[0] || (a.rank[0] === b.rank[0] && a.rank[1] < b.rank[1])))

/** What is due and when: follows the records as they change, and tells what comes next. A rule acts once on a record for an instant. */
export class Agenda {
  readonly #rules = new Map<string, (readonly [place: number, rule: DueRules])[]>()
  readonly #read: ReadRecord
  readonly #variables: Json
  readonly #touched = new Map<string, Set<string>>()
  readonly #heap: Appointment[] = []
  /** What stands for a rule and record now; other entries of the heap are out of date. */
  readonly #current = new Map<string, Appointment>()
  readonly #done = new Map<string, number>()

  constructor(rules: readonly DueRules[], constants: Json, read: ReadRecord) {
    this.#read = read
    this.#variables = { constants }
    for (const [place, rule] of rules.entries())
      this.#rules.set(rule.in, [...(this.#rules.get(rule.in) ?? []), [place, rule]])
  }

  /** Notes that a record is new, other than before, or gone. */
  touch(resource: string, id: string): void {
    if (!this.#rules.has(resource)) return
    const ids = this.#touched.get(resource) ?? new Set()
    this.#touched.set(resource, ids.add(id))
  }

  /** What comes next; nothing when nothing is to come. Throws what an instant throws, once: its record is left out until it changes. */
  next(): Appointment | undefined {
    for (const [resource, ids] of this.#touched) {
      for (const id of ids) {
        ids.delete(id)
        this.#review(resource, id)
      }
    }
    for (let first = this.#heap[0]; first !== undefined; first = this.#heap[0]) {
      if (this.#current.get(keyOf(first)) === first) return first
      this.#pop()
    }
    return undefined
  }

  /** Takes what next gave off the agenda: it is being done. */
  take(appointment: Appointment): void {
    const key = keyOf(appointment)
    this.#current.delete(key)
    this.#done.set(key, appointment.atS)
  }

  #review(resource: string, id: string): void {
    const found = this.#read(resource, id)
    for (const [place, rule] of this.#rules.get(resource) ?? []) {
      const key = `${place} ${id}`
      if (found === undefined) {
        this.#current.delete(key)
        this.#done.delete(key)
        continue
      }
      const atS = this.#instantOf(rule, found.record)
      const before = this.#current.get(key)
      if (atS === before?.atS) continue
      this.#current.delete(key)
      if (atS === undefined || this.#done.get(key) === atS) continue
      const appointment: Appointment = { atS, rule, id, rank: [place, found.order] }
      this.#current.set(key, appointment)
      this.#push(appointment)
    }
  }

  #instantOf({ at, when }: DueRules, record: Json): number | undefined {
    const instant = at.evaluate(record, this.#variables)
    if (instant === undefined || instant === null) return undefined
    if (typeof instant !== 'number') throw new TypeError('the instant of a due rule of the sandbox is no number')
    return when === undefined || isTrue(when.evaluate(record, this.#variables)) ? instant : undefined
  }

  #push(appointment: Appointment): void {
    const heap = this.#heap
    let place = heap.push(appointment) - 1
    while (place > 0) {
      const above = (place - 1) >> 1
      if (!isBefore(appointment, heap[above] as Appointment)) break
      heap[place] = heap[above] as Appointment
      place = above
    }
    heap[place] = appointment
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    let place = 0
    for (;;) {
      let below = 2 * place + 1
      if (below >= heap.length) break
      if (below + 1 < heap.length && isBefore(heap[below + 1] as Appointment, heap[below] as Appointment)) below++
      if (!isBefore(heap[below] as Appointment, last)) break
      heap[place] = heap[below] as Appointment
      place = below
    }
    heap[place] = last
  }
}

const keyOf = ({ rank, id }: Appointment): string => `${rank[0]} ${id}`
