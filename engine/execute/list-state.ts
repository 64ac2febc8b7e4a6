import type { PageState } from '../pagination/index.ts'

/** Where one leaf stands between two pages of ours: the gap between the records before and those after. Plain JSON. */
export interface Gap {
  /** Resumes with the first record after the gap; null when nothing follows; missing when not known. */
  readonly f?: PageState | null
  /** Reads back from the gap: what stands before the first record after it. */
  readonly b?: PageState | null
  /** What stands before the last record before the gap. With `b` missing, going back needs that record as well. */
  readonly l?: PageState | null
}

/** A windowed source: the instant its windows are counted from, and the window it is in. */
export interface WindowState {
  readonly t0: number
  readonly i: number
}

/** A list between two pages, as the cursor holds it. */
export interface ListState {
  /** Direction of travel: forward or back. */
  readonly d: 'f' | 'b'
  /** Leaves by their place in the source. */
  readonly leaves: Readonly<Record<string, Gap>>
  readonly windows: Readonly<Record<string, WindowState>>
  /** Ids that lookups found, by filter. */
  readonly found: Readonly<Record<string, readonly string[]>>
  /** Keys already delivered that stand at the very order of the gap: duplicates may still follow. */
  readonly seen: readonly string[]
  /** Lists by id: how many are done. */
  readonly n?: number
}

/** The state of a list that was not read yet. */
export const FRESH: ListState = Object.freeze({ d: 'f', leaves: {}, windows: {}, found: {}, seen: [] })
