import type { Filter } from '../../schema/generated.ts'
import type { ModelFilter } from '../catalog.ts'
import type { Located } from '../document.ts'
import type { Issue } from '../issue.ts'
import { mergedEntries, topmost } from '../layers.ts'
import { shortList, unknownName } from '../words.ts'
import { readIssues } from './failures.ts'
import { parameterIssues } from './paths.ts'
import { type Leaf, leavesOfMapping, type View } from './view.ts'

const RANGE = ['gt', 'gte', 'lt', 'lte']

/** Filters against the model and against how they are answered. */
export function checkFilters(view: View): Issue[] {
  const own = (view.mapping.at('filters')?.entries() ?? []) as [string, Located<Filter>][]
  const leaves = view.mapping.at('list') === undefined ? [] : leavesOfMapping(view)
  const local = leaves.flatMap(({ node }) =>
    ((node.at('filters')?.entries() ?? []) as [string, Located<Filter>][]).map(
      ([name, filter]) => [name, filter, node.at('search') !== undefined] as const,
    ),
  )
  const hasSearch = leavesOfMapping(view).some(({ node }) => node.at('search') !== undefined)
  return [
    ...own.flatMap(([name, filter]) => filterIssues(view, name, filter, hasSearch)),
    ...local.flatMap(([name, filter, searches]) => filterIssues(view, name, filter, searches)),
    ...own.flatMap(([, filter]) => paramIssues(view, filter, leavesOfMapping(view))),
    ...leaves.flatMap((leaf) =>
      (leaf.node.at('filters')?.entries() ?? []).flatMap(([, filter]) =>
        paramIssues(view, filter as Located<Filter>, [leaf]),
      ),
    ),
  ]
}

/** A parameter that no operation of the list declares: the provider may ignore it, and answer as if nothing was asked. */
function paramIssues({ subject }: View, filter: Located<Filter>, leaves: readonly Leaf[]): Issue[] {
  const { param, in: where = 'query' } = filter.value
  if (param === undefined || param.includes('{{') || where === 'path') return []
  const given = [[param, filter.at('param') as Located<unknown>]] as const
  const found = leaves.flatMap(({ node }) => {
    const from = node.at('from')
    return from === undefined || node.at('search') !== undefined
      ? []
      : [parameterIssues(subject.integration, from as Located<string>, where, given)]
  })
  return found.every((issues) => issues.length > 0) ? (found[0] ?? []) : []
}

function filterIssues(view: View, name: string, node: Located<Filter>, hasSearch: boolean): Issue[] {
  const known = view.resource.filters
  const filter = known.get(name)
  if (filter === undefined) return [unknownName(node, 'key', 'unknown_filter', 'filter', name, known.keys())]
  return [...opIssues(filter, node), ...modeIssues(view, name, node, hasSearch), ...valueIssues(view, filter, node)]
}

function opIssues(filter: ModelFilter, node: Located<Filter>): Issue[] {
  const ops = node.at('ops')?.items() as Located<string>[] | undefined
  const wrong = (ops ?? []).filter((op) => !(filter.ops as readonly string[]).includes(op.value))
  const facts = (op: string) => ({
    message: `the filter \`${filter.name}\` has no operator \`${op}\``,
    hint: `It has ${shortList(filter.ops)}.`,
    valid: filter.ops,
  })
  if (ops === undefined && !filter.ops.includes('eq')) {
    return [node.issue('key', 'unsupported_op', { ...facts('eq'), hint: `Add \`ops: [${filter.ops.join(', ')}]\`.` })]
  }
  return wrong.map((op) => op.issue('value', 'unsupported_op', facts(op.value)))
}

function modeIssues(view: View, name: string, node: Located<Filter>, hasSearch: boolean): Issue[] {
  const wrong = (place: Located<unknown>, message: string, hint: string): Issue[] => [
    place.issue('key', 'filter_mode', { message, hint }),
  ]
  const { ops = ['eq'] } = node.value
  const [bounds, clause, ids, lookup] = [node.at('bounds'), node.at('clause'), node.at('ids'), node.at('lookup')]
  const isAnsweredHere = ids !== undefined || node.at('scan') !== undefined
  const ignored = (['value', 'values', 'bounds', 'in', 'fills'] as const).map(
    (key) => node.at(key) as Located<unknown> | undefined,
  )
  const then = lookup?.at('then')
  const mapped = [...mergedEntries<Filter>(view.layers, 'filters').keys()]
  return [
    ...(bounds !== undefined && bounds.value !== 'exact' && !ops.some((op) => RANGE.includes(op))
      ? wrong(
          bounds,
          '`bounds` is about gt, gte, lt and lte, which are not answered',
          'Remove it, or add the operators to `ops`.',
        )
      : []),
    ...(clause !== undefined && !hasSearch
      ? wrong(clause, 'no source of the list has `search`', 'Add `search: { param: query }` to the source.')
      : []),
    ...(ids !== undefined && (name !== 'id' || topmost(view.layers, 'get') === undefined)
      ? wrong(ids, '`ids` is for the filter `id` of a resource with `get`', 'Use `param`, or add `get`.')
      : []),
    ...(node.at('fills') !== undefined && clause !== undefined
      ? wrong(node.at('fills') as Located<unknown>, 'a search does not fill fields', 'Remove it, or answer by `param`.')
      : []),
    ...ignored.flatMap((key) =>
      key === undefined || !isAnsweredHere ? [] : wrong(key, 'nothing is sent for this filter', 'Remove it.'),
    ),
    ...(then !== undefined && !mapped.includes(then.value)
      ? [unknownName(then, 'value', 'unknown_filter', 'filter of this mapping', then.value, mapped)]
      : []),
    ...readIssues(view.subject.integration, lookup?.at('from'), true),
  ]
}

/** A filter over an enum sends native values: from `values`, an expression, or the inverse of the field's table. */
function valueIssues(view: View, filter: ModelFilter, node: Located<Filter>): Issue[] {
  const { values } = filter
  if (values === undefined || (node.at('param') === undefined && node.at('clause') === undefined)) return []
  const given = node.at('values')
  if (given !== undefined) {
    return given
      .entries()
      .filter(([value]) => !values.includes(value))
      .map(([value, each]) => unknownName(each, 'key', 'enum_unknown_value', 'value of the filter', value, values))
  }
  const field = mergedEntries<unknown>(view.layers, 'fields').get(filter.fields[0] ?? filter.name)?.node.value
  const isTable = typeof field === 'object' && field !== null && 'map' in field
  if (isTable || node.at('value') !== undefined) return []
  const message = `the native values of ${shortList(values)} are not known here`
  const hint = 'Add `values: { unified: native }`; those left out are scanned.'
  return [node.issue('key', 'filter_values', { message, hint, valid: values })]
}
