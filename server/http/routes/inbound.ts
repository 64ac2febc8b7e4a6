import { EngineError } from '../../../engine/index.ts'
import { findAccount } from '../../api/accounts.ts'
import { audit } from '../../api/audit.ts'
import type { Reply } from '../../api/context.ts'
import { accountOut, pageReply, rawEventOut, readPageQuery } from '../../api/wire.ts'
import { setUpAgain } from '../../inbound/index.ts'
import { RAW_STATUSES, type RawStatus } from '../../stores/index.ts'
import type { Route, RouteCall } from '../route.ts'
import { ACCOUNT, object, PAGING, pageOf, RAW_EVENT, text } from '../schemas.ts'
import { onlyAccount } from './events.ts'

const tag = 'Events'
const filter = (description: string) => ({ description, schema: { type: 'string' } })

/** What providers told, as they told it, and how they are had to tell it. */
export const INBOUND_ROUTES: readonly Route[] = [
  {
    ...{ verb: 'get', path: '/raw-event', tag, rank: 'any', answer: pageOf(RAW_EVENT), handle: list },
    summary: "Lists the providers' own events, newest first, those without a unified name too.",
    query: {
      ...PAGING,
      integrated_account_id: filter('Of this account.'),
      type: filter("Of this type, in the provider's words."),
      status: { description: 'In this status.', schema: { type: 'string', enum: RAW_STATUSES } },
    },
  },
  {
    ...{ verb: 'get', path: '/raw-event/{id}', tag, rank: 'any', query: {}, answer: RAW_EVENT, handle: get },
    summary: "Gets a provider's own event.",
  },
  {
    ...{ verb: 'post', path: '/integrated-account/{id}/webhook', tag, rank: 'admin', query: {}, answer: ACCOUNT },
    summary:
      'Has the deliveries of an account set up again: with another address, or with a secret that a person brings.',
    body: object(
      {
        secret: text('Secret that the provider signs with; the one before holds for another day.', {
          minLength: 8,
          maxLength: 1_000,
        }),
        rotate_url: {
          type: 'boolean',
          description: 'Whether the address is to be another one; the old one ends at once.',
        },
      },
      ['secret', 'rotate_url'],
    ),
    handle: setUp,
  },
]

async function list({ context, query }: RouteCall): Promise<Reply> {
  const own = onlyAccount(context, 'list')
  const { page, filters, binding } = readPageQuery(context, 'raw-events', query)
  const { integrated_account_id: wanted, status } = filters
  if (own !== undefined && wanted !== undefined && wanted !== own) {
    throw new EngineError('unknown_account', `There is no integrated account ${wanted.slice(0, 128)}`, {
      where: 'integrated_account_id',
    })
  }
  if (status !== undefined && !RAW_STATUSES.includes(status as RawStatus)) {
    throw new EngineError('invalid_parameter', 'This is no status', { where: 'status', valid: RAW_STATUSES })
  }
  const { stores } = context.services
  const found = await stores.inbound.raw.list(context.caller.environmentId, {
    ...page,
    accountId: own ?? wanted,
    type: filters.type,
    status: status as RawStatus | undefined,
  })
  return pageReply(context, binding, found, (event) => rawEventOut(event))
}

async function get({ context, params }: RouteCall): Promise<Reply> {
  const own = onlyAccount(context, 'get')
  const event = await context.services.stores.inbound.raw.get(context.caller.environmentId, params.id ?? '')
  if (event !== null && (own === undefined || event.accountId === own)) {
    return { status: 200, body: rawEventOut(event, true) }
  }
  throw new EngineError('not_found', 'There is no such event; it may be past its retention', { where: 'id' })
}

async function setUp({ context, params, body }: RouteCall): Promise<Reply> {
  const { services } = context
  const account = await findAccount(context, params.id ?? '')
  const { secret, rotate_url: rotateUrl = false } = body as { secret?: string; rotate_url?: boolean }
  const changed = await setUpAgain(services, account, { secret, rotateUrl })
  const fields = [...(secret === undefined ? [] : ['secret']), ...(rotateUrl ? ['url'] : [])]
  await audit(context, 'integrated_account.webhook', `integrated_account:${account.id}`, 'succeeded', { fields })
  return { status: 200, body: accountOut(changed) }
}
