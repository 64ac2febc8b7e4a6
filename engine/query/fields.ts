import type { JsonSchema, ModelResource } from '../definition/catalog.ts'
import { EngineError } from '../errors.ts'

/** The dotted fields of a comma list. Throws EngineError unknown_field for one that the model does not have. */
export function checkFields(where: string, value: string, resource: ModelResource): string[] {
  const fields = value
    .split(',')
    .map((field) => field.trim())
    .filter((field) => field !== '')
  for (const field of fields) check(where, field, resource)
  return fields
}

function check(where: string, field: string, resource: ModelResource): void {
  let schema: JsonSchema | undefined = resource.schema
  for (const name of field.split('.')) {
    const holder = elementOf(schema)
    const properties = holder?.properties as Record<string, JsonSchema> | undefined
    const isOpen = holder === undefined || (properties === undefined && holder.additionalProperties !== false)
    if (isOpen) return
    schema = properties !== undefined && Object.hasOwn(properties, name) ? properties[name] : undefined
    if (schema === undefined) throw unknown(where, field, resource, Object.keys(properties ?? {}))
  }
}

/** Lists are transparent: their elements have the fields. */
function elementOf(schema: JsonSchema | undefined): JsonSchema | undefined {
  const items = schema?.items as JsonSchema | undefined
  return schema?.properties === undefined && items !== undefined ? elementOf(items) : schema
}

function unknown(where: string, field: string, resource: ModelResource, valid: readonly string[]): EngineError {
  const message = `\`${field.slice(0, 64)}\` is not a field of ${resource.model}/${resource.name}`
  return new EngineError('unknown_field', message, { where, valid })
}
