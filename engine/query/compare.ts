import type { ModelFilter } from '../definition/catalog.ts'
import type { FilterTerm } from '../execute/contract.ts'

/** A value as it is compared: instants as numbers, text folded where the filter wants it. */
type Comparable = string | number | boolean

/** Whether a unified record answers a filter, judged by its mapped values. A missing value answers only `exists=false` and `ne`. */
export function matches(record: unknown, term: FilterTerm, filter: ModelFilter): boolean {
  const paths = filter.fields.map((field) =>
    term.key === undefined ? field.split('.') : [...field.split('.'), term.key],
  )
  const found = paths.flatMap((path) => valuesAt(record, path)).filter((value) => value !== null && value !== undefined)
  if (filter.name === 'q') return found.some((value) => isFound(value, term.value))
  if (term.op === 'exists') return found.length > 0 === (term.value === 'true')
  if (term.op === 'ne') return found.every((value) => compare(value, term.value, filter) !== 0)
  return found.some((value) => holds(value, term, filter))
}

function valuesAt(value: unknown, path: readonly string[]): unknown[] {
  if (Array.isArray(value)) return value.flatMap((item) => valuesAt(item, path))
  const [name, ...rest] = path
  if (name === undefined) return [value]
  const isHolder = typeof value === 'object' && value !== null && Object.hasOwn(value, name)
  return isHolder ? valuesAt((value as Record<string, unknown>)[name], rest) : []
}

/** A free search: the text occurs in a text, whatever its case, or is exactly the number. */
function isFound(value: unknown, text: string): boolean {
  if (typeof value === 'number') return String(value) === text.trim()
  return typeof value === 'string' && fold(value).includes(fold(text.trim()))
}

function holds(value: unknown, term: FilterTerm, filter: ModelFilter): boolean {
  if (term.op === 'in') return term.value.split(',').some((item) => compare(value, item, filter) === 0)
  const order = compare(value, term.value, filter)
  if (order === undefined) return false
  if (term.op === 'eq') return order === 0
  if (term.op === 'gt') return order > 0
  if (term.op === 'gte') return order >= 0
  return term.op === 'lt' ? order < 0 : order <= 0
}

/** Order of a mapped value against the text asked for: negative, 0 or positive; undefined when they cannot be compared. */
function compare(value: unknown, text: string, filter: ModelFilter): number | undefined {
  const [a, b] = [comparable(value, filter), comparable(text, filter)]
  if (a === undefined || b === undefined || typeof a !== typeof b) return undefined
  if (a === b) return 0
  return a < b ? -1 : 1
}

function comparable(value: unknown, filter: ModelFilter): Comparable | undefined {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return undefined
  switch (filter.type) {
    case 'instant':
      return number(Date.parse(String(value)))
    case 'integer':
    case 'money':
      return number(Number(value))
    case 'boolean':
      return String(value) === 'true'
    default:
      return filter.foldCase ? fold(String(value)) : String(value)
  }
}

const number = (value: number): number | undefined => (Number.isNaN(value) ? undefined : value)

const fold = (text: string): string => text.normalize('NFC').toLowerCase()
