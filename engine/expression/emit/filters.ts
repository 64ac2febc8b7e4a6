import type { Node } from '../ast.ts'
import { type Code, given, inside, type Place } from './code.ts'
import { emitNames } from './names.ts'

/** A path of names in which one has a predicate behind it. */
export interface Filtered {
  /** What the name is looked up in, the value of the name, and the names after it. */
  readonly holder: Code
  readonly value: Code
  readonly rest: readonly string[]
  readonly predicate: Node
  /** Whether nothing is looked up where there is no holder. */
  readonly isDeep: boolean
}

/**
 * Such a path over data of the record, where the predicate is true or false: one value is looked at in place, a list in
 * one loop, and no sequence is made of none or one that fits. `other` is the path in every other case.
 */
export function emitFiltered(
  { holder, value, rest, predicate, isDeep }: Filtered,
  place: Place,
  other: Code,
): Code | undefined {
  const { out, unit } = place
  if (holder.isOnce !== true || value.isOnce !== true) return undefined
  const [list, found] = [unit.local(out.fresh('x')), unit.local(out.fresh('x'))]
  const fits = out.emit(predicate, { ...place, input: list, isRoot: false, isFlat: true })
  if (fits.kind !== 'boolean') return undefined
  const at = inside(place, true)
  const each = at.unit.wrap(at.input, out.emit(predicate, at).js)
  const all = `isArray(${list})?${out.call('filtered', list, each)}:${fits.js}?${list}:U`
  const end = rest.length === 0 ? given(found) : emitNames(given(found), rest, place, 'names')
  const isMany = `(${list}=${value.js},${found}=${all},isArray(${found}))`
  const js = `isArray(${holder.js})||${isMany}?${other.js}:${end.js}`
  return given(isDeep ? `(${holder.js}===U?U:${js})` : `(${js})`)
}
