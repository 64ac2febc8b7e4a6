import { checkHeld, isPlainObject, toPlain } from '../plain.ts'
import { burn, isArray, Outer, odd, Sequence } from './values.ts'

/** The result of an expression as plain JSON. */
export function plain(value: unknown): unknown {
  if (value === undefined || typeof value === 'string' || typeof value === 'boolean') return value
  return typeof value === 'number' ? number(value) : toPlain(value)
}

/** As plain, for a value that is the input's own data or a sequence of it: such data is not copied. */
export function flat(value: unknown): unknown {
  if (value === undefined || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number') return number(value)
  if (typeof value !== 'object') return toPlain(value)
  if (value === null) return null
  if (!isArray(value)) return isPlainObject(value) ? value : toPlain(value)
  if (!value.every(isPlainItem)) return toPlain(value)
  checkHeld(value)
  return value instanceof Sequence ? Array.from(value) : value
}

const number = (value: number): unknown => (Number.isFinite(value) ? value + 0 : toPlain(value))

function isPlainItem(item: unknown): boolean {
  if (typeof item === 'number') return Number.isFinite(item) && !Object.is(item, -0)
  if (typeof item !== 'object') return typeof item === 'string' || typeof item === 'boolean'
  return item === null || isArray(item) || isPlainObject(item)
}

/** As plain, null where there is no value. */
export const plainOrNull = (value: unknown): unknown => plain(value) ?? null

/** As flat, null where there is no value. */
export const flatOrNull = (value: unknown): unknown => (value === undefined ? null : flat(value))

/** What a table says for a native value; `absent` where there is none. One that it does not list is left to the other way. */
export function listed(map: ReadonlyMap<string, unknown>, value: unknown, absent: unknown): unknown {
  if (value === undefined || value === null) return absent
  if (typeof value === 'object') return odd()
  const found = map.get(typeof value === 'string' ? value : String(value))
  return found === undefined ? odd() : found
}

/** A list of what is made of each item; a single value counts as a list of one, null stays null. */
export function eachOf(value: unknown, make: (item: unknown, index: number) => unknown): unknown {
  if (value === undefined || value === null) return null
  if (!isArray(value)) return [make(value, 0)]
  burn(value.length)
  return value.map(make)
}

/** The input of an evaluation over a record: an array is one value. */
export function inputOf(record: unknown): unknown {
  if (!isArray(record)) return record
  const outer = new Outer()
  outer.push(record)
  return outer
}
