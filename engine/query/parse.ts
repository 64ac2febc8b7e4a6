import type { ModelResource } from '../definition/catalog.ts'
import { EngineError } from '../errors.ts'
import type { FilterMode, FilterTerm, UnifiedQuery } from '../execute/contract.ts'
import { checkFields } from './fields.ts'
import { invalid, parseFilter, unknownFilter } from './terms.ts'
import { isZone } from './time.ts'

/** Parameters of every call that belong to the surface, not to the query. */
export const CALL_PARAMETERS: readonly string[] = Object.freeze([
  'integrated_account_id',
  'tenant_id',
  'environment',
  'on_limit',
  'deadline_ms',
  'max_requests',
  'source',
  'idempotency_key',
])

const MODES: readonly FilterMode[] = ['native', 'search', 'lookup', 'scan', 'synced']
const FORMATS = ['unified', 'raw', 'debug'] as const
const MAX_LIMIT = 1000
const DEFAULT_LIMIT = 20

/** What the parser must know besides the pairs. */
export interface ParseOptions {
  /** Method of the call; filters, sort and paging belong to lists. Default list. */
  readonly method?: string | undefined
  /** Zone of dates when the query names none. Default UTC. */
  readonly timezone?: string | undefined
  /** Parameters to pass over. Default CALL_PARAMETERS. */
  readonly ignore?: readonly string[] | undefined
}

type Settings = { -readonly [K in keyof UnifiedQuery]?: UnifiedQuery[K] }
type Reader = (settings: Settings, value: string, name: string, resource: ModelResource) => void

/** Settings that make sense on every method; a list has more. */
const RECORD_SETTINGS: Readonly<Record<string, Reader>> = {
  fields: (to, value, name, resource) => {
    to.fields = [...(to.fields ?? []), ...checkFields(name, value, resource)]
  },
  exclude_fields: exclude,
  truto_exclude_fields: exclude,
  expand: (to, value, name, resource) => {
    const names = listOf(value)
    const wrong = names.find((item) => !resource.expand.includes(item))
    if (wrong !== undefined) throw invalid(name, `\`${wrong.slice(0, 64)}\` cannot be expanded`, resource.expand)
    to.expand = [...new Set([...(to.expand ?? []), ...names])]
  },
  remote_data: (to, value, name) => {
    to.remoteData = flag(name, value)
  },
  truto_ignore_remote_data: (to, value, name) => {
    to.remoteData = !flag(name, value)
  },
  explain: (to, value, name) => {
    to.explain = flag(name, value)
  },
  format: (to, value, name) => {
    to.format = oneOf(name, value, FORMATS)
  },
  truto_response_format: (to, value, name) => {
    const format = oneOf(name, value, [...FORMATS, 'normalized'] as const)
    to.format = format === 'normalized' ? 'unified' : format
  },
  timezone: (to, value, name) => {
    if (!isZone(value)) throw invalid(name, 'expected an IANA time zone such as Europe/Berlin')
    to.timezone = value
  },
}

const LIST_SETTINGS: Readonly<Record<string, Reader>> = {
  ...RECORD_SETTINGS,
  limit: (to, value, name) => {
    const limit = Number(value)
    if (!/^\d+$/.test(value) || limit < 1 || limit > MAX_LIMIT) throw invalid(name, `expected 1 to ${MAX_LIMIT}`)
    to.limit = limit
  },
  next_cursor: cursor,
  prev_cursor: cursor,
  cursor,
  sort: (to, value, name, resource) => {
    const descending = value.startsWith('-')
    const field = descending ? value.slice(1) : value
    checkFields(name, field, resource)
    to.sort = { field, descending }
  },
  filter_mode: (to, value, name) => {
    to.filterModes = listOf(value).map((mode) => oneOf(name, mode, MODES))
  },
  truto_key_by: (to, value, name, resource) => {
    to.keyBy = checkFields(name, value, resource)[0]
  },
}

function exclude(to: Settings, value: string, name: string, resource: ModelResource): void {
  to.excludeFields = [...(to.excludeFields ?? []), ...checkFields(name, value, resource)]
}

function cursor(to: Settings, value: string, name: string): void {
  if (value === '') throw invalid(name, 'expected a cursor of an earlier answer')
  if (to.cursor !== undefined) throw invalid(name, 'only one cursor can be given')
  to.cursor = value
}

/**
 * A unified query out of decoded pairs (URLSearchParams fits). Throws EngineError invalid_parameter, unknown_filter,
 * unknown_parameter or unknown_field, each with `where` and, where there are some, the valid values.
 */
export function parseUnifiedQuery(
  pairs: Iterable<readonly [string, string]>,
  resource: ModelResource,
  options: ParseOptions = {},
): UnifiedQuery {
  const isList = (options.method ?? 'list') === 'list'
  const readers = isList ? LIST_SETTINGS : RECORD_SETTINGS
  const settings: Settings = {}
  const filters = new Map<string, string>()
  for (const [name, value] of pairs) {
    if ((options.ignore ?? CALL_PARAMETERS).includes(name)) continue
    const read = Object.hasOwn(readers, name) ? readers[name] : undefined
    if (read !== undefined) read(settings, value, name, resource)
    else if (!isList) throw unknownParameter(name, Object.keys(readers))
    else if (filters.has(name)) throw invalid(name, 'given more than once; write several values as name[in]=a,b')
    else filters.set(name, value)
  }
  const timezone = settings.timezone ?? options.timezone ?? 'UTC'
  return { ...PLAIN_QUERY, ...settings, timezone, filters: readFilters(filters, resource, timezone) }
}

/** A query that asks for nothing in particular: the first page of everything, in UTC. */
export const PLAIN_QUERY: UnifiedQuery = Object.freeze({
  filters: [],
  sort: undefined,
  limit: DEFAULT_LIMIT,
  cursor: undefined,
  fields: undefined,
  excludeFields: undefined,
  expand: [],
  remoteData: false,
  explain: false,
  format: 'unified',
  timezone: 'UTC',
  filterModes: undefined,
})

function readFilters(given: ReadonlyMap<string, string>, resource: ModelResource, timezone: string): FilterTerm[] {
  return [...given].flatMap(([name, value]) => {
    const field = name.split('[')[0] ?? name
    if (!resource.filters.has(field)) throw unknownFilter(name, resource, Object.keys(LIST_SETTINGS))
    return parseFilter(name, value, resource, timezone)
  })
}

const listOf = (value: string): string[] =>
  value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')

function flag(name: string, value: string): boolean {
  if (value === 'true' || value === 'false') return value === 'true'
  throw invalid(name, 'expected true or false', ['true', 'false'])
}

function oneOf<T extends string>(name: string, value: string, valid: readonly T[]): T {
  const found = valid.find((item) => item === value)
  if (found !== undefined) return found
  throw invalid(name, `\`${value.slice(0, 64)}\` is not one of its values`, valid)
}

function unknownParameter(where: string, valid: readonly string[]): EngineError {
  return new EngineError('unknown_parameter', `\`${where}\` is not a parameter of this method`, { where, valid })
}
