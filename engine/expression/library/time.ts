import { parseDecimal } from '../../decimal.ts'
import { isNothing, wrongArgument } from './arguments.ts'
import type { LibraryFunction } from './contract.ts'

const INSTANT = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):?(\d\d))$/
const DATE = /^\d{4}-\d\d-\d\d$/
const HINT = 'Write it as RFC 3339: 2024-01-31T09:30:00Z, with an offset or Z, or a date 2024-01-31.'

/** An instant as whole milliseconds and the digits of the fraction of its second. */
interface Instant {
  readonly ms: number
  readonly fraction: string
}

function parseInstant(value: unknown): Instant {
  if (typeof value !== 'string') throw wrongArgument('A time', value, HINT)
  if (DATE.test(value)) return { ms: midnight(value), fraction: '' }
  const match = INSTANT.exec(value)
  if (match === null) throw wrongArgument('A time', value, HINT)
  const [, date = '', hour, minute, second, fraction = '', sign, offsetHour, offsetMinute] = match
  const clock = [Number(hour), Number(minute), Number(second), Number(offsetHour ?? 0), Number(offsetMinute ?? 0)]
  const highest = [23, 59, 60, 23, 59]
  if (clock.some((part, at) => part > (highest[at] ?? 0))) throw wrongArgument('A time', value, HINT)
  const [h = 0, m = 0, s = 0, oh = 0, om = 0] = clock
  const offset = (oh * 60 + om) * (sign === '-' ? -1 : 1)
  return { ms: midnight(date) + ((h * 60 + m - offset) * 60 + s) * 1000, fraction }
}

function midnight(date: string): number {
  const ms = Date.parse(`${date}T00:00:00Z`)
  if (Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== date) throw wrongArgument('A time', date, HINT)
  return ms
}

const DAY = 86_400_000
const MOST_DAYS = 2000

/** Dates by days since 1970: what is left of an instant is cheap to write. */
const dates = new Map<number, string>()

/** The date of a day since 1970, between the years 0 and 9999. */
function dateOf(day: number): string {
  const known = dates.get(day)
  if (known !== undefined) return known
  const time = new Date(day * DAY)
  const year = time.getUTCFullYear()
  if (!(year >= 0 && year <= 9999)) throw wrongArgument('A time between the years 0 and 9999', day * DAY)
  const date = time.toISOString().slice(0, 10)
  if (dates.size >= MOST_DAYS) dates.clear()
  dates.set(day, date)
  return date
}

const two = (part: number): string => (part < 10 ? `0${part}` : String(part))

/** RFC 3339 in UTC; a fraction only where there is one, at least three digits of it. */
function formatInstant({ ms, fraction }: Instant): string {
  const day = Math.floor(ms / DAY)
  const seconds = Math.floor((ms - day * DAY) / 1000)
  const time = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
  const digits = fraction.replace(/0+$/, '')
  return `${dateOf(day)}T${time}${digits === '' ? '' : `.${digits.padEnd(3, '0')}`}Z`
}

/** Units since 1970 (10^-`scale` seconds each), as number or text, as an instant. */
function fromEpoch(value: unknown, scale: number): Instant {
  if (scale === 0 && Number.isSafeInteger(value)) return { ms: (value as number) * 1000, fraction: '' }
  const { digits, scale: own } = parseDecimal(value)
  const unit = 10n ** BigInt(own + scale)
  const seconds = (digits - (((digits % unit) + unit) % unit)) / unit
  const rest = (digits - seconds * unit).toString().padStart(own + scale, '0')
  return { ms: Number(seconds) * 1000, fraction: own + scale === 0 ? '' : rest }
}

function toEpoch(value: unknown, scale: 0 | 3, rounding: unknown): number {
  if (rounding !== undefined && rounding !== 'floor' && rounding !== 'ceil') {
    throw wrongArgument('The rounding "floor" or "ceil"', rounding)
  }
  const { ms, fraction } = parseInstant(value)
  const whole = scale === 0 ? ms / 1000 : ms + Number(fraction.slice(0, scale).padEnd(scale, '0'))
  return whole + (rounding === 'ceil' && /[1-9]/.test(fraction.slice(scale)) ? 1 : 0)
}

function civilDate(value: unknown): string {
  const isEpoch = typeof value === 'number' || (typeof value === 'string' && /^-?\d+$/.test(value))
  if (isEpoch) return formatInstant(fromEpoch(value, 0)).slice(0, 10)
  parseInstant(value)
  return String(value).slice(0, 10)
}

/** A function of one argument that leaves missing and null as they are. */
const unlessNothing =
  (convert: (value: unknown, second: unknown) => unknown): LibraryFunction['implementation'] =>
  ([value, second]) =>
    isNothing(value) ? value : convert(value, second)

/** Functions for instants and dates. */
export const TIME: readonly LibraryFunction[] = [
  {
    name: 'fromUnix',
    signature: '$fromUnix(seconds: number | string): string',
    doc: 'Seconds since 1970 as RFC 3339 in UTC, with a fraction only where there is one. Null gives null.',
    examples: [
      { expr: '$fromUnix(created)', record: { created: 1704067200 }, result: '2024-01-01T00:00:00Z' },
      { expr: '$fromUnix("1704067200.25")', result: '2024-01-01T00:00:00.250Z' },
      { expr: '$fromUnix(canceled_at)', record: { canceled_at: null }, result: null },
    ],
    arity: 1,
    implementation: unlessNothing((value) => formatInstant(fromEpoch(value, 0))),
  },
  {
    name: 'fromUnixMs',
    signature: '$fromUnixMs(milliseconds: number | string): string',
    doc: 'Milliseconds since 1970 as RFC 3339 in UTC. Null gives null.',
    examples: [
      { expr: '$fromUnixMs(1704067200000)', result: '2024-01-01T00:00:00Z' },
      { expr: '$fromUnixMs(1704067200007)', result: '2024-01-01T00:00:00.007Z' },
    ],
    arity: 1,
    implementation: unlessNothing((value) => formatInstant(fromEpoch(value, 3))),
  },
  {
    name: 'toUnix',
    signature: '$toUnix(time: string, rounding?: "floor" | "ceil"): integer',
    doc: `An RFC 3339 time with any offset, or a date (its midnight in UTC), as whole seconds since 1970. A fraction of a second
is rounded down, or up with "ceil". A time without an offset is an error. Null gives null.`,
    examples: [
      { expr: '$toUnix("2024-01-01T01:00:00+01:00")', result: 1704067200 },
      { expr: '$toUnix("2024-01-01")', result: 1704067200 },
      { expr: '$toUnix("2024-01-01T00:00:00.5Z", "ceil")', result: 1704067201 },
    ],
    arity: 2,
    implementation: unlessNothing((value, rounding) => toEpoch(value, 0, rounding)),
  },
  {
    name: 'toUnixMs',
    signature: '$toUnixMs(time: string, rounding?: "floor" | "ceil"): integer',
    doc: 'As $toUnix, in milliseconds.',
    examples: [{ expr: '$toUnixMs("2024-01-01T00:00:00.007Z")', result: 1704067200007 }],
    arity: 2,
    implementation: unlessNothing((value, rounding) => toEpoch(value, 3, rounding)),
  },
  {
    name: 'instant',
    signature: '$instant(time: string): string',
    doc: 'An RFC 3339 time with any offset, or a date (its midnight in UTC), as RFC 3339 in UTC. Null gives null.',
    examples: [
      { expr: '$instant("2024-01-01T01:00:00.500+01:00")', result: '2024-01-01T00:00:00.500Z' },
      { expr: '$instant("2024-01-01T00:00:00.000Z")', result: '2024-01-01T00:00:00Z' },
    ],
    arity: 1,
    implementation: unlessNothing((value) => formatInstant(parseInstant(value))),
  },
  {
    name: 'date',
    signature: '$date(value: string | number): string',
    doc: `A civil date YYYY-MM-DD: of seconds since 1970 the day in UTC, of an RFC 3339 time the day it is written with, of a date
itself. Null gives null.`,
    examples: [
      { expr: '$date(1704067200)', result: '2024-01-01' },
      { expr: '$date("2024-01-31T23:30:00-05:00")', result: '2024-01-31' },
      { expr: '$date("2024-02-29")', result: '2024-02-29' },
    ],
    arity: 1,
    implementation: unlessNothing(civilDate),
  },
]
