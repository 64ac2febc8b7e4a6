import type { CompiledErrorRule, RetryRules } from '../definition/catalog.ts'
import type { ErrorCode } from '../errors.ts'

/** What is known when an attempt failed. */
export interface Failure {
  /** Status of the answer; undefined when there was none. */
  readonly status: number | undefined
  readonly code: ErrorCode
  /** Action of the error rule that held; undefined when none did. */
  readonly action: CompiledErrorRule['action'] | undefined
  /** What the provider's own hints say about trying again; undefined when none holds. */
  readonly hint: boolean | undefined
  /** Whether the answer means that the rate limit is reached. */
  readonly isLimited: boolean
  /** Whether bytes of the request may have reached the provider. */
  readonly wasSent: boolean
}

/** What the failed request was. */
export interface Attempted {
  /** From 1. */
  readonly attempt: number
  /** Reads, and writes whose idempotency key the provider still remembers. */
  readonly isRepeatable: boolean
}

/**
 * again: send it once more after the wait. stop: report the failure. ask_then_again, ask_then_unknown: a write that nobody
 * knows the outcome of; look for its result, and if there is none send it again or report outcome_unknown.
 */
export type NextStep = 'again' | 'stop' | 'ask_then_again' | 'ask_then_unknown'

const WIRE_CODES: ReadonlySet<ErrorCode> = new Set(['timeout', 'connection_failed', 'provider_bad_response'])
/** A gateway answered for a provider that did not. */
const GATEWAY = new Set([502, 504])
/** Of all 5xx these say that the request was not taken up. */
const NOT_TAKEN_UP = new Set([501, 503])

const saysAgain = ({ action, hint }: Failure): boolean =>
  action === 'retry' || action === 'rate_limited' || hint === true

/** Whether the failure leaves open what became of a write. Without a key a 500 does so as well. */
export function isUnanswered(failure: Failure, isRepeatable: boolean): boolean {
  const { status, code, wasSent } = failure
  if (!wasSent || saysAgain(failure) || failure.isLimited) return false
  if (status === undefined || code === 'provider_bad_response') return code !== 'canceled'
  if (failure.action !== undefined) return false
  return GATEWAY.has(status) || (!isRepeatable && status >= 500 && !NOT_TAKEN_UP.has(status))
}

/** Refused before anybody looked at what the write is about, so they say nothing of an earlier attempt. */
const REFUSED_UNREAD = new Set([401, 403, 408, 409, 425, 429])

/** Whether the answer to a write settles also what became of earlier attempts with the same key. */
export function isFinal({ status, code, isLimited }: Failure): boolean {
  const isRefusal = status !== undefined && status < 500 && code !== 'provider_bad_response'
  return isRefusal && !isLimited && !REFUSED_UNREAD.has(status)
}

/**
 * Whether trying again could help at all. A rule that says so decides, then the provider's own hint, then any other rule,
 * then the status or the kind of wire failure.
 */
function mayHelp(rules: RetryRules, failure: Failure): boolean {
  if (failure.status === undefined || failure.code === 'provider_bad_response') return WIRE_CODES.has(failure.code)
  if (failure.action === 'retry' || failure.action === 'rate_limited') return true
  if (failure.hint !== undefined) return failure.hint
  if (failure.action !== undefined) return false
  return failure.isLimited || rules.statuses.has(failure.status)
}

/**
 * What follows a failed attempt. A write without a key is sent again only when nothing was sent, when the provider said
 * that it did not do it, or when its result was looked for and not found.
 */
export function nextStep(rules: RetryRules, failure: Failure, { attempt, isRepeatable }: Attempted): NextStep {
  const canRepeat = mayHelp(rules, failure) && attempt < rules.attempts
  if (isRepeatable || !failure.wasSent) return canRepeat ? 'again' : 'stop'
  if (isUnanswered(failure, false)) {
    const wasDone = failure.code === 'provider_bad_response'
    return canRepeat && !wasDone ? 'ask_then_again' : 'ask_then_unknown'
  }
  const isRefused =
    saysAgain(failure) || failure.isLimited || NOT_TAKEN_UP.has(failure.status ?? 0) || failure.status === 408
  return canRepeat && isRefused ? 'again' : 'stop'
}
