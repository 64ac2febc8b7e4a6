import { checkText, LIMITS } from '../limits.ts'
import { Fn } from './function.ts'
import {
  append,
  burn,
  checkSize,
  constructed,
  hasMembers,
  isArray,
  membersOf,
  Outer,
  odd,
  Sequence,
  SHORT,
  sequenceOf,
  weigh,
} from './values.ts'

const { isFinite: isReal } = Number

/** Whether both are numbers to calculate with; false where one is missing; anything else is an error of the expression. */
function areNumbers(left: unknown, right: unknown): boolean {
  const isLeft = typeof left === 'number' && isReal(left)
  const isRight = typeof right === 'number' && isReal(right)
  if ((!isLeft && left !== undefined) || (!isRight && right !== undefined)) odd()
  return isLeft && isRight
}

/** `+` */
export const add = (left: unknown, right: unknown): unknown =>
  areNumbers(left, right) ? (left as number) + (right as number) : undefined

/** `-` between two values */
export const subtract = (left: unknown, right: unknown): unknown =>
  areNumbers(left, right) ? (left as number) - (right as number) : undefined

/** `*` */
export const multiply = (left: unknown, right: unknown): unknown =>
  areNumbers(left, right) ? (left as number) * (right as number) : undefined

/** `/` */
export const divide = (left: unknown, right: unknown): unknown =>
  areNumbers(left, right) ? (left as number) / (right as number) : undefined

/** `%` between two values */
export const modulo = (left: unknown, right: unknown): unknown =>
  areNumbers(left, right) ? (left as number) % (right as number) : undefined

/** `-` before a value */
export function negate(value: unknown): unknown {
  if (value === undefined) return undefined
  return typeof value === 'number' && isReal(value) ? -value : odd()
}

/** Whether two values can be put in order; false where one is missing. */
function areOrdered(left: unknown, right: unknown): boolean {
  if (typeof left === 'number' && typeof right === 'number') return true
  if (typeof left === 'string' && typeof right === 'string') {
    weigh(left)
    return true
  }
  const isLeft = left === undefined || typeof left === 'number' || typeof left === 'string'
  const isRight = right === undefined || typeof right === 'number' || typeof right === 'string'
  if (!isLeft || !isRight || (left !== undefined && right !== undefined)) odd()
  return false
}

/** `<` */
export const less = (left: unknown, right: unknown): unknown =>
  areOrdered(left, right) ? (left as number) < (right as number) : undefined

/** `<=` */
export const atMost = (left: unknown, right: unknown): unknown =>
  areOrdered(left, right) ? (left as number) <= (right as number) : undefined

/** `>` */
export const greater = (left: unknown, right: unknown): unknown =>
  areOrdered(left, right) ? (left as number) > (right as number) : undefined

/** `>=` */
export const atLeast = (left: unknown, right: unknown): unknown =>
  areOrdered(left, right) ? (left as number) >= (right as number) : undefined

/** `=`: false where one is missing. */
export const equal = (left: unknown, right: unknown): boolean =>
  typeof left === 'string' && left.length <= SHORT ? left === right : equalElse(left, right)

const equalElse = (left: unknown, right: unknown): boolean =>
  left !== undefined && right !== undefined && isSame(left, right)

/** `!=`: false where one is missing. */
export const unequal = (left: unknown, right: unknown): boolean =>
  left !== undefined && right !== undefined && !isSame(left, right)

/** Whether two values are equal at every depth. */
export function isSame(left: unknown, right: unknown): boolean {
  if (typeof left === 'string') weigh(left)
  if (left === right) return true
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false
  burn(1)
  if (left instanceof Fn || right instanceof Fn || isArray(left) !== isArray(right)) return odd()
  if (isArray(left) && isArray(right)) {
    return left.length === right.length && left.every((item, at) => isSame(item, right[at]))
  }
  const keys = membersOf(left)
  if (keys.length !== membersOf(right).length) return false
  const [a, b] = [left as Record<string, unknown>, right as Record<string, unknown>]
  return keys.every((key) => Object.hasOwn(b, key) && isSame(a[key], b[key]))
}

/** `in`: a single value on the right is a list of one. */
export function isIn(value: unknown, list: unknown): boolean {
  if (value === undefined || list === undefined) return false
  if (!isArray(list)) return list === value
  burn(list.length)
  for (let at = 0; at < list.length; at++) if (list[at] === value) return true
  return false
}

/** What counts as true in a condition; undefined counts as false. */
export const truth = (value: unknown): boolean => (typeof value === 'boolean' ? value : truthElse(value))

function truthElse(value: unknown): boolean {
  if (value === undefined || value === null) return false
  if (typeof value === 'string') return value !== ''
  if (typeof value === 'number') return truthOfNumber(value)
  if (isArray(value)) {
    burn(value.length)
    return value.length === 1 ? truth(value[0]) : value.some(truth)
  }
  if (typeof value !== 'object') return odd()
  return !(value instanceof Fn) && hasMembers(value)
}

function truthOfNumber(value: number): boolean {
  if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY) odd()
  return value !== 0 && !Number.isNaN(value)
}

/** A value as text, missing as the empty text: what `&` joins. */
export const text = (value: unknown): string => (typeof value === 'string' ? value : textElse(value))

function textElse(value: unknown): string {
  if (value === undefined || value instanceof Fn) return ''
  if (typeof value === 'number' && Number.isInteger(value)) return String(value)
  return textOfData(value, 0)
}

/** The text that is being written: how many characters it has at least, and may have. */
const written = { characters: 0, most: LIMITS.text }

/** Numbers with 15 digits, functions as the empty text, all else as JSON; at most `most` characters. */
export function textOfData(value: unknown, indent: 0 | 2, most: number = LIMITS.text): string {
  const all = value instanceof Outer ? value[0] : value
  Object.assign(written, { characters: 0, most })
  const result = JSON.stringify(all, replacer, indent)
  checkText(result.length, most)
  return result
}

function replacer(this: unknown, key: string, value: unknown): unknown {
  const raw = (this as Record<string, unknown>)[key]
  written.characters += typeof raw === 'string' ? raw.length : 1
  checkText(written.characters, written.most)
  burn(1)
  if (typeof raw === 'number') {
    if (!isReal(raw)) odd()
    return Number.isInteger(raw) ? raw : Number(raw.toPrecision(15))
  }
  if (typeof raw === 'function' || typeof raw === 'bigint' || typeof raw === 'symbol') odd()
  if (typeof raw !== 'object' || raw === null) return value
  if (raw instanceof Fn) return ''
  if (!isArray(raw)) membersOf(raw)
  return raw
}

/** `..` */
export function range(from: unknown, to: unknown): unknown {
  const isFrom = Number.isInteger(from)
  const isTo = Number.isInteger(to)
  if ((!isFrom && from !== undefined) || (!isTo && to !== undefined)) odd()
  if (!isFrom || !isTo) return undefined
  const [first, last] = [from as number, to as number]
  if (first > last) return undefined
  if (last - first + 1 > LIMITS.sequence) odd()
  burn(last - first + 1)
  const sequence = new Sequence()
  for (let at = first; at <= last; at++) sequence.push(at)
  return sequence
}

/** An array constructor; `whole` has `1` for each part that becomes one item even when it is an array. */
export function list(whole: string, isCons: boolean, ...parts: readonly unknown[]): unknown {
  burn(parts.length)
  const items: unknown[] = []
  for (let at = 0; at < parts.length; at++) {
    const part = parts[at]
    if (part === undefined) continue
    if (whole[at] === '1' || !isArray(part)) items.push(part)
    else {
      checkSize(items.length + part.length)
      burn(items.length + part.length)
      for (let index = 0; index < part.length; index++) items.push(part[index])
    }
  }
  checkSize(items.length)
  if (isCons) constructed.add(items)
  return items
}

/** An array constructor with one part, which is data of the input: an array is not copied. */
export const listOf = (part: unknown): unknown =>
  part === undefined ? [] : isArray(part) ? (part instanceof Sequence ? Array.from(part) : part) : [part]

/** What an object constructor works on: the input, or for an array of inputs what grouping makes of them. */
export function gathered(input: unknown): unknown {
  if (!isArray(input)) return input
  // JSONata puts a missing value into the array here, which could be seen later
  if (input.length === 0) odd()
  return input.slice(1).reduce((all: unknown, item) => append(all, item), input[0])
}

/** The input as the array in whose place an array constructor at the start of a path stands. */
export const asItems = (input: unknown): unknown => (isArray(input) ? input : sequenceOf(input))
