import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import type { JsonSchema, ModelResource } from '../definition/catalog.ts'
import type { FieldError } from './assemble.ts'
import { isObject, type Json } from './paths.ts'
import { type Shape, shapeOf } from './shape.ts'

/** Instants as nearly all are written, on days that every month has. */
const PLAIN_INSTANT = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?Z$/
const { validate: isInstant } = addFormats.default.get('date-time') as { validate: (text: string) => boolean }

const ajv = new Ajv2020({ allErrors: true, strict: false, validateFormats: true })
addFormats.default(ajv)
ajv.addFormat('date-time', { type: 'string', validate: (text: string) => PLAIN_INSTANT.test(text) || isInstant(text) })
const validators = new WeakMap<JsonSchema, ValidateFunction>()

/** The compiled validation of a schema, made once. */
export function validatorOf(schema: JsonSchema): ValidateFunction {
  let validator = validators.get(schema)
  if (validator === undefined) {
    validator = ajv.compile(schema)
    validators.set(schema, validator)
  }
  return validator
}

/**
 * Checks a record against its model. An offending field becomes null, or the nearest object around it that may be null;
 * what was there is reported. Only `id` can stay wrong: the caller checks it.
 */
export function repair(record: Json, resource: ModelResource): FieldError[] {
  const validate = validatorOf(resource.schema)
  const found = new Map<string, FieldError>()
  for (let round = 0; round < 3 && !validate(record); round++) {
    const before = structuredClone(record)
    for (const error of validate.errors ?? []) {
      const field = pathOf(error).join('.')
      const reported = { field, reason: reasonOf(error), raw: valueAt(before, pathOf(error)) ?? null }
      if (!found.has(field)) found.set(field, reported)
      clear(record, pathOf(error), shapeOf(resource.schema), error.keyword === 'additionalProperties')
    }
  }
  return [...found.values()]
}

function pathOf(error: ErrorObject): string[] {
  const names = error.instancePath
    .split('/')
    .slice(1)
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'))
  const extra = error.params.additionalProperty ?? error.params.missingProperty
  return typeof extra === 'string' ? [...names, extra] : names
}

/** The reason of a failed check, with the values that would have been right. */
export function reasonOf(error: ErrorObject): string {
  const message = error.message ?? error.keyword
  if (error.keyword === 'enum') return `${message}: ${(error.params.allowedValues as unknown[]).map(String).join(', ')}`
  return error.keyword === 'additionalProperties' ? 'is not a field of the model' : message
}

const valueAt = (value: unknown, names: readonly string[]): unknown =>
  names.reduce<unknown>((here, name) => (here as Json | undefined | null)?.[name], value)

function clear(record: Json, names: readonly string[], shape: Shape, isExtra: boolean): void {
  const trail = trailOf(record, names, shape)
  const last = trail.at(-1)
  if (last === undefined) return
  if (isExtra && isObject(last.holder)) {
    delete last.holder[last.name]
    return
  }
  const at = trail.findLast(({ shape: own }) => own === undefined || own.nullable) ?? trail[0]
  if (at !== undefined) at.holder[at.name] = null
}

/** Each step on the way to a value: who holds it, under which name, and its shape. */
function trailOf(record: Json, names: readonly string[], root: Shape) {
  const trail: { holder: Json; name: string; shape: Shape | undefined }[] = []
  let holder: unknown = record
  let shape: Shape | undefined = root
  for (const name of names) {
    if (typeof holder !== 'object' || holder === null) break
    shape = Array.isArray(holder) ? shape?.items : shape?.properties.get(name)
    trail.push({ holder: holder as Json, name, shape })
    holder = (holder as Json)[name]
  }
  return trail
}
