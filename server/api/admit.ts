import { authenticate, type Presented } from './authenticate.ts'
import type { Caller, Services, Trace } from './context.ts'
import { asEngineError } from './problem.ts'
import { checkRank } from './reach.ts'

/** What is asked for, as the audit log names it, such as `GET /job`, and who may ask. */
export interface Asked {
  readonly name: string
  readonly rank: Parameters<typeof checkRank>[1] | 'any'
  readonly requestId: string
}

/**
 * The caller of a request that may make it. Throws as authenticate does, and forbidden for a role that is too low; a known
 * token that is refused stands in the audit log of its environment.
 */
export async function admit(services: Services, presented: Presented, trace: Trace, asked: Asked): Promise<Caller> {
  try {
    const caller = await authenticate(services, presented, trace)
    if (asked.rank !== 'any') checkRank(caller.token, asked.rank)
    return caller
  } catch (thrown) {
    const { code, status } = asEngineError(thrown)
    if ((status === 401 || status === 403) && trace.tokenId !== null && trace.environmentId !== null) {
      await services.stores.audit.record(trace.environmentId, {
        actor: `token:${trace.tokenId}`,
        action: 'api.call',
        target: asked.name,
        outcome: 'denied',
        requestId: asked.requestId,
        details: { code },
        at: services.clock.now(),
      })
    }
    throw thrown
  }
}
