import { EngineError } from '../../engine/index.ts'
import type { Approval } from '../stores/index.ts'
import { stateOf } from './approval-out.ts'
import { audit } from './audit.ts'
import type { CallContext, Reply } from './context.ts'
import type { HeldRequest } from './gate.ts'
import { isOpenEnd } from './idempotency.ts'
import { asEngineError } from './problem.ts'
import { callProxy } from './proxy.ts'
import { callUnified } from './unified.ts'

/** What somebody decides, and why. */
export interface GivenDecision {
  readonly decision: 'release' | 'refuse'
  readonly note?: string | undefined
}

/** The approval of this id that the caller may see: a token that cannot approve sees its own. Throws not_found. */
export async function findApproval(context: CallContext, id: string): Promise<Approval> {
  const { services, caller } = context
  for (const environmentId of caller.environments) {
    const found = await services.stores.approvals.get(environmentId, id)
    if (found === null) continue
    context.trace.environmentId = environmentId
    if (found.tokenId === caller.token.id || mayApprove(context)) return found
  }
  throw new EngineError('not_found', 'There is no such approval', { where: 'id' })
}

/** Whether the caller decides on approvals of others. */
export const mayApprove = ({ caller: { token } }: CallContext): boolean =>
  token.kind === 'api' && ['owner', 'admin', 'approve'].includes(token.role)

/** Decides on an approval. Throws forbidden for the token that asked, approval_over when it is too late. */
export async function decide(context: CallContext, id: string, given: GivenDecision): Promise<Approval> {
  const { caller } = context
  const approval = await findApproval(context, id)
  if (approval.tokenId === caller.token.id) {
    await auditDecision(context, approval, given, 'denied')
    throw new EngineError('forbidden', 'The token that asked cannot approve itself')
  }
  return await decided(context, approval, given, `token:${caller.token.id}`)
}

/** Stores a decision and who made it. Throws approval_over when somebody was first, or it expired. */
export async function decided(
  context: CallContext,
  { environmentId, id }: Approval,
  given: GivenDecision,
  by: string,
): Promise<Approval> {
  const { stores, clock } = context.services
  const state = given.decision === 'release' ? 'released' : 'refused'
  const made = await stores.approvals.decide(environmentId, id, { state, by, note: given.note }, clock.now())
  if (made === null) throw over((await stores.approvals.get(environmentId, id)) ?? undefined, clock.now())
  await auditDecision(context, made, given, 'succeeded', by)
  return made
}

async function auditDecision(
  context: CallContext,
  { id, operation, amount, currency, integratedAccountId, tokenId }: Approval,
  { decision }: GivenDecision,
  outcome: 'succeeded' | 'denied',
  by?: string,
): Promise<void> {
  const details = { operation, amount, currency, integrated_account_id: integratedAccountId, token_id: tokenId, by }
  await audit(context, `approval.${decision}`, `approval:${id}`, outcome, details)
}

/** Makes the call that was approved, once. Throws approval_pending, approval_refused, approval_over, or what the call throws. */
export async function confirm(context: CallContext, id: string): Promise<Reply> {
  const approval = await ownApproval(context, id)
  const { call } = await context.services.stores.approvals.request<HeldRequest>(approval.environmentId, id)
  return await usingApproval(context, approval, (approved) =>
    call.surface === 'unified' ? callUnified(approved, call.request) : callProxy(approved, call.request),
  )
}

/** The approval that the caller itself asked for. Throws not_found. */
export async function ownApproval(context: CallContext, id: string): Promise<Approval> {
  const approval = await findApproval(context, id)
  if (approval.tokenId === context.caller.token.id) return approval
  throw new EngineError('not_found', 'The token has asked for no such approval', { where: 'id' })
}

/** Takes the approval for the one use that it is good for, and keeps how that went. */
export async function usingApproval<T>(
  context: CallContext,
  { environmentId, id }: Approval,
  act: (approved: CallContext) => Promise<T>,
): Promise<T> {
  const { approvals } = context.services.stores
  const now = context.services.clock.now()
  const approved = await approvals.claim(environmentId, id, now)
  if (approved === null) throw notReleased((await approvals.get(environmentId, id)) ?? undefined, now)
  try {
    const done = await act({ ...context, approved })
    await approvals.settle(environmentId, id, 'succeeded')
    return done
  } catch (thrown) {
    await approvals.settle(environmentId, id, isOpenEnd(asEngineError(thrown)) ? 'unknown' : 'failed')
    throw thrown
  }
}

function notReleased(approval: Approval | undefined, now: number): EngineError {
  const state = approval === undefined ? 'expired' : stateOf(approval, now)
  if (state === 'pending') {
    const hint = 'Ask again later; the person must decide first.'
    return new EngineError('approval_pending', 'Nobody has decided yet', { hint, sent: false })
  }
  if (state !== 'refused') return over(approval, now)
  const why = approval?.note ? `: ${approval.note}` : ''
  return new EngineError('approval_refused', `A person refused it${why}`, { sent: false })
}

function over(approval: Approval | undefined, now: number): EngineError {
  const state = approval === undefined ? 'expired' : stateOf(approval, now)
  const went = approval?.outcome
    ? `; it ${approval.outcome === 'unknown' ? 'has an unknown outcome' : approval.outcome}`
    : ''
  return new EngineError('approval_over', `The approval is ${state}${went}`, {
    hint: 'Nothing is done twice. Look at the record, and make the call again only if it is still wanted.',
    sent: false,
  })
}
