import { readBodyPath, withBodyPath } from '../body-path.ts'
import type { PaginationRules } from '../definition/catalog.ts'
import { EngineError } from '../errors.ts'
import type { PageInput } from './state.ts'

/** Sets a paging parameter where the rules want it; undefined removes it. */
export function withParameter(rules: PaginationRules, input: PageInput, name: string, value: unknown): PageInput {
  if (rules.in === 'body') return { ...input, body: withBodyPath(input.body, name, value) }
  if (rules.in === 'query') {
    const { [name]: _removed, ...others } = input.query
    return { ...input, query: value === undefined ? others : { ...others, [name]: value } }
  }
  const others = Object.entries(input.headers ?? {}).filter(([given]) => given.toLowerCase() !== name.toLowerCase())
  const headers = value === undefined ? others : [...others, [name, String(value)]]
  return { ...input, headers: Object.fromEntries(headers) }
}

/** A paging parameter of an input as it was set. */
function parameterOf(rules: PaginationRules, input: PageInput, name: string): unknown {
  if (rules.in === 'body') return readBodyPath(input.body, name)
  if (rules.in === 'query') return input.query[name]
  return Object.entries(input.headers ?? {}).find(([given]) => given.toLowerCase() === name.toLowerCase())?.[1]
}

/** Records asked for by one page when `limit` are wanted; undefined when the provider has no page size. */
export function pageSize(rules: PaginationRules, limit: number): number | undefined {
  if (rules.limit === undefined) return undefined
  return rules.limit.fixed ? rules.limit.max : Math.max(1, Math.min(limit, rules.limit.max))
}

/** Sets the page size parameter. */
export function withSize(rules: PaginationRules, input: PageInput, size: number | undefined): PageInput {
  if (size === undefined || rules.limit === undefined || rules.limit.fixed) return input
  return withParameter(rules, input, rules.limit.param, size)
}

/** The page size that an input was sent with; undefined when nothing tells. */
export function sentSize(rules: PaginationRules, input: PageInput): number | undefined {
  if (rules.limit === undefined) return undefined
  if (rules.limit.fixed) return rules.limit.max
  const sent = Number(parameterOf(rules, input, rules.limit.param))
  return Number.isInteger(sent) && sent > 0 ? Math.min(sent, rules.limit.max) : rules.limit.default
}

/** Name of a parameter that the strategy cannot do without. */
export function wanted(name: string | undefined, what: string): string {
  if (name !== undefined) return name
  throw new EngineError('definition_invalid', `The paging of this list names no ${what}`)
}
