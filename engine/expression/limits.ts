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
}

/** The limits of every definition. */
export const LIMITS: Limits = Object.freeze({ timeoutMs: 1000, graceMs: 250, stack: 500, sequence: 100_000 })
