import { STATUS_CODES } from 'node:http'
import { EngineError, ERRORS } from '../../engine/index.ts'

/** An error as it goes onto the wire: RFC 9457, with our members and those that older clients read. */
export type Problem = Readonly<Record<string, unknown>> & { readonly status: number; readonly code: string }

/** The EngineError behind anything thrown; what is none becomes `internal` with the cause kept for the log only. */
export function asEngineError(thrown: unknown): EngineError {
  if (thrown instanceof EngineError) return thrown
  return new EngineError('internal', 'Something failed inside Onefold; the log has it under the request id', {
    cause: thrown,
  })
}

/** The problem of an error. Causes never go onto the wire: they may hold anything. */
export function toProblem(error: EngineError, requestId: string): Problem {
  const { details, status } = error
  const reason = STATUS_CODES[status] ?? ERRORS[error.code].title
  return {
    type: `urn:onefold:error:${error.code}`,
    title: ERRORS[error.code].title,
    status,
    detail: error.message,
    code: error.code,
    retryable: error.retryable,
    who_can_fix: error.whoCanFix,
    request_id: requestId,
    ...given('where', details.where),
    ...given('valid', details.valid),
    ...given('hint', details.hint),
    ...given('issues', details.faults),
    ...given('approval', details.approval),
    ...given('provider', providerOf(error)),
    ...given('insight', insightOf(error)),
    statusCode: status,
    error: reason,
    message: error.message,
  }
}

const given = (name: string, value: unknown): Record<string, unknown> => (value === undefined ? {} : { [name]: value })

function providerOf({ details: { provider } }: EngineError): unknown {
  if (provider === undefined) return undefined
  const { name, status, code, message, requestId, body } = provider
  return {
    name,
    status,
    code: code ?? null,
    message: message ?? null,
    request_id: requestId ?? null,
    body: body ?? null,
  }
}

function insightOf({ details }: EngineError): unknown {
  const { missingFields, missingScopes, waitMs } = details
  if (missingFields === undefined && missingScopes === undefined && waitMs === undefined) return undefined
  return {
    ...given('missing_fields', missingFields),
    ...given('missing_scopes', missingScopes),
    ...given('wait_ms', waitMs === undefined ? undefined : Math.ceil(waitMs)),
  }
}

/** Headers that go with a problem: how to authenticate, and when to come back (whole seconds, at least 1). */
export function problemHeaders(error: EngineError): Record<string, string> {
  const headers: Record<string, string> = { 'content-type': 'application/problem+json' }
  if (error.status === 401) headers['www-authenticate'] = 'Bearer realm="onefold"'
  const { waitMs } = error.details
  if (waitMs !== undefined) headers['retry-after'] = String(Math.max(1, Math.ceil(waitMs / 1000)))
  return headers
}
