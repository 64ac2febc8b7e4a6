import type { Operation } from '../definition/catalog.ts'
import type { Compiled } from '../expression/index.ts'
import { pageInput, readPage, START } from '../pagination/index.ts'
import { type Answer, ask } from '../resilience/index.ts'
import { settled } from './apart.ts'
import type { Instead } from './attempt.ts'
import type { EngineContext, Invocation, OperationResponse } from './context.ts'

/** Runs another operation of the same integration on behalf of a call. */
export type Run = (operation: string, input: Invocation['input']) => Promise<OperationResponse>

/** Pages of a list that are looked through for the result of an earlier write. */
const PAGES = 5
const PAGE_SIZE = 100

/** Evaluates named expressions; undefined when one of them has no value. */
function values(expressions: Instead['path'], evaluate: (expression: Compiled) => unknown) {
  const entries = [...expressions].map(([name, expression]) => [name, evaluate(expression)] as const)
  const isWhole = entries.every(([, value]) => value !== undefined && value !== null)
  return isWhole ? Object.fromEntries(entries) : undefined
}

const inputVariables = ({ input }: Invocation): Readonly<Record<string, unknown>> => ({
  path: input.path,
  query: input.query,
  body: input.body ?? null,
})

/** The read that stands in for an answer, `succeed_with` or `on_conflict`; undefined when the answer does not say what to read. */
export async function readInstead(
  context: EngineContext,
  invocation: Invocation,
  { answer, read }: { readonly answer: Answer; readonly read: Instead },
  run: Run,
): Promise<OperationResponse | undefined> {
  const path = await settled(context, invocation.account, () =>
    values(read.path, (one) => ask(one, answer, undefined, inputVariables(invocation))),
  )
  return path === undefined ? undefined : run(read.from, { path, query: {} })
}

/** What a look for the result of an earlier write found: its answer, surely nothing, or no certainty. */
export type Found = OperationResponse | 'nothing' | 'unsure'

/** Looks in the list that `find_existing` names. Long lists are looked through in part; then a miss is no certainty. */
export async function findExisting(
  context: EngineContext,
  invocation: Invocation,
  list: Operation | undefined,
  run: Run,
): Promise<Found> {
  const rules = invocation.operation.idempotency?.findExisting
  const paging = list?.pagination
  if (rules === undefined || list === undefined) return 'unsure'
  const variables = inputVariables(invocation)
  const { account } = invocation
  const query = await settled(context, account, () => values(rules.query, (one) => one.evaluate(undefined, variables)))
  if (query === undefined) return 'unsure'
  const input = { path: {}, query }
  for (let [page, state] = [1, START]; page <= PAGES; page += 1) {
    const answer = await run(list.id, paging === undefined ? input : pageInput(paging, state, PAGE_SIZE, input))
    const matching = () => answer.records.find((one) => rules.match.evaluate(one, variables) === true)
    const record = await settled(context, account, matching)
    if (record !== undefined) return { ...answer, body: record, record, records: [], replayed: true }
    const here = state
    const read = paging && (await settled(context, account, () => readPage(paging, here, answer)))
    if (read === undefined || read.next === null) return 'nothing'
    state = read.next
  }
  return 'unsure'
}
