import type { JsonSchema } from '../definition/catalog.ts'
import { isObject, type Json } from './paths.ts'

/** What conforming a value to its schema needs: a light copy of the JSON Schema. */
export interface Shape {
  readonly isArray: boolean
  readonly isText: boolean
  readonly nullable: boolean
  readonly items: Shape | undefined
  readonly properties: ReadonlyMap<string, Shape>
  /** True for a map of text to text, such as metadata. */
  readonly isTextMap: boolean
}

const shapes = new WeakMap<JsonSchema, Shape>()

/** The shape of a schema, made once. */
export function shapeOf(schema: JsonSchema): Shape {
  let shape = shapes.get(schema)
  if (shape === undefined) {
    shape = makeShape(schema)
    shapes.set(schema, shape)
  }
  return shape
}

function makeShape(schema: JsonSchema): Shape {
  const types = typesOf(schema)
  const properties = Object.entries(isObject(schema.properties) ? schema.properties : {})
  const extra = schema.additionalProperties
  return {
    isArray: types.includes('array') && !types.includes('object'),
    isText: types.includes('string') && !types.includes('integer') && !types.includes('number'),
    nullable: types.length === 0 || types.includes('null'),
    items: isObject(schema.items) ? shapeOf(schema.items) : undefined,
    properties: new Map(properties.map(([name, value]) => [name, shapeOf(isObject(value) ? value : {})])),
    isTextMap: properties.length === 0 && isObject(extra) && typesOf(extra).includes('string'),
  }
}

const typesOf = (schema: JsonSchema): readonly unknown[] =>
  Array.isArray(schema.type) ? schema.type : schema.type === undefined ? [] : [schema.type]

/** The shape at a dotted path, arrays transparent; undefined when the schema does not name it. */
export function shapeAt(shape: Shape, path: string): Shape | undefined {
  let here: Shape | undefined = shape
  for (const name of path.split('.')) {
    while (here?.items !== undefined && here.properties.size === 0) here = here.items
    here = here?.properties.get(name)
  }
  return here
}

/**
 * A value as its schema wants it: a single value where a list belongs becomes a list, every property is there (null where
 * nothing was mapped), an object of nulls is null, labels are text. Values of a wrong type stay for the validation to find.
 */
export function conform(value: unknown, shape: Shape | undefined, inList = false): unknown {
  if (value === undefined || value === null || shape === undefined) return value ?? null
  if (shape.isArray) return toList(value, shape)
  if (!isObject(value)) return value
  if (shape.isTextMap) return textMap(value)
  return shape.properties.size === 0 ? value : conformObject(value, shape, inList)
}

function toList(value: unknown, shape: Shape): unknown {
  const items = Array.isArray(value) ? value : [value]
  return items.map((item) => conform(item, shape.items, true))
}

function conformObject(value: Json, shape: Shape, inList: boolean): Json | null {
  const record: Json = {}
  let isEmpty = true
  for (const [name, inner] of shape.properties) {
    const found = conform(Object.hasOwn(value, name) ? value[name] : null, inner)
    record[name] = found
    if (found !== null) isEmpty = false
  }
  for (const name of Object.keys(value)) {
    if (shape.properties.has(name)) continue
    record[name] = value[name]
    isEmpty = false
  }
  return isEmpty && shape.nullable && !inList ? null : record
}

/** Labels as texts; the value itself where they are that already. */
function textMap(value: Json): Json {
  for (const name in value) if (typeof value[name] !== 'string') return textsOf(value)
  return value
}

function textsOf(value: Json): Json {
  const labels: Json = {}
  for (const name of Object.keys(value)) {
    const label = value[name]
    if (label === null || label === undefined) continue
    labels[name] = typeof label === 'string' ? label : JSON.stringify(label)
  }
  return labels
}
