import { EngineError, type Integration } from '../../engine/index.ts'
import type { RateLimit, Token, TokenCheck } from '../stores/index.ts'
import type { Caller, Services, Trace } from './context.ts'

/** Environment of a bootstrap token that names none. */
export const DEFAULT_ENVIRONMENT = 'default'

/** What a request shows of its caller. */
export interface Presented {
  /** The Authorization header. */
  readonly authorization: string | undefined
  /** The X-Onefold-Environment header. */
  readonly environment: string | undefined
}

/**
 * The caller behind a request. Throws unauthorized (none, unknown or revoked), expired_token, token_rate_limited, provider_key_refused (a key
 * in the shape of a provider's) or forbidden (an environment that the token is not of).
 */
export async function authenticate(services: Services, presented: Presented, trace: Trace): Promise<Caller> {
  const value = tokenOf(presented.authorization)
  const check = await services.reads.token(value)
  if (check.state !== 'unknown') {
    trace.tokenId = check.token.id
    trace.environmentId = check.token.environmentId
  }
  const { token, limit } = validToken(services, value, check)
  await countCall(services, { token, limit }, trace)
  const caller = { token, limit, ...(await environmentsOf(services, token, presented.environment)) }
  trace.environmentId = caller.environmentId
  return caller
}

/** The token of a call that goes on for long, as it is now. Throws as authenticate does; nothing is counted. */
export async function tokenNow(services: Services, authorization: string | undefined): Promise<Token> {
  const value = tokenOf(authorization)
  return validToken(services, value, await services.reads.token(value)).token
}

/** Counts a call of a token that has a limit. Throws token_rate_limited. */
export async function countCall(
  { stores, clock }: Services,
  { token, limit }: Pick<Caller, 'token' | 'limit'>,
  trace: Trace,
): Promise<void> {
  if (limit === null) return
  const { isOver, ...budget } = await stores.tokenLimits.take(token.id, limit, clock.now())
  trace.tokenBudget = budget
  if (!isOver) return
  throw new EngineError(
    'token_rate_limited',
    `The token may make ${limit.requests} calls in ${limit.windowS} seconds`,
    {
      waitMs: budget.resetMs,
      hint: 'This is the limit of the token, not of the provider. Wait, or ask for a token with a higher one.',
    },
  )
}

/** The token in an Authorization header: of Bearer the value, of Basic the user name. Throws unauthorized. */
function tokenOf(authorization: string | undefined): string {
  const [, scheme = '', value = ''] = /^\s*(bearer|basic)\s+(\S+)\s*$/i.exec(authorization ?? '') ?? []
  const token = scheme.toLowerCase() === 'basic' ? userOf(value) : value
  if (token !== '') return token
  throw new EngineError('unauthorized', 'The request carries no token', {
    where: 'Authorization',
    hint: 'Send `Authorization: Bearer <token>`, or basic authentication with the token as the user name.',
  })
}

function userOf(encoded: string): string {
  const [user = ''] = Buffer.from(encoded, 'base64').toString().split(':', 1)
  return user
}

function validToken(
  services: Services,
  value: string,
  check: TokenCheck,
): { readonly token: Token; readonly limit: RateLimit | null } {
  switch (check.state) {
    case 'valid':
      return check
    case 'expired':
      throw new EngineError('expired_token', 'The token has expired', {
        where: 'Authorization',
        hint: 'Make a new one with POST /integrated-account/{id}/token or POST /api-token.',
      })
    case 'revoked':
      throw new EngineError('unauthorized', 'The token was revoked', { where: 'Authorization' })
    case 'unknown':
      throw unknownToken(services, value)
  }
}

function unknownToken(services: Services, value: string): EngineError {
  const provider = [...services.engine.catalog().integrations.values()].find((one) => looksLikeKeyOf(one, value))
  if (provider === undefined) {
    return new EngineError('unauthorized', 'The token is not known here', { where: 'Authorization' })
  }
  return new EngineError('provider_key_refused', `This looks like a key of ${provider.label}, not a token of Onefold`, {
    where: 'Authorization',
    hint: 'The key was not sent on, but it has left your hands: rotate it at the provider. Then connect it with POST /integrated-account and give an account token here.',
  })
}

/** A token as we might have made one: whatever shape it has too tells no provider's key. */
const TOKEN_OF_OURS = `ofk_${'aZ0-_'.repeat(9)}`

/** Whether a value has the shape of a provider's key; our own tokens that wear its prefix have not. */
function looksLikeKeyOf(integration: Integration, value: string): boolean {
  const { accountTokenPrefix } = integration
  if (accountTokenPrefix !== undefined && value.startsWith(accountTokenPrefix)) return false
  const fields = [...integration.auth.methods.values()].flatMap((method) => Object.values(method.fields))
  return fields.some(({ secret, pattern }) => {
    if (secret !== true || pattern === undefined) return false
    const shape = new RegExp(`^(?:${pattern})$`)
    return shape.test(value) && !shape.test(TOKEN_OF_OURS)
  })
}

async function environmentsOf(
  services: Services,
  token: Token,
  wanted: string | undefined,
): Promise<Pick<Caller, 'environmentId' | 'environments'>> {
  if (token.environmentId !== null) {
    if (wanted !== undefined && wanted !== token.environmentId) {
      throw new EngineError('forbidden', 'The token belongs to another environment', { where: 'X-Onefold-Environment' })
    }
    return { environmentId: token.environmentId, environments: [token.environmentId] }
  }
  if (wanted === undefined) {
    const { sandboxEnvironment } = services
    const environments = [DEFAULT_ENVIRONMENT, ...(sandboxEnvironment === null ? [] : [sandboxEnvironment])]
    return { environmentId: DEFAULT_ENVIRONMENT, environments }
  }
  if ((await services.reads.environment(wanted)) === null) {
    throw new EngineError('not_found', `There is no environment ${wanted.slice(0, 128)}`, {
      where: 'X-Onefold-Environment',
    })
  }
  return { environmentId: wanted, environments: [wanted] }
}
