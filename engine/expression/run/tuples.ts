import { group, type KeyAndValue, NOTHING, type OverTuple, valuesOf } from './groups.ts'
import { mergeSort, orderBy, type Term, termsOrder } from './sort.ts'
import { filter, kept, pick } from './steps.ts'
import { burn, checkRoom, collapse, collapseKept, isArray, odd, type Tuple, TupleStream } from './values.ts'

/** What stands in brackets behind a step, or a name for the place (`#`). */
export type Stage = { readonly filter: OverTuple } | { readonly pick: number } | { readonly index: string }

/** A step of a path that binds names: what is evaluated, and the names for its values, their places and their parents. */
export interface TupleStep {
  readonly over?: OverTuple
  readonly terms?: readonly { readonly of: OverTuple; readonly isDescending: boolean }[]
  readonly focus?: string
  readonly index?: string
  readonly ancestor?: string
  readonly stages: readonly Stage[]
}

/** How a path with names ends. */
export interface Ending {
  /** Whether the names themselves are wanted, by a path around this one. */
  readonly isStream: boolean
  readonly isKept: boolean
  readonly keepArray: boolean
  readonly pairs?: readonly KeyAndValue[]
}

/** The value of a path from the step on that first binds a name; `current` is what its steps before gave. */
export function tuplePath(current: unknown, steps: readonly TupleStep[], ending: Ending): unknown {
  const items = isArray(current) ? current : [current]
  let stream: unknown[] | undefined
  if (current !== undefined && items.length > 0) {
    for (const step of steps) stream = staged(stepped(stream, items, step), step)
  }
  let result: unknown = stream === undefined ? undefined : ending.isStream ? stream : valuesOf(stream)
  if (ending.isStream && stream !== undefined && !(stream instanceof TupleStream)) return odd()
  if (ending.isKept) result = kept(result)
  if (ending.pairs !== undefined) {
    if (stream !== undefined && !(stream instanceof TupleStream)) return odd()
    return group(stream ?? [], ending.pairs)
  }
  return ending.keepArray ? collapseKept(result) : collapse(result)
}

function stepped(stream: unknown[] | undefined, items: readonly unknown[], step: TupleStep): unknown[] {
  if (step.terms !== undefined) return sorted(stream, items, step)
  const tuples = stream ?? items.map((item) => tupleOf({ '@': item }))
  const over = step.over ?? odd
  const results = new TupleStream()
  burn(tuples.length)
  for (const tuple of tuples as Tuple[]) {
    const found = over(tuple['@'], tuple)
    if (found === undefined) continue
    const values: readonly unknown[] = isArray(found) ? found : [found]
    checkRoom(results.length + values.length)
    burn(values.length)
    for (const [at, value] of values.entries())
      results.push(extended(tuple, step, value, at, found instanceof TupleStream))
  }
  return results
}

function extended(tuple: Tuple, step: TupleStep, value: unknown, at: number, isTuple: boolean): Tuple {
  const result = tupleOf(tuple)
  if (isTuple) return Object.assign(result, value)
  if (step.focus !== undefined) result[step.focus] = value
  else result['@'] = value
  if (step.index !== undefined) result[step.index] = at
  if (step.ancestor !== undefined) result[step.ancestor] = tuple['@']
  return result
}

function sorted(stream: unknown[] | undefined, items: readonly unknown[], step: TupleStep): unknown[] {
  const terms = step.terms ?? []
  if (stream !== undefined) {
    if (stream.length <= 1) return stream
    if (!(stream instanceof TupleStream)) return odd()
    const ofTuples = terms.map(({ of, isDescending }) => ({
      of: (tuple: unknown) => of((tuple as Tuple)['@'], tuple as Tuple),
      isDescending,
    }))
    return mergeSort(stream, termsOrder(ofTuples))
  }
  const inOrder = orderBy(items, terms as readonly Term[]) as readonly unknown[]
  const results = new TupleStream()
  for (const [at, item] of inOrder.entries()) {
    results.push(tupleOf({ '@': item, ...(step.index === undefined ? {} : { [step.index]: at }) }))
  }
  return results
}

function staged(stream: unknown[], { stages }: TupleStep): unknown[] {
  let result = stream
  for (const stage of stages) {
    if ('index' in stage) for (const [at, tuple] of result.entries()) (tuple as Tuple)[stage.index] = at
    else if ('pick' in stage) result = pick(result, stage.pick) as unknown[]
    else if (!(result instanceof TupleStream)) return odd()
    else result = filter(result, (tuple) => stage.filter((tuple as Tuple)['@'], tuple as Tuple))
  }
  return result
}

/** A predicate over a value that may be a path's values with their names. */
export const filterTuples = (input: unknown, over: OverTuple): unknown =>
  input instanceof TupleStream
    ? filter(input, (tuple) => over((tuple as Tuple)['@'], tuple as Tuple))
    : filter(input, (value) => over(value, NOTHING))

const tupleOf = (from: Tuple): Tuple => Object.assign(Object.create(null), from) as Tuple
