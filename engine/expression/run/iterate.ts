import { setOwn } from '../plain.ts'
import { apply, Fn, fitting } from './function.ts'
import { truth } from './operators.ts'
import { mergeSort } from './sort.ts'
import { burn, isArray, membersOf, odd, Sequence } from './values.ts'

type Items = readonly unknown[]

/** A function that JSONata's own functions can call; it knows some that they cannot. */
export function callable(value: unknown): Fn {
  const isFit = value instanceof Fn && value.kind !== 'native' && value.kind !== 'partial'
  return isFit && (value.kind !== 'lambda' || value.signature === undefined) ? value : odd()
}

const callOn = (fn: Fn, value: unknown, key: unknown, whole: unknown): unknown =>
  apply(fn, fitting(fn, value, key, whole), null)

/** $map */
export function map([items, given]: Items): unknown {
  if (items === undefined) return undefined
  const [list, fn] = [items as Items, callable(given)]
  const results = new Sequence()
  for (const [at, item] of list.entries()) {
    const result = callOn(fn, item, at, list)
    if (result !== undefined) results.push(result)
  }
  return results
}

/** $filter */
export function filterBy([items, given]: Items): unknown {
  if (items === undefined) return undefined
  const [list, fn] = [items as Items, callable(given)]
  const results = new Sequence()
  for (const [at, item] of list.entries()) if (truth(callOn(fn, item, at, list))) results.push(item)
  return results
}

/** $single: exactly one item must fit. */
export function single([items, given]: Items): unknown {
  if (items === undefined) return undefined
  const list = items as Items
  const fn = given === undefined ? undefined : callable(given)
  const fits = list.filter((item, at) => fn === undefined || truth(callOn(fn, item, at, list)))
  return fits.length === 1 ? fits[0] : odd()
}

/** $reduce */
export function reduce([items, given, start]: Items): unknown {
  if (items === undefined) return undefined
  const [list, fn] = [items as Items, callable(given)]
  if (fn.arity < 2) return odd()
  const isStarted = start === undefined && list.length > 0
  let result: unknown = isStarted ? list[0] : start
  for (let at = isStarted ? 1 : 0; at < list.length; at++) {
    result = apply(fn, [result, list[at], at, list].slice(0, Math.max(2, Math.min(4, fn.arity))), null)
  }
  return result
}

/** $each */
export function each([value, given]: Items): unknown {
  const fn = callable(given)
  const results = new Sequence()
  for (const key of keysIn(value)) {
    const result = callOn(fn, (value as Record<string, unknown>)[key], key, value)
    if (result !== undefined) results.push(result)
  }
  return results
}

/** $sift */
export function sift([value, given]: Items): unknown {
  const fn = callable(given)
  const result: Record<string, unknown> = {}
  for (const key of keysIn(value)) {
    const item = (value as Record<string, unknown>)[key]
    if (truth(callOn(fn, item, key, value))) setOwn(result, key, item)
  }
  return Object.keys(result).length === 0 ? undefined : result
}

const keysIn = (value: unknown): string[] =>
  typeof value !== 'object' || value === null ? [] : isArray(value) ? odd() : membersOf(value)

/** $sort: with a function, or numbers or texts without one. */
export function sort([items, given]: Items): unknown {
  if (items === undefined) return undefined
  const list = items as Items
  if (list.length <= 1) return list
  burn(list.length)
  if (given !== undefined) {
    const fn = callable(given)
    return mergeSort(list, (a, b) => isTrueEnough(apply(fn, [a, b], null)))
  }
  const kind = typeof list[0]
  if (kind !== 'number' && kind !== 'string') return odd()
  if (!list.every((item) => typeof item === kind && (kind === 'string' || Number.isFinite(item)))) return odd()
  return mergeSort(list, (a, b) => (a as string) > (b as string))
}

/** What JavaScript takes for true, as the order that a function gives is read. */
const isTrueEnough = (value: unknown): boolean => Boolean(value)
