import { createHash } from 'node:crypto'
import { type InputRequiredResult, inputRequired, inputResponse } from '@modelcontextprotocol/server'
import { EngineError } from '../../engine/index.ts'
import { decided, ownApproval, usingApproval } from '../api/approvals.ts'
import type { CallContext } from '../api/context.ts'
import { canonical } from '../api/idempotency.ts'
import type { JsonObject, Token } from '../stores/index.ts'
import type { Arguments, Found, Round, Tool } from './contract.ts'
import { canAsk } from './protocol.ts'

/** A call of a tool. */
export interface ToolCall {
  readonly tool: Tool
  readonly args: Arguments
}

const KEY = 'approval'

/**
 * Asks the person behind the client, where there is one and the answer counts; undefined otherwise. A client may lie about
 * its person, so an answer counts for money only, and only within limits that the token has.
 */
export function askPerson(
  context: CallContext,
  call: ToolCall,
  error: EngineError,
  round: Round,
): InputRequiredResult | undefined {
  const { approval } = error.details
  const { token } = context.caller
  if (error.code !== 'approval_required' || approval?.state !== 'pending') return undefined
  if (!canAsk(round) || !countsHere(token, approval)) return undefined
  const state = JSON.stringify([approval.id, callHash(call)])
  const question = `Approve this? ${String(approval.summary)} (${String(approval.id)})`
  const requestedSchema = {
    type: 'object' as const,
    properties: { approve: { type: 'boolean' as const, title: 'Let it happen', description: question } },
    required: ['approve'],
  }
  return inputRequired({
    inputRequests: { [KEY]: inputRequired.elicit({ message: question, requestedSchema }) },
    requestState: context.services.stores.vault.seal(state, aadOf(token)),
  })
}

const countsHere = (token: Token, { effect, approval }: JsonObject): boolean =>
  token.kind === 'agent' && token.elicitation && token.limits !== null && effect === 'money' && approval === 'human'

const aadOf = (token: Token): string => `mcp approval ${token.id}`

/** The same question is asked of the same call only. */
const callHash = ({ tool, args }: ToolCall): string =>
  createHash('sha256')
    .update(canonical([tool.listed.name, args]))
    .digest('hex')

/** Goes on with a call after the person was asked: does it, or says why not. Throws as the call does. */
export async function afterAnswer(context: CallContext, call: ToolCall, round: Round): Promise<Found> {
  const { vault } = context.services.stores
  const opened = vault.open(round.state ?? '', aadOf(context.caller.token))
  if (opened === null) {
    throw new EngineError('invalid_parameter', 'The state of the request is not ours, or was altered', {
      where: 'requestState',
    })
  }
  const [id = '', hash = ''] = JSON.parse(opened) as string[]
  if (hash !== callHash(call)) throw new EngineError('approval_stale', 'The person was asked about another call')
  const answer = inputResponse(round.responses, KEY)
  if (answer.kind !== 'elicit' || answer.action === 'cancel') return await call.tool.call(context, call.args)
  const approval = await ownApproval(context, id)
  const isYes = answer.action === 'accept' && answer.content?.approve === true
  const by = `elicitation:${context.caller.token.id}`
  // Somebody may have released it elsewhere while the form was open; then a yes has nothing left to decide.
  const isReleased = isYes && approval.state === 'released'
  if (!isReleased) await decided(context, approval, { decision: isYes ? 'release' : 'refuse' }, by)
  if (isYes) return await usingApproval(context, approval, (approved) => call.tool.call(approved, call.args))
  throw new EngineError('approval_refused', 'The person behind the client refused it', { sent: false })
}
