import { EngineError } from '../../errors.ts'
import { isPlainObject } from '../plain.ts'

/** Whether an argument has no value: missing or null. */
export const isNothing = (value: unknown): value is undefined | null => value === undefined || value === null

/** What a value is, in words and without its content. */
export function describe(value: unknown): string {
  if (value === undefined) return 'missing'
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return String(value)
  if (typeof value === 'string') return value === '' ? 'an empty text' : `a text of ${value.length} characters`
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (!isPlainObject(value)) return typeof value === 'function' ? 'a function' : 'an object with a class'
  const keys = Object.keys(value)
  return keys.length === 0 ? 'an empty object' : `an object with ${someOf(keys)}`
}

/** The first names of a list, and how many more there are. */
export function someOf(names: readonly string[], most = 20): string {
  const rest = names.length - most
  return `${names.slice(0, most).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
}

/** The error for an argument of the wrong kind. */
export function wrongArgument(expected: string, value: unknown, hint?: string): EngineError {
  return new EngineError('invalid_parameter', `${expected} was expected, not ${describe(value)}`, { hint })
}

/** The argument as text; numbers are written out. Throws for anything else. */
export function textOf(value: unknown, expected = 'A text'): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' && Number.isFinite(value)) return String(value)
  throw wrongArgument(expected, value)
}

/** The argument as an object. Throws for anything else. */
export function objectOf(value: unknown): Record<string, unknown> {
  if (isPlainObject(value)) return value
  throw wrongArgument('An object', value)
}
