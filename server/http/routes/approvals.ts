import { approvalOut } from '../../api/approval-out.ts'
import { confirm, decide, findApproval, type GivenDecision, mayApprove } from '../../api/approvals.ts'
import type { Reply } from '../../api/context.ts'
import type { HeldRequest } from '../../api/gate.ts'
import { pageReply, readPageQuery } from '../../api/wire.ts'
import type { ApprovalState } from '../../stores/index.ts'
import { APPROVAL } from '../agent-schemas.ts'
import type { Route, RouteCall } from '../route.ts'
import { object, PAGING, pageOf, text } from '../schemas.ts'

const tag = 'Agents'
const filter = (description: string, more: object = {}) => ({ description, schema: { type: 'string', ...more } })

/** What agents want to do and wait for; deciding on it, and doing it. */
export const APPROVAL_ROUTES: readonly Route[] = [
  {
    ...{ verb: 'get', path: '/approval', tag, rank: 'approve', answer: pageOf(APPROVAL), handle: list },
    summary: 'Lists what agents asked for, newest first.',
    query: {
      ...PAGING,
      state: filter('In this state; what has expired is still pending or released here.', {
        enum: ['pending', 'released', 'refused', 'used'],
      }),
      token_id: filter('Asked for by this token.'),
      integrated_account_id: filter('For this account.'),
    },
  },
  {
    ...{ verb: 'get', path: '/approval/{id}', tag, rank: 'any', query: {}, answer: APPROVAL, handle: get },
    summary: 'Gets an approval: with what would be sent for those who decide, without for the token that asked.',
  },
  {
    ...{ verb: 'post', path: '/approval/{id}', tag, rank: 'approve', query: {}, answer: APPROVAL, handle: decideOn },
    summary: 'Releases or refuses what an agent asked for; nothing is sent by it.',
    body: object(
      {
        decision: text('What you decide.', { enum: ['release', 'refuse'] }),
        note: text('Why; the agent is told it when you refuse.', { maxLength: 500 }),
      },
      ['note'],
    ),
  },
  {
    ...{ verb: 'post', path: '/approval/{id}/confirm', tag, rank: 'any', query: {}, answer: {} },
    summary:
      'Does what was held, just as it was held and once, and answers as that call does; for the token that asked.',
    handle: ({ context, params }) => confirm(context, params.id ?? ''),
  },
]

async function list({ context, query }: RouteCall): Promise<Reply> {
  const { services, caller } = context
  const { page, filters, binding } = readPageQuery(context, 'approvals', query)
  const { state, token_id: tokenId, integrated_account_id: integratedAccountId } = filters
  const wanted = { ...page, state: state as ApprovalState | undefined, tokenId, integratedAccountId }
  const found = await services.stores.approvals.list(caller.environmentId, wanted)
  return pageReply(context, binding, found, (approval) => approvalOut(services, approval))
}

async function get({ context, params }: RouteCall): Promise<Reply> {
  const { services } = context
  const approval = await findApproval(context, params.id ?? '')
  const body = approvalOut(services, approval)
  if (!mayApprove(context)) return { status: 200, body }
  const { call, sends } = await services.stores.approvals.request<HeldRequest>(approval.environmentId, approval.id)
  return { status: 200, body: { ...body, request: { surface: call.surface, ...call.request }, sends } }
}

async function decideOn({ context, params, body }: RouteCall): Promise<Reply> {
  const made = await decide(context, params.id ?? '', body as GivenDecision)
  return { status: 200, body: approvalOut(context.services, made) }
}
