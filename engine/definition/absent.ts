import type { JsonSchema } from './catalog.ts'
import type { Located } from './document.ts'
import type { MappingLayer } from './layers.ts'
import { elementOf, enumOf, fieldNames, propertiesOf } from './model-fields.ts'

type Reasons = Located<Readonly<Record<string, string>>>

/**
 * What `absent` says, name by name: a key of it may hold several, divided by commas, and `type.invoice.*` stands for all
 * fields and values of enums in the schema that begin so. What fits none is given as it is written.
 */
export function absentIn(node: Reasons | undefined, schema: JsonSchema): [string, Located<string>][] {
  return (node?.entries() ?? []).flatMap(([names, reason]) =>
    names.split(/\s*,\s*/).flatMap((name) => {
      const all = name.endsWith('.*') ? absentNames(schema).filter((each) => each.startsWith(name.slice(0, -1))) : []
      return (all.length === 0 ? [name] : all).map((each): [string, Located<string>] => [
        each,
        reason as Located<string>,
      ])
    }),
  )
}

/** What the layers of a mapping say to be absent, by name; what is said higher up wins. */
export const absentOf = (layers: readonly MappingLayer[], schema: JsonSchema): ReadonlyMap<string, Located<string>> =>
  new Map(layers.flatMap(({ mapping }) => absentIn(mapping.at('absent'), schema)))

/** What of a schema can be absent: its fields, dots nest, and values of enums as `field.value`. */
export const absentNames = (schema: JsonSchema): string[] => [...fieldNames(schema), ...valueNames(schema)]

function valueNames(schema: JsonSchema, owner = ''): string[] {
  return Object.entries(propertiesOf(elementOf(schema))).flatMap(([name, inner]) => {
    const values = enumOf(elementOf(inner)) ?? []
    return [...values.map((value) => `${owner}${name}.${value}`), ...valueNames(inner, `${owner}${name}.`)]
  })
}
