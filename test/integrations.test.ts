import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runCase } from '../engine/cases/run-case.ts'
import { runDelivery } from '../engine/cases/run-delivery.ts'
import { casesIn, deliveriesIn } from '../engine/definition/case-files.ts'
import type { FieldSpec, Integration } from '../engine/definition/catalog.ts'
import { compileCatalog } from '../engine/definition/index.ts'
import type { Case, DeliveryCase } from '../engine/schema/generated.ts'
import { readDefinitions } from '../server/definitions.ts'

const files = await readDefinitions([{ path: join(import.meta.dirname, '..') }])
const { catalog, issues } = compileCatalog(files)
const integrations = [...(catalog?.integrations.values() ?? [])]
const casesOf = (name: string): Case[] =>
  casesIn(files).flatMap(({ integration, node }) => (integration === name ? [node.value] : []))

it('every definition that comes along is clean', () => {
  expect(issues).toEqual([])
  expect(integrations.length).toBeGreaterThan(0)
})

const deliveriesOf = (name: string): DeliveryCase[] =>
  deliveriesIn(files).flatMap(({ integration, node }) => (integration === name ? [node.value] : []))

describe.each(integrations.filter(({ webhooks }) => webhooks !== undefined))('webhooks of $name', (integration) => {
  const cases = deliveriesOf(integration.name)
  const run = async (each: DeliveryCase) =>
    catalog === undefined ? ['no catalog'] : runDelivery(catalog, integration, each)

  it('have cases that verify, and cases that refuse', () => {
    expect(cases.some(({ expect: { events } }) => events !== undefined)).toBe(true)
    const isRefused = cases.some(({ expect: { error } }) => error?.code === 'signature_refused')
    expect(isRefused).toBe(integration.webhooks?.signature !== undefined)
  })

  it.each(cases)('$name', async (each) => {
    expect(await run(each)).toEqual([])
  })

  it('a case that expects other events fails', async () => {
    for (const each of cases) {
      const events = each.expect.events?.map((event) => ({ ...event, id: 'another', record: { id: 'another' } }))
      const other = events === undefined ? { events: [] } : { events: [...events, {}] }
      expect(await run({ ...each, expect: other }), each.name).not.toEqual([])
    }
  })
})

describe.each(integrations)('$name', (integration) => {
  const cases = casesOf(integration.name)
  const run = async (each: Case) => (catalog === undefined ? ['no catalog'] : runCase(catalog, integration, each))

  it('names every case differently', () => {
    const names = cases.map(
      ({ name, call }) => `${call?.model ?? ''}/${call?.resource ?? 'connect'} ${call?.id ?? ''} ${name}`,
    )
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([])
  })

  it.each(cases)('$call.resource.$call.method: $name', async (each) => {
    expect(await run(each)).toEqual([])
  })

  it('a case that expects another answer fails', async () => {
    for (const each of cases) {
      const { result } = each.expect
      const other =
        each.expect.error === undefined ? { result: [result, 'another'] } : { error: { code: 'overloaded' } }
      expect(await run({ ...each, expect: other } as Case), each.name).not.toEqual([])
    }
  })

  it('a case with one request less or more fails', async () => {
    const more = { request: { verb: 'GET', path: '/nobody/asks' }, response: { status: 200 } } as const
    for (const each of cases) {
      const fewer = each.exchanges.slice(0, -1)
      if (each.exchanges.length > 0) expect(await run({ ...each, exchanges: fewer }), each.name).not.toEqual([])
      expect(await run({ ...each, exchanges: [...each.exchanges, more] }), each.name).not.toEqual([])
    }
  })

  it.each([...integration.mappings.values()])(
    '$model/$resource has a case for each method',
    ({ resource, ...mapping }) => {
      const own = cases.filter(({ call }) => call?.resource === resource && call.model !== undefined)
      const methods = [mapping.list && 'list', mapping.get && 'get', ...mapping.writes.keys()].filter((one) => one)
      expect(methods.filter((method) => !own.some(({ call }) => call?.method === method))).toEqual([])
      expect(own.length).toBeGreaterThanOrEqual(6)
    },
  )

  it('reaches every value of every enum that a mapping makes', () => {
    expect(missing(integration, cases)).toEqual([])
  })
})

/** Values that tables and rules can give and no case shows, by field. Tables of one field with the same values count together. */
function missing(integration: Integration, cases: readonly Case[]): string[] {
  const wanted = new Map<string, Set<string>>()
  const seen = new Map<string, Set<string>>()
  for (const { resource, fields, variants } of integration.mappings.values()) {
    const all = [fields, ...variants.map((variant) => variant.fields)].flatMap((each) => [...each])
    const results = cases.filter(({ call }) => call?.model !== undefined && call.resource === resource)
    for (const [path, values] of all.flatMap(([name, spec]) => enumsOf(name, spec))) {
      const key = `${path.split('.').at(-1)}: ${[...values].sort().join(' ')}`
      wanted.set(key, new Set(values))
      const found = results.flatMap(({ expect: { result } }) => [result].flat()).flatMap((one) => valuesAt(one, path))
      seen.set(key, new Set([...(seen.get(key) ?? []), ...found.map(String)]))
    }
  }
  return [...wanted].flatMap(([key, values]) =>
    [...values].filter((value) => seen.get(key)?.has(value) !== true).map((value) => `${key} lacks ${value}`),
  )
}

/** The values that a field can have, where it is an enum, and those of the fields below it. */
function enumsOf(path: string, spec: FieldSpec): [string, Set<string>][] {
  if (spec.kind === 'each' || spec.kind === 'object') {
    return [...spec.fields].flatMap(([name, inner]) => enumsOf(`${path}.${name}`, inner))
  }
  const texts = (values: Iterable<unknown>) =>
    new Set([...values].filter((value) => value !== null && value !== undefined).map(String))
  if (spec.kind === 'table') return [[path, texts(spec.map.values())]]
  if (spec.kind !== 'rules') return []
  const { rules, otherwise } = spec
  const rest = otherwise.kind === 'table' ? [...otherwise.map.values()] : [otherwise.value]
  return [[path, texts([...rules.map(({ then }) => then), ...rest])]]
}

function valuesAt(value: unknown, path: string): unknown[] {
  return path.split('.').reduce<unknown[]>(
    (here, name) =>
      here.flatMap((one) => [(one as Record<string, unknown> | null)?.[name]].flat()).filter((one) => one != null),
    [value].filter((one) => typeof one === 'object'),
  )
}
