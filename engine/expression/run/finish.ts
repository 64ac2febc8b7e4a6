import { checkHeld, isPlainObject, toPlain } from '../plain.ts'
import type { Told } from '../recipe.ts'
import { burn, isArray, Outer, odd, Sequence } from './values.ts'

// What is usual is decided in functions so small that engines put them in the place of their call.

/** The result of an expression as plain JSON. */
export const plain = (value: unknown): unknown => (typeof value === 'string' ? value : plainElse(value))

function plainElse(value: unknown): unknown {
  if (value === undefined || typeof value === 'boolean') return value
  return typeof value === 'number' ? number(value) : toPlain(value)
}

/** As plain, for a value that is the input's own data or a sequence of it: such data is not copied. */
export const flat = (value: unknown): unknown => (typeof value === 'string' ? value : flatElse(value, true))

/** As flat, for data that stands in the value once at most: it is no larger than the input and is not weighed. */
export const asIs = (value: unknown): unknown => (typeof value === 'string' ? value : flatElse(value, false))

function flatElse(value: unknown, isWeighed: boolean): unknown {
  if (value === undefined || typeof value === 'boolean') return value
  if (typeof value === 'number') return number(value)
  if (typeof value !== 'object') return toPlain(value)
  if (value === null) return null
  if (!isArray(value)) return isPlainObject(value) ? value : toPlain(value)
  if (!value.every(isPlainItem)) return toPlain(value)
  if (isWeighed) checkHeld(value)
  return value instanceof Sequence ? Array.from(value) : value
}

const number = (value: number): unknown => (Number.isFinite(value) ? value + 0 : toPlain(value))

function isPlainItem(item: unknown): boolean {
  if (typeof item === 'number') return Number.isFinite(item) && !Object.is(item, -0)
  if (typeof item !== 'object') return typeof item === 'string' || typeof item === 'boolean'
  return item === null || isArray(item) || isPlainObject(item)
}

/** Null where there is no value. */
export const orNull = (value: unknown): unknown => (value === undefined ? null : value)

/** As plain, null where there is no value. */
export const plainOrNull = (value: unknown): unknown =>
  typeof value === 'string' || value === null ? value : orNull(plainElse(value))

/** As flat, null where there is no value. */
export const flatOrNull = (value: unknown): unknown =>
  typeof value === 'string' || value === null ? value : orNull(flatElse(value, true))

/** As asIs, null where there is no value. */
export const asIsOrNull = (value: unknown): unknown =>
  typeof value === 'string' || value === null ? value : orNull(flatElse(value, false))

/** What a table says for a native value; `absent` where there is none. One that it does not list is left to the other way. */
export const listed = (map: ReadonlyMap<string, unknown>, value: unknown, absent: unknown): unknown =>
  typeof value === 'string' ? known(map.get(value)) : listedElse(map, value, absent)

const known = (found: unknown): unknown => (found === undefined ? odd() : found)

function listedElse(map: ReadonlyMap<string, unknown>, value: unknown, absent: unknown): unknown {
  if (value === undefined || value === null) return absent
  return typeof value === 'object' ? odd() : known(map.get(String(value)))
}

/** Where the running function tells what it cannot make. */
const place: { told: Told | undefined } = { told: undefined }

/** From here on, that is told there; without a place for it the function gives up. */
export function tellThere(told: Told | undefined): void {
  place.told = told
}

/** Null for a member that could not be made. */
export function lost(member: string): null {
  if (place.told === undefined) return odd()
  place.told.lost.push(member)
  return null
}

/** As listed, where a value that is not listed can be told by its field and gives something. */
export function listedOr(
  map: ReadonlyMap<string, unknown>,
  value: unknown,
  absent: unknown,
  field: string,
  gives: unknown,
): unknown {
  const found = typeof value === 'string' ? map.get(value) : undefined
  if (found !== undefined) return found
  const isListed = value === undefined || value === null || typeof value === 'object' || map.has(String(value))
  if (isListed || place.told === undefined) return listed(map, value, absent)
  place.told.unlisted.push({ field, value })
  return gives
}

/**
 * A list of what is made of each item; a single value counts as a list of one, null stays null. `cost` is the fuel that
 * making one takes.
 */
export function eachOf(value: unknown, cost: number, make: (item: unknown, index: number) => unknown): unknown {
  if (value === undefined || value === null) return null
  if (!isArray(value)) return [make(value, 0)]
  burn(value.length * cost)
  const made = new Array<unknown>(value.length)
  for (let at = 0; at < value.length; at++) made[at] = make(value[at], at)
  return made
}

/** The items for eachOf, of a value that is the input's own data: objects need no look inside. */
export function itemsOf(value: unknown): unknown {
  return isArray(value) && value.every(isOwnObject) ? value : asIs(value)
}

const isOwnObject = (item: unknown): boolean => typeof item === 'object' && item !== null && !isArray(item)

/** As asIs, where an object needs no look inside. */
export const recordOf = (value: unknown): unknown =>
  typeof value === 'object' && !isArray(value) ? value : asIs(value)

/** The input of an evaluation over a record: an array is one value. */
export const inputOf = (record: unknown): unknown => (isArray(record) ? outerOf(record) : record)

function outerOf(record: unknown): unknown {
  const outer = new Outer()
  outer.push(record)
  return outer
}
