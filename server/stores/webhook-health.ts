import type { DisabledReason, WebhookHealth } from './webhook-types.ts'

/** After so many failures in a row a destination counts as failing. */
export const FAILING_AFTER = 5
/** A destination that has been failing for so long is switched off. */
const OFF_AFTER_MS = 5 * 86_400_000
/** Failures that are further apart are not one trouble: the longest pause between two attempts is a day. */
const APART_MS = 2 * 86_400_000
const FIRST_PAUSE_MS = 10_000
const LONGEST_PAUSE_MS = 600_000

/** A destination without any trouble. */
export const HEALTHY = Object.freeze({
  disabledReason: null,
  failures: 0,
  failingSince: null,
  failedAt: null,
  pausedUntil: null,
})

/**
 * The state after another failure: from the fifth in a row on it is left alone for 10 seconds, twice as long each time up to 10
 * minutes; after five days of nothing but failures, or once it said that it is gone for good, it is off.
 */
export function afterFailure(health: WebhookHealth, now: number, isGone: boolean): WebhookHealth {
  const isAnew = health.failedAt === null || now - health.failedAt > APART_MS
  const failures = isAnew ? 1 : health.failures + 1
  const failingSince = isAnew ? now : (health.failingSince ?? now)
  const beyond = failures - FAILING_AFTER
  const pausedUntil = beyond < 0 ? null : now + Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(beyond, 16))
  const off = reasonToEnd(isGone, beyond >= 0 && now - failingSince >= OFF_AFTER_MS)
  return {
    isEnabled: health.isEnabled && off === null,
    disabledReason: off ?? health.disabledReason,
    failures,
    failingSince,
    failedAt: now,
    pausedUntil,
  }
}

const reasonToEnd = (isGone: boolean, isHopeless: boolean): DisabledReason | null => {
  if (isGone) return 'gone'
  return isHopeless ? 'failing' : null
}
