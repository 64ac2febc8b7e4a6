import { request } from 'undici'
import { type Address, naive, ours, release, Session, type Side } from './session.ts'
import { type Subjects, TASKS } from './tasks.ts'

/** Bytes of one side in a task: the list of tools, and calls with their answers. */
export interface Count {
  readonly list: number
  readonly calls: number
}

/** A task on both sides. */
export interface Row {
  readonly task: string
  readonly ours: Count
  readonly naive: Count
}

const DAY_MS = 86_400_000

/** Does the tasks against a sandbox, each side with calls of its own, and counts what a model reads and writes. */
export async function countTasks(address: Address): Promise<readonly Row[]> {
  const about = await subjectsOf(address)
  const [one, other] = [ours(address), await naive(address)]
  const [ourList, naiveList] = [await one.list(), await other.list()]
  const rows: Row[] = []
  for (const task of TASKS) {
    const our = await callsOf(one, (session) => task.ours(session, about))
    const their = await callsOf(other, (session) => task.naive(session, about))
    rows.push({ task: task.name, ours: { list: ourList, calls: our }, naive: { list: naiveList, calls: their } })
  }
  return rows
}

async function callsOf(side: Side, work: (session: Session) => Promise<void>): Promise<number> {
  const session = new Session(side)
  await work(session)
  return session.bytes
}

/** The sum over the tasks, each from a fresh start. */
export const totalOf = (rows: readonly Row[], side: 'ours' | 'naive'): Count => ({
  list: rows.reduce((sum, row) => sum + row[side].list, 0),
  calls: rows.reduce((sum, row) => sum + row[side].calls, 0),
})

interface Payment {
  readonly id: string
  readonly customer: { readonly id: string; readonly email: string } | null
  readonly is_refundable: boolean | null
  readonly amount_refunded: number | null
}

async function subjectsOf(address: Address): Promise<Subjects> {
  const { origin, token, accountId } = address
  const find = async (path: string, query: string): Promise<readonly Payment[]> => {
    const url = `${origin}/unified/payment-gateway/${path}?integrated_account_id=${accountId}&${query}`
    const { statusCode, body } = await request(url, { headers: { authorization: `Bearer ${token}` } })
    const said = (await body.json()) as { readonly result: readonly Payment[] }
    if (statusCode !== 200) throw new Error(`${path} answered ${statusCode}: ${JSON.stringify(said)}`)
    return said.result
  }
  const [failed] = await find('payments', 'status=failed&limit=1')
  const paid = await find('payments', 'status=succeeded&limit=50')
  const [first, second] = paid.filter((one) => one.customer !== null && one.is_refundable && one.amount_refunded === 0)
  const [, , payout] = await find('payouts', 'status=paid&limit=5')
  if (!failed || !first?.customer || !second || !payout) throw new Error('the sandbox lacks what the tasks are about')
  const now = Date.now()
  const at = (days: number): string => new Date(now + days * DAY_MS).toISOString()
  return {
    email: first.customer.email,
    customerId: first.customer.id,
    failedPaymentId: failed.id,
    paymentIds: [first.id, second.id],
    payoutId: payout.id,
    ...{ from: at(-30), now: at(0), until: at(30) },
    release: (id) => release(address, id),
  }
}
