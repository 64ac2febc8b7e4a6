import type { Filter, GetSpec, ListSpec, SourceKeys } from '../../schema/generated.ts'
import type { GetWay, LeafSource, ListMapping, Operation, Source } from '../catalog.ts'
import type { Located } from '../document.ts'
import { type FilterContext, filtersOf } from './filters.ts'
import { defaultExpression, expressionsOf, maybeExpression, patternOf, slotsOf, withId } from './slots.ts'

/** Compiles where a list comes from. */
export function listOf(node: Located<ListSpec>, context: FilterContext): ListMapping {
  const { order = '-created_at', key = 'id' } = node.value
  const descending = order.startsWith('-')
  return {
    source: sourceOf(node as Located<SourceKeys>, context),
    order: { field: descending ? order.slice(1) : order, descending },
    key,
  }
}

function sourceOf(node: Located<SourceKeys>, context: FilterContext): Source {
  const { name } = node.value
  const inner = (child: Located<unknown>): Source => sourceOf(child as Located<SourceKeys>, context)
  const union = node.at('union')
  if (union !== undefined) {
    return { kind: 'union', name, sources: (union as Located<readonly SourceKeys[]>).items().map(inner) }
  }
  const partition = node.at('partition')
  if (partition !== undefined) {
    const over = partition.need('over')
    return {
      kind: 'partition',
      name,
      over: { operation: over.value.from, query: slotsOf(over.at('query')), max: over.value.max ?? 100 },
      source: inner(partition.need('source')),
    }
  }
  const window = node.at('window')
  if (window !== undefined) {
    const { span_s, from, to, to_inclusive = false, earliest_s, form = 'rfc3339' } = window.value
    return {
      kind: 'window',
      name,
      spanMs: span_s * 1000,
      from,
      to,
      toInclusive: to_inclusive,
      earliestMs: earliest_s * 1000,
      form,
      source: inner(window.need('source')),
    }
  }
  const route = node.at('route') as Located<readonly { filters_present?: string[]; source: SourceKeys }[]> | undefined
  if (route === undefined) return leafOf(node, context)
  const ways = route.items().map((way) => ({
    filtersPresent: way.value.filters_present ?? [],
    source: inner(way.need('source')),
  }))
  return { kind: 'route', name, ways }
}

function leafOf(node: Located<SourceKeys>, context: FilterContext): LeafSource {
  const { search } = node.value
  return {
    kind: 'leaf',
    name: node.value.name,
    operation: node.need('from').value,
    path: slotsOf(node.at('path')),
    query: slotsOf(node.at('query')),
    body: slotsOf(node.at('body')),
    parent: expressionsOf(node.at('parent')),
    where: maybeExpression(node.at('where')),
    filters: filtersOf((node.at('filters')?.entries() ?? []) as [string, Located<Filter>][], context),
    search:
      search === undefined
        ? undefined
        : {
            param: search.param,
            in: search.in ?? 'query',
            join: search.join ?? ' AND ',
            quote: search.quote ?? 'backslash_double',
          },
  }
}

type Way = {
  id?: string
  from: string
  path?: Record<string, string>
  parent?: Record<string, string>
  query?: Record<string, unknown>
  where?: string
}

/** Compiles the ways to read one record. */
export function getOf(node: Located<GetSpec>, operations: ReadonlyMap<string, Operation>): GetWay[] {
  const route = node.at('route') as Located<unknown> as Located<readonly Way[]> | undefined
  const ways = route === undefined ? [node as Located<unknown> as Located<Way>] : route.items()
  return ways.map((way) => {
    const id = way.at('id')
    const wanted = operations.get(way.value.from)?.pathParameters ?? []
    const path = expressionsOf(way.at('path'))
    return {
      pattern: id === undefined ? undefined : patternOf(id as Located<string>),
      operation: way.value.from,
      path: withId(path, wanted, () => defaultExpression('$id', ['id'])),
      query: slotsOf(way.at('query')),
      parent: expressionsOf(way.at('parent')),
      where: maybeExpression(way.at('where')),
    }
  })
}
