import type { Field } from '../../schema/generated.ts'
import { absentOf } from '../absent.ts'
import type { Located } from '../document.ts'
import type { Issue } from '../issue.ts'
import { enumOf, schemaAt } from '../model-fields.ts'
import { shortList, unknownName } from '../words.ts'
import type { View } from './view.ts'

/** What a table is held against: the enum of the unified field, and what the native field can hold. */
export interface TableUse {
  readonly values: readonly unknown[] | undefined
  /** The documented values of the native field, once for each native resource that has them. */
  readonly natives: (from: Located<string>) => readonly (readonly unknown[])[]
}

type Table = { from: string; map: Record<string, unknown>; absent?: string }
type Rules = { when: readonly { if: string; then: unknown }[]; else?: unknown }

const unknownValue = (node: Located<unknown>, values: readonly unknown[]): Issue[] =>
  node.value === null || values.includes(node.value)
    ? []
    : [unknownName(node, 'value', 'enum_unknown_value', 'value of the enum', String(node.value), values.map(String))]

/** A constant that the enum of its field does not have. */
export function constIssues(node: Located<unknown>, values: readonly unknown[]): Issue[] {
  const constant = (node as Located<{ const: unknown }>).at('const')
  return constant === undefined ? [] : unknownValue(constant, values)
}

/** Values of a table that the enum does not have, and native values that the table does not have. */
export function tableIssues(node: Located<unknown>, { values, natives }: TableUse): Issue[] {
  const table = node as Located<Table>
  const map = table.at('map')
  const from = table.at('from')
  const absent = table.at('absent')
  const given = [...(map?.entries().map(([, value]) => value) ?? []), ...(absent === undefined ? [] : [absent])]
  const unknown = values === undefined ? [] : given.flatMap((value) => unknownValue(value, values))
  if (map === undefined || from === undefined) return unknown
  const missing = natives(from).map((all) => all.filter((value) => value !== null && !(String(value) in map.value)))
  const least = missing.sort((a, b) => a.length - b.length)[0] ?? []
  if (least.length === 0) return unknown
  const names = least.map(String)
  const message = `the table leaves out ${shortList(names)}`
  const hint = `Add ${names.length === 1 ? 'it' : 'them'} to the table; the native field documents these values.`
  return [...unknown, map.issue('key', 'enum_not_total', { message, hint, valid: names })]
}

/** Values of ordered rules and of what holds otherwise. */
export function rulesIssues(node: Located<unknown>, use: TableUse): Issue[] {
  const rules = node as Located<Rules>
  const otherwise = rules.at('else') as Located<unknown> | undefined
  const isTable = typeof otherwise?.value === 'object' && otherwise.value !== null
  const { values } = use
  return [
    ...(values === undefined
      ? []
      : (rules.at('when')?.items() ?? []).flatMap((rule) => {
          const then = rule.at('then') as Located<unknown> | undefined
          return then === undefined ? [] : unknownValue(then, values)
        })),
    ...(isTable ? tableIssues(otherwise, use) : []),
    ...(otherwise === undefined || isTable || values === undefined ? [] : unknownValue(otherwise, values)),
  ]
}

/** Values of an enum that no table or rule gives and that `absent` does not explain. A warning. */
export function unreachableIssues({ layers, mapping, resource }: View): Issue[] {
  const absent = absentOf(layers, resource.schema)
  const variants = layers.flatMap((layer) => layer.mapping.value.variants ?? [])
  const own = (mapping.at('fields')?.entries() ?? []) as [string, Located<Field>][]
  return own.flatMap(([name, node]) => {
    const values = enumOf(schemaAt(resource.schema, name))
    const specs = [node.value, ...variants.flatMap(({ fields = {} }) => fields[name] ?? [])]
    const reached = specs.map(reachedBy)
    if (values === undefined || reached.includes(undefined)) return []
    const given = reached.flatMap((each) => each ?? []).filter((value) => value !== null && value !== undefined)
    if (given.some((value) => !values.includes(value))) return []
    const all = new Set<unknown>(['unknown', ...given])
    const missing = values.map(String).filter((value) => !all.has(value) && !absent.has(`${name}.${value}`))
    const wrong = [...all].map(String).find((value) => value !== 'unknown' && absent.has(`${name}.${value}`))
    const reason = absent.get(`${name}.${wrong}`)
    if (reason !== undefined) {
      const message = `\`${name}.${wrong}\` is said to be absent and something leads to it`
      return [reason.issue('key', 'field_conflict', { message, hint: 'Remove one of the two.' })]
    }
    if (missing.length === 0) return []
    const message = `nothing leads to ${shortList(missing)} of \`${name}\``
    const names = missing.slice(0, 6).map((value) => `${name}.${value}`)
    const hint = `Map a native value to ${missing.length === 1 ? 'it' : 'them'}, or say why under \`absent\`: \`${names.join(', ')}: ...\`.`
    return [node.issue('key', 'enum_unreachable', { severity: 'warning', message, hint, valid: missing })]
  })
}

/** The values that a field can come to; undefined when it is computed. */
function reachedBy(field: Field): readonly unknown[] | undefined {
  if (typeof field === 'string' || 'value' in field) return undefined
  if ('const' in field) return [field.const]
  if ('map' in field) return [...Object.values((field as Table).map), (field as Table).absent]
  if (!('when' in field)) return undefined
  const { when, else: otherwise } = field as Rules
  const last = typeof otherwise === 'object' && otherwise !== null ? reachedBy(otherwise as Field) : [otherwise]
  return [...when.map(({ then }) => then), ...(last ?? [])]
}
