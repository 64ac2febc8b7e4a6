import { customer, type Json, listedCharge, paymentIntent } from './records.ts'

/** What deliveries are signed with. */
export const WEBHOOK_SECRET = 'whsec_of_the_benches'

/** Records in a page of the canned lists. */
export const PAGE = 100

const KINDS: Readonly<Record<string, (index: number) => Json>> = {
  '/v1/payment_intents': paymentIntent,
  '/v1/charges': listedCharge,
  '/v1/customers': customer,
}

const bytes = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))

/** A record of which several fields of a mapping fail: no such currency, and a time that is none. */
export const spoiled = (record: Json): Json => ({ ...record, currency: 'xxx', canceled_at: 'yesterday' })

function page(url: string, make: (index: number) => Json, from: number): Buffer {
  const data = Array.from({ length: PAGE }, (_, offset) => make(from + offset))
  return bytes({ object: 'list', data, has_more: from === 0, url })
}

/** What the upstream can answer, made once: two pages of each list, one record of each, the account. */
export class Pages {
  readonly #first = new Map<string, Buffer>()
  readonly #second = new Map<string, Buffer>()
  readonly #one = new Map<string, Buffer>()
  readonly #account = bytes({
    id: 'acct_bench',
    object: 'account',
    country: 'GB',
    default_currency: 'gbp',
    type: 'standard',
  })
  readonly #endpoint = bytes({ id: 'we_bench', object: 'webhook_endpoint', secret: WEBHOOK_SECRET })
  readonly #empty = bytes({ object: 'list', data: [], has_more: false })

  /** `change` is what becomes of each record. */
  constructor(change: (record: Json) => Json = (record) => record) {
    for (const [path, kind] of Object.entries(KINDS)) {
      const make = (index: number) => change(kind(index))
      this.#first.set(path, page(path, make, 0))
      this.#second.set(path, page(path, make, PAGE))
      this.#one.set(path, bytes(make(1)))
    }
  }

  /** The body for a path with query: a list is always a whole page, an unknown list is empty. */
  answer(target: string): Buffer {
    const [path = '', query = ''] = target.split('?')
    if (path === '/v1/account') return this.#account
    if (path.startsWith('/v1/webhook_endpoints')) return this.#endpoint
    const list = query.includes('starting_after=') ? this.#second.get(path) : this.#first.get(path)
    return list ?? this.#one.get(path.slice(0, path.lastIndexOf('/'))) ?? this.#empty
  }
}
