import type { LimitFeedback } from '../definition/catalog.ts'
import type { BudgetFeedback } from '../ports.ts'
import type { HeaderTime } from '../schema/generated.ts'

type Headers = Readonly<Record<string, string>>

/** No answer is believed to ask for a longer wait than a day. */
const LONGEST_MS = 86_400_000
/** Epochs below this are seconds, above it milliseconds: September 2001 in ms, the year 33658 in s. */
const EPOCH_MS_FROM = 1e12

const numberIn = (text: string): number | undefined => (/^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined)

function dateWait(text: string, nowMs: number): number | undefined {
  const instant = Date.parse(text)
  return Number.isNaN(instant) ? undefined : instant - nowMs
}

function epochWait(value: number, nowMs: number): number {
  return (value < EPOCH_MS_FROM ? value * 1000 : value) - nowMs
}

const READERS: Readonly<Record<NonNullable<HeaderTime['form']>, (text: string, nowMs: number) => number | undefined>> =
  {
    auto: (text, nowMs) => {
      const seconds = numberIn(text)
      return seconds === undefined ? dateWait(text, nowMs) : seconds * 1000
    },
    seconds: (text) => {
      const seconds = numberIn(text)
      return seconds === undefined ? undefined : seconds * 1000
    },
    ms: (text) => numberIn(text),
    date: dateWait,
    epoch_s: (text, nowMs) => {
      const value = numberIn(text)
      return value === undefined ? undefined : epochWait(value, nowMs)
    },
    epoch_ms: (text, nowMs) => {
      const value = numberIn(text)
      return value === undefined ? undefined : value - nowMs
    },
  }

/**
 * The wait that a header asks for, in milliseconds from now: 0 for an instant that has passed, undefined when the header is
 * absent or unreadable. RFC 9110 10.2.3 for Retry-After.
 */
export function readWait(rule: HeaderTime | undefined, headers: Headers, nowMs: number): number | undefined {
  const text = rule === undefined ? undefined : headers[rule.header.toLowerCase()]?.trim()
  if (rule === undefined || text === undefined) return undefined
  const wait = READERS[rule.form ?? 'auto'](text, nowMs)
  return wait === undefined ? undefined : Math.min(LONGEST_MS, Math.max(0, Math.ceil(wait)))
}

/** The longest of the waits that are known; undefined when none is. */
export function longestWait(...waits: readonly (number | undefined)[]): number | undefined {
  const known = waits.filter((wait) => wait !== undefined)
  return known.length === 0 ? undefined : Math.max(...known)
}

/** What an answer tells the budget. A limited answer blocks until its longest wait; others report what is left. */
export function readFeedback(
  rules: LimitFeedback,
  headers: Headers,
  isLimited: boolean,
  nowMs: number,
): BudgetFeedback | undefined {
  const resetMs = readWait(rules.reset, headers, nowMs)
  if (isLimited) {
    const wait = longestWait(readWait(rules.retryAfter, headers, nowMs), resetMs)
    return wait === undefined ? undefined : { blockedUntil: nowMs + wait }
  }
  const remaining =
    rules.remaining === undefined ? undefined : numberIn(headers[rules.remaining.toLowerCase()]?.trim() ?? '')
  if (remaining === undefined || resetMs === undefined) return undefined
  return { remaining, resetAt: nowMs + resetMs }
}
