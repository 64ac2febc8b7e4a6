import type { Source } from '../definition/catalog.ts'
import type { Json } from '../mapping/index.ts'
import { type Term, writeInstant } from '../query/index.ts'
import type { WindowState } from './list-state.ts'
import { type ListRun, type Peeked, type Places, STOP, type Stream } from './stream.ts'

type Window = Extract<Source, { kind: 'window' }>

const DAY_MS = 86_400_000
/** Smallest step of each way to write a bound, in milliseconds. */
const UNIT_MS: Readonly<Record<Window['form'], number>> = { s: 1000, ms: 1, rfc3339: 1000, date: DAY_MS }

/** The bounds of all windows together: start inclusive, end exclusive, in epoch milliseconds. */
export function windowRange(window: Window, bounds: readonly Term[], nowMs: number): { from: number; to: number } {
  const unit = UNIT_MS[window.form]
  const lower = bounds.filter(({ op }) => op === 'gt' || op === 'gte').map(({ value }) => Date.parse(value))
  const upper = bounds.filter(({ op }) => op === 'lt' || op === 'lte').map(({ value }) => Date.parse(value) + unit)
  const from = Math.max(nowMs - window.earliestMs, ...lower)
  const to = Math.min(nowMs + unit, ...upper)
  return { from: Math.floor(from / unit) * unit, to: Math.ceil(to / unit) * unit }
}

/** The bounds of one window as parameters; undefined past the last window. */
export function windowInput(
  window: Window,
  range: { from: number; to: number },
  i: number,
  descending: boolean,
): Json | undefined {
  const start = descending ? Math.max(range.from, range.to - (i + 1) * window.spanMs) : range.from + i * window.spanMs
  const end = descending ? range.to - i * window.spanMs : Math.min(range.to, start + window.spanMs)
  if (end <= range.from || start >= range.to) return undefined
  const last = window.toInclusive ? end - UNIT_MS[window.form] : end
  return { [window.from]: writeBound(start, window.form), [window.to]: writeBound(last, window.form) }
}

function writeBound(ms: number, form: Window['form']): string | number {
  if (form === 's') return Math.floor(ms / 1000)
  if (form === 'ms') return ms
  return form === 'date' ? new Date(ms).toISOString().slice(0, 10) : writeInstant(ms)
}

/** Windows read one after the other; it only goes forward. `open` gives the stream of a window, undefined past the last. */
export class WindowStream implements Stream {
  readonly #run: ListRun
  readonly #at: string
  readonly #from: WindowState
  readonly #open: (i: number) => Promise<Stream | undefined>
  #i: number
  #inner: Stream | undefined
  #isDone = false

  constructor(run: ListRun, at: string, from: WindowState, open: (i: number) => Promise<Stream | undefined>) {
    this.#run = run
    this.#at = at
    this.#from = from
    this.#open = open
    this.#i = from.i
  }

  async peek(): Promise<Peeked> {
    while (!this.#isDone) {
      this.#inner ??= await this.#open(this.#i)
      if (this.#inner === undefined) {
        this.#isDone = true
        break
      }
      const head = await this.#inner.peek()
      if (head === STOP || head !== undefined) return head
      this.#run.miss()
      this.#inner = undefined
      this.#i += 1
    }
    return undefined
  }

  take(): void {
    this.#inner?.take()
  }

  mayHaveMore(): boolean {
    return !this.#isDone
  }

  save(begin: Places, end: Places): void {
    begin.windows[this.#at] = this.#from
    end.windows[this.#at] = { t0: this.#from.t0, i: this.#i }
    this.#inner?.save(begin, end)
  }
}
