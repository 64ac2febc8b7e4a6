import type { CompiledErrorRule, Integration, Operation } from '../definition/catalog.ts'
import { EngineError, ERRORS, type ErrorCode, type ProviderFailure } from '../errors.ts'
import type { Compiled, Variables } from '../expression/index.ts'

/** An answer with its body parsed as far as it can be (text when it is not what it should be). */
export interface Answer {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
}

/** What an answer means. `rule` is the error rule that held; without one the status decides. */
export type Verdict =
  | { readonly kind: 'ok' }
  | { readonly kind: 'ignored'; readonly rule: CompiledErrorRule }
  | {
      readonly kind: 'succeed_with'
      readonly read: NonNullable<CompiledErrorRule['succeedWith']>
      readonly error: EngineError
    }
  | {
      readonly kind: 'failed'
      readonly rule: CompiledErrorRule | undefined
      readonly error: EngineError
      readonly isLimited: boolean
    }

/**
 * The value of an expression over an answer, whose body is its record and `$response`; bytes are seen as null. The
 * operation gives `$operation` and `$effect`, `more` whatever else is in scope. Throws as evaluate does.
 */
export function ask(expression: Compiled, answer: Answer, operation?: Operation, more: Variables = {}): unknown {
  const { status, headers } = answer
  const body = answer.body instanceof Uint8Array ? null : answer.body
  const variables = { ...more, http_status: status, headers, response: body }
  if (operation === undefined) return expression.evaluate(body, variables)
  return expression.evaluate(body, { ...variables, operation: operation.id, effect: operation.effect })
}

/** Whether a condition over an answer holds. */
export const holds = (condition: Compiled | undefined, answer: Answer, operation?: Operation): boolean =>
  condition !== undefined && ask(condition, answer, operation) === true

const BY_STATUS: Readonly<Record<number, ErrorCode>> = {
  401: 'needs_reauth',
  403: 'provider_forbidden',
  404: 'record_not_found',
  409: 'conflict',
  429: 'rate_limited',
  // The provider has no such function (RFC 9110): no later attempt helps.
  501: 'unsupported_method',
  503: 'provider_unavailable',
}

/** The code of a failed status without a rule; undefined for statuses that are no failure. */
export function codeOfStatus(status: number): ErrorCode | undefined {
  if (status < 300) return undefined
  if (status >= 500) return BY_STATUS[status] ?? 'provider_error'
  return status < 400 ? 'provider_bad_response' : (BY_STATUS[status] ?? 'provider_invalid_request')
}

/**
 * Gives an answer its meaning: the first error rule that holds (whatever the status, so that errors inside a 200 are seen),
 * then the limit feedback, then the status. `clean` removes secrets from the body before it is shown.
 */
export function judge(
  integration: Integration,
  operation: Operation,
  answer: Answer,
  clean: (body: unknown) => unknown,
): Verdict {
  const rule = operation.errors.find(({ when }) => holds(when, answer, operation))
  if (rule?.action === 'ignore') return { kind: 'ignored', rule }
  const isLimited = rule === undefined ? saysLimited(integration, answer) : rule.action === 'rate_limited'
  const code = codeFor(rule, isLimited, answer.status)
  if (code === undefined) return { kind: 'ok' }
  const error = providerError(integration, operation, answer, { code, rule, clean })
  if (rule?.succeedWith !== undefined) return { kind: 'succeed_with', read: rule.succeedWith, error }
  return { kind: 'failed', rule, error, isLimited }
}

const saysLimited = ({ feedback: { limited } }: Integration, answer: Answer): boolean =>
  limited === undefined ? answer.status === 429 : holds(limited, answer)

function codeFor(rule: CompiledErrorRule | undefined, isLimited: boolean, status: number): ErrorCode | undefined {
  if (rule?.code !== undefined && Object.hasOwn(ERRORS, rule.code)) return rule.code as ErrorCode
  if (isLimited) return 'rate_limited'
  if (rule?.action === 'refresh') return 'needs_reauth'
  return codeOfStatus(status) ?? (rule === undefined ? undefined : 'provider_error')
}

interface Facts {
  readonly code: ErrorCode
  readonly rule?: CompiledErrorRule | undefined
  readonly clean: (body: unknown) => unknown
}

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : undefined

const texts = (value: unknown): readonly string[] | undefined => {
  const all = (Array.isArray(value) ? value : [value]).map(text).filter((one) => one !== undefined)
  return all.length === 0 ? undefined : all
}

const said = (expression: Compiled | undefined, answer: Answer): unknown =>
  expression === undefined ? undefined : ask(expression, answer)

/** The provider's id of a request, where the definition says it stands. */
export const requestIdOf = (integration: Integration, answer: Answer): string | undefined =>
  text(said(integration.failure.requestId, answer))

/** An EngineError that carries what the provider said. */
export function providerError(
  integration: Integration,
  operation: Operation,
  answer: Answer,
  facts: Facts,
): EngineError {
  const { failure, label } = integration
  const provider: ProviderFailure = {
    name: integration.name,
    status: answer.status,
    code: text(said(failure.code, answer)),
    message: text(said(failure.message, answer)),
    requestId: requestIdOf(integration, answer),
    body: facts.clean(answer.body),
  }
  const what =
    provider.message === undefined ? `status ${answer.status}` : `status ${answer.status}: ${provider.message}`
  return new EngineError(facts.code, `${label} answered ${operation.id} with ${what}`, {
    provider,
    hint: facts.rule?.hint,
    missingFields: texts(said(facts.rule?.missingFields, answer)),
    missingScopes: texts(said(facts.rule?.missingScopes, answer)),
    sent: true,
  })
}

/** The same error with further details. */
export const withDetails = (error: EngineError, details: EngineError['details']): EngineError =>
  new EngineError(error.code, error.message, { cause: error.cause, ...error.details, ...details })

/** What the provider's own hints say about trying again; undefined when none holds. */
export function retryHint(operation: Operation, answer: Answer): boolean | undefined {
  return operation.retry.hints.find(({ when }) => holds(when, answer))?.retry
}
