import { instantOf, type QuietTimes, type Rule, wallOf, zoneOf } from '../../engine/index.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
const UNIT_MS = { minute: MINUTE_MS, hour: 60 * MINUTE_MS, day: DAY_MS } as const
/** Quiet days and hours follow each other at most so often. */
const MOST_MOVES = 30

type Timed = Pick<Rule, 'timezone' | 'quiet' | 'steps'>

/**
 * When a step of a run that started then is due, epoch ms: days are counted by the calendar of the rule's zone, so that the
 * time of the day stays where clocks change, and what falls into quiet times comes after them. Null where there is no such step.
 */
export function stepAt(rule: Timed, startedAt: number, step: number): number | null {
  const at = plainAt(rule, startedAt, step)
  return at === null ? null : openAt(rule, at)
}

/** When a step comes after the one before it was done: one that is late keeps its distance, so that no two come at once. */
export function nextStepAt(rule: Timed, startedAt: number, step: number, doneAt: number): number | null {
  const due = stepAt(rule, startedAt, step)
  if (due === null || due > doneAt) return due
  const distance = Number(plainAt(rule, startedAt, step)) - Number(plainAt(rule, startedAt, step - 1))
  return openAt(rule, doneAt + distance)
}

function plainAt({ steps, timezone }: Timed, startedAt: number, step: number): number | null {
  const after = steps[step]?.after
  if (after === undefined) return null
  const { count, unit } = after
  if (unit !== 'day' || count === 0) return startedAt + count * UNIT_MS[unit]
  const zone = zoneOf(timezone)
  const seconds = startedAt - (startedAt % 1_000)
  return instantOf(wallOf(seconds, zone) + count * DAY_MS, zone) + (startedAt - seconds)
}

/** The first instant (epoch ms) from one on at which it is not quiet. */
export function openAt({ timezone, quiet }: Pick<Timed, 'timezone' | 'quiet'>, at: number): number {
  const zone = zoneOf(timezone)
  let found = at
  for (let moves = 0; moves < MOST_MOVES; moves++) {
    const wall = wallOf(found - (found % 1_000), zone)
    const end = quietUntil(quiet, wall)
    if (end === null) break
    found = Math.max(instantOf(end, zone), found + 1)
  }
  return found
}

/** Until when a clock on the wall shows quiet times, as that shows it; null where it is not quiet. */
function quietUntil({ hours, days }: QuietTimes, wall: number): number | null {
  const midnight = wall - (((wall % DAY_MS) + DAY_MS) % DAY_MS)
  if (days.includes(new Date(wall).getUTCDay())) return midnight + DAY_MS
  if (hours === undefined) return null
  const minute = (wall - midnight) / MINUTE_MS
  const { from, to } = hours
  if (from < to) return minute >= from && minute < to ? midnight + to * MINUTE_MS : null
  if (minute >= from) return midnight + DAY_MS + to * MINUTE_MS
  return minute < to ? midnight + to * MINUTE_MS : null
}
