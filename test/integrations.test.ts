import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { reachOf } from '../engine/cases/reach.ts'
import { playCase } from '../engine/cases/run-case.ts'
import { playDelivery } from '../engine/cases/run-delivery.ts'
import { casesIn, deliveriesIn } from '../engine/definition/case-files.ts'
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
    catalog === undefined ? ['no catalog'] : (await playDelivery(catalog, integration, each)).problems

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
  const run = async (each: Case) =>
    catalog === undefined ? ['no catalog'] : (await playCase(catalog, integration, each)).problems

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
      // What only deliveries are mapped to has no call of its own.
      expect(own.length).toBeGreaterThanOrEqual(methods.length === 0 ? 0 : 6)
    },
  )

  it('reaches every value of every enum that a mapping makes', () => {
    const missing = [...reachOf(integration, cases, deliveriesOf(integration.name)).values()].flatMap(({ enums }) =>
      enums.flatMap(({ field, unreached }) => unreached.map((value) => `${field} lacks ${value}`)),
    )
    expect(missing).toEqual([])
  })
})
