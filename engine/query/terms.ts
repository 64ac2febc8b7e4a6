import type { FilterOp, ModelFilter, ModelResource } from '../definition/catalog.ts'
import { EngineError } from '../errors.ts'
import type { FilterTerm } from '../execute/contract.ts'
import { isDate, nextDate, readInstant, startOfDay, writeInstant } from './time.ts'

const OPS: ReadonlySet<string> = new Set(['eq', 'ne', 'gt', 'gte', 'lt', 'lte', 'in', 'exists'])
const PARAMETER = /^([^[\]]+)((?:\[[^[\]]*\])*)$/

/**
 * The terms of one filter parameter (`field`, `field[op]`, `metadata[key]`, `metadata[key][op]`); a date may come to two.
 * Throws EngineError unknown_filter, invalid_parameter or unsupported_filter.
 */
export function parseFilter(name: string, value: string, resource: ModelResource, timezone: string): FilterTerm[] {
  const match = PARAMETER.exec(name)
  const field = match?.[1] ?? name
  const filter = resource.filters.get(field)
  if (match === null || filter === undefined) throw unknownFilter(name, resource)
  const brackets = [...(match[2] ?? '').matchAll(/\[([^[\]]*)\]/g)].map(([, inner]) => inner ?? '')
  const key = filter.isKeyed ? brackets.shift() : undefined
  if (filter.isKeyed && (key === undefined || key === '')) throw invalid(name, `Write \`${field}[key]=value\``)
  const op = brackets.shift() ?? 'eq'
  if (brackets.length > 0) throw unknownFilter(name, resource)
  if (!isOp(op) || !answers(filter, op)) throw unknownOp(name, filter, op)
  return termsOf(name, filter, op, value, timezone).map((term) => ({ ...term, ...(key === undefined ? {} : { key }) }))
}

const isOp = (op: string): op is FilterOp => OPS.has(op)

/** `eq` is a list of one, so it is understood wherever `in` is. */
const answers = (filter: ModelFilter, op: FilterOp): boolean =>
  filter.ops.includes(op) || (op === 'eq' && filter.ops.includes('in'))

function termsOf(where: string, filter: ModelFilter, op: FilterOp, value: string, timezone: string): FilterTerm[] {
  const field = filter.name
  if (op === 'exists') return [{ field, op, value: readBoolean(where, value) }]
  if (op === 'in') {
    const values = value.split(',').map((item) => item.trim())
    if (values.includes('')) throw invalid(where, 'expected one or more values, separated by commas')
    return [{ field, op, value: values.map((item) => readValue(where, filter, item)).join(',') }]
  }
  if (filter.type === 'instant' && isDate(value)) return dayTerms(filter, op, value, timezone)
  return [{ field, op, value: readValue(where, filter, value) }]
}

/** A date stands for its whole day in the caller's zone. */
function dayTerms(filter: ModelFilter, op: FilterOp, date: string, timezone: string): FilterTerm[] {
  const field = filter.name
  const start = startOfDay(date, timezone)
  const end = startOfDay(nextDate(date), timezone)
  const term = (as: FilterOp, ms: number): FilterTerm => ({ field, op: as, value: writeInstant(ms) })
  const has = (as: FilterOp): boolean => filter.ops.includes(as)
  if (op === 'eq') return [term('gte', start), term('lt', end)]
  if (op === 'gt') return [has('gte') ? term('gte', end) : term('gt', end - 1)]
  if (op === 'lte') return [has('lt') ? term('lt', end) : term('lte', end - 1)]
  return [term(op, start)]
}

function readValue(where: string, filter: ModelFilter, value: string): string {
  if (filter.values !== undefined && !filter.values.includes(value)) {
    throw invalid(where, `\`${value.slice(0, 64)}\` is not one of its values`, filter.values)
  }
  switch (filter.type) {
    case 'integer':
    case 'money':
      return readInteger(where, filter.type, value)
    case 'boolean':
      return readBoolean(where, value)
    case 'date':
      if (isDate(value)) return value
      throw invalid(where, 'expected a date such as 2026-01-31')
    case 'instant': {
      const instant = readInstant(value)
      if (instant !== undefined) return writeInstant(instant)
      throw invalid(where, 'expected an instant (RFC 3339) such as 2026-01-31T09:30:00Z, or a date')
    }
    case 'string':
      if (value !== '') return value
      throw invalid(where, 'expected a text that is not empty')
  }
}

function readInteger(where: string, type: 'integer' | 'money', value: string): string {
  const number = Number(value)
  if (/^-?\d+$/.test(value.trim()) && Number.isSafeInteger(number)) return String(number)
  throw invalid(where, type === 'money' ? 'expected an integer in minor units, such as 1999' : 'expected an integer')
}

function readBoolean(where: string, value: string): string {
  if (value === 'true' || value === 'false') return value
  throw invalid(where, 'expected true or false', ['true', 'false'])
}

/** The error for a parameter with a value that is not allowed. */
export function invalid(where: string, message: string, valid?: readonly string[]): EngineError {
  return new EngineError('invalid_parameter', `\`${where}\`: ${message}`, { where, valid })
}

/** The error for a parameter that is neither a filter nor part of the grammar. */
export function unknownFilter(where: string, resource: ModelResource, also: readonly string[] = []): EngineError {
  const valid = [...resource.filters.keys(), ...also]
  const message = `\`${where}\` is not a filter of ${resource.model}/${resource.name}`
  const hint = 'Filters are written field=value or field[op]=value.'
  return new EngineError('unknown_filter', message, { where, valid, hint })
}

function unknownOp(where: string, filter: ModelFilter, op: string): EngineError {
  const message = `\`${filter.name}\` cannot be compared with \`${op.slice(0, 32)}\``
  const hint = filter.isKeyed ? `Write \`${filter.name}[key]=value\`.` : undefined
  return new EngineError('unknown_filter', message, { where, valid: filter.ops, hint })
}
