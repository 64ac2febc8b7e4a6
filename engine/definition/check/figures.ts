import type { FigureList, Figures } from '../../schema/generated.ts'
import type { JsonSchema, ModelResource } from '../catalog.ts'
import type { Located } from '../document.ts'
import type { Issue } from '../issue.ts'
import { unknownName } from '../words.ts'
import type { View } from './view.ts'

type Lists = Record<string, FigureList>

/** Figures of an expansion: the lists they are made of, the places they go to, and that no sum mixes currencies. */
export function checkFigures(view: View, name: string, lists: Located<Lists>): Issue[] {
  const field = propertiesOf(view.resource.schema)[name] as JsonSchema | undefined
  const own = lists.entries() as [string, Located<FigureList>][]
  if (propertiesOf(field).is_complete === undefined) {
    return [
      lists.issue('key', 'figure_target', {
        message: `\`${name}\` has no field \`is_complete\``,
        hint: 'Figures go into an object of the model that can say when they do not count everything.',
      }),
    ]
  }
  return own.flatMap(([listName, node]) => [
    ...sourceIssues(view, node),
    ...ofIssues(own, listName, node),
    ...(node.at('figures')?.items() ?? []).flatMap((figures) =>
      figureIssues(figures, propertiesOf(field), targetOf(view, node)),
    ),
  ])
}

const propertiesOf = (schema: JsonSchema | undefined): Record<string, JsonSchema> =>
  (schema?.properties ?? {}) as Record<string, JsonSchema>

/** The unified resource that a list reads. */
function targetOf({ subject, resource: own }: View, node: Located<FigureList>): ModelResource | undefined {
  const [name = '', model = own.model] = node.value.resource?.split('/').reverse() ?? []
  return subject.models.get(model)?.resources.get(name)
}

function sourceIssues(view: View, node: Located<FigureList>): Issue[] {
  const { mappings } = view.subject.integration
  const resource = node.at('resource')
  if (resource === undefined) return []
  const known = [...mappings].flatMap(([model, file]) =>
    Object.keys(file.value.resources ?? {}).map((name) => (model === view.resource.model ? name : `${model}/${name}`)),
  )
  const key = resource.value.replace(`${view.resource.model}/`, '')
  if (!known.includes(key)) {
    return [unknownName(resource, 'value', 'unknown_unified_resource', 'mapped resource', resource.value, known)]
  }
  const filters = targetOf(view, node)?.filters
  const query = node.at('query')?.entries() ?? []
  const filter = node.at('filter')
  if (filters === undefined) return []
  const wrong = query.filter(([name]) => !filters.has(name))
  return [
    ...(filter === undefined || filters.has(filter.value)
      ? []
      : [unknownName(filter, 'value', 'unknown_filter', 'filter', filter.value, filters.keys())]),
    ...wrong.map(([name, each]) => unknownName(each, 'key', 'unknown_filter', 'filter', name, filters.keys())),
  ]
}

/** `of` goes one level deep. */
function ofIssues(own: readonly [string, Located<FigureList>][], name: string, node: Located<FigureList>): Issue[] {
  const list = node.at('of')?.at('list')
  const valid = own.filter(([other, { value }]) => other !== name && value.of === undefined).map(([other]) => other)
  if (list === undefined || valid.includes(list.value)) return []
  return [unknownName(list, 'value', 'unknown_field', 'list without `of`', list.value, valid)]
}

function figureIssues(
  node: Located<Figures>,
  properties: Record<string, JsonSchema>,
  source: ModelResource | undefined,
): Issue[] {
  const { into, by } = node.value
  if ((into === undefined) !== (by === undefined)) {
    const message = '`into` and `by` go together'
    return [
      node.issue('value', 'figure_target', { message, hint: 'Give both for entries, neither for single figures.' }),
    ]
  }
  const target = into === undefined ? properties : propertiesOf(properties[into]?.items as JsonSchema | undefined)
  const named = [
    ...(node.at('sum')?.entries() ?? []),
    ...(node.at('min')?.entries() ?? []),
    ...(node.at('max')?.entries() ?? []),
  ]
  const places = [...named.map(([name]) => name), ...(by === undefined ? [] : [by])]
  const missing = places.filter((name) => target[name] === undefined)
  if (missing.length > 0) {
    const valid = Object.keys(target)
    return missing.map((name) => unknownName(node, 'value', 'figure_target', 'field for a figure', name, valid))
  }
  if (by !== undefined && source !== undefined && propertiesOf(source.schema)[by] === undefined) {
    const valid = Object.keys(propertiesOf(source.schema))
    return [unknownName(node.at('by') ?? node, 'value', 'unknown_field', 'field', by, valid)]
  }
  const sums = (node.at('sum')?.entries() ?? []) as [string, Located<string>][]
  return sums.flatMap(([name, sum]) => currencyIssues(sum, target[name], by, source))
}

/** An amount may be added only to amounts of its own currency. */
function currencyIssues(
  node: Located<string>,
  target: JsonSchema | undefined,
  by: string | undefined,
  source: ModelResource | undefined,
): Issue[] {
  const fields = propertiesOf(source?.schema)
  const read = (node.expression?.paths ?? []).map((path) => fields[path.split('.')[0] ?? '']?.['x-money'])
  const currencies = [target?.['x-money'], ...read].filter((currency) => currency !== undefined)
  const other = currencies.find((currency) => currency !== by)
  if (other === undefined) return []
  const message = `the amounts are in \`${String(other)}\`, which does not tell the entries apart`
  return [node.issue('value', 'mixed_currencies', { message, hint: `Give \`into\` and \`by: ${String(other)}\`.` })]
}
