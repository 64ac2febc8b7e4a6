import type { Operation, PaginationRules } from '../../engine/index.ts'
import type { Filter, ResourceRules, Run } from './contract.ts'
import type { Machine } from './machine.ts'
import { at, isObject, type Json } from './paths.ts'
import { refuse } from './refusal.ts'
import { searchFor } from './search.ts'
import { isTrue } from './steps.ts'

/** One page of a list, as the envelope's expressions see it. */
export interface Page {
  readonly records: readonly Json[]
  readonly has_more: boolean
  /** Token of the next page; nothing at the end. */
  readonly next: string | undefined
  readonly url: string
  /** Address of the next page with all its parameters; nothing at the end. */
  readonly next_url: string | undefined
  readonly total: number
  readonly page: number
  readonly pages: number
  readonly limit: number
}

const PAGING_OFF: Pick<PaginationRules, 'strategy' | 'limit'> = { strategy: 'none', limit: undefined }

/** Names of the parameters that page a list; where the provider names none, those of the addresses made here. */
export function pagingNames({ pagination }: Operation): ReadonlySet<string> {
  const made = pagination?.strategy === 'next_url' || pagination?.strategy === 'link' ? 'cursor' : undefined
  const names = [pagination?.limit?.param, pagination?.after, pagination?.before, pagination?.param ?? made]
  return new Set(names.filter((name) => name !== undefined))
}

/** Parameters of a list or search that no rule gives a meaning. */
export function unsimulated(operation: Operation, rules: ResourceRules, given: Json): string | undefined {
  if (isSearch(operation, rules)) return undefined
  const fields = new Set([rules.idField, ...rules.record.flat().map(([field]) => field)])
  return Object.keys(given).find((name) => !rules.filters.has(name) && !fields.has(name))
}

/** Raw records of a list operation that fit its parameters, in list order; `given` is without those of paging. */
export function matching(machine: Machine, operation: Operation, run: Run, given: Json): Json[] {
  const rules = machine.resource(run.resource)
  const query = { ...given, ...run.path }
  const search = isSearch(operation, rules) ? searchFor(String(given.query ?? ''), rules) : undefined
  const filters = search === undefined ? filtersOf(machine, rules, query) : [search]
  const rows = machine.store.rows(run.resource).filter((row) => machine.isListed(rules, row.record, row.at))
  const found = rows.map(({ record }) => record).filter((record) => filters.every((fits) => fits(record)))
  return isOldestFirst(machine, rules, query) ? found : found.reverse()
}

/** Whether an operation takes the search language: one of that name, where fields for it are declared. */
const isSearch = ({ name }: Operation, { search }: ResourceRules): boolean => name === 'search' && search.size > 0

/** The order that a parameter asks for, or else that of the resource. */
function isOldestFirst(machine: Machine, rules: ResourceRules, query: Json): boolean {
  const wished = Object.entries(query).flatMap(([name, value]) => {
    const variables = { value, query, now: machine.now(), constants: machine.rules.constants }
    const order = rules.filters.get(name)?.order?.evaluate(undefined, variables)
    return order === 'oldest_first' || order === 'newest_first' ? [order] : []
  })
  return wished.length === 0 ? rules.oldestFirst : wished[0] === 'oldest_first'
}

type Fits = (record: Json) => boolean

function filtersOf(machine: Machine, rules: ResourceRules, query: Json): Fits[] {
  const variables = { query, now: machine.now(), constants: machine.rules.constants }
  const defaults = [...rules.filters].flatMap(([name, filter]): Fits[] => {
    const { default: rule } = filter
    return rule === undefined || Object.hasOwn(query, name)
      ? []
      : [(record) => isTrue(rule.evaluate(record, variables))]
  })
  const given = Object.entries(query).map(([name, value]): Fits => {
    const filter = rules.filters.get(name)
    const { when, order } = filter ?? {}
    if (when !== undefined) return (record) => isTrue(when.evaluate(record, { ...variables, value }))
    if (order !== undefined) return () => true
    return fitting(filter ?? { field: name, range: false, any: false }, value)
  })
  return [...defaults, ...given]
}

const BOUNDS: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  gt: (a, b) => a > b,
  gte: (a, b) => a >= b,
  lt: (a, b) => a < b,
  lte: (a, b) => a <= b,
}

function fitting({ field, range, any }: Pick<Filter, 'field' | 'range' | 'any'>, value: unknown): Fits {
  if (range && isObject(value)) {
    const bounds = Object.entries(value).map(([name, bound]) => {
      const holds = BOUNDS[name]
      if (holds === undefined) throw refuse('unknown_parameter', { param: `${field}[${name}]` })
      return [holds, numberOf(bound, `${field}[${name}]`)] as const
    })
    return (record) => bounds.every(([holds, bound]) => holds(Number(at(record, field)), bound))
  }
  if (range) {
    const wanted = numberOf(value, field)
    return (record) => at(record, field) === wanted
  }
  if (any) {
    const wanted = new Set(Array.isArray(value) ? value : [value])
    return (record) => wanted.has(at(record, field))
  }
  return (record) => sameValue(at(record, field), value)
}

function sameValue(value: unknown, wanted: unknown): boolean {
  if (isObject(wanted)) return Object.entries(wanted).every(([key, item]) => sameValue(at(value, key), item))
  return value === wanted || (typeof value === 'number' && String(value) === wanted)
}

function numberOf(value: unknown, param: string): number {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value
  if (typeof number === 'number' && Number.isInteger(number)) return number
  throw refuse('invalid_parameter', { param, value, expected: 'integer' })
}

/** Cuts the page that the parameters ask for. Throws record_not_found or invalid_parameter for a place that is not there. */
export function cut(
  records: readonly Json[],
  operation: Operation,
  rules: ResourceRules,
  query: Json,
  url: string,
): Page {
  const paging = operation.pagination ?? PAGING_OFF
  const limit = limitOf(paging, query, records.length)
  const { from, to } = placeOf(records, operation, rules, query, limit)
  const shown = records.slice(from, to)
  const isBackwards = operation.pagination?.before !== undefined && query[operation.pagination.before] !== undefined
  const hasMore = isBackwards ? from > 0 : to < records.length
  const last = shown.at(-1)
  const first = rules.hasIdTokens ? records[to] : last
  const next = hasMore && first !== undefined ? tokenOf(paging.strategy, first, rules, to, query, operation) : undefined
  return {
    records: shown,
    has_more: hasMore,
    next,
    url,
    next_url: next === undefined ? undefined : nextUrl(url, query, operation.pagination?.param ?? 'cursor', next),
    total: records.length,
    page: Math.floor(from / limit) + (operation.pagination?.start ?? 1),
    pages: Math.ceil(records.length / limit),
    limit,
  }
}

function limitOf(paging: Pick<PaginationRules, 'strategy' | 'limit'>, query: Json, total: number): number {
  if (paging.strategy === 'none' || paging.limit === undefined) return Math.max(total, 1)
  const { param, max, default: usual = max, fixed } = paging.limit
  const given = query[param]
  if (fixed || given === undefined || given === null) return usual
  const limit = numberOf(given, param)
  if (limit < 1 || limit > max)
    throw refuse('invalid_parameter', { param, value: limit, expected: 'range', minimum: 1, maximum: max })
  return limit
}

function placeOf(records: readonly Json[], operation: Operation, rules: ResourceRules, query: Json, limit: number) {
  const { strategy = 'none', after, before, param, start = 1 } = operation.pagination ?? {}
  const indexOf = (id: unknown, name: string): number => {
    const index = records.findIndex((record) => String(record[rules.idField]) === String(id))
    if (index < 0) throw refuse('record_not_found', { resource: rules.name, object: rules.object, id, param: name })
    return index
  }
  if (after !== undefined && query[after] !== undefined) {
    const from = indexOf(query[after], after) + 1
    return { from, to: Math.min(from + limit, records.length) }
  }
  if (before !== undefined && query[before] !== undefined) {
    const to = indexOf(query[before], before)
    return { from: Math.max(0, to - limit), to }
  }
  const given = query[param ?? 'cursor']
  const from =
    given === undefined || given === null
      ? 0
      : rules.hasIdTokens
        ? indexOf(given, param ?? 'cursor')
        : startOf(strategy, given, param ?? 'cursor', start, limit, indexOf)
  return { from: Math.min(from, records.length), to: Math.min(from + limit, records.length) }
}

function startOf(
  strategy: PaginationRules['strategy'],
  given: unknown,
  param: string,
  start: number,
  limit: number,
  indexOf: (id: unknown, name: string) => number,
): number {
  if (strategy === 'page') return Math.max(0, numberOf(given, param) - start) * limit
  if (strategy === 'offset') return Math.max(0, numberOf(given, param))
  return indexOf(Buffer.from(String(given), 'base64url').toString(), param) + 1
}

function tokenOf(
  strategy: PaginationRules['strategy'],
  record: Json,
  rules: ResourceRules,
  to: number,
  query: Json,
  { pagination }: Operation,
): string {
  if (strategy === 'offset') return String(to)
  const start = pagination?.start ?? 1
  if (strategy === 'page') return String(numberOf(query[pagination?.param ?? 'page'] ?? start, 'page') + 1)
  const id = String(record[rules.idField])
  return rules.hasIdTokens ? id : Buffer.from(id).toString('base64url')
}

function nextUrl(url: string, query: Json, param: string, token: string): string {
  const pairs = Object.entries(query).filter(([name, value]) => name !== param && typeof value !== 'object')
  const search = new URLSearchParams(Object.fromEntries(pairs.map(([name, value]) => [name, String(value)])))
  search.set(param, token)
  return `${url}?${search}`
}
