import { EngineError } from '../../errors.ts'
import { isPlainObject } from '../plain.ts'
import { nearest } from '../suggest.ts'

/** Whether an argument has no value: missing or null. */
export const isNothing = (value: unknown): value is undefined | null => value === undefined || value === null

/** Longest text that a short way takes, in UTF-16 units. */
const LIGHT = 1024

/** Whether looking at an argument costs next to nothing: no array, no long text. */
export const isLight = (value: unknown): boolean =>
  typeof value === 'string' ? value.length <= LIGHT : typeof value !== 'object' || !Array.isArray(value)

/** What a value is, in words and without its content: that may be secret or personal. */
export function describe(value: unknown): string {
  if (value === undefined) return 'missing'
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'number') return Number.isFinite(value) ? 'a number' : 'not a finite number'
  if (typeof value === 'string') return value === '' ? 'an empty text' : `a text of ${counted(value, 'character')}`
  if (Array.isArray(value)) return value.length === 0 ? 'an empty array' : `an array of ${value.length}`
  if (!isPlainObject(value)) return typeof value === 'function' ? 'a function' : 'an object with a class'
  const keys = Object.keys(value)
  if (value._jsonata_lambda === true || value._jsonata_function === true) return 'a function'
  return keys.length === 0 ? 'an empty object' : `an object with ${someOf(keys)}`
}

const counted = ({ length }: string, what: string): string => `${length} ${what}${length === 1 ? '' : 's'}`

const MOST_NAME = 60

/** The first names of a list, and how many more there are; a long name is cut. */
export function someOf(names: readonly string[], most = 20): string {
  const shown = names.slice(0, most).map((name) => (name.length > MOST_NAME ? `${name.slice(0, MOST_NAME)}…` : name))
  return `${shown.join(', ')}${names.length > most ? ` and ${names.length - most} more` : ''}`
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
export function objectOf(value: unknown, expected = 'An object'): Record<string, unknown> {
  if (isPlainObject(value)) return value
  throw wrongArgument(expected, value)
}

/** The argument as a list: a single value stands for a list of one, as in JSONata; nothing for an empty one. */
export function listOf(value: unknown): readonly unknown[] {
  if (isNothing(value)) return []
  return Array.isArray(value) ? value : [value]
}

/** The argument as an integer between two bounds; the default where it is missing. Throws for anything else. */
export function integerOf(value: unknown, expected: string, least: number, most: number, missing?: number): number {
  const given = value === undefined ? missing : value
  if (Number.isInteger(given) && (given as number) >= least && (given as number) <= most) return given as number
  throw wrongArgument(`${expected}, an integer from ${least} to ${most},`, value)
}

/** The argument as one of some words; the default where it is missing. Throws for anything else and names the words. */
export function wordOf<T extends string>(value: unknown, expected: string, words: readonly T[], missing?: T): T {
  const given = value === undefined ? missing : value
  const found = words.find((word) => word === given)
  if (found !== undefined) return found
  const near = typeof given === 'string' ? nearest(given, words) : undefined
  const guess = near === undefined ? '' : `Did you mean "${near}"? `
  throw wrongArgument(expected, value, `${guess}Give one of ${words.map((word) => `"${word}"`).join(', ')}.`)
}

/** A conversion of the first argument that leaves null and missing as they are. */
export const unlessNothing =
  (convert: (value: unknown, ...rest: unknown[]) => unknown) =>
  ([value, ...rest]: readonly unknown[]): unknown =>
    isNothing(value) ? value : convert(value, ...rest)
