import { EngineError } from '../../../engine/index.ts'
import { findAccount } from '../../api/accounts.ts'
import { audit } from '../../api/audit.ts'
import { integrationNamed } from '../../api/connect.ts'
import type { Reply } from '../../api/context.ts'
import { effectsOf } from '../../api/reach.ts'
import { type GivenRateLimit, pageReply, rateLimitIn, readPageQuery, tokenOut } from '../../api/wire.ts'
import type { IntegratedAccount, TokenEffect } from '../../stores/index.ts'
import type { Route, RouteCall } from '../route.ts'
import { ACCOUNT_TOKEN_BODY, object, PAGING, pageOf, TOKEN, TOKEN_ONCE, text } from '../schemas.ts'

const tag = 'Accounts'
const ID = '/integrated-account/{id}'

const { properties, required } = ACCOUNT_TOKEN_BODY as { properties: object; required: readonly string[] }

/** Tokens of one account: what a caller may do there, and for how long. */
export const ACCOUNT_TOKEN_ROUTES: readonly Route[] = [
  {
    ...{ verb: 'post', path: '/integrated-account/token', tag, rank: 'write', query: {}, status: 201 },
    summary:
      'Makes an account token as clients written for Truto ask for it; the same as POST /integrated-account/{id}/token.',
    body: {
      ...ACCOUNT_TOKEN_BODY,
      properties: { integrated_account_id: text('The account.'), ...properties },
      required: ['integrated_account_id', ...required],
    },
    answer: object({ integrated_account_token: text('The token itself; it is not shown again.') }),
    handle: createNamed,
  },
  {
    ...{ verb: 'post', path: `${ID}/token`, tag, rank: 'write', query: {}, status: 201, handle: createToken },
    summary: 'Makes an account token, shown this once.',
    body: ACCOUNT_TOKEN_BODY,
    answer: TOKEN_ONCE,
  },
  {
    ...{
      verb: 'get',
      path: `${ID}/token`,
      tag,
      rank: 'read',
      query: PAGING,
      answer: pageOf(TOKEN),
      handle: listTokens,
    },
    summary: 'Lists the tokens of an account, ended ones included.',
  },
  {
    ...{ verb: 'delete', path: `${ID}/token/{token_id}`, tag, rank: 'write', query: {}, handle: revokeToken },
    summary: 'Revokes an account token; the next call with it is refused.',
    answer: object({ id: text('Its id.') }),
  },
]

const named = ({ context, params }: RouteCall): Promise<IntegratedAccount> => findAccount(context, params.id ?? '')

interface TokenBody {
  readonly name?: string
  readonly methods?: readonly string[]
  readonly resources?: readonly string[]
  readonly effects?: readonly TokenEffect[]
  readonly customer_id?: string
  readonly rate_limit?: GivenRateLimit | null
  readonly expires_in?: number | null
}

const DEFAULT_SECONDS = 900

async function createToken(call: RouteCall): Promise<Reply> {
  const { services, caller } = call.context
  const account = await named(call)
  const given = (call.body ?? {}) as TokenBody
  const effects = given.effects ?? ['read']
  const above = effects.filter((effect) => !effectsOf(caller.token).includes(effect))
  if (above.length > 0) {
    throw new EngineError('forbidden', `Your own token has no ${above.join(' or ')} effect to give on`, {
      valid: effectsOf(caller.token),
    })
  }
  const now = services.clock.now()
  const seconds = given.expires_in === undefined ? DEFAULT_SECONDS : given.expires_in
  const { name, methods, resources, customer_id: customerId } = given
  const prefix = integrationNamed(services, account.integration).accountTokenPrefix
  const input = {
    ...{ integratedAccountId: account.id, name, methods, resources, effects, customerId, prefix },
    rateLimit: rateLimitIn(given.rate_limit),
    expiresAt: seconds === null ? null : now + seconds * 1_000,
  }
  const { token, value } = await services.stores.tokens.createAccount(account.environmentId, input, now)
  await audit(call.context, 'account_token.create', `token:${token.id}`, 'succeeded', { effects })
  return { status: 201, body: { ...tokenOut(token), token: value.reveal() } }
}

/** The account stands in the body, and the answer is the token alone. */
async function createNamed(call: RouteCall): Promise<Reply> {
  const { integrated_account_id: id, ...body } = call.body as { readonly integrated_account_id: string }
  const { status, body: made } = await createToken({ ...call, params: { id }, body })
  return { status, body: { integrated_account_token: (made as { readonly token: string }).token } }
}

async function listTokens(call: RouteCall): Promise<Reply> {
  const { context } = call
  const { id, environmentId } = await named(call)
  const { page, binding } = readPageQuery(context, `tokens of ${environmentId}/${id}`, call.query)
  const query = { ...page, kind: 'account', integratedAccountId: id } as const
  return pageReply(context, binding, await context.services.stores.tokens.list(environmentId, query), tokenOut)
}

async function revokeToken(call: RouteCall): Promise<Reply> {
  const { context, params } = call
  const { id, environmentId } = await named(call)
  const { stores, clock } = context.services
  const tokenId = params.token_id ?? ''
  const token = await stores.tokens.get(environmentId, tokenId)
  if (token?.kind !== 'account' || token.integratedAccountId !== id) {
    throw new EngineError('not_found', 'The account has no such token', { where: 'token_id' })
  }
  await stores.tokens.revoke(environmentId, tokenId, clock.now())
  await audit(context, 'account_token.revoke', `token:${tokenId}`, 'succeeded')
  return { status: 200, body: { id: tokenId } }
}
