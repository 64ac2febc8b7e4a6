import { EngineError } from '../errors.ts'
import { type PageState, START } from '../pagination/index.ts'
import { backFrom, type LeafReading, type RawRecord, readLeaf, resumeAfter, resumeAt } from './leaf-page.ts'
import type { Gap } from './list-state.ts'
import { type ListRun, type Peeked, type Places, STOP, type Stream } from './stream.ts'

/** A gap without the parts that are not known. */
function gap(parts: { [K in keyof Gap]: Gap[K] | undefined }): Gap {
  return Object.fromEntries(Object.entries(parts).filter(([, state]) => state !== undefined))
}

type LeafRead = Awaited<ReturnType<typeof readLeaf>>

/** Where the record stands that a state goes back from; -1 where it is not there. */
const indexAt = (reading: LeafReading, records: readonly RawRecord[], state: PageState): number =>
  records.findIndex((raw) => sameKey(backFrom(reading, raw), state))

/** How providers answer when the record to page from is gone. */
const GONE: ReadonlySet<string> = new Set(['record_not_found', 'not_found', 'provider_invalid_request'])

/** A leaf read onwards from a gap. */
export class ForwardLeaf implements Stream {
  readonly #run: ListRun
  readonly #reading: LeafReading
  readonly #from: Gap
  #next: PageState | null
  #buffer: RawRecord[] = []
  #first: RawRecord | undefined
  #passed: RawRecord | undefined

  constructor(run: ListRun, reading: LeafReading, from: Gap | undefined) {
    this.#run = run
    this.#reading = reading
    this.#from = from ?? {}
    this.#next = from?.f === undefined ? START : from.f
  }

  peek(): Peeked | Promise<Peeked> {
    return this.#buffer[0]?.entry ?? this.#find()
  }

  async #find(): Promise<Peeked> {
    for (;;) {
      const [head] = this.#buffer
      if (head?.entry !== undefined) return head.entry
      if (head !== undefined) this.take()
      else if (this.#next === null) return undefined
      else if (!this.#run.mayRead()) return STOP
      else await this.#read(this.#next)
    }
  }

  async #read(state: PageState): Promise<void> {
    const { b } = this.#from
    const read = await readLeaf(this.#run, this.#reading, state)
    const isResumed = this.#first === undefined && state.k === 'start' && b !== undefined && b !== null
    const { page, records } = isResumed ? await this.#resume(b, read) : read
    this.#next = page.next
    this.#buffer = records
    this.#first ??= records[0]
  }

  /**
   * A leaf of which nothing was delivered yet goes on at the record it was left at: what was added above stands before
   * the gap. A record that is gone leaves the page as it is.
   */
  async #resume(head: PageState, read: LeafRead): Promise<LeafRead> {
    const { session } = this.#run
    const at = await session.settled(() => indexAt(this.#reading, read.records, head))
    if (at >= 0) return { page: read.page, records: read.records.slice(at) }
    if (read.page.next === null) return read
    try {
      const above = (await readLeaf(this.#run, this.#reading, head)).records.at(-1)
      if (above === undefined) return read
      const below = await session.settled(() => resumeAfter(this.#reading, above))
      return await readLeaf(this.#run, this.#reading, below)
    } catch (thrown) {
      if (thrown instanceof EngineError && GONE.has(thrown.code)) return read
      throw thrown
    }
  }

  take(): void {
    this.#passed = this.#buffer.shift() ?? this.#passed
  }

  mayHaveMore(): boolean {
    return this.#buffer.length > 0 || this.#next !== null
  }

  save(begin: Places, end: Places): void {
    const { at } = this.#reading
    const [head] = this.#buffer
    begin.leaves[at] = gap({ ...this.#from, b: backFrom(this.#reading, this.#first) ?? this.#from.b })
    end.leaves[at] = gap({
      f: head === undefined ? this.#next : resumeAt(this.#reading, head),
      b: backFrom(this.#reading, head),
      l: backFrom(this.#reading, this.#passed) ?? this.#from.l,
    })
  }
}

/** A keyset leaf read backwards from a gap; records come nearest first. */
export class BackLeaf implements Stream {
  readonly #run: ListRun
  readonly #reading: LeafReading
  readonly #from: Gap
  #next: PageState | null | undefined
  #buffer: RawRecord[] = []
  #first: RawRecord | undefined
  #passed: RawRecord | undefined

  constructor(run: ListRun, reading: LeafReading, from: Gap | undefined) {
    this.#run = run
    this.#reading = reading
    this.#from = from ?? {}
    this.#next = from?.b ?? undefined
  }

  peek(): Peeked | Promise<Peeked> {
    return this.#buffer.at(-1)?.entry ?? this.#find()
  }

  async #find(): Promise<Peeked> {
    for (;;) {
      const head = this.#buffer.at(-1)
      if (head?.entry !== undefined) return head.entry
      if (head !== undefined) this.take()
      else if (this.#next === null) return undefined
      else if (!this.#run.mayRead()) return STOP
      else if (this.#next === undefined) await this.#enter()
      else await this.#read(this.#next)
    }
  }

  async #read(state: PageState): Promise<readonly RawRecord[]> {
    const { page, records } = await readLeaf(this.#run, this.#reading, state)
    this.#next = page.next
    this.#buffer = [...records, ...this.#buffer]
    this.#first ??= records.at(-1)
    return records
  }

  /** Where no record after the gap is known: the last one before it is read as well, or the whole list from its end. */
  async #enter(): Promise<void> {
    const { f, l } = this.#from
    const last: PageState | undefined = l ?? (f?.k === 'after' ? { k: 'before', key: f.key } : undefined)
    if (last !== undefined) await this.#readThrough(last)
    else if (f === null) await this.#readFromEnd()
    else this.#next = null
  }

  /** What stands before a record, and the record. */
  async #readThrough(last: PageState): Promise<void> {
    const before = await this.#read(last)
    const edge = before.at(-1)
    const { session } = this.#run
    const resume = await session.settled(() => (edge === undefined ? START : resumeAfter(this.#reading, edge)))
    const { records } = await readLeaf(this.#run, this.#reading, resume)
    const found = records[await session.settled(() => indexAt(this.#reading, records, last))]
    if (found === undefined) return
    this.#buffer.push(found)
    this.#first = found
  }

  /** A leaf that had no record at all: whatever it has now was added since, and stands before the gap. */
  async #readFromEnd(): Promise<void> {
    for (let state: PageState | null = START; state !== null; ) {
      const read: LeafRead = await readLeaf(this.#run, this.#reading, state)
      this.#buffer.push(...read.records)
      state = read.page.next
    }
    this.#first = this.#buffer.at(-1)
    this.#next = null
  }

  take(): void {
    this.#passed = this.#buffer.pop() ?? this.#passed
  }

  mayHaveMore(): boolean {
    return this.#buffer.length > 0 || this.#next !== null
  }

  save(begin: Places, end: Places): void {
    const { at } = this.#reading
    const atHead = this.#next === null ? START : undefined
    const learned = this.#first === undefined ? atHead : resumeAfter(this.#reading, this.#first)
    begin.leaves[at] = gap({ ...this.#from, f: this.#from.f === undefined ? learned : this.#from.f })
    if (this.#passed === undefined) end.leaves[at] = begin.leaves[at]
    else {
      const head = this.#buffer.at(-1)
      const f = head === undefined ? undefined : resumeAfter(this.#reading, head)
      end.leaves[at] = gap({ f, b: backFrom(this.#reading, this.#passed), l: backFrom(this.#reading, head) })
    }
  }
}

const sameKey = (a: PageState | undefined, b: PageState): boolean =>
  a !== undefined && 'key' in a && 'key' in b && a.key === b.key
