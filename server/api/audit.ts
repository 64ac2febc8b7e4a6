import type { EngineError } from '../../engine/index.ts'
import type { AuditOutcome, JsonObject } from '../stores/index.ts'
import type { CallContext } from './context.ts'

/** Stores who did what to what in the environment of the call. Throws store_failed. */
export async function audit(
  context: CallContext,
  action: string,
  target: string,
  outcome: AuditOutcome,
  details: JsonObject = {},
): Promise<void> {
  const { services, caller, requestId, trace } = context
  await services.stores.audit.record(trace.environmentId ?? caller.environmentId, {
    actor: `token:${caller.token.id}`,
    action,
    target,
    outcome,
    requestId,
    details,
    at: services.clock.now(),
  })
}

const DENIED = ['forbidden', 'approval_required']

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
    const outcome = DENIED.includes(code) ? 'denied' : code === 'outcome_unknown' ? 'unknown' : 'failed'
    if (isWatched || outcome === 'denied') await audit(context, action, target, outcome, { effect, code })
    throw thrown
  }
}
