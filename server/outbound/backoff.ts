const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS

/** Pauses after the first, second, ... failed attempt: ten attempts within about three days, as Standard Webhooks advises. */
const PAUSES_MS = Object.freeze([
  5 * SECOND_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  14 * HOUR_MS,
  20 * HOUR_MS,
  24 * HOUR_MS,
])
const LONGEST_ASKED_MS = 24 * HOUR_MS

/**
 * How long to wait after a failed attempt (from 1), in milliseconds, or null when it was the last. `chance` (0 to 1) stretches
 * the pause by up to a fifth; what the destination asks for is waited at least, up to a day.
 */
export function pauseAfter(attempt: number, chance: number, askedMs = 0): number | null {
  const pause = PAUSES_MS[attempt - 1]
  if (pause === undefined) return null
  return Math.max(Math.round(pause * (1 + chance / 5)), Math.min(askedMs, LONGEST_ASKED_MS))
}

/** What a Retry-After header (RFC 9110, 10.2.3) asks to wait, in milliseconds; undefined for none or nonsense. */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined
  const text = header.trim()
  if (/^\d{1,9}$/.test(text)) return Number(text) * SECOND_MS
  const at = /^[A-Za-z]/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(at) ? undefined : Math.max(0, at - now)
}
