import { type Cell, type CellResult, evaluateAll } from '../expression/index.ts'

/** Gathers expressions of many records and evaluates them together: one entry into the interpreter for each depth. */
export class Batch {
  #cells: Cell[] = []
  #asks: { readonly from: number; readonly to: number; readonly done: (results: readonly CellResult[]) => void }[] = []

  /** Evaluates the cells with the next wave; `done` gets their results in order and may ask for more. */
  ask(cells: readonly Cell[], done: (results: readonly CellResult[]) => void): void {
    const from = this.#cells.length
    for (const cell of cells) this.#cells.push(cell)
    this.#asks.push({ from, to: this.#cells.length, done })
  }

  /** Works until nothing is asked any more. */
  run(): void {
    while (this.#asks.length > 0) {
      const [cells, asks] = [this.#cells, this.#asks]
      this.#cells = []
      this.#asks = []
      const results = evaluateAll(cells)
      for (const { from, to, done } of asks) done(results.slice(from, to))
    }
  }
}
