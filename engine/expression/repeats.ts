import { EngineError } from '../errors.ts'
import type { Compiled } from './contract.ts'

/** How often expressions that fail may be repeated in the interpreter, which takes its time: each of them, and all together. */
export class Repeats {
  readonly #each: number
  #left: number
  readonly #taken = new Map<Compiled, number>()
  #failedAgain: EngineError | undefined

  constructor(each: number, all: number) {
    this.#each = each
    this.#left = all
  }

  /** Whether there is one left for an expression; it is used up. */
  take(expression: Compiled): boolean {
    const taken = this.#taken.get(expression) ?? 0
    if (taken >= this.#each || this.#left <= 0) return false
    this.#taken.set(expression, taken + 1)
    this.#left -= 1
    return true
  }

  /** What is said of a failure that is not repeated; errors are dear, so there is one for all of them. */
  get failedAgain(): EngineError {
    this.#failedAgain ??= new EngineError(
      'expression_failed',
      'It fails, and enough failures of this answer tell why',
      {
        hint: 'Ask for this record alone, or with explain=true, for words of its own.',
      },
    )
    return this.#failedAgain
  }
}
