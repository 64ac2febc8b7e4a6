import { type Cell, type CellResult, evaluateAll, type Variables } from '../expression/index.ts'
import { evaluated, type Work } from './batch.ts'
import type { Plan } from './plan.ts'
import { isTrue } from './truth.ts'

/** Variables that are the same, or one of few values, for all records of a page. */
const COMMON = new Set(['account', 'api_version', 'source'])

const NONE: readonly number[] = []

/** Finds the variants that hold for a record, in order. Conditions that do not look at the record are decided once. */
export class Holding {
  readonly #plan: Plan
  readonly #isCommon: boolean
  readonly #known = new Map<string, readonly number[]>()

  constructor(plan: Plan) {
    this.#plan = plan
    this.#isCommon = plan.variants.every(
      ({ when }) => when.paths.length === 0 && when.variables.every((name) => COMMON.has(name)),
    )
  }

  /** The places of the variants whose condition holds; one that fails does not hold. */
  of(native: unknown, variables: Variables): readonly number[] {
    if (!this.#isCommon) return this.#decide(native, variables)
    const key = JSON.stringify([variables.api_version, variables.source])
    const known = this.#known.get(key) ?? this.#decide(native, variables)
    this.#known.set(key, known)
    return known
  }

  #decide(record: unknown, variables: Variables): readonly number[] {
    const { variants } = this.#plan
    if (variants.length === 0) return NONE
    const way = this.#plan.conditions()
    const decided = 'cook' in way ? way.cook(record, variables) : undefined
    if (decided !== undefined) return variants.flatMap((_, at) => (decided[at] === true ? [at] : []))
    return heldBy(evaluateAll(cellsOf(this.#plan, record, variables)))
  }
}

/**
 * As Holding, for all records of a page together, whose conditions are evaluated apart. Throws what a condition that was
 * stopped ended with: what its record is stays unknown.
 */
export function* heldApart(
  plan: Plan,
  records: readonly { readonly native: unknown; readonly variables: Variables }[],
): Work<readonly (readonly number[])[]> {
  const cells = records.flatMap(({ native, variables }) => cellsOf(plan, native, variables))
  const results = yield* evaluated(cells)
  throwStopped(results)
  const many = plan.variants.length
  return records.map((_, at) => heldBy(results.slice(at * many, (at + 1) * many)))
}

/** Throws for an evaluation that was stopped. */
export function throwStopped(results: readonly CellResult[]): void {
  for (const result of results) {
    if ('error' in result && result.error.code === 'expression_limit') throw result.error
  }
}

const cellsOf = ({ variants }: Plan, record: unknown, variables: Variables): Cell[] =>
  variants.map(({ when }) => ({ expression: when, record, variables }))

const heldBy = (results: readonly CellResult[]): readonly number[] =>
  results.flatMap((result, at) => ('value' in result && isTrue(result.value) ? [at] : []))
