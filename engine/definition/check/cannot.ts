import type { Issue } from '../issue.ts'
import { topmost } from '../layers.ts'
import { unknownName } from '../words.ts'
import type { View } from './view.ts'

const OWN_KEYS = ['list', 'get', 'create', 'update', 'delete'] as const

/** What a mapping says that the provider has not: ways of the model, and none that the mapping has. */
export function checkCannot({ layers, mapping, resource }: View): Issue[] {
  const known = ['list', 'get', ...resource.writes, ...resource.methods.keys()]
  return (mapping.at('cannot')?.entries() ?? []).flatMap(([name, node]) => {
    if (!known.includes(name)) {
      return [unknownName(node, 'key', 'unknown_unified_method', 'way of this resource', name, known)]
    }
    const isOwn = OWN_KEYS.some((key) => key === name && topmost(layers, key) !== undefined)
    if (!isOwn && mapping.at('methods')?.at(name) === undefined) return []
    const facts = { message: `\`${name}\` is mapped and stands under \`cannot\``, hint: 'Take one of them away.' }
    return [node.issue('key', 'field_conflict', facts)]
  })
}
