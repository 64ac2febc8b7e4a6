import { EngineError, type ErrorCode } from '../../engine/index.ts'

/** Codes of the HTTP client that mean something else than a broken connection. */
const CODES: Readonly<Record<string, ErrorCode>> = {
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
  ETIMEDOUT: 'timeout',
  UND_ERR_INVALID_ARG: 'invalid_request',
  UND_ERR_NOT_SUPPORTED: 'invalid_request',
  UND_ERR_REQ_CONTENT_LENGTH_MISMATCH: 'invalid_request',
  UND_ERR_DESTROYED: 'overloaded',
  UND_ERR_CLOSED: 'overloaded',
}

const MESSAGES: Partial<Readonly<Record<ErrorCode, string>>> = {
  timeout: 'did not answer in time',
  invalid_request: 'was not asked, because the request is not valid HTTP',
  overloaded: 'was not asked, because the server is shutting down',
}

function codeOf(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  return typeof code === 'string' ? code : 'unknown'
}

/** The coded failure for whatever the HTTP client threw. The message names the origin only: paths and queries may hold secrets. */
export function wireFailure(cause: unknown, origin: string, sent: boolean): EngineError {
  if (cause instanceof EngineError) return cause
  const reason = codeOf(cause)
  const code = CODES[reason] ?? 'connection_failed'
  return new EngineError(code, `${origin} ${MESSAGES[code] ?? `broke the connection (${reason})`}`, { sent, cause })
}

/** The failure for an answer that takes too long. */
export const timedOut = (origin: string, timeoutMs: number, sent: boolean): EngineError =>
  new EngineError('timeout', `${origin} did not answer within ${timeoutMs} ms`, { sent })

/** The failure for a caller that left. */
export const canceled = (origin: string, reason: unknown, sent: boolean): EngineError =>
  reason instanceof EngineError
    ? new EngineError(reason.code, reason.message, { ...reason.details, sent })
    : new EngineError('canceled', `The request to ${origin} was canceled`, { sent, cause: reason })

/** The failure for an answer over the limit. */
export const tooLarge = (origin: string, maxBytes: number): EngineError =>
  new EngineError('response_too_large', `The answer of ${origin} is larger than ${maxBytes} bytes`, { sent: true })
