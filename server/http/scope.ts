import { type BudgetState, EngineError, type Priority } from '../../engine/index.ts'
import { logCall, logFailure } from '../api/call-log.ts'
import { budgetHeaders } from '../api/call-options.ts'
import { newTrace, type Services, type Trace } from '../api/context.ts'
import { asEngineError, problemHeaders, toProblem } from '../api/problem.ts'

/** One request on its way, for its id, its log line and its failure. */
export interface Scope {
  readonly requestId: string
  readonly verb: string
  /** Path with query, as it came. */
  readonly target: string
  readonly startedAt: number
  readonly trace: Trace
  errorCode: string | null
}

const PRIORITIES: readonly Priority[] = ['interactive', 'agent', 'sync']

/** Starts a scope; a fitting X-Request-Id of the caller is kept. */
export function openScope(
  services: Services,
  verb: string,
  target: string,
  requestId: string | null | undefined,
): Scope {
  const isFitting = typeof requestId === 'string' && /^[\w.:-]{1,128}$/.test(requestId)
  return {
    requestId: isFitting ? requestId : `req_${services.random.id(22)}`,
    verb,
    target: withoutToken(target),
    startedAt: performance.now(),
    trace: newTrace(),
    errorCode: null,
  }
}

/** A token may stand below /mcp/, which nobody is to read later. */
const withoutToken = (target: string): string =>
  target.startsWith('/mcp/') ? target.replace(/^\/mcp\/[^?]*/, '/mcp/[token]') : target

/** The X-Onefold-Priority header. Throws invalid_parameter. */
export function priorityOf(header: string | null | undefined): Priority {
  const found = PRIORITIES.find((one) => one === (header ?? 'interactive'))
  if (found !== undefined) return found
  throw new EngineError('invalid_parameter', 'X-Onefold-Priority is not one of its values', {
    where: 'X-Onefold-Priority',
    valid: PRIORITIES,
  })
}

/** The answer to a failure: status, headers and body; what nobody foresaw is logged with its cause. */
export function failureOf(services: Services, scope: Scope, thrown: unknown) {
  const error = asEngineError(thrown)
  scope.errorCode = error.code
  logFailure(services, scope.requestId, error)
  const headers = { ...scopeHeaders(services, scope), ...problemHeaders(error) }
  return { status: error.status, headers, problem: toProblem(error, scope.requestId) }
}

/** Headers of every answer: the request id, the budget of the account, and no guessing of types or caching. */
export function scopeHeaders(services: Services, { requestId, trace }: Scope): Record<string, string> {
  return {
    'x-request-id': requestId,
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    ...budgetHeaders(tighter(budgetOf(services, trace), trace.tokenBudget ?? undefined)),
  }
}

/** Of the account's budget and the token's, the one that is used up first. */
function tighter(account: BudgetState | undefined, token: BudgetState | undefined): BudgetState | undefined {
  if (account === undefined || token === undefined) return account ?? token
  return token.remaining <= account.remaining ? token : account
}

function budgetOf({ engine }: Services, { account }: Trace): BudgetState | undefined {
  if (account === null || !engine.catalog().integrations.has(account.integration)) return undefined
  return engine.budget(account)
}

/** Ends a scope: one log line, one row of the request log, one count. */
export function closeScope(services: Services, scope: Scope, surface: string, status: number): void {
  const { requestId, verb, target, errorCode, trace } = scope
  const durationMs = performance.now() - scope.startedAt
  logCall(services, { requestId, surface, verb, target, status, durationMs, errorCode, trace })
}
