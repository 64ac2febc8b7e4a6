import { burn, isArray, odd, Sequence } from './values.ts'

/** Whether the first of two values belongs after the second. */
export type IsAfter = (a: unknown, b: unknown) => boolean

/** Sorts as JSONata does: a merge sort that asks the same questions in the same order. */
export function mergeSort(items: readonly unknown[], isAfter: IsAfter): unknown[] {
  burn(items.length)
  if (items.length <= 1) return [...items]
  const middle = Math.floor(items.length / 2)
  const left = mergeSort(items.slice(0, middle), isAfter)
  const right = mergeSort(items.slice(middle), isAfter)
  const merged: unknown[] = []
  let [l, r] = [0, 0]
  while (l < left.length && r < right.length) merged.push(isAfter(left[l], right[r]) ? right[r++] : left[l++])
  return merged.concat(left.slice(l), right.slice(r))
}

/** One term of `^(...)`. */
export interface Term {
  readonly of: (value: unknown) => unknown
  readonly isDescending: boolean
}

/** `^(...)`: the items in order, or the input itself where there is nothing to sort. */
export function orderBy(input: unknown, terms: readonly Term[]): unknown {
  return !isArray(input) || input.length <= 1 ? input : mergeSort(input, termsOrder(terms))
}

/** The order that some terms give, the first one that tells two values apart. */
export const termsOrder =
  (terms: readonly Term[]): IsAfter =>
  (a, b) => {
    for (const { of, isDescending } of terms) {
      const order = compare(of(a), of(b), isDescending)
      if (order !== 0) return order === 1
    }
    return false
  }

/** The value of a path that ends with `^(...)`: two and more values are an array of their own. */
export const sortedFinal = (current: unknown): unknown =>
  isArray(current) && current.length <= 1 ? current[0] : current

/** As sortedFinal, not yet collapsed. */
export function sortedRaw(current: unknown): readonly unknown[] {
  if (isArray(current) && current.length > 1) return current
  const sequence = new Sequence()
  if (current !== undefined) sequence.push(isArray(current) ? current[0] : current)
  return isArray(current) && current.length === 0 ? new Sequence() : sequence
}

/** Applies predicates behind `^(...)`. */
export const afterSort = (current: unknown, stages: (value: unknown) => unknown): unknown =>
  current === undefined || (isArray(current) && current.length === 0) ? undefined : stages(current)

/** Missing values come last, whichever way the rest is sorted. */
function compare(a: unknown, b: unknown, isDescending: boolean): -1 | 0 | 1 {
  if (a === undefined) return b === undefined ? 0 : 1
  if (b === undefined) return -1
  const areTexts = typeof a === 'string' && typeof b === 'string'
  if (!areTexts && !(typeof a === 'number' && typeof b === 'number')) return odd()
  if (a === b) return 0
  return (a as string) < (b as string) !== isDescending ? -1 : 1
}
