import { proveAt, urlBelow, withProof } from '../auth/index.ts'
import type { Integration } from '../definition/catalog.ts'
import { EngineError } from '../errors.ts'
import type { BudgetFeedback, Lease, WireRequest, WireStream } from '../ports.ts'
import { readFeedback } from '../resilience/index.ts'
import { bucketAsks } from './buckets.ts'
import { authMethodOf, type EngineContext, integrationOf } from './context.ts'
import type { Account, CallOptions, ForwardCall } from './contract.ts'
import { forwardBody } from './forward-body.ts'
import { answerHeaders, forwardHeaders } from './forward-headers.ts'
import { type ForwardTarget, forwardTarget } from './forward-target.ts'
import { LeasedBody } from './leased-body.ts'

/** Longest wait for the headers of an undeclared request, in milliseconds. */
const UNDECLARED_TIMEOUT_MS = 80_000

const VERBS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/**
 * Passes a request on as it is, with the account's credentials: checked target, declared operation, the caller's
 * `authorize`, owned headers refused, budget, stream. No retry and no idempotency record. The budget's lease ends with
 * the body, so the body must be read or left (`return`). Throws EngineError; nothing is sent before `authorize` agreed.
 */
export async function forward(
  context: EngineContext,
  account: Account,
  call: ForwardCall,
  options: CallOptions,
): Promise<WireStream> {
  const integration = integrationOf(context, account)
  if (!VERBS.has(call.verb))
    throw new EngineError('method_not_allowed', 'This HTTP method is not passed on', { valid: [...VERBS] })
  const target = forwardTarget(integration, account, call.verb, call.target)
  call.authorize(target.operation)
  const request = await buildForward(context, integration, { account, call, options, target })
  const buckets = bucketAsks(integration, account, target.operation)
  const lease = await context.ports.budget.acquire({ ...options, buckets })
  return sendForward(context, integration, request, lease)
}

interface Forwarding {
  readonly account: Account
  readonly call: ForwardCall
  readonly options: CallOptions
  readonly target: ForwardTarget
}

async function buildForward(
  { ports }: EngineContext,
  integration: Integration,
  { account, call, options, target }: Forwarding,
): Promise<WireRequest> {
  const given = forwardHeaders(integration.owned, call.headers)
  const method = authMethodOf(integration, account)
  const credentials = await ports.credentials.load(account.environmentId, account.id)
  const { origin } = target
  const proof = proveAt(origin, origin, method, credentials, account.connection)
  const { body, contentType } = await forwardBody(integration.owned, call.body, given.contentType, proof.body)
  const headers = withProof(given.headers, proof)
  if (contentType !== undefined && given.contentType === undefined) headers.push(['Content-Type', contentType])
  const isStreamed = body !== undefined && !(body instanceof Uint8Array)
  if (isStreamed && given.length !== undefined) headers.push(['Content-Length', given.length])
  return {
    verb: call.verb,
    url: urlBelow(origin, target.path, withParameter(target.query, proof.query)),
    headers,
    body,
    timeoutMs: timeoutOf({ account, call, options, target }, ports.clock.now()),
    maxBytes: Number.POSITIVE_INFINITY,
    signal: options.signal,
    isGranted: origin.isGranted,
  }
}

function withParameter(query: string, pair: readonly [name: string, value: string] | undefined): string {
  if (pair === undefined) return query
  const text = `${encodeURIComponent(pair[0])}=${encodeURIComponent(pair[1])}`
  return query.length > 1 ? `${query}&${text}` : `?${text}`
}

function timeoutOf({ call, options, target }: Forwarding, nowMs: number): number {
  const wanted = call.timeoutMs ?? target.operation?.request.timeoutMs ?? UNDECLARED_TIMEOUT_MS
  const left = options.deadline === undefined ? wanted : options.deadline - nowMs
  if (left <= 0) throw new EngineError('timeout', 'The deadline passed before the request was sent', { sent: false })
  return Math.min(wanted, left)
}

async function sendForward(
  { ports }: EngineContext,
  integration: Integration,
  request: WireRequest,
  lease: Lease,
): Promise<WireStream> {
  let answer: WireStream
  try {
    answer = await ports.transport.stream(request)
  } catch (error) {
    lease.done()
    throw error
  }
  const { headers, byName } = answerHeaders(answer.headers)
  const feedback = feedbackOf(integration, answer.status, byName, ports.clock.now())
  const isBodiless = request.verb === 'HEAD' || answer.status === 204 || answer.status === 304
  if (isBodiless) lease.done(feedback)
  const body = isBodiless ? answer.body : new LeasedBody(answer.body, () => lease.done(feedback))
  return { status: answer.status, headers, body }
}

/** What the answer says of the limit, as far as status and headers tell: the body belongs to the caller. */
function feedbackOf(
  integration: Integration,
  status: number,
  headers: Readonly<Record<string, string>>,
  nowMs: number,
): BudgetFeedback | undefined {
  const { limited } = integration.feedback
  const said = limited?.evaluate(null, { http_status: status, headers, response: null })
  return readFeedback(integration.feedback, headers, limited === undefined ? status === 429 : said === true, nowMs)
}
