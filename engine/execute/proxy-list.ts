import type { PaginationRules } from '../definition/catalog.ts'
import {
  after,
  before,
  canGoBack,
  type PageRead,
  type PageState,
  pageInput,
  readPage,
  START,
} from '../pagination/index.ts'
import { settled } from './apart.ts'
import type { EngineContext, Invocation } from './context.ts'
import { invoke } from './send.ts'

/** Records of a native list with the places to go on from, null at either end. */
export interface NativePage {
  readonly records: readonly unknown[]
  readonly next: PageState | null
  readonly previous: PageState | null
  /** The call's cost was used up before the limit was reached. */
  readonly isPartial: boolean
}

const ONE_PAGE: PaginationRules = {
  strategy: 'none',
  in: 'query',
  after: undefined,
  before: undefined,
  key: undefined,
  hasMore: undefined,
  param: undefined,
  next: undefined,
  start: 1,
  total: undefined,
  limit: undefined,
  stability: 'best_effort',
  omitsPathWhenEmpty: false,
}

/** What one more provider page added. `rest` goes on: within it, where not all of it was wanted, or after it. */
interface Taken {
  readonly records: readonly unknown[]
  readonly rest: PageState | null
}

/** Takes the records next in the direction of travel: the first of a page, or the last when going back. */
function takeFrom(rules: PaginationRules, page: PageRead, wanted: number): Taken {
  const { records, state, next } = page
  if (records.length <= wanted) return { records, rest: next }
  const isBack = state.k === 'before'
  const from = isBack ? records.length - wanted : 0
  const taken = records.slice(from, from + wanted)
  const index = isBack ? from : wanted - 1
  const place = { record: records[index], index }
  return { records: taken, rest: isBack ? before(rules, state, place) : after(rules, state, place) }
}

/** Reads up to `limit` records of a list from `state` on, over several provider pages where theirs are smaller. */
export async function listNative(
  context: EngineContext,
  invocation: Invocation,
  start: PageState,
  limit: number,
): Promise<NativePage> {
  const { account, operation } = invocation
  const rules = operation.pagination ?? ONE_PAGE
  const isBack = start.k === 'before'
  let records: readonly unknown[] = []
  let state: PageState | null = start
  while (state !== null && records.length < limit) {
    if (records.length > 0 && invocation.call.left < 1) break
    const input = pageInput(rules, state, limit - records.length, invocation.input)
    const [here, wanted] = [state, limit - records.length]
    const answer = await invoke(context, { ...invocation, input })
    const taken: Taken = await settled(context, account, () => takeFrom(rules, readPage(rules, here, answer), wanted))
    records = isBack ? [...taken.records, ...records] : [...records, ...taken.records]
    state = taken.rest
  }
  const isPartial = state !== null && records.length < limit
  const ends = await settled(context, account, () =>
    isBack
      ? { previous: state, next: forward(rules, records) }
      : { next: state, previous: back(rules, start, records) },
  )
  return { records, isPartial, ...ends }
}

/** A page reached by going back is followed by where it came from; nothing before the first record means the start. */
const forward = (rules: PaginationRules, records: readonly unknown[]): PageState =>
  records.length === 0 ? START : after(rules, START, { record: records.at(-1), index: records.length - 1 })

function back(rules: PaginationRules, start: PageState, records: readonly unknown[]): PageState | null {
  if (start.k === 'start' || records.length === 0 || !canGoBack(rules)) return null
  return before(rules, start, { record: records[0], index: 0 })
}
