import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it, type TestContext } from 'vitest'
import { accountOf } from '../engine/cases/account.ts'
import { casePorts } from '../engine/cases/case-ports.ts'
import { responseOf } from '../engine/cases/wire.ts'
import { compileCatalog } from '../engine/definition/index.ts'
import { createEngine } from '../engine/engine.ts'
import { parseUnifiedQuery } from '../engine/query/index.ts'
import { readDefinitions } from '../server/definitions.ts'
import { sharedData } from './support/shared-data.ts'
import { COMPUTED_NULLS } from './support/stripe-nulls.ts'

// Stripe's example of every object, in an API version before Basil and in the present one, through every mapping. No
// field may be refused, and every null has a reason, kept in fixtures/stripe-nulls: what is absent at Stripe, what the
// example lacks, and, in words, why a field is null although the example holds something that it reads.

type Json = Readonly<Record<string, unknown>>

/** Stripe's objects behind each unified resource. */
const NATIVES: Readonly<Record<string, readonly string[]>> = {
  balance_transactions: ['balance_transaction'],
  balances: ['balance'],
  checkout_sessions: ['checkout.session', 'payment_link'],
  coupons: ['coupon'],
  credit_notes: ['credit_note'],
  customers: ['customer', 'deleted_customer'],
  disputes: ['dispute'],
  events: ['event'],
  invoices: ['invoice'],
  payment_methods: ['payment_method'],
  payments: ['payment_intent', 'charge'],
  payouts: ['payout'],
  prices: ['price'],
  products: ['product'],
  refunds: ['refund'],
  subscriptions: ['subscription'],
}
const VERSIONS = ['2023-09-12', '2026-08-21'] as const

const { catalog } = compileCatalog(await readDefinitions([{ path: join(import.meta.dirname, '..') }]))
const stripe = catalog?.integrations.get('stripe')
if (catalog === undefined || stripe === undefined) throw new Error('The definitions do not compile')
const mappings = [...stripe.mappings.values()]
const used = new Set<string>()

const fixtureOf = (context: TestContext, version: string, native: string): Json => {
  const file = sharedData(context, `fixtures3-${version}.json`)
  const { resources } = JSON.parse(readFileSync(file, 'utf8')) as { resources: Readonly<Record<string, Json>> }
  const found = resources[native]
  if (found === undefined) throw new Error(`${version} has no ${native}`)
  return found
}

it('every mapped resource has examples', () => {
  const resources = new Set(mappings.map(({ resource }) => resource))
  expect([...resources].sort().filter((resource) => NATIVES[resource] === undefined)).toEqual([])
  expect(mappings.filter(({ model }) => model === 'payment-gateway')).toHaveLength(10)
})

describe.each(mappings)('$model/$resource', ({ model, resource }) => {
  const natives = NATIVES[resource] ?? []

  it('takes every example without an error and says why a field is null', async (context) => {
    const lines: string[] = []
    const unexplained: string[] = []
    for (const native of natives) {
      const byField = new Map<string, string[]>()
      for (const version of VERSIONS) {
        const record = await mapFixture(model, resource, fixtureOf(context, version, native))
        const { explain, ...meta } = record._meta as { explain: Readonly<Record<string, Explained>>; field_errors?: [] }
        expect(meta.field_errors ?? [], `${native} of ${version}`).toEqual([])
        for (const [field, facts] of nullsOf(record, explain)) {
          const reason = reasonOf(`${resource} ${native} ${field}`, facts)
          if (reason === undefined) unexplained.push(`${version} ${native} ${field}: ${JSON.stringify(facts)}`)
          byField.set(field, [...(byField.get(field) ?? []), `${version.slice(0, 4)} ${reason}`])
        }
      }
      lines.push(`# ${native}`, ...[...byField].map(([field, reasons]) => `${field}: ${joined(reasons)}`), '')
    }
    expect(unexplained).toEqual([])
    await expect(lines.join('\n')).toMatchFileSnapshot(`fixtures/stripe-nulls/${model}/${resource}.txt`)
  })
})

afterAll(() => {
  const isWhole = used.size > 0
  if (isWhole) expect(Object.keys(COMPUTED_NULLS).filter((key) => !used.has(key))).toEqual([])
})

interface Explained {
  readonly value_null_reason?: string
  readonly note?: string
  readonly source_paths?: readonly string[]
  readonly raw?: unknown
}

/** Fields that are null in a record, also below objects, with what explaining says of them. */
function nullsOf(record: Json, explain: Readonly<Record<string, Explained>>): [string, Explained][] {
  const isNull = (field: string): boolean => {
    const value = field.split('.').reduce<unknown>((here, part) => (here as Json | null | undefined)?.[part], record)
    return value === null || value === undefined
  }
  // What stands below an explained object that is null needs no reason of its own.
  const isBelowNull = (field: string): boolean => {
    const parts = field.split('.')
    const above = parts.slice(1).map((_, at) => parts.slice(0, at + 1).join('.'))
    return above.some((name) => explain[name] !== undefined && isNull(name))
  }
  // The raw value beside a field is null with the field.
  const isRawOfNull = (field: string): boolean => /(^|\.)raw_/.test(field) && isNull(field.replace(/(^|\.)raw_/, '$1'))
  return Object.entries(explain).filter(
    ([field]) => !field.includes('[]') && isNull(field) && !isBelowNull(field) && !isRawOfNull(field),
  )
}

/** Why a field is null; undefined where nobody says so. What is below an object that is there has its raw value only. */
function reasonOf(key: string, facts: Explained): string | undefined {
  const { value_null_reason: reason, note, raw, source_paths: paths = [] } = facts
  if (reason === 'absent') return `absent: ${note}`
  const isNamed = reason !== undefined && reason !== 'computed' && reason !== 'not_mapped'
  if (isNamed) return reason
  if (raw !== undefined && isEmpty(raw)) return 'null_in_source'
  if (raw === undefined && paths.length > 0 && !paths.includes('*')) return 'missing_in_source'
  used.add(key)
  const words = COMPUTED_NULLS[key]
  return words === undefined ? undefined : `computed: ${words}`
}

/** Nothing at any of the places that are read; the currency beside an amount says nothing of the amount. */
function isEmpty(raw: unknown): boolean {
  if (typeof raw !== 'object' || raw === null) return raw === null
  return Object.entries(raw).every(([path, value]) => /(^|\.)currency$/.test(path) || isEmpty(value))
}

/** One reason where both versions have the same. */
function joined(reasons: readonly string[]): string {
  const words = reasons.map((reason) => reason.slice(5))
  return words.length === VERSIONS.length && new Set(words).size === 1 ? (words[0] ?? '') : reasons.join('; ')
}

/** The unified record of an example, with reasons; nothing stands beside it: lists are empty, other records missing. */
async function mapFixture(model: string, resource: string, fixture: Json): Promise<Json> {
  const unified = catalog?.models.get(model)?.resources.get(resource)
  if (catalog === undefined || stripe === undefined || unified === undefined) throw new Error(`No ${model}/${resource}`)
  const { account, credentials } = accountOf(stripe)
  let isFirst = true
  const answer = (url: string) => {
    const first = isFirst
    isFirst = false
    if (first)
      return { status: 200, body: isList ? (resource === 'balances' ? fixture : { data: [fixture] }) : fixture }
    if (/\/[a-z]+_\w+$/.test(new URL(url).pathname))
      return { status: 404, body: { error: { code: 'resource_missing' } } }
    return { status: 200, body: { object: 'list', data: [], has_more: false } }
  }
  const transport = {
    send: ({ url }: { url: string }) => Promise.resolve(responseOf(answer(url))),
    stream: () => Promise.reject(new Error('There are no streams here')),
  }
  const engine = createEngine({ catalog, ports: casePorts(transport, credentials) })
  const isList = stripe.mappings.get(`${model}/${resource}`)?.get === undefined
  const method = isList ? 'list' : 'get'
  const query = parseUnifiedQuery([['explain', 'true']], unified, { method })
  const options = { requestId: 'req_fixture', priority: 'interactive', onLimit: 'fail' } as const
  const id = isList ? undefined : String(fixture.id)
  const answered = await engine.unified(account, { model, resource, method, id, query }, options)
  if (answered.kind === 'method') throw new Error('A read answers records')
  const record = answered.kind === 'list' ? answered.result[0] : answered.record
  if (record === undefined) throw new Error(`${model}/${resource} answers nothing`)
  return record as Json
}
