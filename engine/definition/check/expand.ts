import type { Mapping } from '../../schema/generated.ts'
import type { Located } from '../document.ts'
import type { Issue } from '../issue.ts'
import { unknownName } from '../words.ts'
import { checkFigures } from './figures.ts'
import type { View } from './view.ts'

type Expansion = NonNullable<Mapping['expand']>[string]
type Records = Extract<Expansion, { resource: unknown }>
type Lists = Extract<Expansion, { lists: unknown }>

/** Expansions against the model and the lists that fill them. */
export function checkExpand(view: View): Issue[] {
  const { mapping, resource } = view
  const entries = (mapping.at('expand')?.entries() ?? []) as [string, Located<Expansion>][]
  return entries.flatMap(([name, node]) => {
    const known = resource.expand.includes(name)
      ? []
      : [unknownName(node, 'key', 'unknown_expand', 'expansion', name, resource.expand)]
    const lists = node.as<Lists>().at('lists')
    if (lists !== undefined) return [...known, ...(known.length > 0 ? [] : checkFigures(view, name, lists))]
    return [...known, ...recordsIssues(view, node.as<Records>())]
  })
}

function recordsIssues({ resource, subject, file }: View, node: Located<Records>): Issue[] {
  const issues: Issue[] = []
  const model = subject.models.get(resource.model)
  const target = node.at('resource')
  const mapped = Object.keys(file.value.resources ?? {})
  if (target !== undefined && !mapped.includes(target.value)) {
    issues.push(unknownName(target, 'value', 'unknown_unified_resource', 'mapped resource', target.value, mapped))
  }
  const filters = target === undefined ? undefined : model?.resources.get(target.value)?.filters
  const filter = node.at('filter')
  if (filters !== undefined && filter !== undefined && !filters.has(filter.value)) {
    issues.push(unknownName(filter, 'value', 'unknown_filter', 'filter', filter.value, filters.keys()))
  }
  return issues
}
