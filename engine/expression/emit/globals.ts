import type { Hidden } from '../glue.ts'
import type { Fn } from '../run/function.ts'

/** A function of the library, as a value and as what is called. */
export interface LibraryEntry {
  readonly value: Fn
  readonly implementation: (args: readonly unknown[]) => unknown
  /** The short way of a call with at most two arguments, and the fuel that it takes. */
  readonly quick: ((first: unknown, second: unknown, hidden: Hidden) => unknown) | undefined
  readonly cost: number
  /** Whether it gives a text, a whole number, true, false, null or nothing. */
  readonly isLeaf: boolean
}

/** The functions that every expression has. */
export interface Globals {
  readonly library: ReadonlyMap<string, LibraryEntry>
  /** JSONata's own function of a name. */
  native(name: string): Fn
}
