import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, type TestContext } from 'vitest'
import { accountOf } from '../engine/cases/account.ts'
import { casePorts } from '../engine/cases/case-ports.ts'
import { responseOf } from '../engine/cases/wire.ts'
import { compileCatalog } from '../engine/definition/index.ts'
import { createEngine } from '../engine/engine.ts'
import { parseUnifiedQuery } from '../engine/query/index.ts'
import { readDefinitions } from '../server/definitions.ts'
import { sharedData } from './support/shared-data.ts'

// Every record in the published examples of Square's answers, through every mapping that it has: no field may be refused.

type Json = Readonly<Record<string, unknown>>

/** One example of the published document. */
interface Example {
  readonly op: string
  readonly status: string
  readonly value: Json
}

/** Where the examples of a unified resource stand: members of answers, and which of their records are of it. */
interface Place {
  readonly members: readonly string[]
  readonly types?: readonly string[]
  /** Member of the answer that the mapping reads. */
  readonly answer: string
  /** Filters of a list, where single records cannot be read. */
  readonly list?: Readonly<Record<string, string>>
  readonly least: number
}

const CATALOG = ['object', 'objects', 'catalog_object', 'items', 'related_objects']
const PLACES: Readonly<Record<string, Place>> = {
  balance_transactions: {
    members: ['payout_entries'],
    answer: 'payout_entries',
    list: { payout_id: 'po_1' },
    least: 2,
  },
  checkout_sessions: { members: ['payment_link', 'payment_links'], answer: 'payment_link', least: 5 },
  // The document has no example of a discount.
  coupons: { members: CATALOG, types: ['DISCOUNT'], answer: 'object', least: 0 },
  customers: { members: ['customer', 'customers'], answer: 'customer', least: 6 },
  disputes: { members: ['dispute', 'disputes'], answer: 'dispute', least: 5 },
  events: { members: ['events'], answer: 'events', list: {}, least: 1 },
  invoices: { members: ['invoice', 'invoices'], answer: 'invoice', least: 9 },
  payment_methods: { members: ['card', 'cards'], answer: 'card', least: 5 },
  payments: { members: ['payment', 'payments'], answer: 'payment', least: 6 },
  payouts: { members: ['payout', 'payouts'], answer: 'payout', least: 3 },
  prices: { members: CATALOG, types: ['ITEM_VARIATION', 'SUBSCRIPTION_PLAN_VARIATION'], answer: 'object', least: 13 },
  products: { members: CATALOG, types: ['ITEM', 'SUBSCRIPTION_PLAN'], answer: 'object', least: 9 },
  refunds: { members: ['refund', 'refunds'], answer: 'refund', least: 3 },
  subscriptions: { members: ['subscription', 'subscriptions'], answer: 'subscription', least: 12 },
}
/** Operations whose members have the same name and are something else. */
const ELSEWHERE = /WebhookSubscription|Terminal|Loyalty/

const { catalog } = compileCatalog(await readDefinitions([{ path: join(import.meta.dirname, '..') }]))
const square = catalog?.integrations.get('square')
if (catalog === undefined || square === undefined) throw new Error('The definitions do not compile')
const mappings = [...square.mappings.values()]

function recordsAt(context: TestContext, { members, types }: Place): [op: string, record: Json][] {
  const examples = JSON.parse(readFileSync(sharedData(context, 'square-examples.json'), 'utf8')) as Example[]
  const answers = examples.filter(({ op, status }) => status === '200' && !ELSEWHERE.test(op))
  return answers.flatMap(({ op, value }) => {
    const found = members.flatMap((member) => [value[member] ?? []].flat() as Json[]).flatMap(withVariations)
    return found
      .filter(({ type }) => types === undefined || types.includes(String(type)))
      .map((record): [string, Json] => [op, record])
  })
}

/** A record of the catalog and the variations inside of it; any other record alone. */
function withVariations(record: Json): Json[] {
  const inside = (record.item_data ?? record.subscription_plan_data) as Json | undefined
  const more = [inside?.variations, inside?.subscription_plan_variations].flat().filter((each) => each !== undefined)
  return [record, ...(more as Json[])]
}

it('every mapped resource has a place in the examples', () => {
  expect([...new Set(mappings.map(({ resource }) => resource))].sort()).toEqual(Object.keys(PLACES).sort())
})

describe.each(mappings.filter(({ resource }) => PLACES[resource]?.least !== 0))(
  '$model/$resource',
  ({ model, resource }) => {
    it('takes every example without an error', async (context) => {
      const place = PLACES[resource]
      if (place === undefined) throw new Error(`${resource} has no place`)
      const records = recordsAt(context, place)
      expect(records.length).toBeGreaterThanOrEqual(place.least)
      for (const [op, record] of records) {
        const mapped = await mapExample(model, resource, place, record)
        const { field_errors: errors } = mapped._meta as { field_errors?: readonly unknown[] | null }
        expect(errors ?? [], `${op}: ${JSON.stringify(record)}`).toEqual([])
        expect(typeof mapped.id, op).toBe('string')
      }
    })
  },
)

/** The unified record of an example; whatever stands beside it is not there. */
async function mapExample(model: string, resource: string, { answer, list }: Place, record: Json): Promise<Json> {
  const unified = catalog?.models.get(model)?.resources.get(resource)
  if (catalog === undefined || square === undefined || unified === undefined) throw new Error(`No ${model}/${resource}`)
  const { account, credentials } = accountOf(square)
  let asked = 0
  const transport = {
    send: () => {
      asked += 1
      const missing = { errors: [{ category: 'INVALID_REQUEST_ERROR', code: 'NOT_FOUND' }] }
      if (asked > 1) return Promise.resolve(responseOf({ status: 404, body: missing }))
      return Promise.resolve(responseOf({ status: 200, body: { [answer]: list === undefined ? record : [record] } }))
    },
    stream: () => Promise.reject(new Error('There are no streams here')),
  }
  const engine = createEngine({ catalog, ports: casePorts(transport, credentials) })
  const method = list === undefined ? 'get' : 'list'
  const query = parseUnifiedQuery(Object.entries(list ?? {}), unified, { method })
  const options = { requestId: 'req_example', priority: 'interactive', onLimit: 'fail' } as const
  const id = list === undefined ? 'any' : undefined
  const answered = await engine.unified(account, { model, resource, method, id, query }, options)
  if (answered.kind === 'method') throw new Error('A read answers records')
  const mapped = answered.kind === 'list' ? answered.result[0] : answered.record
  if (mapped === undefined) throw new Error(`${model}/${resource} answers nothing`)
  return mapped as Json
}
