import { EngineError } from '../../../engine/index.ts'
import { findAccount, toEngineAccount } from '../../api/accounts.ts'
import { audit } from '../../api/audit.ts'
import { changeSettings, checkBaseUrl, connect, reconnect, retryAccount } from '../../api/connect.ts'
import type { CallContext, Reply } from '../../api/context.ts'
import { disconnect } from '../../api/disconnect.ts'
import { accountsOf } from '../../api/reach.ts'
import { isRedacting } from '../../api/redact.ts'
import { mustProve } from '../../api/settings-change.ts'
import { accountOut, pageReply, readPageQuery } from '../../api/wire.ts'
import {
  ACCOUNT_STATUSES,
  type AccountPatch,
  type AccountStatus,
  type IntegratedAccount,
  type JsonObject,
} from '../../stores/index.ts'
import type { Route, RouteCall } from '../route.ts'
import { ACCOUNT, ACCOUNT_FIELDS, anyObject, object, PAGING, pageOf, text } from '../schemas.ts'

const tag = 'Accounts'
const ID = '/integrated-account/{id}'

/** Integrated accounts: connect, look at, change, disconnect; their capabilities. */
export const ACCOUNT_ROUTES: readonly Route[] = [
  {
    ...{ verb: 'get', path: '/integrated-account', tag, rank: 'read', answer: pageOf(ACCOUNT), handle: list },
    summary: 'Lists the integrated accounts of the environment.',
    query: {
      ...PAGING,
      integration: { description: 'Of this integration.', schema: { type: 'string' } },
      tenant_id: { description: 'Of this tenant.', schema: { type: 'string' } },
      status: { description: 'In this status.', schema: { type: 'string', enum: ACCOUNT_STATUSES } },
    },
  },
  {
    ...{ verb: 'post', path: '/integrated-account', tag, rank: 'write', query: {}, status: 201, answer: ACCOUNT },
    summary: 'Connects an account by its credentials and proves them.',
    body: object(
      {
        id: text('Id of your choice; made by default.', { pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$' }),
        integration: text('Name of the integration.'),
        tenant_id: text('Your own id of the customer whose account it is.', { minLength: 1, maxLength: 255 }),
        ...ACCOUNT_FIELDS,
      },
      ['id', 'authentication_method', 'settings', 'context'],
    ),
    handle: create,
  },
  {
    ...{ verb: 'get', path: '/integrated-account/me', tag, rank: 'any', query: {}, answer: ACCOUNT },
    summary: 'Gets the account of an account token.',
    handle: getOwn,
  },
  {
    ...{ verb: 'get', path: ID, tag, rank: 'any', query: {}, answer: ACCOUNT },
    summary: 'Gets an integrated account.',
    handle: getAccount,
  },
  {
    ...{ verb: 'patch', path: ID, tag, rank: 'write', query: {}, answer: ACCOUNT, handle: update },
    summary: 'Changes an account; with credentials, connects it again under the same id.',
    body: object({ ...ACCOUNT_FIELDS, status: text('Switches it off or on.', { enum: ['disabled', 'active'] }) }, [
      ...Object.keys(ACCOUNT_FIELDS),
      'status',
    ]),
  },
  {
    ...{
      verb: 'delete',
      path: ID,
      tag,
      rank: 'write',
      query: {
        erase: {
          description: 'Also what the audit log holds of it, and the links that made it.',
          schema: { type: 'string', enum: ['true', 'false'], default: 'false' },
        },
      },
      answer: object({ id: text('Its id.') }),
      handle: remove,
    },
    summary:
      'Disconnects an account: its grant is given back at the provider, its credentials, tokens and logs are deleted.',
  },
  {
    ...{ verb: 'post', path: `${ID}/retry`, tag, rank: 'write', query: {}, answer: ACCOUNT, handle: retry },
    summary:
      'Tries again what stopped an account on its way to active: its proof, or the step of post_install that failed.',
  },
  {
    ...{ verb: 'get', path: `${ID}/capabilities`, tag: 'Discovery', rank: 'any', query: {} },
    summary: 'Says what can be done with an account: methods, filters and how each is answered, fields.',
    answer: anyObject('By model and resource.'),
    handle: capabilities,
  },
]

/** The account that a token is bound to. Throws forbidden for one that is bound to none, or to several. */
async function getOwn(call: RouteCall): Promise<Reply> {
  const bound = accountsOf(call.context.caller.token)
  const [id] = bound ?? []
  if (bound?.length === 1 && id !== undefined) return await getAccount({ ...call, params: { id } })
  throw new EngineError('forbidden', 'The token is not one of a single account', {
    hint: 'Use an account token, or GET /integrated-account/{id}.',
  })
}

/** Notes, identity and settings may name people. */
async function getAccount(call: RouteCall): Promise<Reply> {
  if (isRedacting(call.context.caller.token)) {
    throw new EngineError('forbidden', 'The token leaves personal data out, which an account may hold', {
      hint: 'list_accounts over MCP has what is needed to call.',
    })
  }
  return { status: 200, body: accountOut(await named(call)) }
}

const named = ({ context, params }: RouteCall): Promise<IntegratedAccount> => findAccount(context, params.id ?? '')

async function list({ context, query }: RouteCall): Promise<Reply> {
  const { page, filters, binding } = readPageQuery(context, 'accounts', query)
  const status = ACCOUNT_STATUSES.find((one) => one === filters.status)
  if (filters.status !== undefined && status === undefined) {
    throw new EngineError('invalid_parameter', 'This is no status', { where: 'status', valid: ACCOUNT_STATUSES })
  }
  const wanted = { ...page, integration: filters.integration, tenantId: filters.tenant_id, status }
  const found = await context.services.stores.accounts.list(context.caller.environmentId, wanted)
  return pageReply(context, binding, found, accountOut)
}

interface AccountBody {
  readonly id?: string
  readonly integration: string
  readonly tenant_id: string
  readonly authentication_method?: string
  readonly credentials?: Readonly<Record<string, string>>
  readonly settings?: JsonObject
  readonly context?: JsonObject
  readonly status?: AccountStatus
}

async function create({ context, body }: RouteCall): Promise<Reply> {
  const given = body as AccountBody
  checkBaseUrl(context, given.settings)
  const request = {
    id: given.id,
    integration: given.integration,
    tenantId: given.tenant_id,
    authenticationMethod: given.authentication_method,
    credentials: given.credentials ?? {},
    settings: given.settings,
    context: given.context,
  }
  const { services, caller, trace } = context
  const target = `integration:${given.integration}`
  const account = await connect(services, caller.environmentId, request).catch(async (error) => {
    await audit(context, 'integrated_account.connect', target, 'failed', { code: error.code ?? 'internal' })
    throw error
  })
  trace.accountId = account.id
  await audit(context, 'integrated_account.connect', `integrated_account:${account.id}`, 'succeeded')
  return { status: 201, body: accountOut(account) }
}

async function update(call: RouteCall): Promise<Reply> {
  const { context } = call
  const account = await named(call)
  const given = call.body as Partial<AccountBody>
  checkBaseUrl(context, given.settings)
  const changed = await changeAccount(context, account, given)
  await audit(context, 'integrated_account.update', `integrated_account:${account.id}`, 'succeeded', {
    fields: Object.keys(given),
  })
  return { status: 200, body: accountOut(changed) }
}

async function changeAccount(
  { services }: CallContext,
  account: IntegratedAccount,
  given: Partial<AccountBody>,
): Promise<IntegratedAccount> {
  const { context, settings, credentials, authentication_method: method } = given
  const status = switched(account, given)
  const isProven = credentials !== undefined || mustProve(services, account, settings)
  const patch: AccountPatch = { status, context, settings: isProven ? undefined : merged(account, settings) }
  const needsPatch = Object.values(patch).some((value) => value !== undefined)
  const { environmentId, id } = account
  const now = services.clock.now()
  const current = needsPatch ? await services.stores.accounts.update(environmentId, id, patch, { now }) : account
  if (credentials !== undefined) {
    return reconnect(services, current, { credentials, settings, authenticationMethod: method })
  }
  return isProven ? changeSettings(services, current, settings ?? {}) : current
}

/** Only what was switched off is switched on; anything else that is not active has to be proven first. */
function switched(
  { id, status: is, hasCredentials }: IntegratedAccount,
  { status, credentials }: Partial<AccountBody>,
) {
  if (status !== 'active' || is === 'active') return status
  if (is === 'disabled' && (hasCredentials || credentials !== undefined)) return status
  if (credentials !== undefined) return undefined
  if (!hasCredentials) {
    throw new EngineError('invalid_body', 'The account has no credentials to be active with', { where: '/credentials' })
  }
  throw new EngineError('account_not_active', `The integrated account ${id} is ${is} and must be proven first`, {
    hint: `POST /integrated-account/${id}/retry tries again.`,
  })
}

const merged = ({ settings: before }: IntegratedAccount, settings: JsonObject | undefined): JsonObject | undefined =>
  settings && { ...before, ...settings }

async function retry(call: RouteCall): Promise<Reply> {
  const { context } = call
  const account = await named(call)
  const target = `integrated_account:${account.id}`
  const proven = await retryAccount(context.services, account).catch(async (error) => {
    await audit(context, 'integrated_account.retry', target, 'failed', { code: error.code ?? 'internal' })
    throw error
  })
  await audit(context, 'integrated_account.retry', target, 'succeeded')
  return { status: 200, body: accountOut(proven) }
}

async function remove(call: RouteCall): Promise<Reply> {
  const { context, query } = call
  const account = await named(call)
  const erase = query.find(([name]) => name === 'erase')?.[1] ?? 'false'
  if (erase !== 'true' && erase !== 'false') {
    throw new EngineError('invalid_parameter', 'erase is true or false', { where: 'erase', valid: ['true', 'false'] })
  }
  await disconnect(context, account, erase === 'true')
  context.trace.accountId = null
  return { status: 200, body: { id: account.id } }
}

async function capabilities(call: RouteCall): Promise<Reply> {
  const { engine, reads } = call.context.services
  const stored = await named(call)
  const account = toEngineAccount(stored, await reads.overrides(stored))
  return { status: 200, body: capabilitiesOut(engine.capabilities(account)) }
}

/** Only the names of properties change: values and names of the models stay. */
function capabilitiesOut(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(capabilitiesOut)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([, item]) => item !== undefined)
  return Object.fromEntries(
    entries.map(([name, item]) => [name === 'canGoBack' ? 'can_go_back' : name, capabilitiesOut(item)]),
  )
}
