import type { Services, Trace } from './context.ts'
import { asEngineError } from './problem.ts'
import { countInMinute } from './windows.ts'

/** Rows that a token makes in a minute by what one endpoint refuses it with one code. */
const MOST = 10
const MISSES = ['not_found', 'unknown_account']

/**
 * Stores that an endpoint refused a token that is known. Of more than ten alike in a minute the tenth says until when none
 * is stored, so that nobody fills the log: the request log has every call.
 */
export async function auditRefusal(
  services: Services,
  { tokenId, environmentId }: Pick<Trace, 'tokenId' | 'environmentId'>,
  { name, requestId }: { readonly name: string; readonly requestId: string },
  code: string,
): Promise<void> {
  if (tokenId === null || environmentId === null) return
  const { count, endsAt } = countInMinute(services, `refused ${tokenId} ${name} ${code}`)
  if (count > MOST) return
  await services.stores.audit.record(environmentId, {
    actor: `token:${tokenId}`,
    action: 'api.call',
    target: name,
    outcome: 'denied',
    requestId,
    details: { code, ...(count < MOST ? {} : { silent_until: new Date(endsAt).toISOString() }) },
    at: services.clock.now(),
  })
}

/** Runs a call of an endpoint; an id that is not there, or not the caller's to see, stands in the audit log as denied. */
export async function auditMisses<T>(
  services: Services,
  trace: Trace,
  asked: { readonly name: string; readonly requestId: string },
  call: () => Promise<T>,
): Promise<T> {
  try {
    return await call()
  } catch (thrown) {
    const { code } = asEngineError(thrown)
    if (MISSES.includes(code)) await auditRefusal(services, trace, asked, code)
    throw thrown
  }
}
