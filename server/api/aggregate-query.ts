import { EngineError, type ModelResource, parseUnifiedQuery, type UnifiedQuery } from '../../engine/index.ts'
import { type Field, type FieldKind, fieldAt } from './field-types.ts'

const UNITS = ['day', 'week', 'month', 'year'] as const
const FUNCTIONS = ['sum', 'min', 'max', 'avg'] as const
const DEFAULT_LIMIT = 100
const MAX_LIMIT = 1_000
const GROUPED: readonly FieldKind[] = ['text', 'integer', 'boolean', 'instant', 'date']
const ADDED: readonly FieldKind[] = ['integer']
const ORDERED: readonly FieldKind[] = ['integer', 'instant', 'date']

/** A span of civil dates. */
export type Unit = (typeof UNITS)[number]

/** What records are grouped by; `unit` puts instants and dates together. */
export interface GroupKey {
  readonly field: Field
  readonly unit: Unit | undefined
}

/** A figure over the records of a group. */
export interface Measure {
  readonly fn: (typeof FUNCTIONS)[number]
  readonly field: Field
}

/** What is reckoned, of which records, and in which order the groups come. */
export interface AggregateQuery {
  readonly groupBy: readonly GroupKey[]
  readonly measures: readonly Measure[]
  readonly query: UnifiedQuery
  /** `count`, `<function>.<field>` or a field of `group_by`; undefined is the order of the groups themselves. */
  readonly sort: { readonly by: string; readonly descending: boolean } | undefined
  readonly limit: number
  readonly cursor: string | undefined
}

/** Parameters of an aggregate beside filters. */
const AGGREGATE_PARAMETERS: readonly string[] = ['group_by', ...FUNCTIONS, 'sort', 'limit', 'next_cursor', 'timezone']

/**
 * Reads what an aggregate asks for. Throws `unknown_field`, `unknown_filter`, `unknown_parameter`, `invalid_parameter`, or
 * `mixed_currencies` for amounts that are not held apart by currency.
 */
export function parseAggregate(
  pairs: readonly (readonly [string, string])[],
  resource: ModelResource,
  timezone: string | undefined,
): AggregateQuery {
  const own = new Map<string, string>()
  for (const [name, value] of pairs) {
    if (!AGGREGATE_PARAMETERS.includes(name)) refuseSetting(name, resource)
    else if (own.has(name)) throw invalid(name, 'given more than once; separate several by commas')
    else own.set(name, value)
  }
  const rest = pairs.filter(([name]) => !own.has(name) || name === 'timezone')
  const query = parseUnifiedQuery(rest, resource, { timezone, ignore: [] })
  const groupBy = partsOf(own.get('group_by')).map((text) => groupKey(text, resource))
  const measures = FUNCTIONS.flatMap((fn) => partsOf(own.get(fn)).map((name) => measure(fn, name, resource)))
  const paths = groupBy.map(({ field }) => field.path)
  if (new Set(paths).size < paths.length) throw invalid('group_by', 'a field is named twice')
  for (const one of measures) checkCurrency(one, { groupBy, query, resource })
  const sort = sortOf(own.get('sort'), paths, measures)
  return { groupBy, measures, query, sort, limit: limitOf(own.get('limit')), cursor: own.get('next_cursor') }
}

function refuseSetting(name: string, resource: ModelResource): void {
  const field = name.split('[', 1)[0] ?? ''
  if (resource.filters.has(field)) return
  throw new EngineError('unknown_parameter', `\`${name.slice(0, 64)}\` is neither a filter nor a parameter of this`, {
    where: name.slice(0, 64),
    valid: [...AGGREGATE_PARAMETERS, ...resource.filters.keys()],
  })
}

const partsOf = (text: string | undefined): readonly string[] =>
  (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')

/** The field of this name. Throws `unknown_field` for none. */
function knownField(where: string, name: string, resource: ModelResource): Field {
  parseUnifiedQuery([['fields', name]], resource)
  const field = fieldAt(resource.schema, name)
  if (field.kind !== 'open') return field
  throw new EngineError('unknown_field', `\`${name.slice(0, 64)}\` is nothing that the model knows`, { where })
}

function groupKey(text: string, resource: ModelResource): GroupKey {
  const cut = text.lastIndexOf(':')
  const asked = cut < 0 ? undefined : text.slice(cut + 1)
  const field = knownField('group_by', cut < 0 ? text : text.slice(0, cut), resource)
  const unit = UNITS.find((one) => one === asked)
  const isTime = field.kind === 'instant' || field.kind === 'date'
  if (asked !== undefined && (unit === undefined || !isTime)) {
    throw invalid('group_by', `\`${text.slice(0, 64)}\`: times are grouped by one of these`, UNITS)
  }
  if (field.kind === 'instant' && unit === undefined) {
    throw invalid('group_by', `write \`${field.path}:month\`: instants are grouped by one of these`, UNITS)
  }
  if (!GROUPED.includes(field.kind) || field.currency !== undefined) {
    const what = field.currency === undefined ? `a ${field.kind}` : 'an amount'
    throw invalid('group_by', `\`${field.path}\` is ${what}, by which nothing is grouped`)
  }
  return { field, unit }
}

function measure(fn: Measure['fn'], name: string, resource: ModelResource): Measure {
  const field = knownField(fn, name, resource)
  const kinds = fn === 'sum' || fn === 'avg' ? ADDED : ORDERED
  if (kinds.includes(field.kind)) return { fn, field }
  throw invalid(fn, `\`${field.path}\` is a ${field.kind}: ${fn} is for ${kinds.join(', ')}`)
}

interface Asked {
  readonly groupBy: readonly GroupKey[]
  readonly query: UnifiedQuery
  readonly resource: ModelResource
}

/** Amounts are held apart by their currency: it is grouped by, or one is filtered for. */
function checkCurrency({ fn, field }: Measure, { groupBy, query, resource }: Asked): void {
  const { currency } = field
  if (currency === undefined || groupBy.some((key) => key.field.path === currency)) return
  const isOne = query.filters.some(({ field: name, op, value }) => {
    const looked = resource.filters.get(name)?.fields ?? []
    return looked.length === 1 && looked[0] === currency && (op === 'eq' || op === 'in') && !value.includes(',')
  })
  if (isOne) return
  throw new EngineError('mixed_currencies', `\`${fn}=${field.path}\` would add amounts of different currencies`, {
    where: fn,
    hint: `Add \`${currency}\` to group_by, or filter for one currency.`,
  })
}

function sortOf(
  text: string | undefined,
  groups: readonly string[],
  measures: readonly Measure[],
): AggregateQuery['sort'] {
  if (text === undefined) return undefined
  const descending = text.startsWith('-')
  const by = descending ? text.slice(1) : text
  const figures = measures.filter(({ fn }) => fn !== 'avg').map(({ fn, field }) => `${fn}.${field.path}`)
  const valid = ['count', ...groups, ...figures]
  if (!valid.includes(by)) throw invalid('sort', `\`${by.slice(0, 64)}\` is no order of these groups`, valid)
  return { by, descending }
}

function limitOf(text: string | undefined): number {
  const limit = Number(text ?? DEFAULT_LIMIT)
  if (/^\d+$/.test(text ?? '1') && limit >= 1 && limit <= MAX_LIMIT) return limit
  throw invalid('limit', `expected 1 to ${MAX_LIMIT}`)
}

function invalid(where: string, message: string, valid?: readonly string[]): EngineError {
  return new EngineError('invalid_parameter', `\`${where}\`: ${message}`, { where, valid })
}
