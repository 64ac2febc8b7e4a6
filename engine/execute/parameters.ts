import { EngineError } from '../errors.ts'
import type { Parameter } from '../schema/generated.ts'

type Type = NonNullable<Parameter['type']>

const isNumber = (value: unknown): boolean =>
  (typeof value === 'number' && Number.isFinite(value)) || (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value))

const isInteger = (value: unknown): boolean =>
  typeof value === 'number' ? Number.isInteger(value) : typeof value === 'string' && /^-?\d+$/.test(value)

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Whether a value, of JSON or as text, is of a type. */
const FITS: Readonly<Record<Type, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  integer: isInteger,
  number: isNumber,
  boolean: (value) => typeof value === 'boolean' || value === 'true' || value === 'false',
  object: isObject,
  array: Array.isArray,
  file: (value) => isObject(value) || value instanceof Uint8Array,
  any: () => true,
}

const invalid = (name: string, problem: string): EngineError =>
  new EngineError('invalid_parameter', `\`${name}\` ${problem}`, { where: name })

/** Told of a value that an enum does not list; `valid` are those it does. */
export type Unlisted = (name: string, valid: readonly string[]) => void

/**
 * Checks one value against its declaration; null clears and always fits. Throws invalid_parameter for a wrong type or
 * bound. A value that an enum does not list is only told to `unlisted`: the provider may know more than its definition.
 */
export function checkValue(name: string, rule: Parameter, value: unknown, unlisted: Unlisted): void {
  if (value === null || value === undefined) return
  const type = rule.type ?? 'string'
  if (!FITS[type](value)) throw invalid(name, `must be of type ${type}`)
  if (type === 'array') checkItems(name, rule, value as unknown[], unlisted)
  else if (rule.enum !== undefined && !rule.enum.some((one) => String(one) === String(value))) {
    unlisted(name, rule.enum.map(String))
  } else checkBounds(name, rule, value)
}

function checkItems(name: string, rule: Parameter, list: readonly unknown[], unlisted: Unlisted): void {
  const { items = 'any', enum: allowed } = rule
  const inner: Parameter = { in: rule.in, type: items, ...(allowed === undefined ? {} : { enum: allowed }) }
  for (const [index, item] of list.entries()) checkValue(`${name}[${index}]`, inner, item, unlisted)
}

function checkBounds(name: string, { type, minimum, maximum, max_length }: Parameter, value: unknown): void {
  const isNumeric = type === 'integer' || type === 'number'
  if (isNumeric && minimum !== undefined && Number(value) < minimum) throw invalid(name, `must be at least ${minimum}`)
  if (isNumeric && maximum !== undefined && Number(value) > maximum) throw invalid(name, `must be at most ${maximum}`)
  if (max_length !== undefined && typeof value === 'string' && [...value].length > max_length) {
    throw invalid(name, `must have at most ${max_length} characters`)
  }
}

/** Throws invalid_parameter for a required parameter without a value. */
export function checkRequired(name: string, rule: Parameter, value: unknown): void {
  if (rule.required === true && (value === undefined || value === '')) throw invalid(name, 'is required')
}

/** All values at a dotted path of a body; lists on the way are looked through. */
export function valuesAt(body: unknown, path: readonly string[]): readonly unknown[] {
  if (path.length === 0) return body === undefined ? [] : [body]
  if (Array.isArray(body)) return body.flatMap((item) => valuesAt(item, path))
  const [name = '', ...rest] = path
  if (!isObject(body) || !Object.hasOwn(body as object, name)) return []
  return valuesAt((body as Record<string, unknown>)[name], rest)
}
