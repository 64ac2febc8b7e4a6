import type { EngineError } from '../../engine/index.ts'
import type { AuditOutcome, JsonObject } from '../stores/index.ts'
import type { CallContext } from './context.ts'

/**
 * Stores who did what to what in the environment of the call, at once; with `isRead`, which nothing came of that could be
 * missed, within a second. Throws store_failed.
 */
export async function audit(
  context: CallContext,
  action: string,
  target: string,
  outcome: AuditOutcome,
  details: JsonObject = {},
  isRead = false,
): Promise<void> {
  const { services, caller, requestId, trace } = context
  const { audit: log } = services.stores
  const entry = {
    actor: `token:${caller.token.id}`,
    action,
    target,
    outcome,
    requestId,
    details,
    at: services.clock.now(),
  }
  const environmentId = trace.environmentId ?? caller.environmentId
  if (isRead && outcome === 'succeeded') await log.append(environmentId, entry)
  else await log.record(environmentId, entry)
}

const DENIED = ['forbidden', 'spend_limit', 'approval_refused', 'approval_over', 'approval_stale']

/** How a failed act is told: held waits for approval, denied was not let through, unknown was sent without an answer. */
export function outcomeOf(code: string): Exclude<AuditOutcome, 'succeeded'> {
  if (code === 'approval_required' || code === 'approval_pending') return 'held'
  if (DENIED.includes(code)) return 'denied'
  return code === 'outcome_unknown' || code === 'partly_done' ? 'unknown' : 'failed'
}

/** Runs an act on the provider and audits how it ended: what moves money or credentials always, the rest when denied. */
export async function audited<T>(
  context: CallContext,
  action: string,
  effect: string,
  act: () => Promise<T>,
): Promise<T> {
  const target = `integrated_account:${context.trace.accountId}`
  const isWatched = effect === 'money' || effect === 'credential'
  try {
    const result = await act()
    if (isWatched) await audit(context, action, target, 'succeeded', { effect })
    return result
  } catch (thrown) {
    const { code = 'internal' } = thrown as Partial<EngineError>
    const outcome = outcomeOf(code)
    if (isWatched || outcome === 'denied') await audit(context, action, target, outcome, { effect, code })
    throw thrown
  }
}
