import { EngineError } from '../errors.ts'
import { LIMITS, OverLimit } from './limits.ts'

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
  return prototype === Object.prototype || prototype === null || Object.getPrototypeOf(prototype) === null
}

/** How much a result holds so far. */
interface Tally {
  values: number
  characters: number
}

/**
 * A fresh copy of a result as plain JSON of this realm. Throws EngineError expression_failed for what is not JSON, and
 * OverLimit for more than a result may hold.
 */
export const toPlain = (value: unknown): unknown => copyOf(value, { values: 0, characters: 0 })

function copyOf(value: unknown, tally: Tally): unknown {
  if (typeof value === 'string') {
    count(tally, value.length)
    return value
  }
  if (value === null || typeof value === 'boolean') return value
  if (typeof value === 'number' && Number.isFinite(value)) return value === 0 ? 0 : value
  if (Array.isArray(value)) {
    tally.values += value.length
    count(tally, 0)
    return Array.from(value, (item) => (item === undefined ? null : copyOf(item, tally)))
  }
  if (!isPlainObject(value)) throw notJson(value)
  const copy: Record<string, unknown> = {}
  for (const key of Object.keys(value)) {
    if (value[key] === undefined) continue
    tally.values++
    count(tally, key.length)
    setOwn(copy, key, copyOf(value[key], tally))
  }
  return copy
}

function count(tally: Tally, characters: number): void {
  tally.characters += characters
  if (tally.values > LIMITS.values) throw new OverLimit('size', `its result has more than ${LIMITS.values} values`)
  if (tally.characters > LIMITS.characters) {
    throw new OverLimit('size', `the texts of its result have more than ${LIMITS.characters} characters`)
  }
}

/** Refuses data of a result that is not copied when it holds more than a result may; data may stand in it many times. */
export function checkHeld(value: unknown): void {
  const tally = { values: 0, characters: 0 }
  hold(value, tally)
  count(tally, 0)
}

function hold(value: unknown, tally: Tally): void {
  if (typeof value === 'string') tally.characters += value.length
  if (typeof value !== 'object' || value === null) return
  if (Array.isArray(value)) {
    tally.values += value.length
    for (const item of value) hold(item, tally)
  } else {
    const fields = value as Readonly<Record<string, unknown>>
    for (const key in fields) {
      tally.values++
      hold(fields[key], tally)
    }
  }
  count(tally, 0)
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
