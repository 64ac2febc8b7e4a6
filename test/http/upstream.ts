import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { vi } from 'vitest'

/** A request as it reached the upstream. */
export interface Reached {
  readonly verb: string
  readonly target: string
  readonly headers: IncomingMessage['headers']
  readonly rawHeaders: readonly string[]
  readonly body: Buffer
}

/** A real, stateful provider on loopback that remembers what reached it. */
export interface Upstream {
  readonly origin: string
  readonly reached: Reached[]
  readonly customers: Customer[]
  /** Taken for the next request instead of the usual answer. */
  next: ((request: Reached, response: ServerResponse) => void) | null
  /** Resolves when an account was asked for since so many requests: after a 401 the server does, and would take `next`. */
  rechecked(since: number): Promise<void>
  addCustomers(count: number): void
  close(): Promise<void>
}

export interface Customer {
  readonly id: string
  name: string
  email: string | null
  readonly created: number
}

type Said = readonly [status: number, value: unknown]

const failure = (status: number, code: string, message: string): Said => [status, { error: { code, message } }]

export const GOOD_KEY = 'ak_test_good1'

const readAll = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

export async function startUpstream(): Promise<Upstream> {
  const customers: Customer[] = []
  const reached: Reached[] = []
  let made = 0
  const server = createServer(async (request, response) => {
    const { method = '', url = '', headers, rawHeaders } = request
    const body = await readAll(request).catch(() => Buffer.alloc(0))
    const seen = { verb: method, target: url, headers, rawHeaders, body }
    reached.push(seen)
    response.setHeader('Request-Id', `up_${reached.length}`)
    const { next } = upstream
    upstream.next = null
    if (next !== null) {
      next(seen, response)
      return
    }
    const [status, value] = answer(seen)
    response.writeHead(status, { 'Content-Type': 'application/json', 'Set-Cookie': 'a=b', 'X-Powered-By': 'acme' })
    response.end(JSON.stringify(value))
  })

  function listCustomers(query: URLSearchParams): Said {
    const wanted = customers.filter(({ email }) => !query.has('email') || email === query.get('email'))
    const newest = wanted.toReversed()
    const limit = Number(query.get('limit') ?? 5)
    const [after, before] = [query.get('after'), query.get('before')]
    const start = after === null ? 0 : newest.findIndex(({ id }) => id === after) + 1
    const end = before === null ? newest.length : newest.findIndex(({ id }) => id === before)
    const range = newest.slice(start, end)
    const data = before === null ? range.slice(0, limit) : range.slice(-limit)
    return [200, { data, has_more: range.length > limit }]
  }

  function refund({ charge, amount = 1000 }: { charge?: string; amount?: number }): Said {
    if (amount > 1000) return failure(422, 'too_much', 'More than is left')
    made += 1
    return [200, { id: `re_${made}`, charge, amount, currency: 'EUR' }]
  }

  function customer(verb: string, id: string, given: object): Said {
    const found = customers.find((one) => one.id === id)
    if (found === undefined) return failure(404, 'not_there', `No customer ${id}`)
    if (verb === 'PATCH') Object.assign(found, given)
    if (verb === 'DELETE') customers.splice(customers.indexOf(found), 1)
    return [200, found]
  }

  function answer({ verb, target, headers, body }: Reached): Said {
    const { pathname, searchParams } = new URL(target, 'http://x')
    const path = pathname.replace(/^\/v1/, '')
    if (headers.authorization !== `Bearer ${GOOD_KEY}`) return failure(401, 'bad_key', 'No such key')
    const given = headers['content-type'] === 'application/json' && body.length > 0 ? JSON.parse(String(body)) : {}
    switch (`${verb === 'HEAD' ? 'GET' : verb} ${path}`) {
      case 'GET /account':
        return [200, { id: 'acct_1', name: 'Test' }]
      case 'GET /customers':
        return listCustomers(searchParams)
      case 'GET /customers/count':
        return [200, { count: customers.length }]
      case 'POST /customers':
        return [200, add(given.name ?? 'Ada', given.email ?? null)]
      case 'POST /refunds':
        return refund(given)
      case 'POST /files':
        return [200, { id: 'file_1', size: body.length }]
      case 'GET /keys':
        return [200, { data: [], has_more: false }]
      default:
        return customer(verb, path.split('/').at(-1) ?? '', given)
    }
  }

  function add(name: string, email: string | null): Customer {
    const id = `cus${String(made++).padStart(4, '0')}`
    const customer = { id, name, email, created: 1_700_000_000 + made }
    customers.push(customer)
    return customer
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const upstream: Upstream = {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    reached,
    customers,
    next: null,
    rechecked: (since) =>
      vi.waitFor(() => {
        if (!reached.slice(since).some(({ target }) => target.endsWith('/account')))
          throw new Error('nobody asked for the account')
      }, 20_000),
    addCustomers: (count) => {
      for (let number = 0; number < count; number += 1) add(`Customer ${number}`, `c${number}@example.com`)
    },
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
  return upstream
}
