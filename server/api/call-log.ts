import type { EngineError } from '../../engine/index.ts'
import type { Services, Trace } from './context.ts'

/** One call of the API that is over. */
export interface EndedCall {
  readonly requestId: string
  readonly surface: string
  readonly verb: string
  /** Path with query, as it came. */
  readonly target: string
  readonly status: number
  readonly durationMs: number
  readonly errorCode: string | null
  readonly trace: Trace
}

/** Keeps what a call was: one log line, one row of the request log, one count. */
export function logCall(services: Services, call: EndedCall): void {
  const { trace, requestId, surface, verb, target, status, durationMs, errorCode } = call
  const mark = target.indexOf('?')
  const path = mark < 0 ? target : target.slice(0, mark)
  services.metrics.count('http_requests', { surface, status: classOf(status), code: errorCode ?? '' })
  services.metrics.observe('http_request_seconds', durationMs, { surface })
  services.log.info(
    {
      request_id: requestId,
      method: verb,
      path,
      status,
      code: errorCode,
      ms: Math.round(durationMs),
      environment: trace.environmentId,
      account: trace.accountId,
      token: trace.tokenId,
      upstream: trace.upstreamRequests,
    },
    'request',
  )
  services.stores.requests.append({
    requestId,
    environmentId: trace.environmentId,
    integratedAccountId: trace.accountId,
    tokenId: trace.tokenId,
    method: verb,
    path: target,
    status,
    durationMs,
    upstreamRequests: trace.upstreamRequests,
    errorCode,
    at: services.clock.now(),
  })
}

const CLASSES = ['', '1xx', '2xx', '3xx', '4xx', '5xx']

const classOf = (status: number): string => CLASSES[Math.floor(status / 100)] ?? 'other'

/** Logs a failure that nobody foresaw or that is ours, with its cause; 501 says what a provider cannot do, and is none. */
export function logFailure(services: Services, requestId: string, error: EngineError): void {
  if (error.status < 500 || error.status === 501) return
  services.log.error({ request_id: requestId, code: error.code, err: error }, error.message)
}
