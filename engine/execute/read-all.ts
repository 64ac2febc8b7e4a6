import type { Operation } from '../definition/catalog.ts'
import { type PageState, pageInput, readPage, START } from '../pagination/index.ts'
import type { OperationInput } from '../types.ts'
import type { OperationResponse } from './context.ts'
import type { Session } from './session.ts'

const PAGE_SIZE = 100

/** One page of a list operation, read. `next` is null at the end. */
export interface Page {
  readonly response: OperationResponse
  readonly state: PageState
  readonly records: readonly unknown[]
  readonly next: PageState | null
  readonly hasMore: boolean
}

/** Asks for the page at a state. An operation without paging has one page. */
export async function readOne(
  session: Session,
  operation: Operation,
  input: OperationInput,
  state: PageState,
  limit: number,
): Promise<Page> {
  const rules = operation.pagination
  const asked = rules === undefined ? input : pageInput(rules, state, limit, input)
  const response = await session.invoke(operation, asked)
  if (rules === undefined) return { response, state, records: response.records, next: null, hasMore: false }
  return { response, ...(await session.settled(() => readPage(rules, state, response))) }
}

/** All records of a list; undefined when `isSpent` says stop before its end. A list that cannot be followed leaves a warning. */
export async function readAll(
  session: Session,
  operation: Operation,
  input: OperationInput,
  isSpent: () => boolean,
): Promise<unknown[] | undefined> {
  const records: unknown[] = []
  for (let state: PageState | null = START; state !== null; ) {
    if (isSpent()) return undefined
    const page: Page = await readOne(session, operation, input, state, PAGE_SIZE)
    records.push(...page.records)
    if (page.next === null && page.hasMore) session.call.warn(`${operation.id} has more records than can be read`)
    state = page.next
  }
  return records
}
