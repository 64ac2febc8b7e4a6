const INSTANT = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?([Zz]|[+-]\d{2}:?\d{2})$/
const DATE = /^(\d{4})-(\d{2})-(\d{2})$/
const DAY_MS = 86_400_000

/** Whether a text is an existing civil date (YYYY-MM-DD). */
export function isDate(text: string): boolean {
  if (!DATE.test(text)) return false
  const date = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text)
}

/** An RFC 3339 instant with any offset in epoch milliseconds; undefined when the text is none. */
export function readInstant(text: string): number | undefined {
  if (!INSTANT.test(text) || !isDate(text.slice(0, 10))) return undefined
  const value = Date.parse(text.replace(' ', 'T'))
  return Number.isNaN(value) ? undefined : value
}

/** Epoch milliseconds as RFC 3339 in UTC, without a fraction where there is none. */
export const writeInstant = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z')

/** Whether the name is an IANA time zone known here. */
export function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: zone })
    return true
  } catch {
    return false
  }
}

/** Start of a civil date in a zone, in epoch milliseconds: its first instant, also on days without midnight. */
export function startOfDay(date: string, zone: string): number {
  const utc = Date.parse(`${date}T00:00:00Z`)
  for (let guess = utc - offsetAt(utc - DAY_MS / 2, zone), round = 0; round < 3; round++) {
    const next = utc - offsetAt(guess, zone)
    if (next === guess) return guess
    if (round === 2) return Math.max(guess, next)
    guess = next
  }
  return utc
}

/** The civil date after a date. */
export const nextDate = (date: string): string =>
  new Date(Date.parse(`${date}T00:00:00Z`) + DAY_MS).toISOString().slice(0, 10)

const DATES = new Map<string, Intl.DateTimeFormat>()

/** The civil date (YYYY-MM-DD) of an instant (epoch ms) in a zone. */
export function civilDate(ms: number, zone: string): string {
  // Swedish writes dates as ISO 8601 does.
  const options = { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' } as const
  const format = DATES.get(zone) ?? new Intl.DateTimeFormat('sv-SE', options)
  DATES.set(zone, format)
  return format.format(ms)
}

/** Offset of a zone from UTC at an instant, in milliseconds. */
function offsetAt(ms: number, zone: string): number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  })
  const parts = Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]))
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(ms / 1000) * 1000
}
