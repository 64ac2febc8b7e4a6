/** What one compiled evaluation may do. */
export interface Allowance {
  /** Items of all loops, calls and copies. */
  readonly fuel: number
  /** Steps of all its regular expressions together. */
  readonly matching: number
}

/** What one evaluation may use. */
export interface Limits extends Allowance {
  /** Milliseconds of one expression, checked between JSONata's steps. */
  readonly timeoutMs: number
  /** Milliseconds added for native code (regular expressions) before the whole context is stopped. */
  readonly graceMs: number
  /** Nested steps. */
  readonly stack: number
  /** Items of one array. */
  readonly sequence: number
  /** Nested calls of a compiled evaluation. */
  readonly calls: number
  /** Characters (UTF-16 units) of one text that is built. */
  readonly text: number
  /** Values in one result, at every depth. */
  readonly values: number
  /** Characters of all texts in one result together, names of fields included. */
  readonly characters: number
}

/** The limits of every definition. */
export const LIMITS: Limits = Object.freeze({
  timeoutMs: 1000,
  graceMs: 250,
  stack: 500,
  sequence: 100_000,
  fuel: 5_000_000,
  matching: 1_000_000_000,
  calls: 400,
  text: 1_000_000,
  values: 500_000,
  characters: 16_777_216,
})

/** What an expression of an added folder may do in this process: some milliseconds. */
export const BRIEF: Allowance = Object.freeze({ fuel: 25_000, matching: 1_000_000 })

/** Thrown where an evaluation makes more than it may; `message` names the limit. */
export class OverLimit {
  readonly code: 'text' | 'size' | 'D2015'
  readonly message: string

  constructor(code: OverLimit['code'], message: string) {
    this.code = code
    this.message = message
  }
}

/** Refuses a text longer than an expression may build. */
export function checkText(length: number, most: number = LIMITS.text): void {
  if (length > most) throw new OverLimit('text', `it builds a text of more than ${most} characters`)
}
