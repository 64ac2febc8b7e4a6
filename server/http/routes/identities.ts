import { EngineError } from '../../../engine/index.ts'
import { audit } from '../../api/audit.ts'
import type { Reply } from '../../api/context.ts'
import { type GivenVerdict, getIdentity, listIdentities, putVerdict, verdictOut } from '../../api/identities.ts'
import { pageReply, readPageQuery } from '../../api/wire.ts'
import { VERDICTS } from '../../stores/identity-verdicts.ts'
import { IDENTITY, IDENTITY_PAGE, IDENTITY_VERDICT } from '../identity-schemas.ts'
import type { Route, RouteCall } from '../route.ts'
import { object, PAGING, pageOf, text, textOrNull } from '../schemas.ts'

const tag = 'Identity'
const filter = (description: string) => ({ description, schema: { type: 'string' } })
const DEFAULT_LIMIT = 20

/** Which customers of different accounts are the same, and why; what persons say of two of them goes before the rules. */
export const IDENTITY_ROUTES: readonly Route[] = [
  {
    ...{ verb: 'get', path: '/customer-identity', tag, rank: 'read', answer: IDENTITY_PAGE, handle: list },
    summary: 'Lists customers that are the same over several accounts, with the reasons, from synced data.',
    query: {
      ...PAGING,
      integrated_account_id: filter('Accounts, with commas.'),
      tenant_id: filter('In its place: all accounts of this tenant.'),
      all: {
        description: 'Customers that stand alone, too.',
        schema: { type: 'string', enum: ['true', 'false'], default: 'false' },
      },
    },
  },
  {
    ...{ verb: 'get', path: '/customer-identity/verdict', tag, rank: 'read', answer: pageOf(IDENTITY_VERDICT) },
    summary: 'Lists what was said of two customers, newest first.',
    query: { ...PAGING, integrated_account_id: filter('About customers of this account.') },
    handle: listVerdicts,
  },
  {
    ...{ verb: 'post', path: '/customer-identity/verdict', tag, rank: 'write', query: {}, status: 201 },
    summary: 'Says that two customers are the same, or are not, whatever the rules find.',
    body: object(
      {
        customers: {
          type: 'array',
          description: 'The two.',
          minItems: 2,
          maxItems: 2,
          items: object({
            integrated_account_id: text('Account.'),
            id: text('Id of the customer there.', { minLength: 1, maxLength: 256 }),
          }),
        },
        verdict: text('same or different.', { enum: VERDICTS }),
        note: textOrNull('Why; for people.', { maxLength: 1000 }),
      },
      ['note'],
    ),
    answer: IDENTITY_VERDICT,
    handle: ({ context, body }) => putVerdict(context, body as GivenVerdict),
  },
  {
    ...{ verb: 'delete', path: '/customer-identity/verdict/{id}', tag, rank: 'write', query: {} },
    summary: 'Takes a verdict back: the rules decide again.',
    answer: IDENTITY_VERDICT,
    handle: deleteVerdict,
  },
  {
    ...{ verb: 'get', path: '/customer-identity/{id}', tag, rank: 'read', answer: IDENTITY },
    summary: 'Gets who a customer is at the other accounts of its tenant, with the reasons.',
    query: { integrated_account_id: filter('The account that the id is of.') },
    handle: async ({ context, params, query }) => ({
      status: 200,
      body: await getIdentity(context, new Map(query).get('integrated_account_id'), params.id ?? ''),
    }),
  },
]

async function list({ context, query }: RouteCall): Promise<Reply> {
  const { page, filters, binding } = readPageQuery(context, 'identities', query)
  const { integrated_account_id: integratedAccountId, tenant_id: tenantId, all } = filters
  if (integratedAccountId === undefined && tenantId === undefined) {
    throw new EngineError('ambiguous_account', 'Name accounts or a tenant', { where: 'tenant_id' })
  }
  const limit = page.limit ?? DEFAULT_LIMIT
  if (!Number.isInteger(limit) || limit < 1 || limit > 1_000) {
    throw new EngineError('invalid_parameter', 'limit must be a whole number from 1 to 1000', { where: 'limit' })
  }
  const wanted = { integratedAccountId, tenantId, limit, from: page.after?.at ?? 0, all: all === 'true' }
  const { next, ...body } = await listIdentities(context, wanted)
  const cursor = next === null ? null : context.services.cursors.seal({ at: next, id: '' }, binding)
  return { status: 200, body: { ...body, next_cursor: cursor, limit } }
}

async function listVerdicts({ context, query }: RouteCall): Promise<Reply> {
  const { page, filters, binding } = readPageQuery(context, 'identity-verdicts', query)
  const { environmentId } = context.caller
  const asked = { ...page, environmentId, accountId: filters.integrated_account_id }
  return pageReply(context, binding, await context.services.stores.identityVerdicts.list(asked), verdictOut)
}

async function deleteVerdict({ context, params }: RouteCall): Promise<Reply> {
  const { services, caller } = context
  const gone = await services.stores.identityVerdicts.delete(caller.environmentId, params.id ?? '')
  await audit(context, 'identity.verdict_deleted', `identity_verdict:${gone.id}`, 'succeeded')
  return { status: 200, body: verdictOut(gone) }
}
