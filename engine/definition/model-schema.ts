import type { UnifiedSchema } from '../schema/generated.ts'
import type { JsonSchema } from './catalog.ts'
import { Located } from './document.ts'
import type { Issue } from './issue.ts'
import { oneLine, unknownName } from './words.ts'

/** The common pieces by name. */
export type Commons = ReadonlyMap<string, Located<UnifiedSchema>>

/**
 * A schema with every `#/common/` reference put in its place; keys beside a reference win. Unknown pieces, pieces that
 * hold themselves and enums that contradict their type or explanation are reported.
 */
export function resolveSchema(
  node: Located<UnifiedSchema>,
  commons: Commons,
  issues: Issue[],
  stack: readonly string[] = [],
): JsonSchema {
  const { $ref, ...own } = node.value
  const base = $ref === undefined ? {} : common(node, $ref, commons, issues, stack)
  const resolved: Record<string, unknown> = { ...base }
  for (const key of Object.keys(own)) resolved[key] = part(node, key, commons, issues, stack)
  if (stack.length === 0) issues.push(...enumIssues(node, resolved))
  return resolved
}

function part(
  node: Located<UnifiedSchema>,
  key: string,
  commons: Commons,
  issues: Issue[],
  stack: readonly string[],
): unknown {
  const child = node.at(key as 'properties') as Located<unknown> | undefined
  if (child === undefined) return undefined
  const { value } = child
  const resolve = (schema: Located<unknown>) => resolveSchema(schema as Located<UnifiedSchema>, commons, issues, stack)
  if (key === 'properties') return Object.fromEntries(child.entries().map(([name, each]) => [name, resolve(each)]))
  const isSchema = key === 'items' || (key === 'additionalProperties' && typeof value === 'object')
  return isSchema ? resolve(child) : value
}

function common(
  node: Located<UnifiedSchema>,
  ref: string,
  commons: Commons,
  issues: Issue[],
  stack: readonly string[],
): JsonSchema {
  const name = ref.replace('#/common/', '')
  const found = commons.get(name)
  const place = node.at('$ref') ?? node
  if (found === undefined) {
    issues.push(unknownName(place, 'value', 'model_schema', 'common piece', name, commons.keys()))
    return {}
  }
  if (stack.includes(name)) {
    const message = `\`${name}\` holds itself: ${[...stack, name].join(' -> ')}`
    issues.push(place.issue('value', 'use_cycle', { message, hint: 'Refer to the record by its id instead.' }))
    return {}
  }
  return resolveSchema(found, commons, issues, [...stack, name])
}

function enumIssues(node: Located<UnifiedSchema>, schema: JsonSchema): Issue[] {
  const list = node.at('enum')
  const issues: Issue[] = []
  const values = schema.enum as readonly unknown[] | undefined
  const types = [schema.type ?? []].flat()
  if (list !== undefined && types.includes('null') && !values?.includes(null)) {
    const facts = { message: 'the field can be null and its enum has no null', hint: 'Add null to the enum.' }
    issues.push(list.issue('key', 'model_schema', facts))
  }
  for (const [value, meaning] of node.at('x-enum')?.entries() ?? []) {
    if (values?.some((each) => String(each) === value) === true) continue
    issues.push(unknownName(meaning, 'key', 'model_schema', 'value of the enum', value, (values ?? []).map(oneLine)))
  }
  return issues
}

/** The fields of a record that can be null have to say so: every field of a model but `id`. */
export function nullableIssues(properties: Located<Record<string, UnifiedSchema>>, schema: JsonSchema): Issue[] {
  const resolved = schema.properties as Readonly<Record<string, JsonSchema>>
  return properties.entries().flatMap(([name, node]) => {
    const type = resolved[name]?.type
    if (name === 'id' || type === undefined || [type].flat().includes('null')) return []
    const message = `\`${name}\` cannot be null`
    const place = node.at('type') ?? new Located(node.document, node.pointer, node.value)
    return [place.issue('value', 'model_schema', { message, hint: 'Every field of a record but `id` takes null.' })]
  })
}
