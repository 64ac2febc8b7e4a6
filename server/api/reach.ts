import { EngineError } from '../../engine/index.ts'
import type { AgentToken, Token, TokenEffect, TokenRole } from '../stores/index.ts'

/** What a call is about to do. */
export interface Act {
  readonly effect: TokenEffect
  readonly method: string
  /** Names by which a token may list the resource, such as `payments` and `payment-gateway/payments`; empty when undeclared. */
  readonly resources: readonly string[]
  /** Of each operation that answers it, the tags with those of its resource; undefined where no provider is chosen yet. */
  readonly tags?: readonly (readonly string[])[] | undefined
  /** native: the provider's own fields; raw: bytes as the provider wrote them. Default unified. */
  readonly shape?: 'unified' | 'native' | 'raw' | undefined
  /** Whether the definition says where amount and currency stand in the request. */
  readonly namesMoney?: boolean | undefined
}

/** Rank that an endpoint of the platform asks for; only API tokens have one. */
export type Rank = 'read' | 'write' | 'approve' | 'admin' | 'owner'

const ALL: readonly TokenEffect[] = ['read', 'write', 'money', 'credential']
const EFFECTS: Readonly<Record<TokenRole, readonly TokenEffect[]>> = {
  owner: ALL,
  admin: ALL,
  write: ['read', 'write', 'money'],
  read: ['read'],
  approve: [],
}
const RANKS: Readonly<Record<TokenRole, readonly Rank[]>> = {
  owner: ['read', 'write', 'approve', 'admin', 'owner'],
  admin: ['read', 'write', 'approve', 'admin'],
  write: ['read', 'write'],
  read: ['read'],
  approve: ['approve'],
}

/** Methods by the group that stands for them; `custom` stands for all others. */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  read: ['list', 'get'],
  write: ['create', 'update', 'delete'],
}

/** Whether a method is meant by one of the names: its own, or the group read, write or custom. */
export function isMethodNamed(names: readonly string[], method: string): boolean {
  const isCustom = !Object.values(GROUPS).some((group) => group.includes(method))
  const fits = (name: string): boolean =>
    name === method || (name === 'custom' && isCustom) || (GROUPS[name]?.includes(method) ?? false)
  return names.some(fits)
}

/** The effects that a token may have on its accounts. */
export function effectsOf(token: Token): readonly TokenEffect[] {
  return token.kind === 'api' ? EFFECTS[token.role] : token.effects
}

/** The accounts that a token is bound to; null is every one of its environment. */
export function accountsOf(token: Token): readonly string[] | null {
  if (token.kind === 'api') return null
  return token.kind === 'account' ? [token.integratedAccountId] : token.integratedAccountIds
}

/** Throws forbidden when the token may not do this. An undeclared operation counts as a `credential` effect. */
export function checkReach(token: Token, act: Act): void {
  const { effect, method } = act
  if (!effectsOf(token).includes(effect)) {
    throw new EngineError('forbidden', `The token has no '${effect}' effect, which ${named(act)} needs`, {
      valid: effectsOf(token),
      hint: 'Use a token that was given this effect.',
    })
  }
  if (token.kind === 'api') return
  const { methods, resources } = token
  if (methods !== null && !fitsMethod(token, method)) {
    throw new EngineError('forbidden', `The token does not reach the method '${method}'`, { valid: methods })
  }
  if (resources !== null && !act.resources.some((name) => resources.includes(name))) {
    throw new EngineError('forbidden', `The token does not reach ${named(act)}`, { valid: resources })
  }
  if (token.kind === 'agent') checkAgent(token, act)
}

/** Whether the token reaches this, as far as it is known before a provider is chosen. */
export function reaches(token: Token, act: Act): boolean {
  try {
    checkReach(token, act)
    return true
  } catch {
    return false
  }
}

/** Methods of account tokens are exact names: they never stood for groups. */
function fitsMethod(token: Exclude<Token, { kind: 'api' }>, method: string): boolean {
  const names = token.methods ?? []
  return token.kind === 'agent' ? isMethodNamed(names, method) : names.includes(method)
}

/** What tags, redaction and limits leave out of an agent's reach. */
function checkAgent({ tags, redact, limits, approval }: AgentToken, act: Act): void {
  const { effect, shape = 'unified', namesMoney = false } = act
  if (tags !== null && act.tags?.every((own) => own.some((tag) => tags.includes(tag))) === false) {
    throw new EngineError('forbidden', `The token does not reach ${named(act)}: its tags do not`, { valid: tags })
  }
  if (redact && shape !== 'unified') {
    throw new EngineError('forbidden', 'The token leaves personal data out, so it reads and writes unified fields only')
  }
  if (effect === 'money' && approval === 'deny') {
    throw new EngineError('forbidden', 'The token may not move money: its approval is `deny`')
  }
  if (effect === 'money' && limits !== null && shape !== 'unified' && !namesMoney) {
    throw new EngineError('forbidden', `The token has limits, and ${named(act)} does not name what it moves`, {
      hint: 'Use a unified method, or a native one whose amount is declared.',
    })
  }
}

const named = ({ resources: [resource], method }: Act): string =>
  resource === undefined ? 'an operation that is not declared' : `${method} of ${resource}`

/** Throws forbidden when an endpoint of the platform is above the token. */
export function checkRank(token: Token, rank: Rank): void {
  if (token.kind === 'api' && RANKS[token.role].includes(rank)) return
  const needed = (Object.keys(RANKS) as TokenRole[]).filter((role) => RANKS[role].includes(rank))
  throw new EngineError('forbidden', `This needs an API token of role ${needed.join(' or ')}`, { valid: needed })
}

/** What concerns all environments is for a token that is bound to none. Throws forbidden. */
export function onlyBootstrap(token: Token): void {
  if (token.environmentId === null) return
  throw new EngineError('forbidden', 'This concerns every environment and needs the bootstrap token')
}
