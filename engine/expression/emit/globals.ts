import type { Fn } from '../run/function.ts'

/** A function of the library, as a value and as what is called. */
export interface LibraryEntry {
  readonly value: Fn
  readonly implementation: (args: readonly unknown[]) => unknown
}

/** The functions that every expression has. */
export interface Globals {
  readonly library: ReadonlyMap<string, LibraryEntry>
  /** JSONata's own function of a name. */
  native(name: string): Fn
}
