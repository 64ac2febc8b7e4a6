import { EngineError } from '../errors.ts'
import { backoffMs, isFinal, isUnanswered, longestWait, nextStep, readWait, withDetails } from '../resilience/index.ts'
import type { HeaderTime } from '../schema/generated.ts'
import { settled } from './apart.ts'
import { attemptOnce, type Outcome } from './attempt.ts'
import { builtWrite } from './built.ts'
import { type EngineContext, type Invocation, type OperationResponse, operationOf } from './context.ts'
import { type Held, holderAfter } from './holder.ts'
import { type Prepared, prepare, proven } from './prepare.ts'
import { findExisting, type Run, readInstead } from './recover.ts'
import { toResponse } from './response.ts'

export type { EngineContext, Invocation, OperationResponse } from './context.ts'

type Failed = Extract<Outcome, { kind: 'failed' }>

/** RFC 9110 10.2.3; read also where the definition does not name it. */
const RETRY_AFTER: HeaderTime = { header: 'Retry-After', form: 'auto' }

/**
 * Runs one operation to its end: request, budget, retries, error rules, reading. Throws EngineError; a write that was sent
 * and whose outcome nobody knows is outcome_unknown. Waits never go past `options.deadline`.
 */
export async function invoke(context: EngineContext, invocation: Invocation): Promise<OperationResponse> {
  const prepared = await prepare(context, invocation)
  const { beforeWrite } = invocation.options
  if (invocation.operation.effect !== 'read' && beforeWrite !== undefined)
    await beforeWrite(await settled(context, invocation.account, () => builtWrite(invocation, prepared)))
  const run: Run = (id, input) =>
    invoke(context, { ...invocation, operation: operationOf(prepared.integration, id), input })
  let pass: Pass = { context, invocation, prepared, run, started: context.ports.clock.now() }
  let [isOpen, isRenewed] = [false, false]
  for (let attempt = 1; ; attempt += 1) {
    const outcome: Outcome = await attemptOnce(context, invocation, pass.prepared, attempt).catch(rethrow(pass, isOpen))
    if (outcome.kind !== 'failed') return settle(pass, outcome)
    const holder = isRenewed ? undefined : await afterRefusal(pass, outcome)
    if (holder !== undefined) {
      isRenewed = true
      pass = { ...pass, prepared: proven(pass.prepared, holder) }
      continue
    }
    const isRepeatable = mayRepeat(pass)
    const isLeftOpen: boolean = invocation.operation.effect !== 'read' && isUnanswered(outcome.failure, isRepeatable)
    isOpen = isLeftOpen || (isOpen && !(isRepeatable && isFinal(outcome.failure)))
    const found = await follow(pass, { outcome, attempt, isOpen, isRepeatable })
    if (found !== undefined) return found
  }
}

/** What stays the same over all attempts. */
interface Pass {
  readonly context: EngineContext
  readonly invocation: Invocation
  readonly prepared: Prepared
  readonly run: Run
  readonly started: number
}

/** A failed attempt; `isOpen` when this or an earlier one left open what became of the write. */
interface Attempted {
  readonly outcome: Failed
  readonly attempt: number
  readonly isOpen: boolean
  readonly isRepeatable: boolean
}

/** Reads, and writes whose key the provider still remembers. */
function mayRepeat({ context, invocation: { operation }, prepared, started }: Pass): boolean {
  if (operation.effect === 'read') return true
  const elapsedMs = context.ports.clock.now() - started
  return prepared.key !== undefined && elapsedMs < (operation.idempotency?.lifetimeMs ?? Number.POSITIVE_INFINITY)
}

/** Another token, where the provider refused this one; it looked at nothing else, so the same request may go again. */
function afterRefusal({ context, invocation, prepared }: Pass, { failure }: Failed): Promise<Held | undefined> {
  const isRefused = failure.action === 'refresh' || (failure.status === 401 && failure.code === 'needs_reauth')
  if (!isRefused) return Promise.resolve(undefined)
  const { account, options } = invocation
  return holderAfter(context, account, prepared.method, { holder: prepared.holder, options })
}

/** Waits for the next attempt, or finds what an earlier one did. Throws when there is nothing left to try. */
async function follow(pass: Pass, attempted: Attempted): Promise<OperationResponse | undefined> {
  const { invocation, prepared, run } = pass
  const { outcome, isOpen } = attempted
  const step = nextStep(invocation.operation.retry, outcome.failure, attempted)
  if (outcome.failure.code === 'canceled') throw outcome.error
  if (step === 'stop') throw isOpen ? unknownOutcome(pass, outcome.error) : outcome.error
  if (step === 'again') return pause(pass, attempted)
  const from = invocation.operation.idempotency?.findExisting?.from
  if (from === undefined) throw unknownOutcome(pass, outcome.error)
  await pause(pass, attempted)
  const list = operationOf(prepared.integration, from)
  const found = await findExisting(pass.context, invocation, list, run).catch((cause: unknown) => {
    throw unknownOutcome(pass, cause)
  })
  if (typeof found === 'object') return found
  if (found === 'unsure' || step === 'ask_then_unknown') throw unknownOutcome(pass, outcome.error)
  return undefined
}

/** Sleeps for the longest wait asked for; throws the failure instead when that would pass the deadline or nobody waits. */
async function pause(pass: Pass, { outcome, attempt, isOpen }: Attempted): Promise<undefined> {
  const { clock, random } = pass.context.ports
  const { options, operation } = pass.invocation
  const waitMs = longestWait(backoffMs(attempt, operation.retry, random.next()), askedWait(pass, outcome)) ?? 0
  const isTooLong = options.deadline !== undefined && clock.now() + waitMs >= options.deadline
  const isLimitReached = outcome.failure.isLimited && options.onLimit === 'fail'
  if (isTooLong || isLimitReached) {
    throw isOpen ? unknownOutcome(pass, outcome.error) : withDetails(outcome.error, { waitMs })
  }
  await clock.sleep(waitMs, options.signal).catch((cause: unknown) => {
    if (!options.signal?.aborted) throw cause
    throw new EngineError('canceled', 'The caller left while waiting for another attempt', { cause, sent: true })
  })
}

/** The wait that the answer asks for by header. */
function askedWait({ context, prepared }: Pass, { answer, failure }: Failed): number | undefined {
  if (answer === undefined) return undefined
  const { retryAfter, reset } = prepared.integration.feedback
  const nowMs = context.ports.clock.now()
  const resetMs = failure.isLimited ? readWait(reset, answer.headers, nowMs) : undefined
  return longestWait(readWait(retryAfter ?? RETRY_AFTER, answer.headers, nowMs), resetMs)
}

function unknownOutcome({ invocation, prepared }: Pass, cause: unknown): EngineError {
  const provider = cause instanceof EngineError ? cause.details.provider : undefined
  const hint =
    prepared.key === undefined
      ? 'Look at the provider whether the write was made before you make it again.'
      : 'Make the call again with the same idempotency key; the provider answers what became of it.'
  const message = `${invocation.operation.id} was sent and its outcome is not known`
  return new EngineError('outcome_unknown', message, { provider, hint, cause, sent: true })
}

/** What ends a call at once, a limit say, must not hide that an earlier attempt left a write open. */
const rethrow =
  (pass: Pass, isOpen: boolean) =>
  (error: unknown): never => {
    const isCanceled = error instanceof EngineError && error.code === 'canceled'
    throw (isOpen || isUnread(pass, error)) && !isCanceled ? unknownOutcome(pass, error) : error
  }

/** A write that was taken is not to be made again because its answer waits for others to be read. */
const unread =
  (pass: Pass) =>
  (error: unknown): never => {
    const isWrite = pass.invocation.operation.effect !== 'read'
    throw isWrite && error instanceof EngineError && error.code === 'overloaded' ? unknownOutcome(pass, error) : error
  }

/** Whether a write was sent whose answer could not be read here. */
const isUnread = ({ invocation: { operation } }: Pass, error: unknown): boolean =>
  operation.effect !== 'read' && error instanceof EngineError && error.details.sent === true

async function settle(pass: Pass, outcome: Exclude<Outcome, Failed>): Promise<OperationResponse> {
  const { context, invocation, prepared, run } = pass
  if (outcome.kind === 'answered') return toResponse(context, invocation, prepared, outcome).catch(unread(pass))
  const response = await readInstead(context, invocation, outcome, run)
  if (response === undefined) throw outcome.error
  if (outcome.isRepeat) invocation.call.markReplayed()
  return { ...response, replayed: outcome.isRepeat || response.replayed }
}
