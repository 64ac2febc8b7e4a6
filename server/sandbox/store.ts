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

/** Ids of the records that have a text at a path; made when it is first asked for. */
class Index {
  readonly #path: string
  readonly #ids = new Map<string, Set<string>>()

  constructor(path: string, rows: readonly Row[]) {
    this.#path = path
    for (const row of rows) this.add(row)
  }

  add({ id, record }: Row): void {
    const value = at(record, this.#path)
    if (typeof value !== 'string') return
    const ids = this.#ids.get(value)
    if (ids === undefined) this.#ids.set(value, new Set([id]))
    else ids.add(id)
  }

  remove({ id, record }: Row): void {
    const value = at(record, this.#path)
    if (typeof value === 'string') this.#ids.get(value)?.delete(id)
  }

  idsOf(value: string): Iterable<string> {
    return this.#ids.get(value) ?? []
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
    let place = this.rows.length
    while (place > 0 && isAfter(this.rows[place - 1] as Row, row)) place--
    this.rows.splice(place, 0, row)
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

  /** Rows with a text at a path, oldest first. */
  withText(path: string, value: string): Row[] {
    const index = this.#indexes.get(path) ?? new Index(path, this.rows)
    this.#indexes.set(path, index)
    const rows = Array.from(index.idsOf(value), (id) => this.byId.get(id) as Row)
    return rows.sort((a, b) => (isAfter(a, b) ? 1 : -1))
  }

  indexOf(id: string): number {
    const row = this.byId.get(id)
    if (row === undefined) return -1
    let [low, high] = [0, this.rows.length - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if (isAfter(row, this.rows[middle] as Row)) low = middle + 1
      else high = middle
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
    const collection = this.#in(resource)
    const [path, value] = where.find(([, wanted]) => typeof wanted === 'string') ?? []
    const rows = path === undefined || typeof value !== 'string' ? collection.rows : collection.withText(path, value)
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
