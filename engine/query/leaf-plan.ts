import type {
  FilterMapping,
  FilterOp,
  LeafSource,
  ModelFilter,
  ModelResource,
  ResourceMapping,
} from '../definition/catalog.ts'
import { EngineError } from '../errors.ts'
import type { FilterMode, FilterTerm } from '../execute/contract.ts'
import { touches } from '../mapping/index.ts'

/** A filter term; `values` stands for its text where values may hold commas. */
export interface Term extends FilterTerm {
  readonly values?: readonly string[] | undefined
}

/** A part of a native request that answers a filter. */
export interface Part {
  readonly in: 'query' | 'body' | 'path' | 'search'
  readonly name: string
  readonly value: unknown
}

/** Ids to be found before the list can be asked. */
export interface PendingLookup {
  readonly term: Term
  readonly rule: Extract<FilterMapping, { mode: 'lookup' }>
}

/** How one leaf answers the filters of a query. */
export interface LeafPlan {
  readonly parts: readonly Part[]
  /** The leaf is asked once for each, and the answers are merged: a provider that takes one value at a time. */
  readonly branches: readonly Part[] | undefined
  /** Checked here on mapped records. */
  readonly residual: readonly Term[]
  /** True when the provider does not narrow the list by every filter, so that pages may hold few matches. */
  readonly isScan: boolean
  /** How each filter is answered, by `field[op]`. */
  readonly modes: Readonly<Record<string, FilterMode>>
  readonly pending: readonly PendingLookup[]
  /** A lookup found nothing: there can be no records. */
  readonly isEmpty: boolean
}

/** What planning needs; `found` holds the ids that lookups gave, by termKey. */
export interface PlanContext {
  readonly mapping: ResourceMapping
  readonly resource: ModelResource
  readonly terms: readonly Term[]
  readonly modes: readonly FilterMode[] | undefined
  readonly account: unknown
  readonly found: ReadonlyMap<string, readonly string[]>
  /** How an operation writes amounts, for filters over money. */
  readonly moneyOf?: ((operation: string) => unknown) | undefined
}

/** Most values that a list is asked for one by one. */
export const MAX_BRANCHES = 25

/** Name of a term, as it is written in the query. */
export const termKey = ({ field, key, op }: Term): string =>
  `${field}${key === undefined ? '' : `[${key}]`}${op === 'eq' ? '' : `[${op}]`}`

/** The texts of a term. */
export const valuesOf = (term: Term): readonly string[] =>
  term.values ?? (term.op === 'in' ? term.value.split(',') : [term.value])

/** The model's filter of a term. */
export function filterOf(term: Term, resource: ModelResource): ModelFilter {
  const filter = resource.filters.get(term.field)
  if (filter !== undefined) return filter
  throw new EngineError('unknown_filter', `${resource.model}/${resource.name} has no filter \`${term.field}\``)
}

/** How a leaf answers a field: its own rule wins over the mapping's. */
export const ruleOf = (field: string, leaf: LeafSource, mapping: ResourceMapping): FilterMapping | undefined =>
  leaf.filters.get(field) ?? mapping.filters.get(field)

/** Whether mapped records hold what the filter compares, so that it can be checked here. */
export function isComparable(filter: ModelFilter, mapping: ResourceMapping): boolean {
  const names = [mapping.fields, ...mapping.variants.map(({ fields }) => fields)].flatMap((fields) => [
    ...fields.keys(),
  ])
  const isIdOfParts = filter.fields.includes('id') && mapping.idParts !== undefined
  return isIdOfParts || filter.fields.some((field) => names.some((name) => touches(name, field)))
}

/** The native operator for one asked, and whether what comes back must be cut here. */
export function nativeOp(op: FilterOp, ops: readonly FilterOp[]): { op: FilterOp; cut: boolean } | undefined {
  if (ops.includes(op)) return { op, cut: false }
  if (op === 'eq' && ops.includes('in')) return { op: 'in', cut: false }
  if (op === 'in' && ops.includes('eq')) return { op: 'eq', cut: false }
  if (op === 'gt' && ops.includes('gte')) return { op: 'gte', cut: true }
  if (op === 'lt' && ops.includes('lte')) return { op: 'lte', cut: true }
  return undefined
}
