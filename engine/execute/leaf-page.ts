import type { LeafSource, Operation } from '../definition/catalog.ts'
import { EngineError } from '../errors.ts'
import { type Cell, evaluateAll } from '../expression/index.ts'
import { isTrue } from '../mapping/index.ts'
import { after, before, type PageState } from '../pagination/index.ts'
import { filterOf, type LeafPlan, matches } from '../query/index.ts'
import type { OperationInput } from '../types.ts'
import { type Page, readOne } from './read-all.ts'
import type { Entry, ListRun } from './stream.ts'

/** One leaf as it is read: its operation, its input and what its records must fit. */
export interface LeafReading {
  /** Its place in the source; names it in cursors. */
  readonly at: string
  readonly leaf: LeafSource
  readonly plan: LeafPlan
  readonly operation: Operation
  readonly input: OperationInput
  readonly parent: unknown
}

/** A native record of a page that was read; `entry` is undefined when it does not fit. */
export interface RawRecord {
  readonly page: Page
  readonly index: number
  readonly entry: Entry | undefined
}

/** Largest page asked for where records may not fit. */
const FULL_PAGE = 100

/** Reads the page at a state and says which of its records fit. */
export async function readLeaf(
  run: ListRun,
  reading: LeafReading,
  state: PageState,
): Promise<{ page: Page; records: RawRecord[] }> {
  const { operation, leaf, plan } = reading
  const mayMiss = leaf.where !== undefined || plan.residual.length > 0
  const limit = mayMiss ? (operation.pagination?.limit?.max ?? FULL_PAGE) : Math.max(1, run.wanted)
  const page = await readOne(run.session, operation, reading.input, state, limit)
  if (page.next === null && page.hasMore) {
    run.session.call.warn(`${operation.id} has more records than this provider lets one read`)
  }
  const records = await fitting(run, reading, page)
  if (mayMiss && !records.some(({ entry }) => entry !== undefined)) run.miss()
  return { page, records }
}

async function fitting(run: ListRun, reading: LeafReading, page: Page): Promise<RawRecord[]> {
  const { operation, leaf, plan, parent } = reading
  const found = page.records.map((native) => ({
    native,
    operation,
    response: page.response,
    source: leaf.name,
    parent,
  }))
  const kept = await run.session.settled(() => keptBy(run, reading, page.records))
  const drafts = await run.drafts(found.filter((_, index) => kept[index]))
  let next = 0
  return found.map((one, index) => {
    if (!kept[index]) return { page, index, entry: undefined }
    const draft = drafts[next++] ?? null
    const fits = plan.residual.every((term) => matches(draft, term, filterOf(term, run.session.resource)))
    return { page, index, entry: fits ? { found: one, draft } : undefined }
  })
}

/** Which records the source's `where` keeps. */
function keptBy(run: ListRun, { leaf, parent }: LeafReading, records: readonly unknown[]): boolean[] {
  const { where } = leaf
  if (where === undefined) return records.map(() => true)
  const variables = { account: run.session.accountView, parent: parent ?? null }
  const cells = records.map((record): Cell => ({ expression: where, record, variables }))
  return evaluateAll(cells).map((result) => {
    if ('error' in result) throw result.error
    return isTrue(result.value)
  })
}

const rulesOf = ({ operation }: LeafReading) => {
  if (operation.pagination !== undefined) return operation.pagination
  throw new EngineError('internal', `${operation.id} has no paging`)
}

/** The state that resumes with a record. */
export function resumeAt(reading: LeafReading, { page, index }: RawRecord): PageState {
  const record = page.records[index - 1]
  if (index === 0 || reading.operation.pagination === undefined) return page.state
  return after(rulesOf(reading), page.state, { record, index: index - 1 })
}

/** The state that resumes right after a record. */
export const resumeAfter = (reading: LeafReading, { page, index }: RawRecord): PageState =>
  after(rulesOf(reading), page.state, { record: page.records[index], index })

/** The state that reads back from a record; undefined where the list cannot go back. */
export function backFrom(reading: LeafReading, raw: RawRecord | undefined): PageState | undefined {
  if (raw === undefined || reading.operation.pagination === undefined) return undefined
  const { page, index } = raw
  return before(reading.operation.pagination, page.state, { record: page.records[index], index }) ?? undefined
}
