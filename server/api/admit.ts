import { authenticate, type Presented } from './authenticate.ts'
import type { Caller, Services, Trace } from './context.ts'
import { asEngineError } from './problem.ts'
import { checkRank } from './reach.ts'
import { auditRefusal } from './refusals.ts'

/** What is asked for, as the audit log names it, such as `GET /job`, and who may ask. */
interface Asked {
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
    if (status === 401 || status === 403) await auditRefusal(services, trace, asked, code)
    throw thrown
  }
}
