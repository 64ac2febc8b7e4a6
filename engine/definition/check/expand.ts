import type { Mapping } from '../../schema/generated.ts'
import type { Located } from '../document.ts'
import type { Issue } from '../issue.ts'
import { unknownName } from '../words.ts'
import type { View } from './view.ts'

type Expansion = NonNullable<Mapping['expand']>[string]

/** Expansions against the model and the lists that fill them. */
export function checkExpand({ mapping, resource, subject, file }: View): Issue[] {
  const model = subject.models.get(resource.model)
  const entries = (mapping.at('expand')?.entries() ?? []) as [string, Located<Expansion>][]
  return entries.flatMap(([name, node]) => {
    const issues: Issue[] = []
    if (!resource.expand.includes(name)) {
      issues.push(unknownName(node, 'key', 'unknown_expand', 'expansion', name, resource.expand))
    }
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
  })
}
