import { signed } from '../auth/index.ts'
import type { Operation } from '../definition/catalog.ts'
import { EngineError } from '../errors.ts'
import type { Compiled } from '../expression/index.ts'
import type { BudgetFeedback, WireRequest, WireResponse } from '../ports.ts'
import {
  type Answer,
  type Failure,
  holds,
  judge,
  providerError,
  readFeedback,
  requestIdOf,
  retryHint,
  withDetails,
} from '../resilience/index.ts'
import { settled } from './apart.ts'
import type { EngineContext, Invocation } from './context.ts'
import { withoutCredentials } from './hide.ts'
import type { Prepared } from './prepare.ts'
import { readBody } from './read-body.ts'
import { secretNames, withoutSecrets } from './secrets.ts'

/** A read whose answer stands in for another one. */
export interface Instead {
  readonly from: string
  readonly path: ReadonlyMap<string, Compiled>
}

/** What came of one attempt. `instead`: a rule names a read that stands in, or the provider refused a key it knows. */
export type Outcome =
  | { readonly kind: 'answered'; readonly answer: Answer; readonly isIgnored: boolean }
  | {
      readonly kind: 'instead'
      readonly answer: Answer
      readonly error: EngineError
      readonly read: Instead
      readonly isRepeat: boolean
    }
  | {
      readonly kind: 'failed'
      readonly error: EngineError
      readonly failure: Failure
      readonly answer: Answer | undefined
    }

/** Sends the request once, within the budget, and finds out what the answer means. Throws only what ends the call at once. */
export async function attemptOnce(
  context: EngineContext,
  invocation: Invocation,
  prepared: Prepared,
  attempt: number,
): Promise<Outcome> {
  const { ports } = context
  const { options, call, operation } = invocation
  limitTime(prepared.request, invocation, ports.clock.now())
  call.spend(operation.id)
  const lease = await ports.budget.acquire({ ...options, buckets: prepared.buckets })
  let feedback: BudgetFeedback | undefined
  try {
    const started = ports.clock.now()
    const sent = await send(context, invocation, limitTime(signedAt(context, prepared), invocation, started))
    const ms = ports.clock.now() - started
    const { outcome, requestId } =
      sent instanceof EngineError
        ? { outcome: failed(sent, undefined, {}), requestId: undefined }
        : await read(context, invocation, prepared, sent)
    feedback = feedbackOf(outcome, prepared, ports.clock.now())
    report(context, invocation, prepared, { outcome, requestId, attempt, ms })
    return outcome
  } finally {
    lease.done(feedback)
    call.setBudget(ports.budget.state(prepared.buckets))
  }
}

/** The request with what signs this attempt and no other. */
function signedAt({ ports }: EngineContext, { request, method, holder }: Prepared): WireRequest {
  if (method.signing === undefined) return request
  return signed(request, method, holder, { nowMs: ports.clock.now(), nonce: ports.random.id(32) })
}

/** Waits no longer than the deadline allows. Throws timeout when it has passed already. */
function limitTime(request: WireRequest, { options, operation }: Invocation, nowMs: number): WireRequest {
  const left = options.deadline === undefined ? Number.POSITIVE_INFINITY : options.deadline - nowMs
  if (left <= 0)
    throw new EngineError('timeout', `The deadline passed before ${operation.id} was sent`, { sent: false })
  return { ...request, timeoutMs: Math.min(request.timeoutMs, left), signal: options.signal }
}

async function send(
  context: EngineContext,
  { options }: Invocation,
  request: WireRequest,
): Promise<WireResponse | EngineError> {
  try {
    if (options.signal?.aborted)
      throw new EngineError('canceled', 'The caller left before the request was sent', { sent: false })
    return await context.ports.transport.send(request)
  } catch (error) {
    if (error instanceof EngineError) return error
    throw error
  }
}

/** What an answer means, and the provider's id of the request. What keeps it from being read is thrown as sent. */
async function read(context: EngineContext, invocation: Invocation, prepared: Prepared, wire: WireResponse) {
  const { body, problem } = readBody(wire, invocation.operation.response)
  const answer: Answer = { status: wire.status, headers: wire.headers, body }
  try {
    return await settled(context, invocation.account, () => ({
      outcome: told(invocation, prepared, answer, problem),
      requestId: requestIdOf(prepared.integration, answer),
    }))
  } catch (thrown) {
    throw thrown instanceof EngineError ? withDetails(thrown, { sent: true }) : thrown
  }
}

/** What an answer means; what it says of a failure goes to callers and logs, so credentials are hidden in it. */
function told(invocation: Invocation, prepared: Prepared, answer: Answer, problem: string | undefined): Outcome {
  const outcome = interpret(invocation, prepared, answer, problem)
  if (outcome.kind === 'answered') return outcome
  const { holder, request } = prepared
  return { ...outcome, error: withoutCredentials(outcome.error, holder, request.headers) }
}

function interpret(
  { operation }: Invocation,
  prepared: Prepared,
  answer: Answer,
  problem: string | undefined,
): Outcome {
  const { integration } = prepared
  const clean = (value: unknown): unknown => withoutSecrets(value, secretNames(integration))
  const conflict = conflictOf(operation, prepared, answer)
  if (conflict !== undefined) {
    const error = providerError(integration, operation, answer, { code: 'conflict', clean })
    return { kind: 'instead', answer, error, read: conflict, isRepeat: true }
  }
  const verdict = judge(integration, operation, answer, clean)
  if (verdict.kind === 'ignored') return { kind: 'answered', answer, isIgnored: true }
  if (verdict.kind === 'succeed_with') {
    return { kind: 'instead', answer, error: verdict.error, read: verdict.read, isRepeat: false }
  }
  if (verdict.kind === 'failed') {
    const { error, rule, isLimited } = verdict
    const hint = retryHint(operation, answer)
    return failed(error, answer, { status: answer.status, action: rule?.action, hint, isLimited })
  }
  const broken = problem ?? emptiness(operation, answer)
  if (broken === undefined) return { kind: 'answered', answer, isIgnored: false }
  const said = providerError(integration, operation, answer, { code: 'provider_bad_response', clean })
  const message = `${integration.label} answered ${operation.id} with a body that cannot be read: ${broken}`
  return failed(new EngineError(said.code, message, said.details), answer, { status: answer.status })
}

function failed(error: EngineError, answer: Answer | undefined, known: Partial<Failure>): Outcome {
  const failure: Failure = {
    status: undefined,
    code: error.code,
    action: undefined,
    hint: undefined,
    isLimited: false,
    wasSent: error.details.sent ?? true,
    ...known,
  }
  return { kind: 'failed', error, failure, answer }
}

function conflictOf(operation: Operation, { key }: Prepared, answer: Answer): Instead | undefined {
  const rules = key === undefined ? undefined : operation.idempotency?.onConflict
  return holds(rules?.when, answer) ? rules : undefined
}

/** A read that answers nothing at all, without the status that says so. */
function emptiness({ effect, response }: Operation, { status, body }: Answer): string | undefined {
  const mayBeEmpty = effect !== 'read' || response.format === 'none' || status === 204 || status === 205
  return body === null && !mayBeEmpty && response.format === 'json' ? 'it is empty' : undefined
}

const feedbackOf = (outcome: Outcome, { integration }: Prepared, nowMs: number): BudgetFeedback | undefined => {
  if (outcome.answer === undefined) return undefined
  const isLimited = outcome.kind === 'failed' && outcome.failure.isLimited
  return readFeedback(integration.feedback, outcome.answer.headers, isLimited, nowMs)
}

interface Attempt {
  readonly outcome: Outcome
  readonly requestId: string | undefined
  readonly attempt: number
  readonly ms: number
}

/** Logs and counts one upstream request: the path as the definition writes it, never values or bodies. */
function report(
  context: EngineContext,
  invocation: Invocation,
  prepared: Prepared,
  { outcome, requestId, attempt, ms }: Attempt,
): void {
  const { operation, account, options, call } = invocation
  const { integration } = prepared
  call.addRequestId(requestId)
  const code = outcome.kind === 'failed' ? outcome.error.code : undefined
  const status = String(outcome.answer?.status ?? code)
  const labels = { integration: integration.name, operation: operation.id }
  context.ports.meter.count('upstream_requests_total', { ...labels, status })
  context.ports.meter.observe('upstream_ms', ms, labels)
  const fields = { request_id: options.requestId, ...labels, integrated_account_id: account.id, verb: operation.verb }
  const what = { path: operation.path.source, status, attempt, ms, code, provider_request_id: requestId }
  context.ports.log.info({ ...fields, ...what }, 'upstream request')
}
