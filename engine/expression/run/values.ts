import { type Allowance, checkText, LIMITS, OverLimit } from '../limits.ts'

/** An array that stands for several values: it vanishes when empty and collapses when it holds one, unless `keep`. */
export class Sequence extends Array<unknown> {
  keep = false
  static override get [Symbol.species](): ArrayConstructor {
    return Array
  }
}

/** The whole input where that is an array: a sequence of it alone, so that paths see one value. */
export class Outer extends Sequence {}

/** Values with the names bound on the way to them (`@`, `#`, `%`). */
export class TupleStream extends Sequence {}

/** A value (`@`) and the names bound beside it; without a prototype. */
export type Tuple = Record<string, unknown>

/** Arrays made by a constructor in a path, which stay arrays of their own. */
export const constructed = new WeakSet<object>()

/** Thrown where only the interpreter knows the answer: an error, or a value that the compiled code does not cover. */
const ODD = Symbol('left to the interpreter')

/** Thrown when an evaluation used up what it may use. */
export const EXHAUSTED = Symbol('used up')

/** Whether a value is an array, of whichever realm. */
export const isArray = Array.isArray

/** Ends the compiled evaluation; the interpreter repeats it. */
export function odd(): never {
  throw ODD
}

/** What the running evaluation may still use. Evaluations are synchronous and never nested. */
const left = { fuel: 0, depth: 0, matching: 0 }

/** Starts an evaluation with everything it may use. */
export function refuel({ fuel, matching }: Allowance = LIMITS): void {
  left.fuel = fuel
  left.depth = LIMITS.calls
  left.matching = matching
}

/** Uses up fuel: one unit for each item of a loop. */
export function burn(units: number): void {
  left.fuel -= units
  if (left.fuel < 0) throw EXHAUSTED
}

/** Uses up what regular expressions may do; false where that is not enough. */
export function mayMatch(work: number): boolean {
  left.matching -= work
  return left.matching >= 0
}

/** Texts up to this length, in UTF-16 units, cost nothing of their own. */
export const SHORT = 1024

/** Uses up fuel for work over a text, one unit for 32 characters. */
export function weigh(text: string): void {
  if (text.length > SHORT) burn(text.length >> 5)
}

/** A text that was built; refused where it is longer than one may be. */
export function built(text: string): string {
  if (text.length > SHORT) checkText(text.length)
  return text
}

/** Uses up fuel for what a function is given or gives: for the characters of a text, for the items of an array. */
export function weighValue(value: unknown): void {
  if (typeof value === 'string') weigh(value)
  else if (typeof value === 'object' && isArray(value)) burn(value.length)
}

/** Uses up fuel for every value in a value, as often as it stands there. */
export function burnDeep(value: unknown): void {
  burn(1)
  if (typeof value === 'string') weigh(value)
  if (typeof value !== 'object' || value === null) return
  for (const item of isArray(value) ? value : Object.values(value)) burnDeep(item)
}

/** Enters a call that is not in tail position. */
export function enter(): void {
  if (--left.depth < 0) odd()
}

/** Leaves a call. */
export function leave(): void {
  left.depth++
}

/** A sequence of one value, also of a missing one. */
export function sequenceOf(value: unknown): Sequence {
  const sequence = new Sequence()
  sequence.push(value)
  return sequence
}

/** What a sequence is as the value of an expression; every other value is itself. */
export const collapse = (value: unknown): unknown => (typeof value === 'string' ? value : collapseElse(value))

function collapseElse(value: unknown): unknown {
  if (typeof value !== 'object' || !(value instanceof Sequence) || value instanceof TupleStream) return value
  if (value.length === 0) return undefined
  return value.length === 1 && !value.keep ? value[0] : value
}

/** As collapse, where the expression says `[]`. */
export function collapseKept(value: unknown): unknown {
  if (typeof value !== 'object' || !(value instanceof Sequence) || value instanceof TupleStream) return value
  if (value.length === 0) return undefined
  value.keep = true
  return value
}

/** Refuses an array longer than an evaluation may make. */
export function checkSize(size: number): void {
  if (size > LIMITS.sequence) odd()
}

/** As checkSize, at once and without another look: for what would grow much further before it is asked. */
export function checkRoom(size: number): void {
  if (size <= LIMITS.sequence) return
  throw new OverLimit('D2015', `The maximum sequence length of ${LIMITS.sequence} was exceeded`)
}

/** Both values as one array, as $append gives it: a missing one leaves the other as it is. */
export function append(left: unknown, right: unknown): unknown {
  if (left === undefined) return right
  if (right === undefined) return left
  const [first, second] = [isArray(left) ? left : [left], isArray(right) ? right : [right]]
  const size = first.length + second.length
  checkSize(size)
  burn(size)
  return first.concat(second)
}

/** Whether data carries the marks by which JSONata knows its functions; those hide their members. */
export const isMarked = (value: object): boolean => '_jsonata_lambda' in value || '_jsonata_function' in value

/** Leaves to the interpreter what is no plain data. */
function checkPlain(value: object): void {
  const prototype: unknown = Object.getPrototypeOf(value)
  const isPlain = prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null
  if (!isPlain || isMarked(value)) odd()
}

/** Whether plain data has a member with a value. */
export function hasMembers(value: object): boolean {
  checkPlain(value)
  for (const key in value)
    if (Object.hasOwn(value, key) && (value as Record<string, unknown>)[key] !== undefined) return true
  return false
}

/** The members of plain data; a member without a value is none. Everything odd is left to the interpreter. */
export function membersOf(value: object): string[] {
  checkPlain(value)
  const fields = value as Record<string, unknown>
  return Object.keys(value).filter((key) => fields[key] !== undefined)
}
