import { EngineError } from '../../engine/index.ts'
import type { CallContext } from '../api/context.ts'
import { type Act, type Ban, effectsOf } from '../api/reach.ts'
import type { Token, TokenEffect } from '../stores/index.ts'

/** Effects that an agent has only once a person agreed, which nobody can be asked for yet. */
const WITHHELD: readonly TokenEffect[] = Object.freeze(['money', 'credential'] as const)

/** Whether tools for this are shown to the holder of a token. The calls check again. */
export function reaches(token: Token, { effect, method, resources }: Act): boolean {
  if (!effectsOf(token).includes(effect)) return false
  if (token.kind === 'api') return true
  const { methods, resources: named, customerId } = token
  if (customerId !== null && resources.some((name) => name.startsWith('proxy/'))) return false
  return (methods?.includes(method) ?? true) && (named === null || resources.some((name) => named.includes(name)))
}

/** The reach of a token as text: what is shown to equal ones is the same. */
export const reachKey = (token: Token): string =>
  token.kind === 'api'
    ? JSON.stringify([effectsOf(token)])
    : JSON.stringify([effectsOf(token), token.methods, token.resources, token.customerId !== null])

/** A context that lets no money move and no credential through; `address` is the same call over the HTTP API. */
export function withheld(context: CallContext, address: string): CallContext {
  const ban: Ban = ({ effect }) => {
    if (!WITHHELD.includes(effect)) return
    throw new EngineError(
      'approval_required',
      `This has the effect '${effect}', which an agent may not have without a person`,
      {
        hint: `Approvals are not built yet, so it is refused over MCP. A person or a back end can make the call over the HTTP API: ${address}, with a token that has the effect.`,
      },
    )
  }
  return { ...context, ban }
}
