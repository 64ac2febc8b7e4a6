import { EngineError } from '../../engine/index.ts'
import type { Token, TokenEffect, TokenRole } from '../stores/index.ts'

/** What a call is about to do. */
export interface Act {
  readonly effect: TokenEffect
  readonly method: string
  /** Names by which a token may list the resource, such as `payments` and `payment-gateway/payments`; empty when undeclared. */
  readonly resources: readonly string[]
}

/** Rank that an endpoint of the platform asks for; account tokens have none. */
export type Rank = 'read' | 'write' | 'admin' | 'owner'

const ALL: readonly TokenEffect[] = ['read', 'write', 'money', 'credential']
const EFFECTS: Readonly<Record<TokenRole, readonly TokenEffect[]>> = {
  owner: ALL,
  admin: ALL,
  write: ['read', 'write', 'money'],
  read: ['read'],
  approve: [],
}
const RANKS: Readonly<Record<TokenRole, readonly Rank[]>> = {
  owner: ['read', 'write', 'admin', 'owner'],
  admin: ['read', 'write', 'admin'],
  write: ['read', 'write'],
  read: ['read'],
  approve: [],
}

/** The effects that a token may have on its accounts. */
export function effectsOf(token: Token): readonly TokenEffect[] {
  return token.kind === 'api' ? EFFECTS[token.role] : token.effects
}

/** What a surface does not let through, whatever the token may do; throws. */
export type Ban = (act: Act) => void

/**
 * Throws forbidden when the token may not do this, or what the ban of the surface throws. An undeclared operation counts
 * as a `credential` effect.
 */
export function checkReach(token: Token, act: Act, ban?: Ban): void {
  checkToken(token, act)
  ban?.(act)
}

function checkToken(token: Token, act: Act): void {
  if (!effectsOf(token).includes(act.effect)) {
    throw new EngineError('forbidden', `The token has no '${act.effect}' effect, which ${named(act)} needs`, {
      valid: effectsOf(token),
      hint: 'Use a token that was given this effect.',
    })
  }
  if (token.kind === 'api') return
  const { methods, resources } = token
  if (methods !== null && !methods.includes(act.method)) {
    throw new EngineError('forbidden', `The token does not reach the method '${act.method}'`, { valid: methods })
  }
  if (resources !== null && !act.resources.some((name) => resources.includes(name))) {
    throw new EngineError('forbidden', `The token does not reach ${named(act)}`, { valid: resources })
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
