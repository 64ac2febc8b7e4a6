import { createHash } from 'node:crypto'
import type { PaginationRules } from '../definition/catalog.ts'
import { EngineError } from '../errors.ts'
import type { OperationInput } from '../types.ts'
import { fits, type PageAnswer, type PageInput, type PageState, samePage, skipOf, withSkip } from './state.ts'
import { keyOf, STRATEGIES, variablesOf } from './strategies.ts'

export { findLink, parseLinks } from './link.ts'
export { pageSize } from './parameters.ts'
export { type PageAnswer, type PageInput, type PageState, START } from './state.ts'

/** A page that was read. */
export interface PageRead {
  /** Where this page stands; `after` and `before` want this one. */
  readonly state: PageState
  /** The records still to be delivered, in list order, also when going back. */
  readonly records: readonly unknown[]
  /** The following page in the direction of travel (`before` goes back); null at the end. */
  readonly next: PageState | null
  /** Whether records follow in that direction. */
  readonly hasMore: boolean
}

/** The place of a record in `PageRead.records`. */
export interface Place {
  readonly record: unknown
  /** 0-based. */
  readonly index: number
}

/**
 * Input of the page at `state` when `limit` records are wanted: the provider's maximum and fixed sizes win. Throws
 * invalid_cursor when the state belongs to another strategy.
 */
export function pageInput(rules: PaginationRules, state: PageState, limit: number, input: OperationInput): PageInput {
  if (!fits(rules, state))
    throw new EngineError('invalid_cursor', 'The cursor was made before the paging of this list changed')
  const isPartOfPage = skipOf(state) > 0
  return STRATEGIES[rules.strategy].input(rules, state, isPartOfPage ? limit + skipOf(state) : limit, input)
}

/**
 * Reads an answer: what it holds and where the list goes on. Throws EngineError stuck_cursor, empty_page, missing_path or
 * foreign_next_url; a list never just ends where the provider's answer is not understood.
 */
export function readPage(rules: PaginationRules, state: PageState, answer: PageAnswer): PageRead {
  const more = declaredMore(rules, answer)
  const next = STRATEGIES[rules.strategy].next(rules, state, answer, more)
  const hasMore = next !== null
  if (answer.records.length === 0 && (hasMore || more === true)) {
    throw new EngineError('empty_page', 'The provider sent an empty page and says there is more')
  }
  const seen = fingerprint(rules, answer)
  const isRepeated = seen !== undefined && 'seen' in state && state.seen === seen
  if (isRepeated || (next !== null && samePage(next, state))) {
    throw new EngineError('stuck_cursor', 'The provider answered the same page twice')
  }
  const records = answer.records.slice(skipOf(state))
  const here = resolved(state, next)
  if (next === null) return { state: here, records, next, hasMore }
  const left = Math.max(0, skipOf(state) - answer.records.length)
  return { state: here, records, next: withSkip(marked(next, seen), left), hasMore }
}

/** The state that resumes right after a record of a page; a keyset list needs the record only, others count. */
export function after(rules: PaginationRules, state: PageState, place: Place): PageState {
  if (rules.strategy === 'cursor') return { k: 'after', key: keyOf(rules, place.record) }
  const start: PageState = rules.strategy === 'offset' && state.k === 'start' ? { k: 'offset', n: 0 } : state
  return withSkip(start, skipOf(start) + place.index + 1)
}

/** The state that reads what stands right before a record, going back; null when the list cannot go back. */
export function before(rules: PaginationRules, _state: PageState, place: Place): PageState | null {
  return canGoBack(rules) ? { k: 'before', key: keyOf(rules, place.record) } : null
}

/** Whether the list has previous pages. */
export const canGoBack = (rules: PaginationRules): boolean => rules.strategy === 'cursor' && rules.before !== undefined

/** Whether records can be lost or repeated while others are added. */
export const stability = (rules: PaginationRules): PaginationRules['stability'] => rules.stability

function declaredMore(rules: PaginationRules, answer: PageAnswer): boolean | undefined {
  if (rules.hasMore === undefined) return undefined
  const more = rules.hasMore.evaluate(answer.body, variablesOf(answer))
  if (more !== undefined && more !== null) return more === 'false' ? false : Boolean(more)
  if (answer.records.length === 0 && rules.omitsPathWhenEmpty) return false
  const path = rules.hasMore.source
  throw new EngineError('missing_path', `The answer does not say at \`${path}\` whether there is more`, { where: path })
}

/** The first page of a numbered list keeps its size, so that resuming within it counts right. */
function resolved(state: PageState, next: PageState | null): PageState {
  if (state.k !== 'start' || next?.k !== 'page' || next.size === undefined) return state
  return { k: 'page', n: next.n - 1, size: next.size, ...(skipOf(state) > 0 ? { skip: skipOf(state) } : {}) }
}

const marked = (next: PageState, seen: string | undefined): PageState =>
  seen !== undefined && (next.k === 'page' || next.k === 'offset') ? { ...next, seen } : next

/** Tells a numbered page from the one before: a provider that ignores the number repeats itself to the letter. */
function fingerprint(rules: PaginationRules, answer: PageAnswer): string | undefined {
  if (rules.strategy !== 'page' && rules.strategy !== 'offset') return undefined
  const ends = JSON.stringify([answer.records.length, answer.records[0], answer.records.at(-1)])
  return createHash('sha256').update(ends).digest('base64url').slice(0, 16)
}
