import type { Hidden } from '../glue.ts'
import type { Parameter, ValueSchema } from './signature.ts'

/** An executed example: the expression over the record, with variables if any, gives the result (undefined: no value). */
export interface Example {
  readonly expr: string
  readonly record?: unknown
  readonly variables?: Readonly<Record<string, unknown>>
  readonly result: unknown
}

/** Calls the function in its full form. */
export type Ask = (...args: readonly unknown[]) => unknown

/** A function with its first two arguments one by one, missing where it has fewer. */
export type Quick = (first: unknown, second: unknown, hidden: Hidden) => unknown

/** A function as its file defines it. `name` is without `$`; `signature` is read (see signature.ts), `doc` is for people. */
export interface Entry {
  readonly name: string
  readonly signature: string
  readonly doc: string
  readonly examples: readonly Example[]
  /** Fuel that one call uses up, beside that for its texts and lists. Default 20, a few microseconds. */
  readonly cost?: number
  /** Whether it goes through its arguments at every depth: then each value in them uses up fuel. */
  readonly isDeep?: true
  /**
   * Makes a short way for the arguments that are usual, at most two, from the full one, which it asks for all others. It
   * takes no more than a few steps, whatever it is given.
   */
  quick?(ask: Ask): Quick
  /** The value for the arguments; throws EngineError for arguments it cannot take. Must not change or keep them. */
  implementation(args: readonly unknown[], hidden: Hidden): unknown
}

/** A function of the library, for the compiler and the interpreter alike. */
export interface LibraryFunction extends Entry {
  /** What its signature says of the arguments and the result. */
  readonly parameters: readonly Parameter[]
  readonly result: ValueSchema
  /** Parameters that stand-ins and $map may fill; more arguments are refused unless the function takes any number. */
  readonly arity: 1 | 2 | 3 | 4
  readonly cost: number
}
