import type { Hidden } from '../glue.ts'

/** An executed example: the expression over the record, with variables if any, gives the result (undefined: no value). */
export interface Example {
  readonly expr: string
  readonly record?: unknown
  readonly variables?: Readonly<Record<string, unknown>>
  readonly result: unknown
}

/** A function of the library. `name` is without `$`; `signature` and `doc` are for people. */
export interface LibraryFunction {
  readonly name: string
  readonly signature: string
  readonly doc: string
  readonly examples: readonly Example[]
  /** Parameters that stand-ins and $map may fill; more arguments are refused unless the function takes any number. */
  readonly arity: 1 | 2 | 3
  /** The value for the arguments; throws EngineError for arguments it cannot take. Must not change or keep them. */
  implementation(args: readonly unknown[], hidden: Hidden): unknown
}
