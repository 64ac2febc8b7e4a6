import type { Operation } from '../definition/catalog.ts'
import { EngineError } from '../errors.ts'
import type { OperationInput } from '../types.ts'
import type { CallState } from './call-state.ts'
import type { ProxyCall } from './contract.ts'
import { checkRequired, checkValue, type Unlisted, valuesAt } from './parameters.ts'

type Query = ProxyCall['query']

/** `created[gte]`, `expand[]` and `created.gte` belong to what is before the bracket or dot. */
const rootOf = (name: string): string => /^[^[.]*/.exec(name)?.[0] ?? name

const invalid = (name: string, message: string, hint?: string): EngineError =>
  new EngineError('invalid_parameter', message, { where: name, hint })

const undeclared = (call: CallState, operation: Operation, name: string): void =>
  call.warn(`\`${name}\` is not declared for ${operation.id}; it was passed on as it is`)

const unlisted =
  (call: CallState, operation: Operation): Unlisted =>
  (name, valid) =>
    call.warn(
      `\`${name}\` has a value that ${operation.id} does not list; it was passed on as it is. Known are: ${valid.join(', ')}`,
    )

/**
 * Turns a native call into the input of its operation: declared parameters go where they belong and are checked lightly;
 * undeclared ones, and values that an enum does not list, are passed on with a warning, since the provider may be newer
 * than its definition. Throws invalid_parameter naming the parameter.
 */
export function proxyInput(operation: Operation, call: ProxyCall, state: CallState): OperationInput {
  const parts = splitQuery(operation, call.query, state)
  const path = { ...parts.path, ...recordPath(operation, call) }
  const headers = { ...parts.headers, ...call.headers }
  for (const name of operation.pathParameters) {
    if (path[name] === undefined || path[name] === '') throw invalid(name, `${operation.id} needs \`${name}\``)
  }
  for (const [name, rule] of operation.parameters) {
    if (rule.in === 'query') checkRequired(name, rule, firstOf(parts.query, name))
    if (rule.in === 'header') checkRequired(name, rule, headers[name])
  }
  checkBody(operation, call.body, state)
  return {
    path,
    query: parts.query,
    ...(call.body === undefined ? {} : { body: call.body }),
    ...(Object.keys(headers).length === 0 ? {} : { headers }),
  }
}

/** The record's id fills `id`, or the only path parameter when it has another name. */
function recordPath(operation: Operation, call: ProxyCall): Record<string, string> {
  const names = operation.pathParameters
  const name = names.includes('id') ? 'id' : names.length === 1 ? names[0] : undefined
  if (call.id === undefined) return {}
  if (name !== undefined) return { [name]: call.id }
  throw invalid('id', `${operation.id} does not take the id of a record`)
}

const firstOf = (query: Readonly<Record<string, unknown>>, name: string): unknown =>
  query[name] ?? Object.entries(query).find(([given]) => rootOf(given) === name)?.[1]

interface Parts {
  readonly path: Record<string, string>
  readonly query: Record<string, unknown>
  readonly headers: Record<string, string>
}

function splitQuery(operation: Operation, query: Query, state: CallState): Parts {
  const parts: Parts = { path: {}, query: Object.create(null), headers: {} }
  refuseNativePaging(operation, query)
  for (const [given, value] of Object.entries(query)) {
    const isExact = operation.parameters.has(given)
    const name = isExact ? given : rootOf(given)
    const rule = operation.parameters.get(name)
    if (operation.pathParameters.includes(given)) parts.path[given] = single(given, value)
    else if (rule?.in === 'header') parts.headers[name] = single(given, value)
    else if (rule?.in === 'body') throw invalid(given, `\`${given}\` belongs in the body of ${operation.id}`)
    else addQuery(parts.query, given, value, given === `${name}[]` || rule?.type === 'array')
    if (rule === undefined && !operation.pathParameters.includes(given)) undeclared(state, operation, given)
    const isWhole = isExact || given === `${name}[]`
    if (rule !== undefined && isWhole) checkValue(name, rule, parts.query[name] ?? value, unlisted(state, operation))
  }
  return parts
}

function addQuery(
  query: Record<string, unknown>,
  given: string,
  value: string | readonly string[],
  isList: boolean,
): void {
  const name = given.endsWith('[]') ? given.slice(0, -2) : given
  query[name] = isList && !/[\]]$/.test(name) ? [value].flat() : value
}

function single(name: string, value: string | readonly string[]): string {
  if (typeof value === 'string') return value
  throw invalid(name, `\`${name}\` is given more than once`)
}

/** Page numbers and sizes of the provider would fight with our own limit and cursor. */
function refuseNativePaging({ pagination }: Operation, query: Query): void {
  const isNumbered = pagination?.strategy === 'page' || pagination?.strategy === 'offset'
  for (const name of [pagination?.limit?.param, isNumbered ? pagination?.param : undefined]) {
    if (name === undefined || pagination?.in !== 'query' || !Object.hasOwn(query, name)) continue
    throw invalid(name, `\`${name}\` is set by the paging of this list`, 'Use `limit` and `next_cursor`.')
  }
}

function checkBody(operation: Operation, body: unknown, state: CallState): void {
  const declared = [...operation.parameters].filter(([, rule]) => rule.in === 'body')
  for (const [name, rule] of declared) {
    const path = name.split('.')
    const values = valuesAt(body, path)
    const isConstant = Object.hasOwn(operation.request.constants, name)
    const isParentThere = path.length === 1 || valuesAt(body, path.slice(0, -1)).length > 0
    if (isParentThere && !isConstant) checkRequired(name, rule, values[0])
    for (const value of values) checkValue(name, rule, value, unlisted(state, operation))
  }
  const known = new Set(declared.map(([name]) => rootOf(name)))
  const isFields = typeof body === 'object' && body !== null && !Array.isArray(body) && !(body instanceof Uint8Array)
  if (!isFields) return
  for (const name of Object.keys(body)) if (!known.has(rootOf(name))) undeclared(state, operation, name)
}
