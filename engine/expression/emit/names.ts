import { any, type Code, given, literal, type Place } from './code.ts'

/** Names that objects have without being given them: only these need a look at whether they are own. */
export const INHERITED: ReadonlySet<string> = new Set(Object.getOwnPropertyNames(Object.prototype))

/**
 * The value below `head` along names. Objects are read in place, which engines make fast; the first array on the way
 * leaves the rest to a helper: `names` at the end of a path, `namesOnTheWay` where the path goes on.
 */
export function emitNames(head: Code, path: readonly string[], place: Place, way: 'names' | 'namesOnTheWay'): Code {
  const shared = head.isFlat ? sharedNames(head.js, path, place, way) : undefined
  if (shared !== undefined) return given(shared)
  const { out, unit } = place
  const list = out.constant(path, `names ${literal(path)}`)
  const t = unit.local('t')
  const from = (at: number, js: string): string => {
    const read = readOf(path[at] as string, place)
    const next = at === path.length - 1 ? read : from(at + 1, read)
    return `(typeof(${t}=${js})==="object"&&${t}!==null?isArray(${t})?${out.call(way, t, list, String(at))}:${next}:U)`
  }
  const js = from(0, head.js)
  if (head.isFlat) return head.isOnce === true ? given(js) : any(js, true)
  return any(way === 'names' ? out.call('settled', js) : js)
}

function sharedNames(head: string, path: readonly string[], place: Place, way: 'names' | 'namesOnTheWay') {
  const { share } = place.ground
  return way === 'names' ? share?.path(head, path, place) : share?.onTheWay(head, path, place)
}

/** The value of one name as an expression of its own. */
export function emitName(name: string, place: Place, keepsArray: boolean): Code {
  const { out, unit } = place
  if (keepsArray) return any(out.call('collapseKept', out.call('member', place.input, literal(name))))
  const t = unit.local('t')
  const slow = out.call('named', t, literal(name))
  const js = `(typeof(${t}=${place.input})==="object"&&${t}!==null?isArray(${t})?${slow}:${readOf(name, place)}:U)`
  return place.isFlat ? given(js) : any(out.call('collapse', js))
}

function readOf(name: string, { out, unit }: Place): string {
  const key = literal(name)
  if (INHERITED.has(name)) return out.call('member', 't', key)
  const u = unit.local('u')
  return `((${u}=t[${key}])===U?U:"_jsonata_lambda"in t||"_jsonata_function"in t?${out.call('odd')}:${u})`
}
