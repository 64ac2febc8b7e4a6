/** A JSON object. */
export type Json = Record<string, unknown>

/** Whether a value is a JSON object (not an array). */
export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The value at a dotted path; arrays are transparent, so the answer is then a list. Undefined when nothing is there. */
export function readPath(value: unknown, path: string): unknown {
  return path === '' ? value : read(value, path.split('.'))
}

function read(value: unknown, names: readonly string[]): unknown {
  if (names.length === 0) return value
  if (Array.isArray(value)) {
    const found = value.map((item) => read(item, names)).filter((item) => item !== undefined)
    return found.length === 0 ? undefined : found.flat()
  }
  const [name = '', ...rest] = names
  return isObject(value) && Object.hasOwn(value, name) ? read(value[name], rest) : undefined
}

/** Sets the value at a dotted path, making the objects on the way; one that is no object is replaced. */
export function writePath(target: Json, path: string, value: unknown): void {
  const names = path.split('.')
  const last = names.pop() ?? ''
  let here = target
  for (const name of names) {
    const next = Object.hasOwn(here, name) ? here[name] : undefined
    here = isObject(next) ? next : setOwn(here, name, {})
  }
  setOwn(here, last, value)
}

function setOwn<T>(target: Json, name: string, value: T): T {
  Object.defineProperty(target, name, { value, enumerable: true, writable: true, configurable: true })
  return value
}

/** Whether a dotted path is the other, lies below it or holds it. */
export const touches = (a: string, b: string): boolean => a === b || a.startsWith(`${b}.`) || b.startsWith(`${a}.`)
