import { Fn } from './function.ts'
import { truth } from './operators.ts'
import {
  append,
  burn,
  checkRoom,
  checkSize,
  collapse,
  constructed,
  isArray,
  isMarked,
  membersOf,
  Outer,
  odd,
  Sequence,
  sequenceOf,
  TupleStream,
} from './values.ts'

/** Evaluates something over one value. */
export type Over = (value: unknown) => unknown

/*
 * Between two steps of a path stands its current value: undefined for nothing, an array for all its items, anything else
 * for that one value.
 */

/** The member of a value by name, arrays mapped; own members only. */
export function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Fn) return undefined
  if (!isArray(value)) return ownMember(value, name)
  burn(value.length)
  const found = new Sequence()
  for (const item of value) {
    const inner = member(item, name)
    if (isArray(inner)) for (const one of inner) found.push(one)
    else if (inner !== undefined) found.push(inner)
  }
  checkSize(found.length)
  return found
}

function ownMember(value: object, name: string): unknown {
  if (!Object.hasOwn(value, name)) return undefined
  return isMarked(value) ? odd() : (value as Record<string, unknown>)[name]
}

/** A value where it is an object whose members can be read in place; undefined for everything else. */
export function objectOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || isArray(value)) return undefined
  return isMarked(value) ? odd() : value
}

/** The value of a name as an expression of its own. */
export const named = (value: unknown, name: string): unknown => collapse(member(value, name))

/** Adds the result of a step to those of the others: arrays are flattened once, unless a constructor made them. */
function put(results: unknown[], result: unknown): void {
  if (!isArray(result) || constructed.has(result)) results.push(result)
  else {
    checkRoom(results.length + result.length)
    burn(result.length)
    for (const item of result) results.push(item)
  }
}

/** The current value after a step that is not the last. */
export function step(current: unknown, over: Over): unknown {
  if (current === undefined) return undefined
  if (!isArray(current)) {
    const result = over(current)
    return isArray(result) && constructed.has(result) ? [result] : result
  }
  burn(current.length)
  const results: unknown[] = []
  for (const item of current) {
    const result = over(item)
    if (result !== undefined) put(results, result)
  }
  checkSize(results.length)
  return results
}

/** The sequence after the last step, not yet collapsed: a single array is itself. */
export function lastStep(current: unknown, over: Over): unknown[] {
  const results: unknown[] = []
  if (current !== undefined) {
    const items = isArray(current) ? current : [current]
    burn(items.length)
    for (const item of items) {
      const result = over(item)
      if (result !== undefined) results.push(result)
    }
  }
  const [only] = results
  if (results.length === 1 && isArray(only) && !(only instanceof Sequence)) return only
  const sequence = new Sequence()
  for (const result of results) put(sequence, result)
  checkSize(sequence.length)
  return sequence
}

/** The value of a path after its last step. */
export function final(current: unknown, over: Over): unknown {
  if (current === undefined) return undefined
  if (isArray(current)) return collapse(lastStep(current, over))
  const result = over(current)
  return isArray(result) ? (result instanceof Sequence ? collapse(flat(result)) : result) : result
}

function flat(items: readonly unknown[]): Sequence {
  const sequence = new Sequence()
  for (const item of items) sequence.push(item)
  return sequence
}

/** The value of a path of names where an array is on the way, from the name at `from` on. */
export function names(items: readonly unknown[], path: readonly string[], from: number): unknown {
  let found: unknown
  let all: unknown[] | undefined
  for (let index = 0; index < items.length; index++) {
    let value = items[index]
    for (let at = from; at < path.length && value !== undefined; at++) {
      if (isArray(value)) return namesInArrays(items, path, from)
      value = member(value, path[at] as string)
    }
    if (value === undefined) continue
    if (isArray(value)) return namesInArrays(items, path, from)
    if (found === undefined) found = value
    else {
      all ??= sequenceOf(found)
      all.push(value)
    }
  }
  burn(items.length * (path.length - from))
  checkSize(all === undefined ? 0 : all.length)
  return all ?? found
}

function namesInArrays(items: readonly unknown[], path: readonly string[], from: number): unknown {
  let current: unknown = items
  for (let at = from; at < path.length - 1; at++) {
    const name = path[at] as string
    current = step(current, (value) => named(value, name))
  }
  const last = path.at(-1) as string
  return final(current, (value) => named(value, last))
}

/** As names, for a path that goes on: the current value. */
export function namesOnTheWay(items: readonly unknown[], path: readonly string[], from: number): unknown {
  let current: unknown = items
  for (let at = from; at < path.length; at++) {
    const name = path[at] as string
    current = step(current, (value) => named(value, name))
  }
  return current
}

/** The value of a path that ends with a value which may be a sequence of its own. */
export const settled = (value: unknown): unknown =>
  value instanceof Sequence && !(value instanceof TupleStream) ? collapse(flat(value)) : value

/** The sequence of a path that keeps a single value in an array. */
export function kept(sequence: unknown): unknown {
  let result = sequence
  if (isArray(result) && constructed.has(result) && !(result instanceof Sequence)) result = sequenceOf(result)
  if (result instanceof Sequence) result.keep = true
  return result
}

/** A predicate that is a number. */
export function pick(input: unknown, index: number): unknown {
  const items = isArray(input) ? input : [input]
  const item: unknown = items[index < 0 ? items.length + index : index]
  if (isArray(item)) return item
  const results = input instanceof TupleStream ? new TupleStream() : new Sequence()
  if (item !== undefined) results.push(item)
  return results
}

/** As pick, collapsed. */
export function picked(input: unknown, index: number): unknown {
  if (!isArray(input) || input instanceof TupleStream) return collapse(pick(input, index))
  const item: unknown = input[index < 0 ? input.length + index : index]
  return isArray(item) ? collapse(item) : item
}

/** As filter, collapsed, over an array whose predicate is true or false. */
export function filtered(items: readonly unknown[], over: Over): unknown {
  burn(items.length)
  let found: unknown
  let all: unknown[] | undefined
  for (let at = 0; at < items.length; at++) {
    if (over(items[at]) !== true) continue
    if (found === undefined) found = items[at]
    else {
      all ??= sequenceOf(found)
      all.push(items[at])
    }
  }
  return all ?? found
}

/** A predicate: keeps what it is true for, or what stands at the places it names. */
export function filter(input: unknown, over: Over): Sequence {
  if (input instanceof TupleStream) return filterInto(new TupleStream(), input, over)
  return filterInto(new Sequence(), isArray(input) ? input : [input], over)
}

function filterInto<T extends Sequence>(results: T, items: readonly unknown[], over: Over): T {
  burn(items.length)
  for (const [at, item] of items.entries()) {
    const result = over(item)
    if (typeof result === 'boolean') {
      if (result) results.push(item)
      continue
    }
    const places = placesIn(result)
    if (places === undefined) {
      if (truth(result)) results.push(item)
      continue
    }
    burn(places.length)
    for (const place of places) {
      const index = Math.floor(place)
      if ((index < 0 ? items.length + index : index) === at) results.push(item)
    }
  }
  checkSize(results.length)
  return results
}

function placesIn(result: unknown): readonly number[] | undefined {
  const places = typeof result === 'number' && !Number.isNaN(result) ? [result] : result
  if (!isArray(places) || !places.every((place) => typeof place === 'number' && !Number.isNaN(place))) return undefined
  if (!places.every(Number.isFinite)) odd()
  return places
}

/** `*`: all members, arrays among them flattened. */
export function members(input: unknown): unknown {
  const value = input instanceof Outer ? input[0] : input
  if (typeof value !== 'object' || value === null || value instanceof Fn) return new Sequence()
  if (value instanceof Sequence) return odd()
  let results: unknown[] = new Sequence()
  const fields = value as Record<string, unknown>
  for (const key of isArray(value) ? Object.keys(value) : membersOf(value)) {
    const item = fields[key]
    if (isArray(item)) results = append(results, flattened(item, [])) as unknown[]
    else results.push(item)
  }
  burn(results.length)
  checkSize(results.length)
  return results
}

function flattened(items: readonly unknown[], found: unknown[]): unknown[] {
  burn(items.length)
  for (const item of items) {
    if (isArray(item)) flattened(item, found)
    else found.push(item)
  }
  return found
}

/** `**`: the value and everything below it. */
export function descendants(input: unknown): unknown {
  if (input === undefined) return undefined
  const found = new Sequence()
  descend(input, found)
  checkSize(found.length)
  return found.length === 1 ? found[0] : found
}

function descend(value: unknown, found: unknown[]): void {
  burn(1)
  if (isArray(value)) {
    for (const item of value) descend(item, found)
    return
  }
  found.push(value)
  if (typeof value !== 'object' || value === null || value instanceof Fn) return
  for (const key of membersOf(value)) descend((value as Record<string, unknown>)[key], found)
}
