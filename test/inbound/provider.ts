import { createHmac } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

export const KEY = 'ak_test_inbound'

/** A customer as the provider has it. */
interface Customer {
  readonly id: string
  readonly name: string
  readonly created: number
}

/** An event as the provider tells it. */
export interface ProviderEvent {
  readonly id: string
  readonly kind: string
  /** Unix seconds. */
  readonly at: number
  readonly version: string
  readonly customer: Customer
  readonly account?: string
  readonly token?: string
}

interface Hook {
  readonly id: string
  url: string
  readonly secret: string
}

/** A provider with customers, events and hooks, behind a real port. Its time stands where it is put. */
export interface Provider {
  readonly origin: string
  readonly customers: Map<string, Customer>
  readonly events: ProviderEvent[]
  readonly hooks: Map<string, Hook>
  /** Requests so far, as `VERB /path`. */
  readonly asked: string[]
  /** Answers hooks with this status in place of the usual; 0 is the usual. */
  refuseHooks: number
  /** Hooks are answered when this is settled. */
  hooksWait: Promise<void>
  /** Customers that are answered with 503 for now; `*` stands for the feed of events. */
  readonly broken: Set<string>
  /** Most events on a page of the feed; 100 at first. */
  most: number
  /** Changes a customer at this second; without a name it is deleted. Answers the event. */
  change(id: string, at: number, name: string | null, more?: Partial<ProviderEvent>): ProviderEvent
  close(): Promise<void>
}

export async function startProvider(): Promise<Provider> {
  const customers = new Map<string, Customer>()
  const events: ProviderEvent[] = []
  const hooks = new Map<string, Hook>()
  const asked: string[] = []
  const keys = new Map<string, unknown>()
  const hooksWait = Promise.resolve()
  const provider = { customers, events, hooks, asked, broken: new Set<string>(), refuseHooks: 0, hooksWait, most: 100 }

  const hooksAnswer = (request: IncomingMessage, path: string, body: string): [number, unknown] => {
    if (provider.refuseHooks > 0) return [provider.refuseHooks, { error: 'no' }]
    const known = hooks.get(path.split('/')[2] ?? '')
    if (request.method === 'POST') {
      const key = String(request.headers['idempotency-key'])
      const id = `hook_${hooks.size + 1}`
      const answer = keys.get(key) ?? { id, secret: `secret-of-${id}` }
      if (!keys.has(key)) hooks.set(id, { id, url: JSON.parse(body).url, secret: `secret-of-${id}` })
      keys.set(key, answer)
      return [200, answer]
    }
    if (known === undefined) return [404, { error: 'gone' }]
    if (request.method === 'DELETE') hooks.delete(known.id)
    else known.url = JSON.parse(body).url
    return [200, { id: known.id }]
  }

  const answer = (request: IncomingMessage, body: string): [number, unknown] => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://acme.test')
    const path = pathname.replace(/^\/v1/, '')
    asked.push(`${request.method} ${path}`)
    if (request.headers.authorization !== `Bearer ${KEY}`) return [401, { error: 'who' }]
    if (path.startsWith('/hooks')) return hooksAnswer(request, path, body)
    if (path === '/account') return [200, { id: 'acct_1' }]
    if (path === '/events' && provider.broken.has('*')) return [503, { error: 'later' }]
    if (path === '/events') return [200, pageOf(events, searchParams, provider.most)]
    if (provider.broken.has(path.slice(11))) return [503, { error: 'later' }]
    const found = path.startsWith('/customers/') ? customers.get(path.slice(11)) : undefined
    return found === undefined ? [404, { error: 'nothing' }] : [200, found]
  }

  const server = createServer(async (request, response) => {
    const [status, body] = answer(request, await text(request))
    if (request.url?.startsWith('/v1/hooks')) await provider.hooksWait
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return Object.assign(provider, {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    change(id: string, at: number, name: string | null, more: Partial<ProviderEvent> = {}) {
      const before = customers.get(id)
      const customer = { id, name: name ?? before?.name ?? '', created: before?.created ?? at }
      const kind = name === null ? 'customer.deleted' : before === undefined ? 'customer.created' : 'customer.updated'
      if (name === null) customers.delete(id)
      else customers.set(id, customer)
      const event = { id: `evt_${events.length + 1}`, kind, at, version: '2', customer, ...more }
      events.push(event)
      return event
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  })
}

/** Newest first, behind the id of `after`. */
function pageOf(events: readonly ProviderEvent[], query: URLSearchParams, most: number) {
  const since = Number(query.get('since') ?? 0)
  const limit = Math.min(most, Number(query.get('limit') ?? 100))
  const all = events.filter(({ at }) => at >= since).reverse()
  const from = query.has('after') ? all.findIndex(({ id }) => id === query.get('after')) + 1 : 0
  return { data: all.slice(from, from + limit), has_more: from + limit < all.length }
}

/** A delivery of events, signed with a secret at a Unix second. */
export function delivery(events: readonly ProviderEvent[], secret: string, at: number) {
  const body = JSON.stringify({ events })
  const signature = createHmac('sha256', secret).update(`${at}.${body}`).digest('hex')
  return { body, headers: { 'acme-time': String(at), 'acme-signature': signature } }
}
