import type { Catalog, Integration } from '../definition/catalog.ts'
import { createEngine } from '../engine.ts'
import { EngineError } from '../errors.ts'
import type { WireRequest } from '../ports.ts'
import type { Case } from '../schema/generated.ts'
import { accountOf } from './account.ts'
import { makeCall } from './call.ts'
import { casePorts } from './case-ports.ts'
import { errorExpectation, expectationOf } from './expectation.ts'
import { requestOf, responseOf } from './wire.ts'

type Exchange = Case['exchanges'][number]

/** An answer that a provider gave, and which request it was for. */
export interface RecordedAnswer {
  readonly verb: string
  /** Path with base path, as on the wire. */
  readonly path: string
  readonly response: Exchange['response']
}

/** A case without what is found by playing it. */
export type CaseDraft = Omit<Case, 'exchanges' | 'expect' | 'connect'> & Required<Pick<Case, 'call'>>

/**
 * Makes a case of a call and of what the provider answered. The requests are those that the engine makes for the made-up
 * account of the case, so nothing of the account that was asked gets into it but by the answers. Throws EngineError
 * invalid_request where the call asks otherwise than it did.
 */
export async function recordCase(
  catalog: Catalog,
  integration: Integration,
  draft: CaseDraft,
  answers: readonly RecordedAnswer[],
): Promise<Case> {
  const { account, credentials } = accountOf(integration, draft.account)
  const left = [...answers]
  const exchanges: Exchange[] = []
  let unexpected: string | undefined
  const send = (request: WireRequest) => {
    const { pathname } = new URL(request.url)
    const at = left.findIndex(({ verb, path }) => verb === request.verb && decoded(path) === decoded(pathname))
    const [found] = at === -1 ? [] : left.splice(at, 1)
    if (found === undefined) {
      unexpected ??= `${request.verb} ${pathname}`
      return Promise.reject(new EngineError('internal', 'There is no answer to this request', { sent: false }))
    }
    exchanges.push({ request: requestOf(request), response: found.response })
    return Promise.resolve(responseOf(found.response))
  }
  const transport = { send, stream: () => Promise.reject(new EngineError('internal', 'A case has no streams')) }
  const engine = createEngine({ catalog, ports: casePorts(transport, credentials, draft.now) })
  const options = {
    requestId: 'req_case',
    priority: 'interactive',
    onLimit: 'wait',
    idempotencyKey: 'case-key',
  } as const
  const expect = await makeCall(engine, account, draft.call, options).then(
    (answer) => expectationOf(answer, undefined, draft.call.model !== undefined),
    (thrown: unknown) => {
      if (thrown instanceof EngineError) return errorExpectation(thrown, undefined)
      throw thrown
    },
  )
  const unused = left[0]
  if (unexpected !== undefined || unused !== undefined) {
    const what = unexpected ?? `${unused?.verb} ${unused?.path}`
    throw new EngineError('invalid_request', `Played again with stand-ins, the call does not fit ${what}`, {
      hint: 'The request depends on something that was cut out; write this case by hand.',
    })
  }
  return { ...draft, exchanges, expect }
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
