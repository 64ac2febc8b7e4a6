import { isDeepStrictEqual } from 'node:util'
import type { Cell, CellResult, Compiled } from './contract.ts'

interface Known {
  readonly cell: Cell
  readonly result: CellResult
}

/** What an attempt came to: its value, or the cells whose results it lacks. */
export type Attempt<T> = { readonly value: T } | { readonly missing: readonly Cell[] }

const UNKNOWN: CellResult = Object.freeze({ value: undefined })

let open: Scene | undefined

/** The scene of the work that is being done, if it has one. */
export const openScene = (): Scene | undefined => open

/**
 * Synchronous work over expressions that are evaluated elsewhere. It is done from its start as often as it takes: what
 * is not known yet has no value meanwhile, and the next attempt knows it. Only an attempt that lacks nothing counts.
 */
export class Scene {
  readonly #known = new Map<Compiled, Known[]>()
  readonly #next = new Map<Compiled, number>()
  #missing: Cell[] = []

  /** Does the work from its start; it must change nothing but what it makes. Throws what it throws while nothing is missing. */
  attempt<T>(work: () => T): Attempt<T> {
    this.#missing = []
    this.#next.clear()
    const around = open
    open = this
    try {
      const value = work()
      return this.#missing.length === 0 ? { value } : { missing: this.#missing }
    } catch (thrown) {
      if (this.#missing.length === 0) throw thrown
      return { missing: this.#missing }
    } finally {
      open = around
    }
  }

  /** Remembers the results of the cells that an attempt lacked, in their order. */
  learn(cells: readonly Cell[], results: readonly CellResult[]): void {
    for (const [at, cell] of cells.entries()) {
      const known = this.#known.get(cell.expression) ?? []
      known.push({ cell, result: results[at] as CellResult })
      this.#known.set(cell.expression, known)
    }
  }

  /** The result of a cell, without a value as long as it is not known. */
  ask(cell: Cell): CellResult {
    const known = this.#known.get(cell.expression) ?? []
    const next = this.#next.get(cell.expression) ?? 0
    // work that is done again asks in the same order, but for what it finds out later
    for (let step = 0; step < known.length; step++) {
      const at = (next + step) % known.length
      const { cell: earlier, result } = known[at] as Known
      if (!isSame(earlier, cell, step === 0)) continue
      this.#next.set(cell.expression, at + 1)
      return result
    }
    this.#missing.push(cell)
    return UNKNOWN
  }
}

/** Whether cells of one expression come to the same. Records can be large: only one that is expected is looked through. */
function isSame(a: Cell, b: Cell, isExpected: boolean): boolean {
  const { variables, paths } = a.expression
  const isRecord = paths.length === 0 || a.record === b.record || (isExpected && isDeepStrictEqual(a.record, b.record))
  if (!isRecord) return false
  return [...variables, HIDDEN].every((name) => {
    const [one, other] = [a.variables?.[name], b.variables?.[name]]
    return one === other || isDeepStrictEqual(one, other)
  })
}

/** The provider's money form is no variable of the language, and every evaluation needs it. */
export const HIDDEN = 'money_form'
