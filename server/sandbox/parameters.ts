import type { Operation, Parameter } from '../../engine/index.ts'
import type { ResourceRules } from './contract.ts'
import { isObject, type Json } from './paths.ts'
import { refuse } from './refusal.ts'

type Types = ResourceRules['types']

/**
 * Values of parameters in their declared types. Throws unknown_parameter, missing_parameter and invalid_parameter as the
 * operation declares them. `texts` says that the wire has only text; an empty text then is null.
 */
export function readParameters(
  given: Json,
  operation: Operation,
  place: 'query' | 'body',
  types: Types,
  texts: boolean,
  extra: ReadonlySet<string>,
): Json {
  const declared = declaredIn(operation, place)
  const unknown = Object.keys(given).find((name) => !declared.has(name) && !extra.has(name))
  if (unknown !== undefined) throw refuse('unknown_parameter', { param: unknown })
  const values = Object.entries(given).map(([name, value]) => {
    const parameter = declared.get(name)
    const whole = parameter?.type === 'array' ? listed(value, operation, place) : value
    return [name, typedValue(nestedTypes(whole, name, types, texts), name, parameter)] as const
  })
  const read = Object.fromEntries(values)
  for (const [name, { required }] of declared) {
    if (required === true && (read[name] === undefined || read[name] === null))
      throw refuse('missing_parameter', { param: name })
  }
  return read
}

const SEPARATORS: Readonly<Record<string, string>> = { comma: ',', pipe: '|', space: ' ' }

/** A list as the operation writes it: in the query as one text, where one value alone is a list of one; in forms by column. */
function listed(value: unknown, { request }: Operation, place: 'query' | 'body'): unknown {
  if (place === 'body') return request.form === 'columnar' && isObject(value) ? rowsOf(value) : value
  const separator = SEPARATORS[request.arrays]
  return typeof value === 'string' && separator !== undefined ? value.split(separator) : value
}

/** Rows of a list of objects whose columns came by name, each with its items by index; a row may lack some. */
function rowsOf(columns: Json): Json[] {
  const rows = new Map<number, Json>()
  for (const [name, column] of Object.entries(columns))
    for (const [index, item] of Object.entries(Object(column)))
      rows.set(Number(index), { ...rows.get(Number(index)), [name]: item })
  return [...rows].sort(([one], [other]) => one - other).map(([, row]) => row)
}

function declaredIn(operation: Operation, place: 'query' | 'body'): Map<string, Parameter> {
  const declared = [...operation.parameters].filter(([, parameter]) => parameter.in === place)
  return new Map(
    declared.map(([name, parameter]) =>
      name.includes('.') ? [name.split('.')[0] ?? '', { in: place, type: 'any' }] : [name, parameter],
    ),
  )
}

function nestedTypes(value: unknown, path: string, types: Types, texts: boolean): unknown {
  if (Array.isArray(value)) return value.map((item) => nestedTypes(item, path, types, texts))
  if (isObject(value)) {
    const entries = Object.entries(value).map(([key, item]) => [key, nestedTypes(item, `${path}.${key}`, types, texts)])
    return Object.fromEntries(entries)
  }
  if (texts && value === '') return null
  const type = Object.hasOwn(types, path) ? types[path] : undefined
  return type === undefined || value === null ? value : scalar(value, path, type)
}

function typedValue(value: unknown, name: string, parameter: Parameter | undefined): unknown {
  if (value === null || value === undefined || parameter === undefined) return value
  const { type = 'string', enum: choices } = parameter
  const typed = ofType(value, name, type, parameter)
  if (choices !== undefined && !choices.includes(typed as string))
    throw refuse('invalid_parameter', { param: name, value: typed, expected: 'enum', choices })
  return typed
}

function ofType(value: unknown, name: string, type: NonNullable<Parameter['type']>, parameter: Parameter): unknown {
  if (type === 'any' || type === 'file') return value
  if (type === 'array') {
    const list = Array.isArray(value) ? value : undefined
    if (list === undefined) throw refuse('invalid_parameter', { param: name, value, expected: 'array' })
    const { items } = parameter
    return items === 'integer' || items === 'number' || items === 'boolean'
      ? list.map((item) => scalar(item, name, items))
      : list
  }
  if (type === 'object') {
    if (isObject(value)) return value
    throw refuse('invalid_parameter', { param: name, value, expected: 'object' })
  }
  if (typeof value === 'object') throw refuse('invalid_parameter', { param: name, expected: type })
  if (type === 'string') return String(value)
  const number = scalar(value, name, type)
  const { minimum, maximum } = parameter
  if (typeof number === 'number' && (number < (minimum ?? number) || number > (maximum ?? number)))
    throw refuse('invalid_parameter', { param: name, value: number, expected: 'range', minimum, maximum })
  return number
}

function scalar(value: unknown, param: string, type: 'integer' | 'number' | 'boolean'): unknown {
  if (type === 'boolean') {
    if (value === true || value === 'true') return true
    if (value === false || value === 'false') return false
  } else {
    const pattern = type === 'integer' ? /^-?\d+$/ : /^-?\d+(\.\d+)?$/
    if (typeof value === 'number' && (type === 'number' || Number.isInteger(value))) return value
    if (typeof value === 'string' && pattern.test(value)) return Number(value)
  }
  throw refuse('invalid_parameter', { param, value, expected: type })
}
