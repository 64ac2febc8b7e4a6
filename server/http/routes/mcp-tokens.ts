import { EngineError } from '../../../engine/index.ts'
import { findAccount } from '../../api/accounts.ts'
import { audit } from '../../api/audit.ts'
import type { CallContext, Reply } from '../../api/context.ts'
import { effectsOf } from '../../api/reach.ts'
import { type GivenRateLimit, pageReply, rateLimitIn, readPageQuery, tokenOut } from '../../api/wire.ts'
import type { AgentToken, ApprovalPolicy, IntegratedAccount, SpendLimit, TokenEffect } from '../../stores/index.ts'
import { AGENT_TOKEN, AGENT_TOKEN_BODY, AGENT_TOKEN_ONCE } from '../agent-schemas.ts'
import type { Route, RouteCall } from '../route.ts'
import { object, PAGING, pageOf, text } from '../schemas.ts'

const tag = 'Agents'
const PATH = '/integrated-account/{id}/mcp'

/** Tokens for agents: what one may do over MCP, and on every other surface. */
export const MCP_TOKEN_ROUTES: readonly Route[] = [
  {
    ...{ verb: 'post', path: PATH, tag, rank: 'write', query: {}, status: 201, handle: createToken },
    summary: 'Makes a token for an agent, shown this once, with the address of the MCP server.',
    body: AGENT_TOKEN_BODY,
    answer: AGENT_TOKEN_ONCE,
  },
  {
    ...{ verb: 'get', path: PATH, tag, rank: 'read', query: PAGING, answer: pageOf(AGENT_TOKEN), handle: listTokens },
    summary: 'Lists the tokens for agents that reach an account, ended ones included.',
  },
  {
    ...{ verb: 'get', path: `${PATH}/{token_id}`, tag, rank: 'read', query: {}, answer: AGENT_TOKEN, handle: getToken },
    summary: 'Gets a token for an agent.',
  },
  {
    ...{ verb: 'delete', path: `${PATH}/{token_id}`, tag, rank: 'write', query: {}, handle: revokeToken },
    summary: 'Revokes a token for an agent; the next call with it is refused.',
    answer: object({ id: text('Its id.') }),
  },
]

interface GivenConfig {
  readonly integrated_account_ids?: readonly string[]
  readonly methods?: readonly string[]
  readonly tags?: readonly string[]
  readonly resources?: readonly string[]
  readonly effects?: readonly TokenEffect[]
  readonly limits?: readonly { readonly currency: string; readonly per_call: number; readonly per_day: number }[] | null
  readonly approval?: ApprovalPolicy
  readonly elicitation?: boolean
  readonly redact?: boolean
  readonly rate_limit?: GivenRateLimit | null
}

interface GivenToken {
  readonly name: string
  readonly config?: GivenConfig
  readonly expires_at?: string | null
}

const DEFAULT_MS = 30 * 86_400_000

async function createToken(call: RouteCall): Promise<Reply> {
  const { context, params, body } = call
  const { services } = context
  const { name, config = {}, expires_at: until } = body as GivenToken
  const {
    methods,
    tags,
    resources,
    effects = ['read'],
    approval = 'human',
    elicitation = true,
    redact = false,
  } = config
  const limits = limitsIn(config)
  checkGiven(context, effects, approval, limits)
  const [first, ...others] = await accountsNamed(context, params.id ?? '', config.integrated_account_ids ?? [])
  const now = services.clock.now()
  const { environmentId, tenantId } = first
  const input = {
    ...{ name, tenantId, integratedAccountIds: [first, ...others].map(({ id }) => id) },
    ...{ methods: methods ?? null, tags: tags ?? null, resources: resources ?? null },
    ...{ effects, limits, approval, elicitation, redact },
    rateLimit: rateLimitIn(config.rate_limit),
    expiresAt: expiryOf(until, now),
  }
  const { token, value } = await services.stores.tokens.createAgent(environmentId, input, now)
  const told = { effects, approval, redact, has_limits: limits !== null, accounts: input.integratedAccountIds }
  await audit(context, 'mcp_token.create', `token:${token.id}`, 'succeeded', told)
  const url = `${services.lifecycle.url}/mcp`
  return { status: 201, body: { ...tokenOut(token), token: value.reveal(), url } }
}

/** Throws forbidden for effects that the caller lacks, invalid_body for money that nothing bounds. */
function checkGiven(
  { caller }: CallContext,
  effects: readonly TokenEffect[],
  approval: ApprovalPolicy,
  limits: readonly SpendLimit[] | null,
): void {
  const above = effects.filter((effect) => !effectsOf(caller.token).includes(effect))
  if (above.length > 0) {
    throw new EngineError('forbidden', `Your own token has no ${above.join(' or ')} effect to give on`, {
      valid: effectsOf(caller.token),
    })
  }
  if (approval === 'confirm' && limits === null && effects.includes('money')) {
    throw new EngineError('invalid_body', 'An agent that confirms by itself needs limits', {
      where: '/config/limits',
      hint: 'Give `limits`, or leave `approval` at human.',
    })
  }
}

function limitsIn({ limits }: GivenConfig): readonly SpendLimit[] | null {
  if (limits === undefined || limits === null) return null
  const codes = limits.map(({ currency }) => currency)
  const twice = codes.find((code, at) => codes.indexOf(code) !== at)
  if (twice !== undefined) {
    throw new EngineError('invalid_body', `There are two limits for ${twice}`, { where: '/config/limits' })
  }
  return limits.map(({ currency, per_call, per_day }) => ({ currency, perCall: per_call, perDay: per_day }))
}

/** The accounts of a token, the one in the address first. Throws unknown_account, or invalid_body for several tenants. */
async function accountsNamed(
  context: CallContext,
  id: string,
  more: readonly string[],
): Promise<readonly [IntegratedAccount, ...IntegratedAccount[]]> {
  const first = await findAccount(context, id)
  const others: IntegratedAccount[] = []
  for (const other of new Set(more)) {
    if (other === first.id) continue
    const found = await findAccount(context, other)
    if (found.tenantId !== first.tenantId || found.environmentId !== first.environmentId) {
      throw new EngineError('invalid_body', `The account ${other} is of another tenant`, {
        where: '/config/integrated_account_ids',
        hint: 'A token reaches accounts of one tenant; make one for each.',
      })
    }
    others.push(found)
  }
  return [first, ...others]
}

/** 30 days unless said otherwise; null lasts until it is revoked. Throws invalid_body for the past. */
function expiryOf(text: string | null | undefined, now: number): number | null {
  if (text === undefined || text === null) return text === null ? null : now + DEFAULT_MS
  const at = Date.parse(text)
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i.test(text) && at > now) return at
  throw new EngineError('invalid_body', '`expires_at` is no instant of RFC 3339 to come', { where: '/expires_at' })
}

async function listTokens({ context, params, query }: RouteCall): Promise<Reply> {
  const { id, environmentId } = await findAccount(context, params.id ?? '')
  const { page, binding } = readPageQuery(context, `agents of ${environmentId}/${id}`, query)
  const wanted = { ...page, kind: 'agent', integratedAccountId: id } as const
  return pageReply(context, binding, await context.services.stores.tokens.list(environmentId, wanted), tokenOut)
}

async function getToken(call: RouteCall): Promise<Reply> {
  return { status: 200, body: tokenOut(await namedToken(call)) }
}

async function revokeToken(call: RouteCall): Promise<Reply> {
  const { context } = call
  const { stores, clock } = context.services
  const { id, environmentId } = await namedToken(call)
  await stores.tokens.revoke(environmentId, id, clock.now())
  await audit(context, 'mcp_token.revoke', `token:${id}`, 'succeeded')
  return { status: 200, body: { id } }
}

/** The token for an agent in the address, of the account before it. Throws unknown_account or not_found. */
async function namedToken({ context, params }: RouteCall): Promise<AgentToken> {
  const { id, environmentId } = await findAccount(context, params.id ?? '')
  const token = await context.services.stores.tokens.get(environmentId, params.token_id ?? '')
  if (token?.kind === 'agent' && token.integratedAccountIds.includes(id)) return token
  throw new EngineError('not_found', 'The account has no such token for an agent', { where: 'token_id' })
}
