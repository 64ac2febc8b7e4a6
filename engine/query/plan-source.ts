import type { LeafSource, Source } from '../definition/catalog.ts'
import { EngineError } from '../errors.ts'
import type { FilterMode } from '../execute/contract.ts'
import {
  filterOf,
  isComparable,
  type LeafPlan,
  type PendingLookup,
  type PlanContext,
  type Term,
  termKey,
} from './leaf-plan.ts'
import { planLeaf } from './plan-leaf.ts'

type Partition = Extract<Source, { kind: 'partition' }>
type Window = Extract<Source, { kind: 'window' }>

/** A source with its routes taken and its filters planned. `at` names it in cursors. */
export type PlannedSource =
  | { readonly kind: 'leaf'; readonly at: string; readonly leaf: LeafSource; readonly plan: LeafPlan }
  | { readonly kind: 'union'; readonly at: string; readonly sources: readonly PlannedSource[] }
  | {
      readonly kind: 'partition'
      readonly at: string
      readonly over: Partition['over']
      readonly source: PlannedSource
    }
  | {
      readonly kind: 'window'
      readonly at: string
      readonly window: Window
      readonly source: PlannedSource
      /** Terms on the time that the windows run over; they bound the first and the last window. */
      readonly bounds: readonly Term[]
    }

/** Plans a source: the first way of a route whose filters are asked for and that can answer all of them. */
export function planSource(source: Source, context: PlanContext, orderField: string, at = '0'): PlannedSource {
  switch (source.kind) {
    case 'leaf':
      return { kind: 'leaf', at, leaf: source, plan: planLeaf(source, context) }
    case 'union': {
      const sources = source.sources.map((inner, index) => planSource(inner, context, orderField, `${at}.${index}`))
      return { kind: 'union', at, sources }
    }
    case 'partition':
      return {
        kind: 'partition',
        at,
        over: source.over,
        source: planSource(source.source, context, orderField, `${at}.p`),
      }
    case 'window':
      return planWindow(source, context, orderField, at)
    case 'route':
      return planRoute(source, context, orderField, at)
  }
}

/** Filters on the ordering time only bound the windows; they are cut exactly on the mapped records. */
function planWindow(window: Window, context: PlanContext, orderField: string, at: string): PlannedSource {
  const isBound = (term: Term): boolean =>
    filterOf(term, context.resource).fields[0] === orderField && ['gt', 'gte', 'lt', 'lte'].includes(term.op)
  const bounds = context.terms.filter(isBound)
  for (const term of bounds) {
    if (!isComparable(filterOf(term, context.resource), context.mapping)) {
      throw new EngineError('unsupported_filter', `\`${termKey(term)}\` cannot be checked here`, {
        where: termKey(term),
      })
    }
  }
  const rest = { ...context, terms: context.terms.filter((term) => !isBound(term)) }
  const source = withResidual(planSource(window.source, rest, orderField, `${at}.w`), bounds)
  return { kind: 'window', at, window, source, bounds }
}

function withResidual(source: PlannedSource, terms: readonly Term[]): PlannedSource {
  if (source.kind === 'union') return { ...source, sources: source.sources.map((inner) => withResidual(inner, terms)) }
  if (source.kind !== 'leaf') return { ...source, source: withResidual(source.source, terms) }
  const modes = Object.fromEntries(terms.map((term): [string, FilterMode] => [termKey(term), 'native']))
  const plan = {
    ...source.plan,
    residual: [...source.plan.residual, ...terms],
    modes: { ...source.plan.modes, ...modes },
  }
  return { ...source, plan }
}

function planRoute(
  route: Extract<Source, { kind: 'route' }>,
  context: PlanContext,
  orderField: string,
  at: string,
): PlannedSource {
  const asked = new Set(context.terms.map(({ field }) => field))
  const fits = route.ways
    .map((way, index) => ({ ...way, index }))
    .filter(({ filtersPresent }) => filtersPresent.length === 0 || filtersPresent.some((field) => asked.has(field)))
  let refused: unknown
  for (const { source, index } of fits) {
    try {
      return planSource(source, context, orderField, `${at}.${index}`)
    } catch (thrown) {
      if (!(thrown instanceof EngineError && thrown.code === 'unsupported_filter')) throw thrown
      refused ??= thrown
    }
  }
  if (refused !== undefined) throw refused
  const valid = [...new Set(route.ways.flatMap(({ filtersPresent }) => filtersPresent))]
  const message = `${context.mapping.integration} lists ${context.mapping.resource} only by one of these filters`
  throw new EngineError('unsupported_filter', `${message}: ${valid.join(', ')}`, { valid })
}

/** The leaves of a planned source. */
export function leavesOf(source: PlannedSource): readonly Extract<PlannedSource, { kind: 'leaf' }>[] {
  if (source.kind === 'leaf') return [source]
  return source.kind === 'union' ? source.sources.flatMap(leavesOf) : leavesOf(source.source)
}

/** Lookups that must be made before the list can be asked, each once. */
export function pendingOf(source: PlannedSource): readonly PendingLookup[] {
  const all = leavesOf(source).flatMap(({ plan }) => plan.pending)
  return [...new Map(all.map((pending) => [termKey(pending.term), pending])).values()]
}

/** How each filter is answered, by its name in the query. */
export const modesOf = (source: PlannedSource): Readonly<Record<string, FilterMode>> =>
  Object.assign({}, ...leavesOf(source).map(({ plan }) => plan.modes)) as Record<string, FilterMode>
