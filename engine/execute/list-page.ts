import { EngineError } from '../errors.ts'
import { isObject, type Json } from '../mapping/index.ts'
import { canGoBack } from '../pagination/index.ts'
import {
  type LeafPlan,
  leavesOf,
  modesOf,
  type PlannedSource,
  pendingOf,
  planSource,
  type Term,
} from '../query/index.ts'
import { buildStream } from './build-stream.ts'
import type { FilterMode } from './contract.ts'
import { resolveFilters } from './filter-lookup.ts'
import { FRESH, type ListState } from './list-state.ts'
import { mapFound } from './map-found.ts'
import { type Order, orderValue } from './merge.ts'
import type { Found, Session } from './session.ts'
import { type Entry, ListRun, type Places, STOP, type Stream } from './stream.ts'

/** Keys of records of one order that a cursor holds at most. */
const MAX_SEEN = 1000

/** One page of natives of a unified list. */
export interface NativePage {
  /** In list order. */
  readonly found: readonly Found[]
  /** States for the cursors; null where there is nothing to go to. */
  readonly next: ListState | null
  readonly prev: ListState | null
  readonly isPartial: boolean
  readonly modes: Readonly<Record<string, FilterMode>>
}

/** The list of the session's resource. Throws EngineError unsupported_method where the provider has none. */
export function listOf(session: Session) {
  const { list, resource, cannot } = session.mapping
  if (list !== undefined) return list
  const hint = cannot.get('list')
  throw new EngineError('unsupported_method', `${session.integration.label} cannot list ${resource}`, { hint })
}

/** A list about to be read from a state on. */
export interface OpenList {
  readonly session: Session
  readonly run: ListRun
  readonly stream: Stream
  readonly state: ListState
  readonly source: PlannedSource
  readonly order: Order
  readonly key: string
  /** Whether records of several sources come together, and duplicates have to be told. */
  readonly isMerged: boolean
}

/** Plans a list and makes its stream; `isPart` of a longer list, its records need their place in the order. */
export async function openList(session: Session, state: ListState, isPart = false): Promise<OpenList> {
  const { source, found } = await plannedList(session, state)
  const leaves = leavesOf(source)
  const { order, key } = listOf(session)
  const isMerged = source.kind !== 'leaf' || source.plan.branches !== undefined
  const needed = draftFields(
    session,
    order,
    key,
    leaves.map(({ plan }) => plan),
    isMerged || isPart,
  )
  const draft = async (items: readonly Found[]): Promise<Json[]> =>
    (await mapFound(session, items, { fields: needed }, true)).map(({ record }) => record)
  const run = new ListRun(session, session.query.limit, needed.length > 0 ? draft : undefined)
  const stream = await buildStream({ run, state, order, terms: session.query.filters }, source)
  return { session, run, stream, state: { ...state, found }, source, order, key, isMerged }
}

/** Reads a page of the list from a state on. */
export async function listPage(session: Session, state: ListState = FRESH): Promise<NativePage> {
  const list = await openList(session, state)
  const { stream, run, order, key, isMerged } = list
  const taken = await takePage(stream, run, { order, key: isMerged ? key : undefined, seen: state.seen })
  return await session.settled(() => finishPage(list, taken))
}

/** The source with its filters planned; lookups that filters need are made once and kept in the state. */
async function plannedList(session: Session, state: ListState) {
  const { mapping, resource, query, accountView } = session
  const { source, order } = listOf(session)
  const found = new Map(Object.entries(state.found))
  const plan = (): PlannedSource => {
    const given = { mapping, resource, terms: query.filters, modes: query.filterModes, account: accountView, found }
    return planSource(source, { ...given, moneyOf: (id) => session.operation(id).money }, order.field)
  }
  let planned = await session.settled(plan)
  for (let round = 0; round < 3 && pendingOf(planned).length > 0; round++) {
    for (const [key, ids] of await resolveFilters(session, pendingOf(planned))) found.set(key, ids)
    planned = await session.settled(plan)
  }
  return { source: planned, found: Object.fromEntries(found) }
}

function draftFields(
  session: Session,
  order: Order,
  key: string,
  plans: readonly LeafPlan[],
  isMerged: boolean,
): string[] {
  const terms = plans.flatMap(({ residual }) => residual)
  const compared = terms.flatMap((term: Term) => session.resource.filters.get(term.field)?.fields ?? [])
  return [...new Set([...(isMerged ? [order.field, key] : []), ...compared])]
}

/** What was taken of a list, and whether it ended because nothing more may be read. */
export interface Taken {
  readonly entries: readonly Entry[]
  readonly isStopped: boolean
}

/** Takes records until the page is full, the list ends, or nothing more may be read. */
async function takePage(
  stream: Stream,
  run: ListRun,
  merging: { readonly order: Order; readonly key: string | undefined; readonly seen: readonly string[] },
): Promise<Taken> {
  const entries: Entry[] = []
  const seen = new Set(merging.seen)
  while (run.wanted > 0) {
    const peeked = stream.peek()
    const head = peeked instanceof Promise ? await peeked : peeked
    if (head === STOP) return { entries, isStopped: true }
    if (head === undefined) break
    stream.take()
    const name = merging.key === undefined ? undefined : keyOf(head, merging.key)
    if (name !== undefined && seen.has(name)) continue
    if (name !== undefined) seen.add(name)
    entries.push(head)
    run.wanted -= 1
  }
  return { entries, isStopped: false }
}

/** What tells an entry from others; undefined where its key is not known. */
export const keyOf = ({ draft }: Entry, key: string): string | undefined => {
  const value = isObject(draft) ? draft[key] : undefined
  return value === null || value === undefined ? undefined : String(value)
}

/** Where a list goes on after the entries that were taken of it; null at its end. */
export function stateAfter({ stream, state, order, key }: OpenList, { entries, isStopped }: Taken): ListState | null {
  if (!isStopped && !stream.mayHaveMore()) return null
  const end: Places = { leaves: {}, windows: {} }
  stream.save({ leaves: {}, windows: {} }, end)
  return { ...state, ...end, d: 'f', seen: seenAfter(entries, state.seen, order, key) }
}

function finishPage({ session, stream, state, order, key, source }: OpenList, taken: Taken): NativePage {
  const begin: Places = { leaves: {}, windows: {} }
  const end: Places = { leaves: {}, windows: {} }
  stream.save(begin, end)
  const { entries, isStopped } = taken
  const isBack = state.d === 'b'
  const onward = isStopped || stream.mayHaveMore()
  const ends = { ...state, ...end, seen: seenAfter(entries, state.seen, order, key) }
  const begins = { ...state, ...begin, seen: seenAt(entries, 0, order, key) ?? [] }
  const isFirst = Object.keys(state.leaves).length + Object.keys(state.windows).length === 0
  const goesBack = !isFirst && canReturn(session, source)
  const found = entries.map((entry) => entry.found)
  return {
    found: isBack ? found.reverse() : found,
    next: isBack ? { ...begins, d: 'f' } : onward ? { ...ends, d: 'f' } : null,
    prev: isBack ? (onward ? { ...ends, d: 'b' } : null) : goesBack ? { ...begins, d: 'b' } : null,
    isPartial: isStopped,
    modes: modesOf(source),
  }
}

/** Keys of the records that share the order of the one at an index: their duplicates may stand on the other side of the gap. */
function seenAt(entries: readonly Entry[], at: number, order: Order, key: string): string[] | undefined {
  const edge = entries[at]
  if (edge === undefined) return undefined
  if (edge.draft === null) return []
  const value = orderValue(edge.draft, order)
  return entries.filter(({ draft }) => orderValue(draft, order) === value).flatMap((entry) => keyOf(entry, key) ?? [])
}

/** The same after a page: where all of it shares one order, what was seen before it still counts. */
function seenAfter(entries: readonly Entry[], before: readonly string[], order: Order, key: string): readonly string[] {
  const seen = seenAt(entries, entries.length - 1, order, key)
  if (seen === undefined) return before
  const isOneOrder = seen.length > 0 && seen.length === entries.length
  return isOneOrder ? [...new Set([...before, ...seen])].slice(-MAX_SEEN) : seen
}

/** Whether every leaf of a planned source can be read backwards. */
function canReturn(session: Session, source: PlannedSource): boolean {
  if (source.kind === 'window') return false
  if (source.kind === 'union') return source.sources.every((inner) => canReturn(session, inner))
  if (source.kind === 'partition') return canReturn(session, source.source)
  const rules = session.operation(source.leaf.operation).pagination
  return rules !== undefined && canGoBack(rules)
}
