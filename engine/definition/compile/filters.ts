import type { Filter } from '../../schema/generated.ts'
import type { FieldSpec, FilterMapping, ModelResource } from '../catalog.ts'
import type { Located } from '../document.ts'
import { FrozenMap } from '../frozen.ts'
import { defaultExpression, expressionOf, expressionsOf, maybeExpression, templateOf } from './slots.ts'

/** What a filter is compiled with: the unified resource and the fields that its values come from. */
export interface FilterContext {
  readonly resource: ModelResource
  readonly fields: ReadonlyMap<string, FieldSpec>
}

/** Compiles how one unified filter is answered. */
function filterOf(name: string, node: Located<Filter>, context: FilterContext): FilterMapping {
  const { ops = ['eq'], in: where = 'query', bounds = 'exact', fills = false } = node.value
  const value = maybeExpression(node.at('value'))
  const param = node.at('param')
  if (param !== undefined) {
    const values = valuesOf(name, node, context)
    return { ops, mode: 'native', param: templateOf(param), in: where, value, bounds, values, fills }
  }
  const clause = node.at('clause')
  if (clause !== undefined) {
    return { ops, mode: 'search', clause: templateOf(clause), value, values: valuesOf(name, node, context) }
  }
  const lookup = node.at('lookup')
  if (lookup !== undefined) {
    return {
      ops,
      mode: 'lookup',
      operation: lookup.value.from,
      query: expressionsOf(lookup.need('query')),
      id: lookup.at('id') === undefined ? defaultExpression('id', []) : expressionOf(lookup.need('id')),
      // biome-ignore lint/suspicious/noThenProperty: the name is the language's own
      then: lookup.value.then,
      max: lookup.value.max ?? 25,
      fills,
    }
  }
  return { ops, mode: node.value.ids === true ? 'ids' : 'scan' }
}

/** Filters by name. */
export const filtersOf = (
  entries: Iterable<readonly [string, Located<Filter>]>,
  context: FilterContext,
): FrozenMap<string, FilterMapping> =>
  new FrozenMap([...entries].map(([name, node]) => [name, filterOf(name, node, context)]))

/** The native values of a filter over an enum: as given, or the inverse of the field's table. */
function valuesOf(
  name: string,
  node: Located<Filter>,
  { resource, fields }: FilterContext,
): ReadonlyMap<string, unknown> | undefined {
  const given = node.value.values
  if (given !== undefined) return new FrozenMap(Object.entries(given))
  const filter = resource.filters.get(name)
  if (filter?.values === undefined || node.value.value !== undefined) return undefined
  const spec = fields.get(filter.fields[0] ?? name)
  return spec?.kind === 'table' ? inverseOf(spec.map) : undefined
}

/** Unified to native value, for the values that exactly one native value becomes. */
function inverseOf(map: ReadonlyMap<string, unknown>): ReadonlyMap<string, unknown> {
  const natives = new Map<string, string[]>()
  for (const [native, unified] of map) {
    if (unified === null) continue
    natives.set(String(unified), [...(natives.get(String(unified)) ?? []), native])
  }
  return new FrozenMap(
    [...natives].flatMap(([unified, [first, ...more]]) => (more.length === 0 ? [[unified, first] as const] : [])),
  )
}
