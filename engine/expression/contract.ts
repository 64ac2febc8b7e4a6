import type { EngineError } from '../errors.ts'

/** Variables given to an evaluation, by name without `$`. Plain JSON only; `money_form` is the provider's MoneyForm. */
export type Variables = Readonly<Record<string, unknown>>

/** A compiled expression: frozen, synchronous, free of side effects. */
export interface Compiled {
  readonly source: string
  /**
   * Who evaluates it: `path` is a plain look-up or a literal, `compiled` JavaScript made from it, `interpreter` the
   * jsonata package. All mean the same; the interpreter is also asked again where compiled code meets an error.
   */
  readonly backend: 'compiled' | 'interpreter' | 'path'
  /** Why it is left to the interpreter, where it is. */
  readonly reason?: string | undefined
  /**
   * The address of its slot where an added folder or a tenant brings it: `file:line:column`. It is evaluated apart from the
   * process; where that is not possible it may do little.
   */
  readonly apart?: string | undefined
  /** Names from the scope that are used, without `$`, sorted. */
  readonly variables: readonly string[]
  /** Paths of the record that are read, dotted, arrays transparent, sorted; ['*'] when all of it may be read. */
  readonly paths: readonly string[]
  /** Paths read below variables (`lookup.charge.amount`), sorted; the bare name where a variable is read whole. */
  readonly variablePaths: readonly string[]
  /**
   * The value as plain JSON, undefined when missing. Never changes its input; the value may share structure with it, so
   * treat it as read-only. Throws EngineError expression_failed or expression_limit.
   */
  evaluate(record: unknown, variables?: Variables): unknown
}

/** What keeps an expression from compiling; `offset` and `length` are in UTF-16 units of the source. */
export interface ExpressionProblem {
  readonly code: 'syntax' | 'unknown_variable' | 'unknown_function' | 'forbidden_function'
  readonly message: string
  readonly offset: number
  readonly length: number
  readonly hint: string
  /** The names that would be understood, as they are written (`$query`). */
  readonly valid?: readonly string[]
}

/** A compiled expression, or all reasons why there is none. */
export type CompileResult = { readonly expression: Compiled } | { readonly problems: readonly ExpressionProblem[] }

/** What a template does with a part that has no value: no result at all (the default), or nothing in its place. */
export type OnMissing = 'undefined' | 'empty'

/** Literal text with `{{ expression }}` parts. */
export interface CompiledTemplate {
  readonly source: string
  readonly parts: readonly (string | Compiled)[]
  /** Names from the scope that any part uses, without `$`, sorted. */
  readonly variables: readonly string[]
  /** Whether there is no expression in it. */
  readonly isLiteral: boolean
  /**
   * The text. `map` is applied to each interpolated value (percent-encoding, say). A missing or null part makes the whole
   * undefined, or is left empty with onMissing `empty`. Throws EngineError as evaluate does, also for an object or array.
   */
  render(
    record: unknown,
    variables: Variables,
    map?: (value: string) => string,
    onMissing?: OnMissing,
  ): string | undefined
}

/** One expression over one record. */
export interface Cell {
  readonly expression: Compiled
  readonly record: unknown
  readonly variables?: Variables | undefined
}

/** What a cell gave: its value (undefined when missing), or why there is none. */
export type CellResult = { readonly value: unknown } | { readonly error: EngineError }
