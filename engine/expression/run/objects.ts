import { setOwn } from '../plain.ts'
import { Fn } from './function.ts'
import { isSame, textOfData } from './operators.ts'
import { member } from './steps.ts'
import { append, burn, isArray, membersOf, odd, Sequence } from './values.ts'

type Items = readonly unknown[]

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !(value instanceof Fn)

/** $keys: for an array the keys of all its items, each once. */
export function keys([value]: Items): unknown {
  const found = new Sequence()
  if (isArray(value)) {
    burn(value.length)
    const all = Object.create(null) as Record<string, true>
    for (const item of value) for (const key of keys([item]) as string[]) all[key] = true
    for (const key of Object.keys(all)) found.push(key)
  } else if (isObject(value)) for (const key of membersOf(value)) found.push(key)
  burn(found.length)
  return found
}

/** $spread: one object for each member. */
export function spread([value]: Items): unknown {
  if (isArray(value)) {
    burn(value.length)
    return value.reduce((all: unknown, item) => append(all, spread([item])), new Sequence())
  }
  if (value instanceof Fn) return value.kind === 'native' ? odd() : value
  if (!isObject(value)) return value
  const found = new Sequence()
  for (const key of membersOf(value)) {
    const one: Record<string, unknown> = {}
    setOwn(one, key, value[key])
    found.push(one)
  }
  burn(found.length)
  return found
}

/** $merge */
export function merge([items]: Items): unknown {
  if (items === undefined) return undefined
  const result: Record<string, unknown> = {}
  for (const item of items as Items) {
    if (!isObject(item)) continue
    if (isArray(item)) return odd()
    for (const key of membersOf(item)) setOwn(result, key, item[key])
  }
  burn(Object.keys(result).length)
  return result
}

/** $lookup */
export const lookup = ([value, key]: Items): unknown => (key === undefined ? odd() : member(value, key as string))

/** $distinct */
export function distinct([items]: Items): unknown {
  if (!isArray(items) || items.length <= 1) return items
  const results: unknown[] = items instanceof Sequence ? new Sequence() : []
  for (const item of items) {
    burn(results.length)
    if (!results.some((known) => isSame(item, known))) results.push(item)
  }
  return results
}

/** $reverse */
export function reverse([items]: Items): unknown {
  if (items === undefined || (items as Items).length <= 1) return items
  burn((items as Items).length)
  return Array.from(items as Items).reverse()
}

/** $zip */
export function zip(lists: Items): unknown {
  const length = Math.min(...lists.map((list) => (isArray(list) ? list.length : 0)))
  if (!Number.isFinite(length)) return odd()
  burn(length * lists.length)
  return Array.from({ length }, (_, at) => lists.map((list) => (list as Items)[at]))
}

/** $string */
export function string([value, isPretty]: Items): unknown {
  if (value === undefined) return undefined
  if (typeof value === 'string') return value
  return value instanceof Fn ? '' : textOfData(value, isPretty === true ? 2 : 0)
}
