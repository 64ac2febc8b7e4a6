import { checkText, LIMITS } from '../limits.ts'
import { type Body, Fn, type Signature } from './function.ts'
import { each, filterBy, map, reduce, sift, single, sort } from './iterate.ts'
import { distinct, keys, lookup, merge, reverse, spread, string, zip } from './objects.ts'
import { truth } from './operators.ts'
import { contains, match, replace, split } from './regex.ts'
import { clone } from './transform.ts'
import { append, built, burn, isArray, odd, SHORT, weigh, weighValue } from './values.ts'

/** A built-in function as the jsonata package defines it. */
export interface Definition {
  readonly implementation: (...args: unknown[]) => unknown
  readonly signature: Signature
}

/** Built-ins that the room does itself: those that call functions, are asynchronous in the package, or make data. */
const OWN: ReadonlyMap<string, Body> = new Map<string, Body>([
  ['map', map],
  ['filter', filterBy],
  ['single', single],
  ['reduce', reduce],
  ['each', each],
  ['sift', sift],
  ['sort', sort],
  ['keys', keys],
  ['spread', spread],
  ['merge', merge],
  ['lookup', lookup],
  ['distinct', distinct],
  ['reverse', reverse],
  ['zip', zip],
  ['string', string],
  ['contains', contains],
  ['match', match],
  ['split', split],
  ['replace', replace],
  ['clone', ([value]) => clone(value)],
  ['append', ([left, right]) => append(left, right)],
  ['count', ([items]) => (items === undefined ? 0 : (items as unknown[]).length)],
  ['boolean', ([value]) => (value === undefined ? undefined : truth(value))],
  ['not', ([value]) => (value === undefined ? undefined : !truth(value))],
  ['pad', ([text, width, filling]) => pad(text, width, filling)],
  ['join', ([texts, separator]) => join(texts, separator)],
])

/** What the package's implementations find in `this`. It holds no time: what asks for it is left to the interpreter. */
const FOCUS = Object.freeze({ options: { sequence: LIMITS.sequence }, environment: { timestamp: undefined } })

/** The built-in of a name as a function of the language. */
export function nativeOf(name: string, { implementation, signature }: Definition): Fn {
  const body = OWN.get(name) ?? ((args: readonly unknown[]) => implementation.apply(FOCUS, [...args]))
  return new Fn('native', implementation.length, measured(body), signature)
}

/** A function that pays for the size of what it is given and gives. */
export function measured(body: Body): Body {
  return (args) => {
    for (let at = 0; at < args.length; at++) weighValue(args[at])
    const result = body(args)
    weighValue(result)
    return typeof result === 'string' ? built(result) : result
  }
}

/** Calls a built-in; `context` stands in for a missing argument where its signature says so. */
export function native(fn: Fn, args: readonly unknown[], context: unknown): unknown {
  burn(1)
  return fn.body((fn.signature as Signature).validate(args, context))
}

/** As native, for texts and numbers that need no check: `kinds` has one letter for each argument. */
export function quick(fn: Fn, kinds: string, args: readonly unknown[], context: unknown): unknown {
  for (let at = 0; at < args.length; at++) {
    const arg = args[at]
    const isFit = kinds[at] === 's' ? typeof arg === 'string' : typeof arg === 'number' && Number.isFinite(arg)
    if (!isFit) return native(fn, args, context)
  }
  return fn.body(args)
}

function pad(text: unknown, width: unknown, filling: unknown): unknown {
  if (text === undefined) return undefined
  const [given, size] = [text as string, Math.trunc(width as number)]
  const missing = Math.abs(size) - [...given].length
  if (Number.isNaN(missing)) return odd()
  if (missing <= 0) return given
  checkText(given.length + missing)
  const filler = typeof filling === 'string' && filling !== '' ? filling : ' '
  const letters = [...filler]
  const padding =
    filler.repeat(Math.floor(missing / letters.length)) + letters.slice(0, missing % letters.length).join('')
  return size > 0 ? given + padding : padding + given
}

function join(texts: unknown, separator: unknown): unknown {
  if (texts === undefined) return undefined
  const [parts, between] = [texts as readonly string[], typeof separator === 'string' ? separator : '']
  checkText(parts.reduce((length, part) => length + part.length, between.length * (parts.length - 1)))
  return parts.join(between)
}

/** `$count` */
export const count = (value: unknown): number => (value === undefined ? 0 : isArray(value) ? value.length : 1)

/** `$sum` of numbers; everything else as the built-in does it. */
export function sum(fn: Fn, value: unknown): unknown {
  if (value === undefined || isReal(value)) return value
  if (isArray(value) && value.every(isReal)) {
    burn(value.length)
    return value.reduce((total: number, one) => total + one, 0)
  }
  return native(fn, [value], undefined)
}

const isReal = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)

/** `$distinct` */
export function distinctOf(value: unknown): unknown {
  if (!isArray(value)) return value
  burn(value.length)
  return distinct([value])
}

/** `$contains` of short texts; everything else as the built-in does it. */
export function containsOf(fn: Fn, text: unknown, part: unknown, context: unknown): unknown {
  if (text === undefined && typeof part === 'string') return undefined
  const areShort = typeof text === 'string' && typeof part === 'string' && text.length < SHORT && part.length < SHORT
  return areShort ? text.includes(part) : quick(fn, 'ss', [text, part], context)
}

const isInteger = (value: unknown): value is string => typeof value === 'string' && /^\d{1,15}$/.test(value)

/** `$number` of a few digits; everything else as the built-in does it. */
export const numberOf = (fn: Fn, value: unknown, context: unknown): unknown =>
  value === undefined ? undefined : isInteger(value) ? Number(value) : quick(fn, 's', [value], context)

function paid(text: string): string {
  weigh(text)
  return text
}

/** `$uppercase` */
export const uppercase = (fn: Fn, value: unknown): unknown =>
  typeof value === 'string'
    ? built(paid(value).toUpperCase())
    : value === undefined
      ? undefined
      : native(fn, [value], undefined)

/** `$lowercase` */
export const lowercase = (fn: Fn, value: unknown): unknown =>
  typeof value === 'string'
    ? built(paid(value).toLowerCase())
    : value === undefined
      ? undefined
      : native(fn, [value], undefined)

/** `$not` */
export const not = (value: unknown): unknown => (value === undefined ? undefined : !truth(value))

/** `$boolean` */
export const boolean = (value: unknown): unknown => (value === undefined ? undefined : truth(value))
