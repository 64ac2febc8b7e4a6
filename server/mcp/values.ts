import { EngineError, type JsonRecord } from '../../engine/index.ts'
import type { Arguments } from './contract.ts'

const isObject = (value: unknown): value is JsonRecord =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A value with each integer beyond 2^53 as text: a client that reads it as a number would change it. Copies only then. */
export function safeIntegers(value: unknown): unknown {
  if (typeof value === 'number') return isUnsafe(value) ? BigInt(value).toString() : value
  if (Array.isArray(value)) {
    const safe = value.map(safeIntegers)
    return safe.some((item, at) => item !== value[at]) ? safe : value
  }
  return isObject(value) ? withSafeFields(value) : value
}

/** Whether JSON may hold an integer beyond 2^53: what looks so within a text counts too. Far quicker than to look at each value. */
export const mayBeUnsafe = (json: string): boolean => /(?:^|[:,[])-?\d{16}|\de\+/.test(json)

const isUnsafe = (value: number): boolean => Number.isInteger(value) && !Number.isSafeInteger(value)

function withSafeFields(object: JsonRecord): JsonRecord {
  let changed: JsonRecord | undefined
  for (const name of Object.keys(object)) {
    const safe = safeIntegers(object[name])
    if (safe === object[name]) continue
    changed ??= Object.assign(Object.create(null) as JsonRecord, object)
    changed[name] = safe
  }
  return changed ?? object
}

/** Throws invalid_parameter for an integer beyond 2^53 in the arguments: its digits are lost already. */
export function refuseUnsafe(args: unknown, where = ''): void {
  if (typeof args === 'number' && isUnsafe(args)) {
    throw new EngineError('invalid_parameter', `\`${where}\` is an integer beyond 2^53, which JSON does not keep`, {
      where,
      hint: 'Write it as text.',
    })
  }
  if (typeof args !== 'object' || args === null) return
  for (const [name, value] of Object.entries(args)) refuseUnsafe(value, where === '' ? name : `${where}.${name}`)
}

/** A unified record without its fields that are null, at every depth. */
export function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (!isObject(value)) return value
  const kept: JsonRecord = Object.create(null)
  for (const [name, item] of Object.entries(value)) if (item !== null) kept[name] = withoutNulls(item)
  return kept
}

/** Only the named fields of a native value, by dotted paths; lists are looked through. */
export function project(value: unknown, fields: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((item) => project(item, fields))
  if (!isObject(value)) return value
  const kept: JsonRecord = Object.create(null)
  for (const [name, item] of Object.entries(value)) {
    const inner = fields.flatMap((field) => (field.startsWith(`${name}.`) ? [field.slice(name.length + 1)] : []))
    if (fields.includes(name)) kept[name] = item
    else if (inner.length > 0) kept[name] = project(item, inner)
  }
  return kept
}

/** A text argument, or undefined. */
export function textOf(args: Arguments, name: string): string | undefined {
  const value = Object.hasOwn(args, name) ? args[name] : undefined
  return typeof value === 'string' ? value : undefined
}

/** A list of texts, or undefined. */
export function textsOf(args: Arguments, name: string): readonly string[] | undefined {
  const value = Object.hasOwn(args, name) ? args[name] : undefined
  return Array.isArray(value) ? value.map(String) : undefined
}

/** Pairs of a query: lists repeat the name, objects become brackets. */
export function pairsOf(value: unknown, name = ''): [string, string][] {
  if (value === undefined || value === null) return []
  if (Array.isArray(value)) return value.flatMap((item) => pairsOf(item, name))
  if (!isObject(value)) return [[name, String(value)]]
  return Object.entries(value).flatMap(([key, item]) => pairsOf(item, name === '' ? key : `${name}[${key}]`))
}
