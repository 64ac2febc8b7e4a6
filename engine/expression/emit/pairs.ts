import type { Pair } from '../ast.ts'
import { inside, insideTuple, type Place } from './code.ts'

/** The keys and values of a grouping, each as a function of a value and its names. */
export function emitPairs(pairs: readonly Pair[], place: Place, isFlat: boolean, isTuples = false): string {
  const written = pairs.map((pair) => {
    const [key, value] = pair.map((node) => {
      const at = isTuples ? insideTuple(place, isFlat) : { ...inside(place, isFlat), tuple: undefined }
      return at.unit.wrap(at.tuple === undefined ? at.input : `${at.input},${at.tuple}`, place.out.emit(node, at).js)
    })
    return `[${key},${value}]`
  })
  return `[${written.join(',')}]`
}
