import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { casesIn } from '../../engine/definition/case-files.ts'
import type { ModelResource, ResourceMapping } from '../../engine/definition/catalog.ts'
import { compileCatalog } from '../../engine/definition/index.ts'
import { evaluationCounts } from '../../engine/expression/index.ts'
import {
  createMapper,
  isObject,
  type MapContext,
  type MapItem,
  type Mapped,
  narrowed,
} from '../../engine/mapping/index.ts'
import { planOf } from '../../engine/mapping/plan.ts'
import { readDefinitions } from '../../server/definitions.ts'

// One function makes a whole record; field by field is the reference, which explaining always takes.
const files = await readDefinitions([{ path: join(import.meta.dirname, '../..') }])
const { catalog } = compileCatalog(files)
if (catalog === undefined) throw new Error('no catalog')

interface Subject {
  readonly mapping: ResourceMapping
  readonly resource: ModelResource
  readonly version: string | null
  readonly money: unknown
}

const subjects = [...catalog.integrations.values()].flatMap(({ mappings, apiVersion, operations }) =>
  // A mapping without fields only says what the provider cannot.
  [...mappings.values()]
    .filter(({ fields }) => fields.size > 0)
    .map((mapping): Subject => {
      const resource = catalog.models.get(mapping.model)?.resources.get(mapping.resource)
      if (resource === undefined) throw new Error(`${mapping.model} has no ${mapping.resource}`)
      const money = [...operations.values()][0]?.money
      return { mapping, resource, version: apiVersion?.value ?? null, money }
    }),
)

/** Objects with an id in the answers of all cases, at any depth: a hundred, of all kinds. */
const all = casesIn(files).flatMap(({ node }) =>
  node.value.exchanges.flatMap(({ response }) => objectsIn(response?.body)),
)
const natives: unknown[] = all.filter((_, at) => at % Math.ceil(all.length / 100) === 0)

function objectsIn(value: unknown): unknown[] {
  if (Array.isArray(value)) return value.flatMap(objectsIn)
  if (!isObject(value)) return []
  return [...(typeof value.id === 'string' ? [value] : []), ...Object.values(value).flatMap(objectsIn)]
}

const contextOf = ({ version }: Subject, explain: boolean): MapContext => ({
  provider: 'acme',
  accountId: 'acc_1',
  tenantId: null,
  livemode: true,
  apiVersion: version,
  observedAt: '2026-01-01T00:00:00Z',
  account: { traits: {} },
  remoteData: false,
  secretNames: new Map(),
  withoutSecrets: (native) => native,
  explain,
})

/** What a subject makes of a record: all that was found, or the code of the refusal. */
function outcomeOf(subject: Subject, item: MapItem, explain: boolean, fields?: string[]): unknown {
  try {
    const mapper = createMapper(subject.mapping, subject.resource, { fields })
    const [mapped] = mapper.page([item], contextOf(subject, explain))
    if (mapped === undefined) return 'nothing'
    const { explain: _, ...meta } = mapped.record._meta as Record<string, unknown>
    const drift = mapped.drift.map((one) => JSON.stringify(one)).sort()
    return JSON.parse(JSON.stringify({ ...mapped, record: { ...mapped.record, _meta: meta }, drift }))
  } catch (error) {
    return String(error)
  }
}

function expectAlike(subject: Subject, item: MapItem, fields?: string[]): void {
  const outcomes = [false, true].map((explain) => outcomeOf(subject, item, explain, fields))
  // How many failures of an answer have their reason told is a budget of work, which the two ways spend at other places.
  const isCut = JSON.stringify(outcomes).includes('enough failures of this answer tell why')
  const [whole, byField] = isCut ? outcomes.map(withoutReasons) : outcomes
  expect(whole).toEqual(byField)
}

const withoutReasons = (outcome: unknown): unknown =>
  JSON.parse(JSON.stringify(outcome, (key, value) => (key === 'reason' ? undefined : value)))

const itemOf = (native: unknown, subject: Subject, apiVersion = subject.version): MapItem => ({
  native,
  source: 'list',
  parent: null,
  moneyForm: subject.money,
  apiVersion,
  lookup: {},
})

describe.each(subjects)('$mapping.model/$mapping.resource', (subject) => {
  it('is one function', () => {
    const plan = planOf(subject.mapping, subject.resource, { fields: undefined })
    const holdings = [[], ...subject.mapping.variants.map((_, at) => [at])]
    expect(holdings.map((holding) => plan.layered(holding).way()).filter((way) => 'reason' in way)).toEqual([])
  })

  it('makes of every record of every case what field by field makes', { timeout: 120_000 }, () => {
    const before = evaluationCounts().mapped
    for (const native of natives) {
      expectAlike(subject, itemOf(native, subject))
      if (subject.version !== null) expectAlike(subject, itemOf(native, subject, '2020-08-27'))
    }
    expect(evaluationCounts().mapped).toBeGreaterThan(before)
  })

  it('makes of broken records what field by field makes', { timeout: 120_000 }, () => {
    const broken = fc.tuple(fc.constantFrom(...natives), fc.infiniteStream(fc.nat(1000)), odd).map(spoil)
    fc.assert(
      fc.property(broken, (native) => expectAlike(subject, itemOf(native, subject))),
      { numRuns: 50 },
    )
  })

  it('makes the same of a few fields where the records have no others', () => {
    const names = [...subject.mapping.fields.keys()]
    const fields = names.filter((_, at) => at % 4 === 0)
    const draft: Subject = { ...subject, resource: narrowed(subject.resource, fields) }
    const pick = (outcome: unknown) => {
      const { record, fieldErrors } = outcome as { record?: Record<string, unknown>; fieldErrors?: unknown }
      if (record === undefined) return outcome
      return { fieldErrors, values: ['id', ...fields].map((field) => record[field.split('.')[0] ?? field]) }
    }
    for (const native of natives.filter((_, at) => at % 5 === 0)) {
      const item = itemOf(native, subject)
      expect(pick(outcomeOf(draft, item, false, fields))).toEqual(pick(outcomeOf(subject, item, false, fields)))
    }
  })

  it('makes of a few fields what field by field makes', () => {
    const names = [...subject.mapping.fields.keys()]
    const some = fc.subarray(names, { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(some, fc.constantFrom(...natives), (fields, native) => {
        expectAlike(subject, itemOf(native, subject), fields)
      }),
      { numRuns: 30 },
    )
  })
})

it('values that tables lack are told, also below lists, and the function goes on', () => {
  const subject = subjects.find(
    ({ mapping }) => mapping.resource === 'invoices' && mapping.address.file.includes('/stripe/'),
  )
  if (subject === undefined) throw new Error('no invoices')
  const payments = { data: ['paid', 'later'].map((status) => ({ status, payment: {} })) }
  const terms = { billing_reason: 'new', collection_method: 7, currency: 'eur' }
  const native = { id: 'in_1', status: 'brand_new', ...terms, payments }
  const { mapped: _, ...before } = evaluationCounts()
  const { record, drift } = outcomeOf(subject, itemOf(native, subject), false) as Mapped
  expect(evaluationCounts()).toMatchObject(before)
  expect(record).toMatchObject({ status: 'unknown', raw_status: 'brand_new', raw_collection_method: '7' })
  expect(record).toMatchObject({ payments: [{ status: 'paid' }, { status: 'unknown', raw_status: 'later' }] })
  expect(drift).toEqual([
    '{"field":"billing_reason","value":"new"}',
    '{"field":"collection_method","value":7}',
    '{"field":"payments[].status","value":"later"}',
    '{"field":"status","value":"brand_new"}',
  ])
  expectAlike(subject, itemOf(native, subject))
})

const odd = fc.array(
  fc.oneof(
    fc.constantFrom(null, undefined, '', 0, -0, -1.5, true, false, 'USD', 'xyz', [], {}, [[]], [null], 1e21, '1'),
    fc.constantFrom({ id: 'x_1' }, [{ id: 'x_1' }, { id: 'x_2' }], { data: [{ id: 'x_1' }, null, 'text'] }, [1, 'a']),
    fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<unknown>,
  ),
  { minLength: 1, maxLength: 5 },
)

/** A copy in which some members, wherever they are, have other values. */
function spoil([native, draws, values]: [unknown, Stream, unknown[]]): unknown {
  const copy = structuredClone(native)
  const places = membersIn(copy)
  for (const value of values) {
    const place = places[(draws.next().value ?? 0) % places.length]
    if (place !== undefined) place.holder[place.name] = value
  }
  return copy
}

type Stream = { next(): { value: number } }

function membersIn(value: unknown): { holder: Record<string, unknown>; name: string }[] {
  if (typeof value !== 'object' || value === null) return []
  const holder = value as Record<string, unknown>
  return Object.keys(holder).flatMap((name) => [{ holder, name }, ...membersIn(holder[name])])
}

it('a table that fills no raw value keeps what it lacks out of the record, and tells it', () => {
  const ofPlan = subjects.find(
    ({ mapping }) => mapping.resource === 'prices' && mapping.address.file.includes('/razorpay/'),
  )
  if (ofPlan === undefined) throw new Error('no prices')
  const native = { id: 'plan_1', entity: 'plan', item: { tax_inclusive: -1.5 } }
  for (const explain of [false, true]) {
    const { record, drift } = outcomeOf(ofPlan, itemOf(native, ofPlan), explain) as Mapped
    expect(record).toMatchObject({ tax_behavior: 'unknown', raw_tax_behavior: null })
    expect(drift).toContain('{"field":"tax_behavior","value":"-1.5"}')
  }
})
