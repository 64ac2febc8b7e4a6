import { evaluateAll, type Variables } from '../expression/index.ts'
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
    const results = evaluateAll(variants.map(({ when }) => ({ expression: when, record, variables })))
    return results.flatMap((result, at) => ('value' in result && isTrue(result.value) ? [at] : []))
  }
}
