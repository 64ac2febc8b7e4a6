import type { CompiledErrorRule, Integration, Operation } from '../definition/catalog.ts'
import { EngineError, ERRORS, type ErrorCode, type ProviderFailure } from '../errors.ts'

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

/** Variables of expressions over an answer. */
export function answerVariables(answer: Answer, operation?: Operation): Readonly<Record<string, unknown>> {
  const { status, headers, body } = answer
  const variables = { http_status: status, headers, response: body }
  return operation === undefined ? variables : { ...variables, operation: operation.id, effect: operation.effect }
}

const BY_STATUS: Readonly<Record<number, ErrorCode>> = {
  401: 'needs_reauth',
  403: 'provider_forbidden',
  404: 'record_not_found',
  409: 'conflict',
  429: 'rate_limited',
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
  const variables = answerVariables(answer, operation)
  const rule = operation.errors.find(({ when }) => isTrue(when.evaluate(answer.body, variables)))
  if (rule?.action === 'ignore') return { kind: 'ignored', rule }
  const saysLimited = integration.feedback.limited?.evaluate(answer.body, variables)
  const isLimited =
    rule === undefined
      ? saysLimited === undefined
        ? answer.status === 429
        : isTrue(saysLimited)
      : rule.action === 'rate_limited'
  const code = codeFor(rule, isLimited, answer.status)
  if (code === undefined) return { kind: 'ok' }
  const error = providerError(integration, operation, answer, { code, rule, clean })
  if (rule?.succeedWith !== undefined) return { kind: 'succeed_with', read: rule.succeedWith, error }
  return { kind: 'failed', rule, error, isLimited }
}

const isTrue = (value: unknown): boolean => value === true

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

/** The provider's id of a request, where the definition says it stands. */
export const requestIdOf = (integration: Integration, answer: Answer): string | undefined =>
  text(integration.failure.requestId?.evaluate(answer.body, answerVariables(answer)))

/** An EngineError that carries what the provider said. */
export function providerError(
  integration: Integration,
  operation: Operation,
  answer: Answer,
  facts: Facts,
): EngineError {
  const variables = answerVariables(answer)
  const { failure, label } = integration
  const provider: ProviderFailure = {
    name: integration.name,
    status: answer.status,
    code: text(failure.code?.evaluate(answer.body, variables)),
    message: text(failure.message?.evaluate(answer.body, variables)),
    requestId: requestIdOf(integration, answer),
    body: facts.clean(answer.body),
  }
  const said =
    provider.message === undefined ? `status ${answer.status}` : `status ${answer.status}: ${provider.message}`
  return new EngineError(facts.code, `${label} answered ${operation.id} with ${said}`, {
    provider,
    hint: facts.rule?.hint,
    missingFields: texts(facts.rule?.missingFields?.evaluate(answer.body, variables)),
    missingScopes: texts(facts.rule?.missingScopes?.evaluate(answer.body, variables)),
    sent: true,
  })
}

/** The same error with further details. */
export const withDetails = (error: EngineError, details: EngineError['details']): EngineError =>
  new EngineError(error.code, error.message, { cause: error.cause, ...error.details, ...details })

/** What the provider's own hints say about trying again; undefined when none holds. */
export function retryHint(operation: Operation, answer: Answer): boolean | undefined {
  const variables = answerVariables(answer)
  return operation.retry.hints.find(({ when }) => isTrue(when.evaluate(answer.body, variables)))?.retry
}
