import { setOwn } from '../plain.ts'
import { append, burn, isArray, odd, Sequence, type Tuple, TupleStream } from './values.ts'

/** Evaluates something over a value and the names bound beside it. */
export type OverTuple = (value: unknown, tuple: Tuple) => unknown

/** A key and a value expression. */
export type KeyAndValue = readonly [OverTuple, OverTuple]

/** No names. */
export const NOTHING: Tuple = Object.freeze(Object.create(null)) as Tuple

/** `{...}` after a value, or an object constructor with computed keys: values are grouped by their keys. */
export function group(input: unknown, pairs: readonly KeyAndValue[]): Record<string, unknown> {
  const isTuples = input instanceof TupleStream
  const given: readonly unknown[] = isArray(input) ? input : [input]
  const items = given.length === 0 && !isTuples ? [undefined] : given
  const groups = Object.create(null) as Record<string, { data: unknown; readonly pair: number }>
  burn(items.length)
  for (const item of items) {
    for (const [pair, [keyOf]] of pairs.entries()) {
      const key = isTuples ? keyOf((item as Tuple)['@'], item as Tuple) : keyOf(item, NOTHING)
      if (key === undefined) continue
      if (typeof key !== 'string' || key === '_jsonata_lambda' || key === '_jsonata_function') return odd()
      const known = groups[key]
      if (known === undefined) groups[key] = { data: item, pair }
      else if (known.pair !== pair) return odd()
      else known.data = append(known.data, item)
    }
  }
  const result: Record<string, unknown> = {}
  for (const [key, { data, pair }] of Object.entries(groups)) {
    const value = (pairs[pair] as KeyAndValue)[1]
    const tuple = isTuples ? joined(data) : NOTHING
    const found = isTuples ? value(tuple['@'], tuple) : value(data, NOTHING)
    if (found !== undefined) setOwn(result, key, found)
  }
  return result
}

/** Several tuples as one: each name stands for all its values. */
function joined(data: unknown): Tuple {
  if (!isArray(data)) return data as Tuple
  const [first, ...rest] = data as Tuple[]
  const result = Object.assign(Object.create(null), first) as Tuple
  for (const tuple of rest) {
    for (const name of Object.keys(tuple)) result[name] = append(result[name], tuple[name])
  }
  return result
}

/** The values of a tuple stream. */
export function valuesOf(stream: readonly unknown[]): Sequence {
  const sequence = new Sequence()
  for (const tuple of stream) sequence.push((tuple as Tuple)['@'])
  return sequence
}
