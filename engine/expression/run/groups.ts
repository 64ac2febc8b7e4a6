import { setOwn } from '../plain.ts'
import { append, burn, isArray, odd, Sequence, type Tuple, TupleStream } from './values.ts'

/** Evaluates something over a value and the names bound beside it. */
export type OverTuple = (value: unknown, tuple: Tuple) => unknown

/** A key and a value expression. */
export type KeyAndValue = readonly [OverTuple, OverTuple]

/** No names. */
export const NOTHING: Tuple = Object.freeze(Object.create(null)) as Tuple

/** The items under one key, and the pair whose key it is. */
interface Group {
  data: unknown
  readonly pair: number
}

/** `{...}` after a value, or an object constructor with computed keys: values are grouped by their keys. `isLast`: nothing is evaluated after it. */
export function group(input: unknown, pairs: readonly KeyAndValue[], isLast = false): Record<string, unknown> {
  const isTuples = input instanceof TupleStream
  // JSONata puts a missing value into an empty array of the input here; what is evaluated later could see that
  if (!isLast && isArray(input) && input.length === 0 && !(input instanceof Sequence)) odd()
  const given: readonly unknown[] = isArray(input) ? input : [input]
  const items = given.length === 0 && !isTuples ? [undefined] : given
  const of = (over: OverTuple, item: unknown) =>
    isTuples ? over((item as Tuple)['@'], item as Tuple) : over(item, NOTHING)
  const result: Record<string, unknown> = {}
  for (const [key, { data, pair }] of Object.entries(groupsOf(items, pairs, of))) {
    const value = (pairs[pair] as KeyAndValue)[1]
    const found = of(value, isTuples ? joined(data) : data)
    if (found !== undefined) setOwn(result, key, found)
  }
  return result
}

function groupsOf(
  items: readonly unknown[],
  pairs: readonly KeyAndValue[],
  of: (over: OverTuple, item: unknown) => unknown,
): Record<string, Group> {
  const groups = Object.create(null) as Record<string, Group>
  burn(items.length * pairs.length)
  for (const item of items) {
    for (const [pair, [keyOf]] of pairs.entries()) {
      const key = of(keyOf, item)
      if (key === undefined) continue
      if (typeof key !== 'string' || key === '_jsonata_lambda' || key === '_jsonata_function') return odd()
      const known = groups[key]
      if (known === undefined) groups[key] = { data: item, pair }
      else if (known.pair === pair) known.data = append(known.data, item)
      else odd()
    }
  }
  return groups
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
