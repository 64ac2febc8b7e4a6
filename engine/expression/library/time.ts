import { parseDecimal } from '../../decimal.ts'
import { isNothing, unlessNothing, wrongArgument } from './arguments.ts'
import type { Entry } from './contract.ts'
import { formatInstant, formatSeconds, type Instant, isDate, parseInstant } from './instant.ts'
import { wallOf, ZONED, zoneOf } from './zones.ts'

const TIME_ALREADY = 'A time in RFC 3339 needs no conversion; $instant brings it to UTC, $date makes a date of it.'

/** Units since 1970 (10^-`scale` seconds each), as number or text, as an instant. */
function fromEpoch(value: unknown, scale: number): Instant {
  if (scale === 0 && Number.isSafeInteger(value)) return { ms: (value as number) * 1000, fraction: '' }
  if (typeof value === 'string' && isDate(value.slice(0, 10)))
    throw wrongArgument('A number since 1970', value, TIME_ALREADY)
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

function civilDate(value: unknown, zone: unknown): string {
  const isEpoch = typeof value === 'number' || (typeof value === 'string' && /^-?\d+$/.test(value))
  if (!isEpoch && (zone === undefined || isDate(value))) {
    parseInstant(value)
    return String(value).slice(0, 10)
  }
  const { ms } = isEpoch ? fromEpoch(value, 0) : parseInstant(value)
  return formatInstant({ ms: wallOf(ms, zoneOf(zone)), fraction: '' }).slice(0, 10)
}

/** Functions for instants and dates. */
export const TIME: readonly Entry[] = [
  {
    name: 'fromUnix',
    signature: '$fromUnix(seconds: number | string): string',
    doc: 'Seconds since 1970 as RFC 3339 in UTC, with a fraction only where there is one. Null gives null.',
    examples: [
      { expr: '$fromUnix(created)', record: { created: 1704067200 }, result: '2024-01-01T00:00:00Z' },
      { expr: '$fromUnix("1704067200.25")', result: '2024-01-01T00:00:00.250Z' },
      { expr: '$fromUnix(canceled_at)', record: { canceled_at: null }, result: null },
    ],
    quick: (ask) => (value) =>
      Number.isSafeInteger(value) ? formatSeconds(value as number) : isNothing(value) ? value : ask(value),
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
    implementation: unlessNothing((value, rounding) => toEpoch(value, 0, rounding)),
  },
  {
    name: 'toUnixMs',
    signature: '$toUnixMs(time: string, rounding?: "floor" | "ceil"): integer',
    doc: 'As $toUnix, in milliseconds.',
    examples: [{ expr: '$toUnixMs("2024-01-01T00:00:00.007Z")', result: 1704067200007 }],
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
    implementation: unlessNothing((value) => formatInstant(parseInstant(value))),
  },
  {
    name: 'date',
    signature: '$date(value: string | number, zone?: string): string',
    doc: `A civil date YYYY-MM-DD: of seconds since 1970 the day in UTC, of an RFC 3339 time the day it is written with, of a date
itself. With a zone (Europe/Paris), the day there. Null gives null.`,
    examples: [
      { expr: '$date(1704067200)', result: '2024-01-01' },
      { expr: '$date("2024-01-31T23:30:00-05:00")', result: '2024-01-31' },
      { expr: '$date("2024-02-29")', result: '2024-02-29' },
      { expr: '$date(created, "Asia/Tokyo")', record: { created: '2024-01-31T16:00:00Z' }, result: '2024-02-01' },
    ],
    cost: ZONED,
    implementation: unlessNothing(civilDate),
  },
]
