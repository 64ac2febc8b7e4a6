import { EngineError } from '../../errors.ts'
import { integerOf, isNothing, wordOf } from './arguments.ts'
import type { Entry } from './contract.ts'
import { DAY, dateOf, formatInstant, type Instant, isDate, parseInstant } from './instant.ts'
import { instantOf, wallOf, ZONED, type Zone, zoneOf } from './zones.ts'

/** Units of one length, in milliseconds. */
const CLOCK = { second: 1000, minute: 60_000, hour: 3_600_000 } as const
/** Units of the calendar, in days or months. */
const DAYS = { day: 1, week: 7 } as const
const MONTHS = { month: 1, quarter: 3, year: 12 } as const

const UNITS = ['second', 'minute', 'hour', 'day', 'week', 'month', 'quarter', 'year'] as const
type Unit = (typeof UNITS)[number]

const unitOf = (value: unknown): Unit => wordOf(value, 'The unit', UNITS)
const isClock = (unit: Unit): unit is keyof typeof CLOCK => unit in CLOCK

const MOST = 1_000_000_000_000

/** A date or an instant with the zone whose calendar counts. */
interface Moment extends Instant {
  readonly isDate: boolean
  readonly zone: Zone
}

function momentOf(value: unknown, zone: unknown, unit: Unit): Moment {
  const isDay = isDate(value)
  if (isDay && isClock(unit)) {
    throw new EngineError('invalid_parameter', `A date has no ${unit}s`, {
      hint: 'Give a time with an offset, or a unit from day to year.',
    })
  }
  return { ...parseInstant(value), isDate: isDay, zone: isDay ? 'UTC' : zoneOf(zone) }
}

const textOf = (moment: Moment): string => (moment.isDate ? dateOf(Math.floor(moment.ms / DAY)) : formatInstant(moment))

/** The moment moved by so many units. A day that the month lacks becomes its last. */
function moved(moment: Moment, amount: number, unit: Unit): Moment {
  if (isClock(unit)) return { ...moment, ms: moment.ms + amount * CLOCK[unit] }
  const wall = wallOf(moment.ms, moment.zone)
  const target =
    unit === 'day' || unit === 'week' ? wall + amount * DAYS[unit] * DAY : monthsOn(wall, amount * MONTHS[unit])
  return { ...moment, ms: instantOf(target, moment.zone) }
}

function monthsOn(wall: number, months: number): number {
  const date = new Date(wall)
  const month = date.getUTCFullYear() * 12 + date.getUTCMonth() + months
  const [year, at] = [Math.floor(month / 12), ((month % 12) + 12) % 12]
  const last = new Date(0)
  last.setUTCFullYear(year, at + 1, 0)
  const day = Math.min(date.getUTCDate(), last.getUTCDate())
  const result = new Date(wall)
  result.setUTCFullYear(year, at, day)
  return result.getTime()
}

/** Negative, zero or positive, as one moment is before, at or after another. */
function order(a: Instant, b: Instant): number {
  if (a.ms !== b.ms) return a.ms - b.ms
  const size = Math.max(a.fraction.length, b.fraction.length)
  const [left, right] = [a.fraction.padEnd(size, '0'), b.fraction.padEnd(size, '0')]
  return left === right ? 0 : left < right ? -1 : 1
}

/** Whole units from one moment to a later one. */
function between(from: Moment, to: Moment, unit: Unit): number {
  if (order(from, to) > 0) return -between({ ...to, zone: from.zone }, from, unit) + 0
  let count = isClock(unit)
    ? Math.floor((to.ms - from.ms) / CLOCK[unit])
    : estimate(wallOf(from.ms, from.zone), wallOf(to.ms, from.zone), unit)
  while (order(moved(from, count, unit), to) > 0) count--
  return count
}

/** At least as many whole units as there are. */
function estimate(from: number, to: number, unit: Exclude<Unit, keyof typeof CLOCK>): number {
  if (unit === 'day' || unit === 'week') return Math.floor((to - from) / (DAYS[unit] * DAY)) + 1
  const [first, last] = [new Date(from), new Date(to)]
  const years = last.getUTCFullYear() - first.getUTCFullYear()
  return Math.floor((years * 12 + last.getUTCMonth() - first.getUTCMonth()) / MONTHS[unit]) + 1
}

/** The first moment of the unit that a moment lies in; weeks start on Monday. */
function startOf(moment: Moment, unit: Unit): Moment {
  const wall = wallOf(moment.ms, moment.zone)
  return { ...moment, ms: instantOf(floorOf(wall, unit), moment.zone), fraction: '' }
}

function floorOf(wall: number, unit: Unit): number {
  if (isClock(unit)) return Math.floor(wall / CLOCK[unit]) * CLOCK[unit]
  const day = Math.floor(wall / DAY)
  if (unit === 'day') return day * DAY
  if (unit === 'week') return (day - ((((day + 3) % 7) + 7) % 7)) * DAY
  const date = new Date(day * DAY)
  const start = new Date(0)
  start.setUTCFullYear(date.getUTCFullYear(), Math.floor(date.getUTCMonth() / MONTHS[unit]) * MONTHS[unit], 1)
  return start.getTime()
}

/** Functions that reckon with instants (RFC 3339) and dates; a date stays a date. */
export const CALENDAR: readonly Entry[] = [
  {
    name: 'addTime',
    signature: '$addTime(time: string, amount: integer, unit: string, zone?: string): string',
    doc: `A time or date moved by so many units, back where the amount is negative. A day that the month lacks becomes its last.
Units are second, minute, hour, day, week, month, quarter and year; from day on they follow the calendar of the zone, such as
Europe/Paris, or UTC where none is given. Null gives null.`,
    examples: [
      { expr: '$addTime("2024-01-31", 1, "month")', result: '2024-02-29' },
      {
        expr: '$addTime(paid_at, -90, "second")',
        record: { paid_at: '2024-01-01T00:00:00Z' },
        result: '2023-12-31T23:58:30Z',
      },
      { expr: '$addTime("2024-03-30T12:00:00+01:00", 1, "day", "Europe/Paris")', result: '2024-03-31T10:00:00Z' },
    ],
    cost: ZONED,
    implementation: ([time, amount, unit, zone]) => {
      if (isNothing(time) || isNothing(amount)) return isNothing(time) ? time : amount
      const known = unitOf(unit)
      return textOf(moved(momentOf(time, zone, known), integerOf(amount, 'The amount', -MOST, MOST), known))
    },
  },
  {
    name: 'timeBetween',
    signature: '$timeBetween(from: string, to: string, unit: string, zone?: string): integer',
    doc: `Whole units from one time or date to another, negative where the second is earlier: as many as $addTime can add without
passing it. Units and zone are those of $addTime. Null or missing on either side gives the same.`,
    examples: [
      { expr: '$timeBetween("2024-01-31", "2024-02-29", "month")', result: 1 },
      { expr: '$timeBetween(start, end, "day")', record: { start: '2024-03-10', end: '2024-03-01' }, result: -9 },
      { expr: '$timeBetween("2024-01-01T00:00:00Z", "2024-01-01T01:59:59Z", "hour")', result: 1 },
    ],
    cost: ZONED,
    implementation: ([from, to, unit, zone]) => {
      if (isNothing(from) || isNothing(to)) return isNothing(from) ? from : to
      const known = unitOf(unit)
      return between(momentOf(from, zone, known), momentOf(to, zone, known), known)
    },
  },
  {
    name: 'startOf',
    signature: '$startOf(time: string, unit: string, zone?: string): string',
    doc: `The first moment of the day, week (from Monday), month, ... that a time or date lies in. Units and zone
are those of $addTime. Null gives null.`,
    examples: [
      { expr: '$startOf("2024-02-15T10:30:00Z", "month")', result: '2024-02-01T00:00:00Z' },
      { expr: '$startOf("2024-02-15", "week")', result: '2024-02-12' },
      { expr: '$startOf("2024-07-01T02:00:00Z", "day", "America/New_York")', result: '2024-06-30T04:00:00Z' },
    ],
    cost: ZONED,
    implementation: ([time, unit, zone]) => {
      if (isNothing(time)) return time
      const known = unitOf(unit)
      return textOf(startOf(momentOf(time, zone, known), known))
    },
  },
  {
    name: 'endOf',
    signature: '$endOf(time: string, unit: string, zone?: string): string',
    doc: `The first moment after the day, week, month, ... that a time or date lies in, a bound that is itself outside: the last day
is \`$addTime($endOf(d, "month"), -1, "day")\`. Units and zone are those of $addTime. Null gives null.`,
    examples: [
      { expr: '$endOf("2024-02-15T10:30:00Z", "day")', result: '2024-02-16T00:00:00Z' },
      { expr: '$addTime($endOf(date, "month"), -1, "day")', record: { date: '2024-02-15' }, result: '2024-02-29' },
    ],
    cost: ZONED,
    implementation: ([time, unit, zone]) => {
      if (isNothing(time)) return time
      const known = unitOf(unit)
      return textOf(moved(startOf(momentOf(time, zone, known), known), 1, known))
    },
  },
]
