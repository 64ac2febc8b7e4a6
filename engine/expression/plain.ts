import { EngineError } from '../errors.ts'

/** Sets an own property, also one named `__proto__`. */
export function setOwn(target: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(target, key, { value, enumerable: true, writable: true, configurable: true })
  } else target[key] = value
}

/** Whether a value is an object without a class, whichever realm made it. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/** A fresh copy of a result as plain JSON of this realm. Throws EngineError expression_failed for what is not JSON. */
export function toPlain(value: unknown): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number' && Number.isFinite(value)) return value === 0 ? 0 : value
  if (Array.isArray(value)) return Array.from(value, (item) => (item === undefined ? null : toPlain(item)))
  if (!isPlainObject(value)) throw notJson(value)
  const copy: Record<string, unknown> = {}
  for (const key of Object.keys(value)) if (value[key] !== undefined) setOwn(copy, key, toPlain(value[key]))
  return copy
}

/** The error for a result that JSON cannot carry: a function, an infinite number, an object with a class. */
export function notJson(value: unknown): EngineError {
  const what =
    typeof value === 'number' ? `the number ${value}` : typeof value === 'object' ? 'no plain data' : typeof value
  const shown = typeof value === 'function' ? 'a function' : what
  return new EngineError('expression_failed', `The result is ${shown}`, {
    hint: 'An expression must give text, a finite number, true, false, null, an object or an array.',
  })
}
