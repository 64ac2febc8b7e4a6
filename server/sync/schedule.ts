import { EngineError } from '../../engine/index.ts'
import { nextRun } from '../jobs/index.ts'

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 }
const LONGEST_MS = 366 * 86_400_000

/** The instant (epoch ms) at which a schedule is due next after another one; null is never. */
export function nextDue(schedule: string | null, after: number): number | null {
  if (schedule === null) return null
  const ms = intervalOf(schedule)
  if (ms !== null) return after + ms
  const next = nextRun(schedule, after)
  return next === Number.MAX_SAFE_INTEGER ? null : next
}

/** Lets a cron pattern of five fields or an interval such as `15m`, `6h` or `1d` through. Throws `invalid_parameter`. */
export function checkedSchedule(text: string, where: string): string {
  const ms = intervalOf(text)
  if (ms !== null && ms >= 60_000 && ms <= LONGEST_MS) return text
  if (ms === null && text.trim().split(/\s+/).length === 5 && isCron(text)) return text.trim()
  throw new EngineError('invalid_parameter', `\`${text.slice(0, 64)}\` is no schedule`, {
    where,
    hint: 'Give an interval from 1m to 366d, such as 15m, 6h or 1d, or a cron pattern in UTC, such as 0 3 * * *.',
  })
}

function intervalOf(text: string): number | null {
  const [, count, unit] = /^([1-9]\d{0,4})([mhd])$/.exec(text) ?? []
  return count === undefined || unit === undefined ? null : Number(count) * (UNITS[unit] ?? 0)
}

function isCron(text: string): boolean {
  try {
    nextRun(text, 0)
    return true
  } catch {
    return false
  }
}
