import type { FilterMapping, FilterOp, LeafSource, ModelFilter } from '../definition/catalog.ts'
import { EngineError } from '../errors.ts'
import type { FilterMode } from '../execute/contract.ts'
import {
  filterOf,
  isComparable,
  type LeafPlan,
  MAX_BRANCHES,
  nativeOp,
  type Part,
  type PendingLookup,
  type PlanContext,
  ruleOf,
  type Term,
  termKey,
  valuesOf,
} from './leaf-plan.ts'
import { quote } from './quote.ts'

type Native = Extract<FilterMapping, { mode: 'native' }>
type Search = Extract<FilterMapping, { mode: 'search' }>

/** Plans one leaf. Throws EngineError unsupported_filter, by name, for what neither the provider nor a scan may answer. */
export function planLeaf(leaf: LeafSource, context: PlanContext): LeafPlan {
  const planner = new Planner(leaf, context)
  for (const term of context.terms) planner.add(term)
  return planner.plan()
}

class Planner {
  readonly #leaf: LeafSource
  readonly #context: PlanContext
  readonly #parts: Part[] = []
  readonly #residual: Term[] = []
  readonly #modes: Record<string, FilterMode> = {}
  readonly #pending: PendingLookup[] = []
  #branches: readonly Part[] | undefined
  #isScan = false
  #isEmpty = false

  constructor(leaf: LeafSource, context: PlanContext) {
    this.#leaf = leaf
    this.#context = context
  }

  plan(): LeafPlan {
    return {
      parts: this.#parts,
      branches: this.#branches,
      residual: this.#residual,
      isScan: this.#isScan,
      modes: this.#modes,
      pending: this.#pending,
      isEmpty: this.#isEmpty,
    }
  }

  add(term: Term, shownAs = termKey(term)): void {
    const rule = ruleOf(term.field, this.#leaf, this.#context.mapping)
    const filter = filterOf(term, this.#context.resource)
    const done =
      (rule?.mode === 'native' && this.#allows('native') && this.#native(term, rule, filter, shownAs)) ||
      (rule?.mode === 'search' && this.#allows('search') && this.#search(term, rule, shownAs)) ||
      (rule?.mode === 'lookup' && this.#allows('lookup') && this.#lookup(term, rule, shownAs)) ||
      this.#scan(term, rule, filter, shownAs)
    if (!done) throw this.#refused(term, rule, filter)
  }

  #allows(mode: FilterMode): boolean {
    return this.#context.modes?.includes(mode) ?? true
  }

  /** What the definition does not answer is scanned only when the caller asks for a scan. */
  #scan(term: Term, rule: FilterMapping | undefined, filter: ModelFilter, shownAs: string): boolean {
    const isAsked = this.#context.modes?.includes('scan') ?? false
    const isDeclared = rule !== undefined && this.#context.modes === undefined
    if (!(isAsked || isDeclared) || !isComparable(filter, this.#context.mapping)) return false
    this.#residual.push(term)
    this.#modes[shownAs] = 'scan'
    this.#isScan = true
    return true
  }

  #native(term: Term, rule: Native, filter: ModelFilter, shownAs: string): boolean {
    const sent = nativeOp(term.op, rule.ops)
    if (sent === undefined) return false
    const values = this.#nativeValues(term, rule, filter)
    if (values === undefined) return false
    const cut =
      sent.cut ||
      (rule.bounds === 'inclusive' && isStrict(term.op)) ||
      (rule.bounds === 'day' && isRange(term.op)) ||
      isShared(rule.values, values)
    if (cut && !isComparable(filter, this.#context.mapping)) return false
    const parts = this.#nativeParts(term, rule, sent.op, values)
    if (parts === undefined || !this.#place(parts)) return false
    if (cut) this.#residual.push(term)
    this.#modes[shownAs] = 'native'
    return true
  }

  #nativeParts(term: Term, rule: Native, op: FilterOp, values: readonly unknown[]): Part[] | undefined {
    const given = op === 'in' ? [values] : values
    const parts = given.map((value): PartDraft => {
      const name = rule.param.render(undefined, { op, value, key: term.key ?? null })
      const native = rule.value?.evaluate(undefined, this.#variables(term, value))
      return { in: rule.in, name, value: rule.value === undefined ? value : native }
    })
    return parts.every(isComplete) ? parts : undefined
  }

  #variables(term: Term, value: unknown) {
    const { account, moneyOf } = this.#context
    const money_form = moneyOf?.(this.#leaf.operation)
    return { value, op: term.op, key: term.key ?? null, account, money_form }
  }

  /** The values as the provider writes them; undefined when one of them has no native value. */
  #nativeValues(term: Term, rule: Native | Search, filter: ModelFilter): readonly unknown[] | undefined {
    const values = valuesOf(term)
    const table = rule.values
    if (table === undefined || term.op === 'exists') return values.map((value) => typed(value, term.op, filter))
    const found = values.flatMap((value) => (table.has(value) ? [table.get(value)].flat() : [undefined]))
    return found.includes(undefined) ? undefined : found
  }

  #search(term: Term, rule: Search, shownAs: string): boolean {
    const search = this.#leaf.search
    const op = nativeOp(term.op, rule.ops)
    if (search === undefined || op === undefined || op.cut) return false
    const filter = filterOf(term, this.#context.resource)
    const values = this.#nativeValues(term, rule, filter)
    if (values === undefined) return false
    const key = term.key === undefined ? null : quote(term.key, search.quote)
    const clauses = values.map((value) => {
      const native = rule.value === undefined ? value : rule.value.evaluate(undefined, this.#variables(term, value))
      if (native === undefined || native === null) return undefined
      return rule.clause.render(undefined, { value: quote(native, search.quote), op: term.op, key })
    })
    if (clauses.includes(undefined)) return false
    const parts = clauses.map((value): Part => ({ in: 'search', name: search.param, value }))
    if (!this.#place(parts)) return false
    this.#modes[shownAs] = 'search'
    return true
  }

  #lookup(term: Term, rule: PendingLookup['rule'], shownAs: string): boolean {
    if (nativeOp(term.op, rule.ops)?.cut !== false) return false
    const ids = this.#context.found.get(termKey(term))
    this.#modes[shownAs] = 'lookup'
    if (ids === undefined) {
      this.#pending.push({ term, rule })
      return true
    }
    if (ids.length === 0) this.#isEmpty = true
    else
      this.add(
        { field: rule.then, op: ids.length === 1 ? 'eq' : 'in', value: ids.join(','), values: ids },
        `${shownAs} > ${rule.then}`,
      )
    return true
  }

  /** Takes one part as it is, several as branches; a parameter that is taken already stays as it is. */
  #place(parts: readonly Part[]): boolean {
    const [first] = parts
    if (first === undefined) return false
    const taken = [...this.#parts, ...(this.#branches ?? [])]
    if (first.in !== 'search' && taken.some((part) => part.in === first.in && part.name === first.name)) return false
    if (parts.length === 1) {
      this.#parts.push(first)
      return true
    }
    if (this.#branches !== undefined || parts.length > MAX_BRANCHES) return false
    this.#branches = parts
    return true
  }

  #refused(term: Term, rule: FilterMapping | undefined, filter: ModelFilter): EngineError {
    const { mapping, modes } = this.#context
    const canScan = isComparable(filter, mapping)
    const hint = canScan
      ? 'Add filter_mode=scan to have bounded pages read and filtered here.'
      : 'The records of this provider do not hold what the filter compares.'
    const because = rule === undefined ? '' : ` (it answers ${rule.ops.join(', ')} by ${rule.mode})`
    const allowed = modes === undefined ? '' : ` in the modes ${modes.join(', ')}`
    const message = `${mapping.integration} cannot answer \`${termKey(term)}\` on ${mapping.resource}${allowed}${because}`
    const valid = [...new Set([...this.#leaf.filters.keys(), ...mapping.filters.keys()])]
    return new EngineError('unsupported_filter', message, { where: termKey(term), valid, hint })
  }
}

type PartDraft = Omit<Part, 'name'> & { readonly name: string | undefined }

const isComplete = (part: PartDraft): part is Part =>
  part.name !== undefined && part.value !== undefined && part.value !== null

/** Whether a native value sent stands for several unified values, so that the others must be cut. */
const isShared = (table: ReadonlyMap<string, unknown> | undefined, sent: readonly unknown[]): boolean =>
  table !== undefined && sent.some((native) => [...table.values()].filter((value) => value === native).length > 1)

const isStrict = (op: FilterOp): boolean => op === 'gt' || op === 'lt'
const isRange = (op: FilterOp): boolean => op === 'gt' || op === 'gte' || op === 'lt' || op === 'lte'

/** A text as the type of its filter. */
function typed(value: string, op: FilterOp, filter: ModelFilter): unknown {
  if (op === 'exists' || filter.type === 'boolean') return value === 'true'
  return filter.type === 'integer' || filter.type === 'money' ? Number(value) : value
}
