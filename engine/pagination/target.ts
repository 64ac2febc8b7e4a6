import { EngineError } from '../errors.ts'
import type { PageAnswer } from './state.ts'

/**
 * Path and query of a next URL, below the base of the host. A relative URL is resolved against the request. Throws
 * foreign_next_url when the origin or base path is another one, missing_path when it is no URL.
 */
export function sameOriginTarget(value: unknown, answer: Pick<PageAnswer, 'url' | 'base'>): string {
  const target = typeof value === 'string' && URL.canParse(value, answer.url) ? new URL(value, answer.url) : undefined
  if (target === undefined) throw new EngineError('missing_path', 'The next page is not a URL')
  const base = new URL(answer.base)
  const prefix = base.pathname.replace(/\/$/, '')
  const isOurs = target.origin === base.origin && target.username === '' && target.password === ''
  if (isOurs && `${target.pathname}/`.startsWith(`${prefix}/`)) {
    return (target.pathname.slice(prefix.length) || '/') + target.search
  }
  throw new EngineError('foreign_next_url', `The next page is at ${target.host}, not at ${base.host}${prefix}`)
}
