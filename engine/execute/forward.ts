import { proveAt, signed, signsBody, urlBelow } from '../auth/index.ts'
import type { Integration } from '../definition/catalog.ts'
import { EngineError } from '../errors.ts'
import type { BudgetFeedback, WireRequest, WireStream } from '../ports.ts'
import { readFeedback } from '../resilience/index.ts'
import { settled } from './apart.ts'
import { bucketAsks } from './buckets.ts'
import { authMethodOf, type EngineContext, integrationOf } from './context.ts'
import type { Account, CallOptions, ForwardCall } from './contract.ts'
import { type ForwardBody, forwardBody } from './forward-body.ts'
import { answerHeaders, forwardHeaders, headersByName } from './forward-headers.ts'
import { type ForwardTarget, forwardTarget } from './forward-target.ts'
import { type Held, holderAfter, holderOf } from './holder.ts'

/** Longest wait for the headers of an undeclared request, in milliseconds. */
const UNDECLARED_TIMEOUT_MS = 80_000

const VERBS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/**
 * Passes a request on as it is, with the account's credentials: checked target, declared operation, the caller's
 * `authorize`, owned headers refused, budget, stream. No idempotency record, and no retry but with a renewed token. The budget's lease ends when the
 * provider's answer does, so its body must be read or left (`return`). Throws EngineError; nothing is sent before `authorize` agreed.
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
  const target = await settled(context, account, () => forwardTarget(integration, account, call.verb, call.target))
  call.authorize(target.operation)
  const forwarding: Forwarding = { account, call, options, target }
  const method = authMethodOf(integration, account)
  const holder = await holderOf(context, account, method, options)
  const first = await passOn(context, integration, forwarding, holder)
  const other = first.status === 401 ? await afterRefusal(context, forwarding, holder) : undefined
  if (other === undefined) return first
  await first.body[Symbol.asyncIterator]().return?.()
  return passOn(context, integration, forwarding, other)
}

/** Sends the request once, proven by this holder. */
async function passOn(
  context: EngineContext,
  integration: Integration,
  forwarding: Forwarding,
  holder: Held,
): Promise<WireStream> {
  const { account, options, target } = forwarding
  const ending = new Ending()
  const request = await buildForward(context, integration, forwarding, { holder, ending })
  const buckets = bucketAsks(integration, account, target.operation)
  const { priority, deadline, onLimit, signal } = options
  const lease = await context.ports.budget.acquire({ buckets, priority, deadline, onLimit, signal })
  try {
    spend(options)
    const { status, headers, body } = await context.ports.transport.stream(request)
    const now = context.ports.clock.now()
    const feedback = await settled(context, account, () => feedbackOf(integration, status, headers, now))
    ending.follow(() => lease.done(feedback))
    return { status, headers: answerHeaders(headers), body }
  } catch (error) {
    lease.done()
    throw error
  }
}

/** The end of an exchange: the last byte can be there before anybody has looked at the headers. */
class Ending {
  #isOver = false
  #follow: (() => void) | undefined

  readonly onEnd = (): void => {
    this.#isOver = true
    this.#follow?.()
  }

  /** Runs when the exchange is over; at once when it is. */
  follow(run: () => void): void {
    this.#follow = run
    if (this.#isOver) run()
  }
}

/** Another token where the provider refused this one. A body that was streamed is gone: then the next call has the token. */
async function afterRefusal(
  context: EngineContext,
  { account, call, options }: Forwarding,
  holder: Held,
): Promise<Held | undefined> {
  const method = authMethodOf(integrationOf(context, account), account)
  const renewed = holderAfter(context, account, method, { holder, options })
  if (call.body === undefined || call.body instanceof Uint8Array) return renewed
  await renewed.catch(() => undefined)
  return undefined
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
  { holder, ending }: { readonly holder: Held; readonly ending: Ending },
): Promise<WireRequest> {
  const given = forwardHeaders(integration.owned, call.headers)
  const method = authMethodOf(integration, account)
  const { origin } = target
  const proof = proveAt(origin, origin, method, holder)
  const isLookedAt = proof.body !== undefined || integration.owned.body.size > 0
  if (isLookedAt) refuseCoded(given.headers)
  const { body, contentType }: ForwardBody =
    isLookedAt || signsBody(method)
      ? await forwardBody(integration.owned, call.body, given.contentType, proof.body)
      : { body: call.body }
  const { headers } = given
  headers.push(...proof.headers)
  if (contentType !== undefined && given.contentType === undefined) headers.push(['Content-Type', contentType])
  const isStreamed = body !== undefined && !(body instanceof Uint8Array)
  if (isStreamed && given.length !== undefined) headers.push(['Content-Length', given.length])
  const request: WireRequest = {
    verb: call.verb,
    url: urlBelow(origin, target.path, withParameter(target.query, proof.query)),
    headers,
    body,
    timeoutMs: timeoutOf({ account, call, options, target }, ports.clock.now()),
    maxBytes: Number.POSITIVE_INFINITY,
    signal: options.signal,
    isGranted: origin.isGranted,
    onEnd: ending.onEnd,
  }
  if (method.signing === undefined) return request
  return signed(request, method, holder, { nowMs: ports.clock.now(), nonce: ports.random.id(32) })
}

/** A compressed body hides its fields. Throws unsupported_media_type. */
function refuseCoded(headers: WireRequest['headers']): void {
  const coding = headers.find(([name]) => name.toLowerCase() === 'content-encoding')?.[1] ?? 'identity'
  if (coding.trim().toLowerCase() === 'identity') return
  throw new EngineError('unsupported_media_type', 'The fields of a compressed body cannot be checked', {
    where: 'Content-Encoding',
    valid: ['identity'],
  })
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

function spend({ cost }: CallOptions): void {
  if (cost === undefined) return
  if (cost.left <= 0) {
    throw new EngineError('cost_exceeded', 'The calls made together need more upstream requests than they may', {
      sent: false,
    })
  }
  cost.spend()
}

/** What the answer says of the limit, as far as status and headers tell: the body belongs to the caller. */
function feedbackOf(
  { feedback }: Integration,
  status: number,
  given: WireStream['headers'],
  nowMs: number,
): BudgetFeedback | undefined {
  const { limited, remaining } = feedback
  const asksHeaders = limited?.variables.includes('headers') === true
  if (status !== 429 && limited === undefined && remaining === undefined) return undefined
  const headers = asksHeaders || remaining !== undefined || status >= 400 ? headersByName(given) : {}
  const said = limited?.evaluate(null, { http_status: status, headers, response: null })
  return readFeedback(feedback, headers, limited === undefined ? status === 429 : said === true, nowMs)
}
