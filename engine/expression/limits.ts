/** What one evaluation may use. */
export interface Limits {
  /** Milliseconds of one expression, checked between JSONata's steps. */
  readonly timeoutMs: number
  /** Milliseconds added for native code (regular expressions) before the whole context is stopped. */
  readonly graceMs: number
  /** Nested steps. */
  readonly stack: number
  /** Items of one array. */
  readonly sequence: number
  /** Items of all loops, calls and copies of one compiled evaluation. */
  readonly fuel: number
  /** Nested calls of a compiled evaluation. */
  readonly calls: number
}

/** The limits of every definition. */
export const LIMITS: Limits = Object.freeze({
  timeoutMs: 1000,
  graceMs: 250,
  stack: 500,
  sequence: 100_000,
  fuel: 5_000_000,
  calls: 400,
})
