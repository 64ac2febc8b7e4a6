import { OperationProcessingError, ResponseBodyError } from 'oauth4webapi'
import { EngineError, type ErrorCode } from '../errors.ts'
import { readWait } from '../resilience/index.ts'
import type { TokenAnswer } from './answer.ts'
import type { Party } from './party.ts'

/** The provider's own code of a refusal (RFC 6749 5.2), for whoever has to tell one from another. */
export const refusalOf = (error: unknown): string | undefined =>
  error instanceof EngineError ? error.details.provider?.code : undefined

/** Refusals that are a matter of the app and not of the grant. */
const OF_APP: ReadonlySet<string> = new Set(['invalid_client', 'unauthorized_client', 'unsupported_grant_type'])
/** Refusals that time mends (RFC 6749 4.1.2.1, RFC 8628 3.5). */
const PASSING: ReadonlySet<string> = new Set(['temporarily_unavailable', 'server_error', 'slow_down'])
const RETRY_AFTER = { header: 'Retry-After' }
const PASSING_STATUS: ReadonlySet<number> = new Set([408, 425, 429])

function codeOf(party: Party, refusal: string): ErrorCode {
  if (refusal === 'invalid_grant') return 'needs_reauth'
  if (!OF_APP.has(refusal)) return 'authorization_failed'
  return ownsClient(party) ? 'needs_reauth' : 'oauth_app_refused'
}

/** Whether the account brings the client along in its own form. */
const ownsClient = ({ oauth2: { client, assertion } }: Party): boolean =>
  [client.id, client.secret, assertion?.key.value].some((one) => one?.variables.includes('credentials') === true)

/** An error of a status that says nothing about the grant: overload, a gateway, a fault of the provider. */
export function passingFailure(party: Party, answer: TokenAnswer): EngineError | undefined {
  const { status, standard, isRefusal } = answer
  const refusal = String(standard.error)
  const isPassing = status >= 500 || PASSING_STATUS.has(status) || (isRefusal && PASSING.has(refusal))
  if (!isPassing) return undefined
  const code = status === 429 ? 'rate_limited' : 'provider_unavailable'
  const message = `The token endpoint of ${party.integration.label} answered with status ${status}`
  const waitMs = readWait(RETRY_AFTER, answer.headers, party.wire.nowMs)
  return new EngineError(code, message, { provider: providerOf(party, status, refusal, undefined), waitMs, sent: true })
}

const providerOf = ({ integration }: Party, status: number, code: string, message: string | undefined) => ({
  name: integration.name,
  status,
  code,
  message,
})

/** What the library says of an answer, as a coded error; a refusal keeps the provider's own code. */
export function asGrantError(party: Party, thrown: unknown, answer: TokenAnswer | undefined): unknown {
  if (thrown instanceof EngineError) return thrown
  const { label } = party.integration
  if (thrown instanceof ResponseBodyError) {
    const { error, error_description: said } = thrown
    const provider = providerOf(party, answer?.status ?? thrown.status, error, said)
    const message = `The token endpoint of ${label} refused with ${error}${said === undefined ? '' : `: ${said}`}`
    return new EngineError(codeOf(party, error), message, { provider, sent: true })
  }
  if (!(thrown instanceof OperationProcessingError)) return thrown
  const message = `The token endpoint of ${label} answered with what cannot be read: ${thrown.message}`
  return new EngineError('provider_bad_response', message, { sent: true })
}
