import type { Lookup } from '../../schema/generated.ts'
import type { Located } from '../document.ts'
import type { Issue } from '../issue.ts'
import { mergedEntries } from '../layers.ts'
import { isListMethod } from '../operations.ts'
import { unknownName } from '../words.ts'
import { readIssues } from './failures.ts'
import { pathIssues } from './paths.ts'
import { shapesIn } from './shapes.ts'
import type { View } from './view.ts'

type Key = 'ids' | 'param' | 'path'

const NEEDS: Readonly<Record<Lookup['by'], readonly Key[]>> = {
  get: ['ids'],
  list: ['ids', 'param'],
  children: [],
}

/** Lookups: what their kind needs, what they read, and whether fields and lookups know each other. */
export function checkLookups(view: View): Issue[] {
  const all = mergedEntries<Lookup>(view.layers, 'lookups')
  const own = (view.mapping.at('lookups')?.entries() ?? []) as [string, Located<Lookup>][]
  const uses = lookupUses(view)
  const isMentioned = (name: string): boolean =>
    new RegExp(`\\$lookup\\.${name}\\b`).test(view.file.document.source.text)
  const unused = uses.some(({ name }) => name === '*') ? [] : own.filter(([name]) => !isMentioned(name))
  const unknown = uses.filter(({ name }) => name !== '*' && !all.has(name))
  return [
    ...own.flatMap(([, node]) => lookupIssues(view, node)),
    ...own.flatMap(([name, node]) => laterIssues([...all.keys()], name, node)),
    ...unused.map(([name, node]) =>
      node.issue('key', 'unused_key', {
        message: `no field reads \`$lookup.${name}\``,
        hint: 'Remove the lookup, or use it in a field.',
      }),
    ),
    ...unknown.map(({ name, node }) => unknownName(node, 'value', 'unknown_lookup', 'lookup', name, all.keys())),
  ]
}

function lookupIssues({ subject }: View, node: Located<Lookup>): Issue[] {
  const { integration } = subject
  const by = node.at('by')?.value
  const from = node.at('from')
  if (by === undefined || from === undefined) return []
  const missing: Key[] = NEEDS[by].filter((key) => node.at(key) === undefined)
  if (by === 'children' && node.at('path') === undefined && node.at('query') === undefined) missing.push('path')
  const method = integration.operations.get(from.value)
  const isList = method === undefined || isListMethod(from.value.split('.')[1] ?? '', method.value)
  const facts = { message: `\`${from.value}\` is a list`, hint: 'Use `by: list` or `by: children`.' }
  return [
    ...missing.map((key) =>
      node.issue('key', 'lookup_keys', { message: `\`by: ${by}\` needs \`${key}\``, hint: `Add \`${key}\`.` }),
    ),
    ...readIssues(integration, from, by !== 'get'),
    ...(by === 'get' && isList && method !== undefined ? [from.issue('value', 'not_a_read', facts)] : []),
    ...(by === 'children' && missing.length > 0
      ? []
      : pathIssues(integration, { from, given: node.at('path')?.entries() ?? [], filled: by === 'get' ? ['id'] : [] })),
  ]
}

/** What a lookup reads of others has to stand before it, and is read where each record has its own. */
function laterIssues(names: readonly string[], own: string, node: Located<Lookup>): Issue[] {
  const earlier = names.slice(0, names.indexOf(own))
  const shared = { message: '`$lookup` cannot be read here', hint: 'Read it in `ids` or `when` of the lookup.' }
  const isOwn = node.at('by')?.value === 'children'
  return usesBelow(node).flatMap((use) => {
    const place = use.node.pointer.slice(node.pointer.length + 1)
    if (!isOwn && place !== 'ids' && place !== 'when') return [use.node.issue('value', 'unknown_variable', shared)]
    if (earlier.includes(use.name)) return []
    return [unknownName(use.node, 'value', 'unknown_lookup', 'earlier lookup', use.name, earlier)]
  })
}

/** Every `$lookup.<name>` in the expressions below the fields and variants of a mapping, and in the shapes that they use. */
function lookupUses({ layers }: View): { name: string; node: Located<string> }[] {
  return layers.flatMap(({ mapping, shapes }) => {
    const used = shapesIn(mapping.value)
    const own = [...shapes].filter(([name]) => used.has(name)).map(([, shape]) => shape)
    const places = [mapping.at('fields'), mapping.at('variants'), ...own] as (Located<unknown> | undefined)[]
    return places.flatMap((place) => (place === undefined ? [] : usesBelow(place)))
  })
}

function usesBelow(place: Located<unknown>): { name: string; node: Located<string> }[] {
  const { document, pointer } = place
  return [...document.expressions].flatMap(([at, expression]) => {
    if (!at.startsWith(`${pointer}/`) || !expression.variables.includes('lookup')) return []
    const paths = expression.variablePaths.filter((path) => path === 'lookup' || path.startsWith('lookup.'))
    const node = place.below(at, expression.source)
    return paths.map((path) => ({ name: path.split('.')[1] ?? '*', node }))
  })
}
