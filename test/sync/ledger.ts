import { type Received, type Reply, startUpstream, type Upstream } from '../support/upstream.ts'

/** A native record. */
export interface Native {
  readonly id: string
  /** Unix seconds. */
  readonly created: number
  name?: string
  email?: string
  note?: string | null
  amount?: number
  currency?: string
}

/** A real provider whose lists may change while they are read: newest first, by cursor, with bounds of time. */
export interface Ledger {
  readonly upstream: Upstream
  readonly customers: Map<string, Native>
  /** Customers that no list shows and that can be read. */
  readonly hidden: Map<string, Native>
  /** Ids of customers that were read by themselves. */
  readonly read: string[]
  readonly payouts: Map<string, Native>
  /** Called before each page is answered; what it answers goes out instead. */
  onPage: ((request: Received, pages: number) => Reply | Promise<Reply | undefined> | undefined) | undefined
  /** Ids that each list page held, in order. */
  readonly pages: { readonly list: string; readonly ids: readonly string[]; readonly target: string }[]
  add(count: number, from: number, stepS: number): void
  close(): Promise<void>
}

/** Starts a provider without records. */
export async function startLedger(): Promise<Ledger> {
  const customers = new Map<string, Native>()
  const payouts = new Map<string, Native>()
  const hidden = new Map<string, Native>()
  const read: string[] = []
  const pages: Ledger['pages'] = []
  const upstream = await startUpstream(async (request) => {
    const list = request.path.split('/').at(-1) ?? ''
    if (list === 'account') return { body: { id: 'acct_1' } }
    const instead = await ledger.onPage?.(request, pages.length)
    if (instead !== undefined) return instead
    const one = /\/customers\/(\w+)$/.exec(request.path)?.[1]
    if (one !== undefined) {
      read.push(one)
      const found = customers.get(one) ?? hidden.get(one)
      return found === undefined ? { status: 404, body: {} } : { body: found }
    }
    const page = pageOf(list === 'customers' ? customers : payouts, request)
    pages.push({ list, ids: page.data.map(({ id }) => id), target: request.target })
    return { body: page }
  })
  let made = 0
  const ledger: Ledger = {
    ...{ upstream, customers, hidden, read, payouts, pages, onPage: undefined },
    add(count, from, stepS) {
      for (let at = 0; at < count; at++) {
        const id = `cus_${String(made++).padStart(7, '0')}`
        customers.set(id, { id, created: from + Math.floor(at * stepS), name: `Name ${at}`, email: `${id}@acme.test` })
      }
    },
    close: () => upstream.close(),
  }
  return ledger
}

function pageOf(table: ReadonlyMap<string, Native>, { query }: Received) {
  const from = Number(query['created[gte]'] ?? 0)
  const to = Number(query['created[lt]'] ?? Number.MAX_SAFE_INTEGER)
  const limit = Number(query.limit ?? 10)
  // A cursor stays good when its record is gone: it names a place in the order.
  const after = query.after === undefined ? undefined : table.get(query.after)
  const rows = [...table.values()].filter(({ created }) => created >= from && created < to).sort(newestFirst)
  const start =
    query.after === undefined ? 0 : rows.findIndex((row) => newestFirst(row, after ?? gone(query.after)) > 0)
  const data = start < 0 ? [] : rows.slice(start, start + limit)
  return { data, has_more: start >= 0 && start + limit < rows.length }
}

/** Records that were deleted keep their instant in their id, so that a cursor can be placed. */
const instants = new Map<string, number>()

/** Takes a record out of a ledger. */
export function remove(table: Map<string, Native>, id: string): void {
  instants.set(id, table.get(id)?.created ?? 0)
  table.delete(id)
}

const gone = (id = ''): Native => ({ id, created: instants.get(id) ?? 0 })

const newestFirst = (a: Native, b: Native): number => b.created - a.created || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0)
