import { createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'

export const KEY = 'ak_test_rules'

/** An invoice, whichever provider has it. */
export interface Bill {
  readonly id: string
  readonly cents: number
  readonly customer: string
  isPaid: boolean
  tries: number
}

/** A provider of invoices behind a real port, that tells what happens. */
export interface BillProvider {
  readonly name: string
  readonly origin: string
  readonly bills: Map<string, Bill>
  /** Where it delivers to, once it was asked to. */
  url: string
  /** A delivery of what happened to a bill at an instant (epoch ms), as this provider writes and signs it. */
  delivery(
    id: string,
    bill: Bill,
    what: 'failed' | 'paid',
    at: number,
  ): { body: string; headers: Record<string, string> }
}

const SECRET = 'secret-of-the-hook'

/** How a provider writes. */
interface Dialect {
  readonly path: string
  readonly bill: (bill: Bill) => object
  readonly delivery: BillProvider['delivery']
}

const acmeBill = ({ id, cents, customer, isPaid, tries }: Bill) => ({
  ...{
    id,
    number: id.toUpperCase().replace('_', '-'),
    state: isPaid ? 'paid' : 'open',
    left: isPaid ? 0 : cents,
    ccy: 'eur',
    tries,
  },
  payer: { id: `cus_${customer}`, name: customer, mail: `${customer.toLowerCase()}@example.com` },
})

const umbrellaBill = ({ id, cents, customer, isPaid, tries }: Bill) => ({
  ...{ billNo: id, status: isPaid ? 'SETTLED' : 'OPEN', attempts: tries },
  amounts: { due: ((isPaid ? 0 : cents) / 100).toFixed(2), currency: 'EUR' },
  client: { ref: `c-${customer}`, fullName: customer, email: `${customer.toLowerCase()}@example.com` },
})

const DIALECTS: Readonly<Record<string, Dialect>> = {
  acme: {
    path: '/v1/invoices/',
    bill: acmeBill,
    delivery: (id, bill, what, at) => {
      const second = Math.floor(at / 1000)
      const event = {
        id,
        kind: what === 'paid' ? 'invoice.settled' : 'charge.failed',
        at: second,
        invoice: acmeBill(bill),
      }
      const body = JSON.stringify({ events: [event] })
      const signature = createHmac('sha256', SECRET).update(`${second}.${body}`).digest('hex')
      return { body, headers: { 'acme-time': String(second), 'acme-signature': signature } }
    },
  },
  umbrella: {
    path: '/v1/bills/',
    bill: umbrellaBill,
    delivery: (id, bill, what, at) => {
      const meta = { ref: id, what: what === 'paid' ? 'BILL_SETTLED' : 'BILL_COLLECTION_FAILED', timestamp: at }
      const body = JSON.stringify({ meta, payload: umbrellaBill(bill) })
      return { body, headers: { 'umbrella-token': SECRET } }
    },
  },
}

export async function startBillProvider(name: 'acme' | 'umbrella'): Promise<BillProvider> {
  const dialect = DIALECTS[name] as Dialect
  const bills = new Map<string, Bill>()
  const server = createServer(async (request, response) => {
    const body = await text(request)
    const { pathname } = new URL(request.url ?? '', 'http://provider.test')
    const found = bills.get(pathname.slice(dialect.path.length))
    let answer: object | null = found === undefined ? null : dialect.bill(found)
    if (pathname === '/v1/account') answer = { id: `acct_${name}` }
    if (pathname === '/v1/hooks') {
      provider.url = JSON.parse(body).url
      answer = { id: 'hook_1', secret: SECRET }
    }
    response
      .writeHead(answer === null ? 404 : 200, { 'content-type': 'application/json' })
      .end(JSON.stringify(answer ?? {}))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const provider: BillProvider = { name, origin, bills, url: '', delivery: dialect.delivery }
  return provider
}
