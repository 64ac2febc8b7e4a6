import { type Act, effectsOf, reaches as tokenReaches } from '../api/reach.ts'
import type { Token } from '../stores/index.ts'

/** Whether tools for this are shown to the holder of a token. The calls check again. */
export const reaches = (token: Token, act: Act): boolean => {
  const isNarrowed = token.kind === 'account' && token.customerId !== null
  return !(isNarrowed && act.shape === 'native') && tokenReaches(token, act)
}

/** The reach of a token as text: what is shown to equal ones is the same. */
export function reachKey(token: Token): string {
  if (token.kind === 'api') return JSON.stringify([effectsOf(token)])
  const { methods, resources } = token
  const own =
    token.kind === 'account'
      ? [token.customerId !== null]
      : [token.tags, token.redact, token.limits !== null, token.approval === 'deny', token.integratedAccountIds.length]
  return JSON.stringify([token.kind, effectsOf(token), methods, resources, ...own])
}
