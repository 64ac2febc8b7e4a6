import { refuse } from './refusal.ts'

const MOST_LEVELS = 50

/** Keys of a bracketed name: `items[0][price]` is items, 0, price. Throws invalid_body past 50 levels. */
const keysOf = (name: string): string[] => {
  const open = name.indexOf('[')
  if (open <= 0 || !name.endsWith(']')) return [name]
  const keys = [name.slice(0, open), ...name.slice(open + 1, -1).split('][')]
  if (keys.length > MOST_LEVELS) throw refuse('invalid_body', { reason: 'depth' })
  return keys
}

type Branch = Map<string, unknown>

/** Nests decoded form or query pairs by their brackets, but for names that are whole; `a[]`, `a[0]` and repeated names are lists. */
export function nested(
  pairs: Iterable<readonly [name: string, value: unknown]>,
  whole: ReadonlySet<string> = new Set(),
): Record<string, unknown> {
  const root: Branch = new Map()
  for (const [name, value] of pairs) insert(root, whole.has(name) ? [name] : keysOf(name), value)
  return Object.fromEntries([...root].map(([key, value]) => [key, settled(value)]))
}

function insert(branch: Branch, [key = '', ...rest]: string[], value: unknown): void {
  const place = key === '' ? String(branch.size) : key
  const before = branch.get(place)
  if (rest.length > 0) {
    const inner: Branch = before instanceof Map ? before : new Map()
    branch.set(place, inner)
    insert(inner, rest, value)
  } else if (before === undefined) branch.set(place, value)
  else branch.set(place, new Map([...listOf(before), value].map((item, index) => [String(index), item])))
}

const listOf = (value: unknown): unknown[] => (value instanceof Map ? [...value.values()] : [value])

/** Objects whose keys are 0, 1, 2, ..., in any order, are lists. */
function settled(value: unknown): unknown {
  if (!(value instanceof Map)) return value
  const entries = [...value].map(([key, item]) => [key, settled(item)] as const)
  const places = entries.map((_, index) => String(index))
  const isList = places.every((place) => value.has(place))
  const found = Object.fromEntries(entries)
  return isList ? places.map((place) => found[place]) : found
}
