import { EngineError } from '../../errors.ts'
import { wrongArgument } from './arguments.ts'

const INSTANT = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):?(\d\d))$/
const DATE = /^\d{4}-\d\d-\d\d$/
const HINT = 'Write it as RFC 3339: 2024-01-31T09:30:00Z, with an offset or Z, or a date 2024-01-31.'

/** An instant as the milliseconds of its whole second and the digits of the fraction. */
export interface Instant {
  readonly ms: number
  readonly fraction: string
}

/** Reads RFC 3339 with an offset, or a date as its midnight in UTC. Throws EngineError for anything else. */
export function parseInstant(value: unknown): Instant {
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

/** Milliseconds of a day of 24 hours. */
export const DAY = 86_400_000
const MOST_DAYS = 2000

/** Dates by days since 1970: what is left of an instant is cheap to write. */
const dates = new Map<number, string>()

/** The date of a day since 1970, between the years 0 and 9999. */
export function dateOf(day: number): string {
  const known = dates.get(day)
  if (known !== undefined) return known
  const time = new Date(day * DAY)
  const year = time.getUTCFullYear()
  if (!(year >= 0 && year <= 9999)) {
    throw new EngineError('invalid_parameter', 'The time does not lie between the years 0 and 9999', {
      hint: 'Seconds and milliseconds are easily mixed up: $fromUnix takes seconds, $fromUnixMs milliseconds.',
    })
  }
  const date = time.toISOString().slice(0, 10)
  if (dates.size >= MOST_DAYS) dates.clear()
  dates.set(day, date)
  return date
}

/** A number with two digits at least. */
export const two = (part: number): string => (part < 10 ? `0${part}` : String(part))

const MINUTES = Array.from({ length: 1440 }, (_, at) => `T${two(Math.floor(at / 60))}:${two(at % 60)}:`)
const SECONDS = Array.from({ length: 60 }, (_, at) => `${two(at)}Z`)

/** RFC 3339 in UTC of whole seconds since 1970. */
export function formatSeconds(seconds: number): string {
  const day = Math.floor(seconds / 86_400)
  const rest = seconds - day * 86_400
  const minute = Math.floor(rest / 60)
  return dateOf(day) + MINUTES[minute] + SECONDS[rest - minute * 60]
}

/** RFC 3339 in UTC; a fraction only where there is one, at least three digits of it. */
export function formatInstant({ ms, fraction }: Instant): string {
  const day = Math.floor(ms / DAY)
  const seconds = Math.floor((ms - day * DAY) / 1000)
  const time = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
  const digits = fraction.replace(/0+$/, '')
  return `${dateOf(day)}T${time}${digits === '' ? '' : `.${digits.padEnd(3, '0')}`}Z`
}

/** Whether a value is written as a civil date, YYYY-MM-DD. */
export const isDate = (value: unknown): value is string => typeof value === 'string' && DATE.test(value)
