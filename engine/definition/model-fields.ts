import type { JsonSchema } from './catalog.ts'

/** The properties of a schema of an object. */
export const propertiesOf = (schema: JsonSchema): Readonly<Record<string, JsonSchema>> =>
  (schema.properties ?? {}) as Readonly<Record<string, JsonSchema>>

/** The schema of a dotted field; lists are transparent. Undefined when there is no such field. */
export function schemaAt(schema: JsonSchema, field: string): JsonSchema | undefined {
  let here: JsonSchema | undefined = schema
  for (const name of field.split('.')) {
    here = elementOf(here)
    const known: JsonSchema | undefined = propertiesOf(here)[name]
    here = known ?? openSchema(here)
    if (here === undefined) return undefined
  }
  return here
}

/** The schema of the elements of a list, of lists in lists too; any other schema itself. */
export function elementOf(schema: JsonSchema): JsonSchema {
  const items = schema.items as JsonSchema | undefined
  return items === undefined ? schema : elementOf(items)
}

/** The schema that fields which are not named have; undefined when there may be none. */
function openSchema(schema: JsonSchema): JsonSchema | undefined {
  const { additionalProperties } = schema
  if (typeof additionalProperties === 'object') return additionalProperties as JsonSchema
  const isObject = [schema.type ?? 'object'].flat().includes('object')
  const isNamed = schema.properties !== undefined || additionalProperties === false
  return isObject && !isNamed ? {} : additionalProperties === true ? {} : undefined
}

/** The values of an enum without null; undefined when the schema has none. */
export const enumOf = (schema: JsonSchema | undefined): readonly unknown[] | undefined =>
  (schema?.enum as readonly unknown[] | undefined)?.filter((value) => value !== null)

/** All dotted fields of a schema that a mapping may name, containers included. */
export function fieldNames(schema: JsonSchema, prefix = ''): string[] {
  return Object.entries(propertiesOf(elementOf(schema))).flatMap(([name, child]) => [
    `${prefix}${name}`,
    ...fieldNames(child, `${prefix}${name}.`),
  ])
}
