import { type Cell, type CellResult, evaluateAll, evaluateHere, type Repeats } from '../expression/index.ts'

/**
 * Work that stops where cells are to be evaluated apart from the process, and goes on with their results. Without cells it
 * stops between two pieces, where others may have the process.
 */
export type Work<T> = Generator<readonly Cell[], T, readonly CellResult[]>

/** What work yields between two pieces. */
export const BETWEEN: readonly Cell[] = Object.freeze([])

/** Cells that are evaluated in one piece. */
const PIECE = 100

/** Does work in this process alone. */
export function finished<T>(work: Work<T>): T {
  let step = work.next()
  while (step.done !== true) step = work.next(evaluateHere(step.value))
  return step.value
}

const isAnyApart = (cells: readonly Cell[]): boolean => cells.some(({ expression }) => expression.apart !== undefined)

/** The results of cells of one kind, apart where their expressions are to be. */
export function* evaluated(cells: readonly Cell[]): Work<readonly CellResult[]> {
  return isAnyApart(cells) ? yield cells : evaluateAll(cells)
}

interface Ask {
  readonly from: number
  readonly to: number
  readonly isApart: boolean
  readonly done: (results: readonly CellResult[]) => void
}

/** Gathers expressions of many records and evaluates them together: one entry into the interpreter for each depth. */
export class Batch {
  #cells: Cell[] = []
  #apart: Cell[] = []
  #asks: Ask[] = []
  readonly #repeats: Repeats | undefined

  constructor(repeats?: Repeats) {
    this.#repeats = repeats
  }

  /**
   * Evaluates the cells of one field with the next wave; `done` gets their results in order and may ask for more.
   */
  ask(cells: readonly Cell[], done: Ask['done']): void {
    const isApart = isAnyApart(cells)
    const list = isApart ? this.#apart : this.#cells
    const from = list.length
    for (const cell of cells) list.push(cell)
    this.#asks.push({ from, to: list.length, isApart, done })
  }

  *#inPieces(cells: readonly Cell[]): Work<readonly CellResult[]> {
    if (cells.length <= PIECE) return evaluateAll(cells, this.#repeats)
    const results: CellResult[] = []
    for (let from = 0; from < cells.length; from += PIECE) {
      if (from > 0) yield BETWEEN
      results.push(...evaluateAll(cells.slice(from, from + PIECE), this.#repeats))
    }
    return results
  }

  /** Works until nothing is asked any more. */
  *run(): Work<void> {
    while (this.#asks.length > 0) {
      const [cells, apart, asks] = [this.#cells, this.#apart, this.#asks]
      this.#cells = []
      this.#apart = []
      this.#asks = []
      const results = yield* this.#inPieces(cells)
      const others = apart.length === 0 ? [] : yield apart
      for (const { from, to, isApart, done } of asks) done((isApart ? others : results).slice(from, to))
    }
  }
}
