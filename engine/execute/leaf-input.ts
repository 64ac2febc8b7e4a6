import type { LeafSource, Operation } from '../definition/catalog.ts'
import { EngineError } from '../errors.ts'
import type { Json } from '../mapping/index.ts'
import { type Part, type Term, valuesOf } from '../query/index.ts'
import type { OperationInput } from '../types.ts'
import type { Account } from './contract.ts'
import { expressionValues, nest, slotValues } from './slots.ts'

/** What expressions of a source see as `$filters`: the value of `eq`, a list for `in`, else an object by operator. */
function filtersView(terms: readonly Term[]): Json {
  const view: Json = {}
  for (const term of terms) {
    const { field, op, value } = term
    if (op === 'eq') view[field] = value
    else if (op === 'in') view[field] = valuesOf(term)
    else if (typeof view[field] !== 'string') view[field] = { ...(view[field] as Json | undefined), [op]: value }
  }
  return view
}

/** What a leaf's request is made of. */
export interface LeafRequest {
  readonly leaf: LeafSource
  readonly operation: Operation
  readonly terms: readonly Term[]
  readonly parts: readonly Part[]
  readonly account: Account
  readonly accountView: Json
  readonly parent: unknown
  /** Bounds of the window it is read in, by parameter. */
  readonly window: Json
}

/** `$parent` of a leaf's records: what the leaf says of it, or else the record of the parent list. */
export function leafParent({ leaf, terms, account, accountView, parent }: LeafRequest): unknown {
  if (leaf.parent.size === 0) return parent
  const variables = { filters: filtersView(terms), account: accountView, connection: account.connection }
  return expressionValues(leaf.parent, undefined, variables)
}

/** The input of a leaf's operation. Throws EngineError unsupported_filter when its path needs a filter that is not there. */
export function leafInput(request: LeafRequest): OperationInput {
  const { leaf, operation, parts } = request
  const variables = {
    filters: filtersView(request.terms),
    parent: request.parent ?? null,
    account: request.accountView,
    connection: request.account.connection,
    id: null,
    body: null,
    reads: {},
    money_form: operation.money,
  }
  const of = (place: Part['in']): Json =>
    Object.fromEntries(parts.filter((part) => part.in === place).map(({ name, value }) => [name, value]))
  const search = searchOf(leaf, parts)
  const include = typeof operation.complete === 'object' ? operation.complete.include : {}
  const path = { ...slotValues(leaf.path, undefined, variables), ...of('path') }
  requirePath(operation, path)
  const query = {
    ...include,
    ...slotValues(leaf.query, undefined, variables),
    ...of('query'),
    ...search.query,
    ...request.window,
  }
  const body = { ...slotValues(leaf.body, undefined, variables), ...of('body'), ...search.body }
  return { path, query, ...(Object.keys(body).length > 0 ? { body: nest(body) } : {}) }
}

function searchOf(leaf: LeafSource, parts: readonly Part[]): { query: Json; body: Json } {
  const clauses = parts.filter((part) => part.in === 'search').map(({ value }) => String(value))
  if (leaf.search === undefined || clauses.length === 0) return { query: {}, body: {} }
  const found = { [leaf.search.param]: clauses.join(leaf.search.join) }
  return leaf.search.in === 'body' ? { query: {}, body: found } : { query: found, body: {} }
}

function requirePath(operation: Operation, path: Json): void {
  const missing = operation.pathParameters.filter((name) => path[name] === undefined || path[name] === null)
  if (missing.length === 0) return
  const message = `${operation.id} can be listed only below \`${missing.join('`, `')}\``
  throw new EngineError('unsupported_filter', message, { hint: 'Add the filter that names it.', valid: missing })
}
