import { EngineError, type ErrorCode } from '../errors.ts'
import type { Json } from '../mapping/index.ts'
import { answerRecords } from './answer.ts'
import { CallState } from './call-state.ts'
import { keptBy } from './candidate.ts'
import type { EngineContext } from './context.ts'
import type { CallOptions, MergedAnswer, MergedCall } from './contract.ts'
import { requireSort } from './list.ts'
import { askedIds } from './list-by-ids.ts'
import { listOf, openList, stateAfter } from './list-page.ts'
import { FRESH, type ListState } from './list-state.ts'
import { Merge, type Order } from './merge.ts'
import { failureOf, type Part, PartStream } from './merged-part.ts'
import { Session } from './session.ts'
import { STOP } from './stream.ts'

/** A merged list between two pages, by account: where it goes on, null at its end, or the code that it failed with. */
interface MergedState {
  readonly accounts: Readonly<Record<string, ListState | null | { readonly failed: ErrorCode }>>
}

/** What lists are in when nothing else is asked for. */
const NEWEST_FIRST: Order = { field: 'created_at', descending: true }

/** A page over several accounts. */
export async function mergedList(
  context: EngineContext,
  call: MergedCall,
  options: CallOptions,
): Promise<MergedAnswer> {
  const { cursors } = context.ports
  const binding = bindingOf(call)
  const { cursor, limit, sort = NEWEST_FIRST } = call.query
  const before = cursor === undefined ? undefined : (cursors.open(cursor, binding) as MergedState)
  const shared = new CallState(options)
  // Who joined since the first page would come out of order, and waits for a list of its own.
  const accounts = call.accounts.filter(({ id }) => before === undefined || Object.hasOwn(before.accounts, id))
  const parts = accounts.map((account): Part => {
    const given = { account, options, model: call.model, resource: call.resource, query: call.query, call: shared }
    return { account, session: new Session({ context: keptBy(context, account), ...given }), taken: [] }
  })
  await Promise.all(parts.map((part) => open(part, before?.accounts[part.account.id], sort)))
  const { order, isStopped } = await takeMerged(parts, sort, limit)
  const records = await answers(parts, order.length)
  requireOne(parts)
  const next = await stateOf(parts, isStopped)
  const goesOn = Object.values(next.accounts).some((state) => state !== null && !('failed' in state))
  const failures = parts.flatMap(({ account, error }) => (error === undefined ? [] : [{ account, error }]))
  return {
    kind: 'list',
    result: order.map(({ part, at }) => records.get(part)?.[at]).filter((record) => record !== undefined),
    nextCursor: goesOn ? cursors.seal(next, binding) : null,
    prevCursor: null,
    isPartial: isStopped || failures.length > 0,
    ...(call.query.explain ? { explain: explain(parts, sort, shared) } : {}),
    failures,
    report: shared.report(),
  }
}

/** What a cursor belongs to: the same records of the same choice of accounts, in the same order. */
function bindingOf({ accounts: [first], selection, model, resource, query }: MergedCall): string {
  const { filters, sort, filterModes } = query
  return JSON.stringify([first?.environmentId, selection, model, resource, filters, sort, filterModes])
}

/**
 * Makes the stream of an account from where it stands and reads its first page, while others are still made; what is wrong
 * with it is kept with it.
 */
async function open(part: Part, state: MergedState['accounts'][string] | undefined, sort: Order): Promise<void> {
  const { session } = part
  if (state === null) return
  if (state !== undefined && 'failed' in state) {
    part.error = new EngineError(state.failed, 'The account failed on an earlier page of this list', {
      hint: 'Begin the list anew to have its records.',
    })
    return
  }
  try {
    requireSort(session)
    requireOrder(session, sort)
    const from = state ?? FRESH
    if ((await askedIds(session, from)) !== undefined) throw idsRefused()
    part.list = await openList(session, from, true)
    part.stream = new PartStream(part, part.list)
    await part.stream.peek()
  } catch (thrown) {
    part.error = failureOf(thrown)
  }
}

function requireOrder(session: Session, sort: Order): void {
  const { order } = listOf(session)
  if (order.field === sort.field && order.descending === sort.descending) return
  const own = `${order.descending ? '-' : ''}${order.field}`
  const message = `${session.integration.label} lists ${session.resource.name} in the order ${own}, which cannot be merged`
  throw new EngineError('unsupported_sort', message, { where: 'sort', hint: 'Ask this account alone.' })
}

const idsRefused = (): EngineError =>
  new EngineError('unsupported_filter', 'Records are asked for by id, and an id belongs to one account', {
    hint: 'Ask the account of the record alone.',
  })

/** Takes records of all accounts in their order until the page is full. */
async function takeMerged(parts: readonly Part[], sort: Order, limit: number) {
  const open = parts.flatMap(({ stream }) => (stream === undefined ? [] : [stream]))
  const merge = new Merge(open, sort, false)
  const order: { readonly part: Part; readonly at: number }[] = []
  while (order.length < limit) {
    const peeked = merge.peek()
    const head = peeked instanceof Promise ? await peeked : peeked
    if (head === STOP) return { order, isStopped: true }
    if (head === undefined) break
    merge.take()
    const part = open.find((stream) => stream.last === head)?.part
    if (part === undefined) throw new TypeError('a record of no account was taken')
    order.push({ part, at: part.taken.length - 1 })
    for (const { list } of parts) if (list !== undefined) list.run.wanted -= 1
  }
  return { order, isStopped: false }
}

/** The records of each account as the caller wants them. One whose lookups fail is left out whole. */
async function answers(parts: readonly Part[], pageSize: number): Promise<ReadonlyMap<Part, readonly Json[]>> {
  const made = await Promise.all(
    parts.map(async (part): Promise<readonly [Part, readonly Json[]]> => {
      if (part.error !== undefined) return [part, []]
      try {
        return [
          part,
          await answerRecords(
            part.session,
            part.taken.map(({ found }) => found),
            pageSize,
          ),
        ]
      } catch (thrown) {
        part.error = failureOf(thrown)
        return [part, []]
      }
    }),
  )
  return new Map(made)
}

/** Where no account answers, the call fails as the first of them does. */
function requireOne(parts: readonly Part[]): void {
  const [first] = parts
  if (first?.error !== undefined && parts.every(({ error }) => error !== undefined)) throw first.error
}

async function stateOf(parts: readonly Part[], isStopped: boolean): Promise<MergedState> {
  const states = parts.map(async ({ account, session, list, taken, error }) => {
    if (error !== undefined) return [account.id, { failed: error.code }] as const
    if (list === undefined) return [account.id, null] as const
    return [account.id, await session.settled(() => stateAfter(list, { entries: taken, isStopped }))] as const
  })
  return { accounts: Object.fromEntries(await Promise.all(states)) }
}

function explain(parts: readonly Part[], { field, descending }: Order, call: CallState): Json {
  const sources = parts.map(({ account, taken }) => [
    account.id,
    [...new Set(taken.map(({ found: { operation, source } }) => source ?? operation.id))],
  ])
  return {
    order: `${descending ? '-' : ''}${field}`,
    sources: Object.fromEntries(sources),
    upstream_requests: call.requests,
  }
}
