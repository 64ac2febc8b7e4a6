import type { GetSpec, ListSpec, SourceKeys } from '../../schema/generated.ts'
import type { Located } from '../document.ts'
import type { Issue } from '../issue.ts'
import { schemaAt } from '../model-fields.ts'
import { isListMethod } from '../operations.ts'
import type { RawIntegration } from '../registry.ts'
import { unknownName } from '../words.ts'
import { readIssues } from './failures.ts'
import { parameterIssues, pathIssues } from './paths.ts'
import { leavesOf, type View } from './view.ts'

/** Where lists and records come from: reads, lists, path parameters, fields of order and key. */
export function checkSources(view: View): Issue[] {
  const list = view.mapping.at('list') as Located<ListSpec> | undefined
  const get = view.mapping.at('get')
  return [
    ...(list === undefined ? [] : listIssues(view, list)),
    ...(get === undefined ? [] : getIssues(view.subject.integration, get)),
  ]
}

function listIssues(view: View, list: Located<ListSpec>): Issue[] {
  const { integration } = view.subject
  const { schema, filters } = view.resource
  const fields = Object.keys((schema.properties ?? {}) as object)
  const named = [list.at('order'), list.at('key')].filter((node) => node !== undefined) as Located<string>[]
  const unknown = named.filter((node) => schemaAt(schema, node.value.replace(/^-/, '')) === undefined)
  return [
    ...unknown.map((node) =>
      unknownName(node, 'value', 'unknown_field', 'field', node.value.replace(/^-/, ''), fields),
    ),
    ...wrapperIssues(integration, list as Located<SourceKeys>, [...filters.keys()]),
    ...leavesOf(list as Located<SourceKeys>).flatMap((leaf) => leafIssues(integration, leaf.node)),
  ]
}

function leafIssues(integration: RawIntegration, node: Located<SourceKeys>): Issue[] {
  const from = node.at('from')
  if (from === undefined) return []
  const filled = Object.values(node.value.filters ?? {}).flatMap(({ in: where, param = '' }) =>
    where === 'path' ? [param] : [],
  )
  return [
    ...readIssues(integration, from, true),
    ...pathIssues(integration, { from, given: node.at('path')?.entries() ?? [], filled }),
    ...parameterIssues(integration, from, 'query', node.at('query')?.entries() ?? []),
    ...parameterIssues(integration, from, 'body', node.at('body')?.entries() ?? []),
  ]
}

/** Parent lists of partitions and filters of routes, all the way down. */
function wrapperIssues(integration: RawIntegration, node: Located<SourceKeys>, filters: readonly string[]): Issue[] {
  const below = (child: Located<unknown> | undefined): Issue[] =>
    child === undefined ? [] : wrapperIssues(integration, child as Located<SourceKeys>, filters)
  const over = node.at('partition')?.at('over')
  const from = over?.at('from')
  const ways = node.at('route') as Located<readonly { filters_present?: string[]; source: SourceKeys }[]> | undefined
  const unions = (node.at('union') as Located<readonly SourceKeys[]> | undefined)?.items() ?? []
  return [
    ...(from === undefined ? [] : readIssues(integration, from, true)),
    ...(from === undefined ? [] : pathIssues(integration, { from, given: [], filled: [] })),
    ...below(node.at('partition')?.at('source')),
    ...below(node.at('window')?.at('source')),
    ...unions.flatMap(below),
    ...(ways?.items() ?? []).flatMap((way) => [
      ...(way.at('filters_present')?.items() ?? [])
        .filter((filter) => !filters.includes(filter.value))
        .map((filter) => unknownName(filter, 'value', 'unknown_filter', 'filter', filter.value, filters)),
      ...below(way.at('source')),
    ]),
  ]
}

type Way = { from: string; path?: Record<string, string>; query?: Record<string, unknown> }

function getIssues(integration: RawIntegration, get: Located<GetSpec>): Issue[] {
  const route = (get.at('route') as Located<unknown> | undefined)?.as<readonly Way[]>()
  const ways = route?.items() ?? [get as Located<unknown> as Located<Way>]
  return ways.flatMap((way) => {
    const from = way.at('from')
    if (from === undefined) return []
    const method = integration.operations.get(from.value)
    const isList = method !== undefined && isListMethod(from.value.split('.')[1] ?? '', method.value)
    const facts = { message: `\`${from.value}\` is a list`, hint: 'Name the operation that reads one record.' }
    return [
      ...readIssues(integration, from, false),
      ...(isList ? [from.issue('value', 'not_a_read', facts)] : []),
      ...pathIssues(integration, { from, given: way.at('path')?.entries() ?? [], filled: ['id'] }),
      ...parameterIssues(integration, from, 'query', way.at('query')?.entries() ?? []),
    ]
  })
}
