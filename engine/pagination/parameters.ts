import type { PaginationRules } from '../definition/catalog.ts'
import { EngineError } from '../errors.ts'
import type { PageInput } from './state.ts'

type Tree = Readonly<Record<string, unknown>>

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value)

/** A copy of a body with a dotted path set, or removed when the value is undefined. */
function withPath(body: unknown, path: readonly string[], value: unknown): Tree {
  const [name = '', ...rest] = path
  const tree = isTree(body) ? body : {}
  const inner = rest.length === 0 ? value : withPath(tree[name], rest, value)
  if (inner !== undefined) return { ...tree, [name]: inner }
  const { [name]: _removed, ...others } = tree
  return others
}

function readPath(body: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, name) => (isTree(value) ? value[name] : undefined), body)
}

/** Sets a paging parameter where the rules want it; undefined removes it. */
export function withParameter(rules: PaginationRules, input: PageInput, name: string, value: unknown): PageInput {
  if (rules.in === 'body') return { ...input, body: withPath(input.body, name.split('.'), value) }
  if (rules.in === 'query') {
    const { [name]: _removed, ...others } = input.query
    return { ...input, query: value === undefined ? others : { ...others, [name]: value } }
  }
  const others = Object.entries(input.headers ?? {}).filter(([given]) => given.toLowerCase() !== name.toLowerCase())
  const headers = value === undefined ? others : [...others, [name, String(value)]]
  return { ...input, headers: Object.fromEntries(headers) }
}

/** A paging parameter of an input as it was set. */
export function parameterOf(rules: PaginationRules, input: PageInput, name: string): unknown {
  if (rules.in === 'body') return readPath(input.body, name.split('.'))
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
