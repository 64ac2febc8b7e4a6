import { LIMITS } from '../limits.ts'
import { setOwn } from '../plain.ts'
import { Fn } from './function.ts'
import { textOfData } from './operators.ts'
import type { Over } from './steps.ts'
import { burn, isArray, membersOf, odd } from './values.ts'

/** A deep copy, by way of JSON as $clone makes it. */
export function clone(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(textOfData(value, 0, LIMITS.characters))
}

/** `|pattern|update, deletions|`: a function that gives a changed copy of its argument. */
export function transform(pattern: Over, update: Over, deletions: Over | undefined): Fn {
  return new Fn('native', 1, ([value]) => {
    if (value === undefined) return undefined
    if (typeof value !== 'object' || value === null || value instanceof Fn) return odd()
    const copy = clone(value)
    const matches = pattern(copy)
    if (matches === undefined) return copy
    for (const match of isArray(matches) ? matches : [matches]) change(match, update, deletions)
    return copy
  })
}

function change(match: unknown, update: Over, deletions: Over | undefined): void {
  const changes = update(match)
  if (changes !== undefined) {
    const isFit = typeof changes === 'object' && changes !== null && !isArray(changes)
    const given = (isFit ? changes : odd()) as Record<string, unknown>
    for (const key of membersOf(given)) setOwn(changeable(match), key, given[key])
  }
  const gone = deletions?.(match)
  if (gone === undefined) return
  for (const key of isArray(gone) ? gone : [gone]) {
    if (typeof key !== 'string') odd()
    if (typeof match === 'object' && match !== null) Reflect.deleteProperty(changeable(match), String(key))
  }
}

function changeable(match: unknown): Record<string, unknown> {
  const isFit = typeof match === 'object' && match !== null && !isArray(match) && !(match instanceof Fn)
  burn(1)
  return isFit ? (match as Record<string, unknown>) : odd()
}
