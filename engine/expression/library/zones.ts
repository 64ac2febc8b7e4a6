import { EngineError } from '../../errors.ts'
import { wrongArgument } from './arguments.ts'

/** A time zone: UTC, or a name of the IANA database. */
export type Zone = Intl.DateTimeFormat | 'UTC'

/** The fuel of a function that asks a zone, some tens of microseconds. */
export const ZONED = 200

const MOST_ZONES = 50
const zones = new Map<string, Zone>()

/** The zone of a name, UTC where none is given. Source: the IANA database that comes with Node. Throws for an unknown one. */
export function zoneOf(name: unknown): Zone {
  if (name === undefined || name === 'UTC') return 'UTC'
  if (typeof name !== 'string') throw wrongArgument('A time zone', name, HINT)
  const known = zones.get(name)
  if (known !== undefined) return known
  const zone = open(name)
  if (zones.size >= MOST_ZONES) zones.clear()
  zones.set(name, zone)
  return zone
}

const HINT = 'Give a name of the IANA database: Europe/Amsterdam, America/New_York, UTC.'

function open(timeZone: string): Zone {
  const digits = '2-digit' as const
  const clock = { hour: digits, minute: digits, second: digits, hourCycle: 'h23' as const }
  try {
    const date = { year: 'numeric' as const, month: digits, day: digits, era: 'short' as const }
    return new Intl.DateTimeFormat('en-US', { timeZone, calendar: 'gregory', ...date, ...clock })
  } catch {
    throw new EngineError('invalid_parameter', 'The time zone is not known', { hint: HINT })
  }
}

/** What a clock on the wall of a zone shows at an instant, as if that were UTC, in milliseconds. Whole seconds only. */
export function wallOf(ms: number, zone: Zone): number {
  if (zone === 'UTC') return ms
  const part: Record<string, string> = {}
  for (const { type, value } of zone.formatToParts(ms)) part[type] = value
  const year = part.era === 'BC' ? 1 - Number(part.year) : Number(part.year)
  const wall = new Date(0)
  wall.setUTCFullYear(year, Number(part.month) - 1, Number(part.day))
  wall.setUTCHours(Number(part.hour), Number(part.minute), Number(part.second))
  return wall.getTime()
}

const DAY = 86_400_000
/** About the last instant that JavaScript can hold; what is beyond has no wall time, and is refused when it is written. */
const LAST = 8.6e15

/**
 * The instant at which a clock on the wall shows a time. An hour that comes twice means its first, one that is left out in
 * spring is counted on from before the change.
 */
export function instantOf(wall: number, zone: Zone): number {
  if (zone === 'UTC' || !(Math.abs(wall) < LAST)) return wall
  const before = wallOf(wall - DAY, zone) - (wall - DAY)
  const after = wallOf(wall + DAY, zone) - (wall + DAY)
  const found = [wall - before, wall - after].filter((ms) => wallOf(ms, zone) === wall)
  return found.length === 0 ? wall - before : Math.min(...found)
}

/** Whether the IANA database has a zone of this name. */
export function isZone(name: string): boolean {
  try {
    zoneOf(name)
    return true
  } catch {
    return false
  }
}
