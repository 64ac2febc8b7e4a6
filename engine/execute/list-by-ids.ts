import { EngineError } from '../errors.ts'
import { filterOf, isComparable, matches, type Term, termKey, valuesOf } from '../query/index.ts'
import { resolveFilters } from './filter-lookup.ts'
import { readRecord } from './get.ts'
import type { NativePage } from './list-page.ts'
import type { ListState } from './list-state.ts'
import { mapFound } from './map-found.ts'
import type { Found, Session } from './session.ts'

/** Records asked for by id, and the filter that asks. */
interface AskedIds {
  readonly term: Term
  readonly ids: readonly string[]
  readonly state: ListState
}

/** Ids that are read one by one, if the query names them: given, or found by a lookup that leads to ids. */
export async function askedIds(session: Session, state: ListState): Promise<AskedIds | undefined> {
  const { query, mapping } = session
  const isIds = (field: string): boolean => mapping.filters.get(field)?.mode === 'ids'
  const given = query.filters.find(({ field, op }) => isIds(field) && (op === 'eq' || op === 'in'))
  if (given !== undefined) return { term: given, ids: [...new Set(valuesOf(given))], state }
  if (query.filterModes?.includes('lookup') === false) return undefined
  for (const term of query.filters) {
    const rule = mapping.filters.get(term.field)
    if (rule?.mode !== 'lookup' || !isIds(rule.then) || !rule.ops.includes(term.op)) continue
    const key = termKey(term)
    const ids = state.found[key] ?? (await resolveFilters(session, [{ term, rule }])).get(key) ?? []
    return { term, ids, state: { ...state, found: { ...state.found, [key]: ids } } }
  }
  return undefined
}

/** A list of records by their ids, in the order given; ids that are not there are left out. Other filters are checked here. */
export async function listByIds(session: Session, { term, ids, state }: AskedIds): Promise<NativePage> {
  const rest = session.query.filters.filter((other) => other !== term)
  for (const other of rest) requireComparable(session, other)
  const { limit } = session.query
  const from = state.n ?? 0
  const slice = ids.slice(from, from + Math.min(limit, Math.max(1, session.call.left)))
  const read = await Promise.all(slice.map((id) => readOrNothing(session, id)))
  const found = await fitting(
    session,
    read.filter((one) => one !== undefined),
    rest,
  )
  const end = from + slice.length
  const modes = Object.fromEntries([[termKey(term), 'lookup'], ...rest.map((other) => [termKey(other), 'scan'])])
  return {
    found,
    next: end < ids.length ? { ...state, n: end } : null,
    prev: from > 0 ? { ...state, n: Math.max(0, from - limit) } : null,
    isPartial: slice.length < limit && end < ids.length,
    modes,
  }
}

async function readOrNothing(session: Session, id: string): Promise<Found | undefined> {
  try {
    return await readRecord(session, id)
  } catch (thrown) {
    if (thrown instanceof EngineError && thrown.code === 'record_not_found') return undefined
    throw thrown
  }
}

async function fitting(session: Session, found: readonly Found[], terms: readonly Term[]): Promise<Found[]> {
  if (terms.length === 0) return [...found]
  const fields = terms.flatMap((term) => filterOf(term, session.resource).fields)
  const drafts = await mapFound(session, found, { fields }, true)
  return found.filter((_, at) =>
    terms.every((term) => matches(drafts[at]?.record, term, filterOf(term, session.resource))),
  )
}

function requireComparable(session: Session, term: Term): void {
  if (isComparable(filterOf(term, session.resource), session.mapping)) return
  const where = termKey(term)
  const rule = session.mapping.filters.get(term.field)
  const how = rule === undefined ? 'not at all' : `by ${rule.mode} only`
  throw new EngineError('unsupported_filter', `\`${where}\` cannot be combined with ids: it is answered ${how}`, {
    where,
  })
}
