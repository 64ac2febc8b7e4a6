import { at, type Json } from './paths.ts'

/** A stored record; replaced as a whole when it changes. */
export interface Row {
  readonly id: string
  readonly record: Json
  /** When it was made, in seconds. */
  readonly at: number
  readonly order: number
}

/** Values by dotted path that a record must have. */
export type Where = readonly (readonly [path: string, value: unknown])[]

/** What records are found by without looking through all: anything but lists and objects. */
const isPlain = (value: unknown): boolean =>
  value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'

const NONE: ReadonlySet<string> = new Set()

/** Ids of the records that have a plain value at a path; made when it is first asked for. */
class Index {
  readonly #path: string
  readonly #ids = new Map<unknown, Set<string>>()

  constructor(path: string, rows: readonly Row[]) {
    this.#path = path
    for (const row of rows) this.add(row)
  }

  add({ id, record }: Row): void {
    const value = at(record, this.#path)
    if (!isPlain(value)) return
    const ids = this.#ids.get(value)
    if (ids === undefined) this.#ids.set(value, new Set([id]))
    else ids.add(id)
  }

  remove({ id, record }: Row): void {
    const value = at(record, this.#path)
    if (isPlain(value)) this.#ids.get(value)?.delete(id)
  }

  idsOf(value: unknown): ReadonlySet<string> {
    return this.#ids.get(value) ?? NONE
  }
}

/** All records of one kind, oldest first. */
class Collection {
  readonly byId = new Map<string, Row>()
  /** What get still shows of removed records. */
  readonly tombstones = new Map<string, Json>()
  readonly rows: Row[] = []
  readonly #indexes = new Map<string, Index>()

  insert(row: Row): void {
    this.byId.set(row.id, row)
    this.rows.splice(this.#placeBehind(row), 0, row)
    for (const index of this.#indexes.values()) index.add(row)
  }

  replace(row: Row): void {
    const place = this.indexOf(row.id)
    for (const index of this.#indexes.values()) {
      index.remove(this.rows[place] as Row)
      index.add(row)
    }
    this.rows[place] = row
    this.byId.set(row.id, row)
  }

  delete(id: string): void {
    const [gone] = this.rows.splice(this.indexOf(id), 1)
    this.byId.delete(id)
    if (gone !== undefined) for (const index of this.#indexes.values()) index.remove(gone)
  }

  /** Rows among which all are that have these values, oldest first: those with the rarest of them. */
  among(where: Where): readonly Row[] {
    const found = where.filter(([, value]) => isPlain(value)).map(([path, value]) => this.#index(path).idsOf(value))
    const [rarest] = found.sort((a, b) => a.size - b.size)
    if (rarest === undefined) return this.rows
    return Array.from(rarest, (id) => this.byId.get(id) as Row).sort((a, b) => (isAfter(a, b) ? 1 : -1))
  }

  #index(path: string): Index {
    const index = this.#indexes.get(path) ?? new Index(path, this.rows)
    this.#indexes.set(path, index)
    return index
  }

  indexOf(id: string): number {
    const row = this.byId.get(id)
    return row === undefined ? -1 : this.#placeBehind(row) - 1
  }

  /** Where a row would stand behind all that are not after it. */
  #placeBehind(row: Row): number {
    let [low, high] = [0, this.rows.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (isAfter(this.rows[middle] as Row, row)) high = middle
      else low = middle + 1
    }
    return low
  }
}

const isAfter = (a: Row, b: Row): boolean => a.at > b.at || (a.at === b.at && a.order > b.order)

/** Records in memory with a journal: what a call did can be taken back. */
export class Store {
  readonly #collections = new Map<string, Collection>()
  readonly #changed: (resource: string, id: string) => void
  /** How to take back what was done; nothing is noted outside of transact. */
  #journal: (() => void)[] | undefined
  #order = 0

  /** `changed` is told of every record that is new, other than before, or gone; also when that is taken back. */
  constructor(changed: (resource: string, id: string) => void = () => undefined) {
    this.#changed = changed
  }

  #in(resource: string): Collection {
    const known = this.#collections.get(resource) ?? new Collection()
    this.#collections.set(resource, known)
    return known
  }

  get(resource: string, id: string): Json | undefined {
    return this.#in(resource).byId.get(id)?.record
  }

  row(resource: string, id: string): Row | undefined {
    return this.#in(resource).byId.get(id)
  }

  tombstone(resource: string, id: string): Json | undefined {
    return this.#in(resource).tombstones.get(id)
  }

  /** Rows oldest first. */
  rows(resource: string): readonly Row[] {
    return this.#in(resource).rows
  }

  add(resource: string, id: string, record: Json, seconds: number): void {
    const collection = this.#in(resource)
    collection.insert({ id, record, at: seconds, order: this.#order++ })
    this.#note(resource, id, () => collection.delete(id))
  }

  put(resource: string, id: string, record: Json): void {
    const collection = this.#in(resource)
    const before = collection.byId.get(id)
    if (before === undefined) throw new TypeError(`${resource} has no record ${id}`)
    collection.replace({ ...before, record })
    this.#note(resource, id, () => collection.replace(before))
  }

  remove(resource: string, id: string, tombstone?: Json): void {
    const collection = this.#in(resource)
    const before = collection.byId.get(id)
    if (before === undefined) return
    collection.delete(id)
    if (tombstone !== undefined) collection.tombstones.set(id, tombstone)
    this.#note(resource, id, () => {
      collection.tombstones.delete(id)
      collection.insert(before)
    })
  }

  #note(resource: string, id: string, undo: () => void): void {
    this.#changed(resource, id)
    this.#journal?.push(() => {
      undo()
      this.#changed(resource, id)
    })
  }

  /** Records with these values that were made by then, oldest first. */
  find(resource: string, where: Where, untilS = Number.POSITIVE_INFINITY): Json[] {
    const fits = ({ record, at: madeS }: Row): boolean =>
      madeS <= untilS && where.every(([path, value]) => at(record, path) === value)
    const rows = this.#in(resource).among(where)
    return rows.filter(fits).map(({ record }) => record)
  }

  /** Does the work as a whole: when it throws, everything is taken back, unless the failure says that it stays; always when it is only tried. */
  transact<T>(work: () => T, stays: (failure: unknown) => boolean, isTrial = false): T {
    const journal: (() => void)[] = []
    this.#journal = journal
    try {
      const result = work()
      if (isTrial) for (const undo of journal.reverse()) undo()
      return result
    } catch (failure) {
      if (isTrial || !stays(failure)) for (const undo of journal.reverse()) undo()
      throw failure
    } finally {
      this.#journal = undefined
    }
  }
}
