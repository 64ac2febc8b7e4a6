import { EngineError } from '../../../engine/index.ts'
import { audit } from '../../api/audit.ts'
import type { Reply } from '../../api/context.ts'
import { reachedEnvironment } from '../../api/environments.ts'
import { type GivenRateLimit, pageReply, rateLimitIn, readPageQuery, tokenOut } from '../../api/wire.ts'
import type { TokenRole } from '../../stores/index.ts'
import type { Route, RouteCall } from '../route.ts'
import { object, PAGING, pageOf, RATE_LIMIT, TOKEN, TOKEN_ONCE, text } from '../schemas.ts'

/** API tokens of an environment. */
export const TOKEN_ROUTES: readonly Route[] = [
  {
    ...{ verb: 'get', path: '/api-token', tag: 'Tokens', rank: 'admin', query: PAGING, answer: pageOf(TOKEN) },
    summary: 'Lists the API tokens of the environment, ended ones included.',
    handle: listTokens,
  },
  {
    ...{ verb: 'post', path: '/api-token', tag: 'Tokens', rank: 'admin', query: {}, status: 201, handle: createToken },
    summary: 'Makes an API token, shown this once.',
    body: object(
      {
        name: text('A name to tell it by.', { maxLength: 200 }),
        role: text('What it may do.', { enum: ['admin', 'write', 'read', 'approve'] }),
        rate_limit: RATE_LIMIT,
        environment: text('Its environment; that of the call by default.'),
        expires_in: {
          type: ['integer', 'null'],
          minimum: 1,
          description: 'Seconds it lasts; null, the default, until revoked.',
        },
      },
      ['name', 'environment', 'rate_limit', 'expires_in'],
    ),
    answer: TOKEN_ONCE,
  },
  {
    ...{ verb: 'delete', path: '/api-token/{id}', tag: 'Tokens', rank: 'admin', query: {}, handle: revokeToken },
    summary: 'Revokes an API token; the next call with it is refused.',
    answer: object({ id: text('Its id.') }),
  },
]

async function listTokens({ context, query }: RouteCall): Promise<Reply> {
  const { page, binding } = readPageQuery(context, 'api tokens', query)
  const { services, caller } = context
  const found = await services.stores.tokens.list(caller.environmentId, { ...page, kind: 'api' })
  return pageReply(context, binding, found, tokenOut)
}

interface TokenBody {
  readonly name?: string
  readonly role: TokenRole
  readonly environment?: string
  readonly rate_limit?: GivenRateLimit | null
  readonly expires_in?: number | null
}

async function createToken({ context, body }: RouteCall): Promise<Reply> {
  const given = body as TokenBody
  const { services, caller } = context
  const environment = await reachedEnvironment(context, given.environment ?? caller.environmentId)
  const now = services.clock.now()
  const expiresAt = given.expires_in ? now + given.expires_in * 1_000 : null
  const rateLimit = rateLimitIn(given.rate_limit)
  const input = { environmentId: environment.id, role: given.role, name: given.name, rateLimit, expiresAt }
  const { token, value } = await services.stores.tokens.createApi(input, now)
  await audit(context, 'api_token.create', `token:${token.id}`, 'succeeded', { role: given.role })
  return { status: 201, body: { ...tokenOut(token), token: value.reveal() } }
}

async function revokeToken({ context, params }: RouteCall): Promise<Reply> {
  const { services, caller } = context
  const id = params.id ?? ''
  const token = await services.stores.tokens.get(caller.environmentId, id)
  if (token?.kind !== 'api') throw new EngineError('not_found', 'There is no such API token', { where: 'id' })
  await services.stores.tokens.revoke(caller.environmentId, id, services.clock.now())
  await audit(context, 'api_token.revoke', `token:${id}`, 'succeeded')
  return { status: 200, body: { id } }
}
