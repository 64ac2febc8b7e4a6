/** A JSON object. */
export type Json = Readonly<Record<string, unknown>>

/** Whether a value is a JSON object. */
export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const MOST_PATHS = 10_000
const known = new Map<string, readonly string[]>()

/** The keys of a dotted path; those of the rules come again and again, so that they are cut once. */
function keysOf(path: string): readonly string[] {
  const found = known.get(path)
  if (found !== undefined) return found
  if (known.size >= MOST_PATHS) known.clear()
  const keys = path.split('.')
  known.set(path, keys)
  return keys
}

/** The value at a dotted path, own keys only; undefined when there is none. */
export function at(value: unknown, path: string): unknown {
  if (!path.includes('.')) return isObject(value) && Object.hasOwn(value, path) ? value[path] : undefined
  let here = value
  for (const key of keysOf(path)) {
    if (!isObject(here) || !Object.hasOwn(here, key)) return undefined
    here = here[key]
  }
  return here
}

/** An object with the value at a dotted path replaced; what is on the way is copied, or made when missing. */
export function withAt(value: Json, path: string, item: unknown): Json {
  const [key = '', ...rest] = path.split('.')
  if (rest.length === 0) return withKey(value, key, item)
  const inner = Object.hasOwn(value, key) ? value[key] : undefined
  return withKey(value, key, withAt(isObject(inner) ? inner : {}, rest.join('.'), item))
}

/** An object without what stands at a dotted path. */
export function withoutAt(value: Json, path: string): Json {
  const [key = '', ...rest] = path.split('.')
  if (!Object.hasOwn(value, key)) return value
  if (rest.length === 0) return Object.fromEntries(Object.entries(value).filter(([name]) => name !== key))
  const inner = value[key]
  return isObject(inner) ? withKey(value, key, withoutAt(inner, rest.join('.'))) : value
}

/** An object with the values at several dotted paths replaced; it is copied once. */
export function withAll(value: Json, entries: readonly (readonly [path: string, item: unknown])[]): Json {
  const copy: Record<string, unknown> = { ...value }
  for (const [path, item] of entries) {
    const [key = '', ...rest] = keysOf(path)
    if (rest.length === 0) put(copy, key, item)
    else {
      const inner = Object.hasOwn(copy, key) ? copy[key] : undefined
      put(copy, key, withAt(isObject(inner) ? inner : {}, rest.join('.'), item))
    }
  }
  return copy
}

function withKey(value: Json, key: string, item: unknown): Json {
  const copy = { ...value }
  put(copy, key, item)
  return copy
}

/** `__proto__` is a key like any other here. */
function put(copy: Record<string, unknown>, key: string, item: unknown): void {
  if (key !== '__proto__') copy[key] = item
  else Object.defineProperty(copy, key, { value: item, enumerable: true, writable: true, configurable: true })
}
