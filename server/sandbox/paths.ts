/** A JSON object. */
export type Json = Readonly<Record<string, unknown>>

/** Whether a value is a JSON object. */
export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The value at a dotted path, own keys only; undefined when there is none. */
export function at(value: unknown, path: string): unknown {
  let here = value
  for (const key of path.split('.')) {
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

/** `__proto__` is a key like any other here. */
function withKey(value: Json, key: string, item: unknown): Json {
  const copy = { ...value }
  Object.defineProperty(copy, key, { value: item, enumerable: true, writable: true, configurable: true })
  return copy
}
