const FIXED: Readonly<Record<string, number>> = { second: 1, minute: 60, hour: 3600, day: 86_400, week: 604_800 }
const MONTHS: Readonly<Record<string, number>> = { month: 1, year: 12 }

/** Whether the calendar has a unit. */
export const isUnit = (unit: string): boolean => Object.hasOwn(FIXED, unit) || Object.hasOwn(MONTHS, unit)

/** An instant in seconds moved by seconds, minutes, hours, days, weeks, months or years in UTC; the 31st becomes the last day of a shorter month. */
export function move(seconds: number, unit: string, count: number): number {
  const fixed = FIXED[unit]
  if (fixed !== undefined) return seconds + fixed * count
  const months = MONTHS[unit]
  if (months === undefined) throw new TypeError(`the calendar has no unit '${unit}'`)
  const date = new Date(seconds * 1000)
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth() + months * count]
  const lastDay = new Date(Date.UTC(year, month + 1, 0)).getUTCDate()
  const timeOfDay = seconds - Math.floor(seconds / 86_400) * 86_400
  return Date.UTC(year, month, Math.min(date.getUTCDate(), lastDay)) / 1000 + timeOfDay
}
