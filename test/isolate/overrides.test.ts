import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ExpressionIsolate, IsolatedCell, Log } from '../../engine/index.ts'
import { SYSTEM_CLOCK } from '../../server/clock.ts'
import { createIsolate, type RunningIsolate } from '../../server/isolate/index.ts'
import { openShop, type Shop } from '../support/shop.ts'

const quiet = (): void => undefined
const log: Log = { debug: quiet, info: quiet, warn: quiet, error: quiet }

const customers = [
  {
    id: 'cu_1',
    created: 1,
    full_name: 'Ada',
    points: 30,
    text: `${'a'.repeat(60)}!`,
    parts: [{ no: 1, kind: 'x' }, { no: 2 }],
    home: { town: 'Reykjavik', lines: ['a', 'b'] },
  },
  { id: 'cu_2', created: 2, full_name: 'Bob', points: 3, text: 'b', parts: [], home: null },
]

/** Overrides with every kind of field. */
const FIELDS = {
  name: '$uppercase(full_name)',
  'custom_fields.shout': '$uppercase(full_name) & "!"',
  'custom_fields.total': '$sum(parts.no)',
  'address.city': 'home.town',
  level: JSON.parse(
    '{ "when": [{ "if": "points > 10", "then": "gold" }], "else": { "from": "full_name", "map": { "Bob": "silver" } } }',
  ),
  status: { from: 'points', map: { '30': 'active', '3': 'closed' } },
  phones: { each: 'parts', fields: { number: '$string(no)', owner: '$parent.full_name & "/" & $string($index)' } },
  points: '$number(full_name)',
}

const seen: { owner: string; cells: readonly IsolatedCell[] }[] = []
let isolate: RunningIsolate
const shops: Shop[] = []

async function shopOf(given: Parameters<typeof openShop>[0]): Promise<Shop> {
  const shop = await openShop(given)
  shop.tables.customers = structuredClone(customers)
  shops.push(shop)
  return shop
}

let own: Shop
let apart: Shop
beforeAll(async () => {
  isolate = createIsolate({ clock: SYSTEM_CLOCK, log, limits: { batchMs: 5000 } })
  const watched: ExpressionIsolate = {
    evaluate: (owner, cells) => {
      seen.push({ owner, cells })
      return isolate.evaluate(owner, cells)
    },
  }
  own = await shopOf({})
  apart = await shopOf({ isolate: watched })
})
afterAll(async () => {
  await isolate.close()
  await Promise.all(shops.map((shop) => shop.close()))
})

const withFields = (shop: Shop, fields: object) => ({
  ...shop.account,
  overrides: { account: { shop: { resources: { customers: { fields } } } } },
})

/** Records of a list without what differs from call to call. */
async function listed(shop: Shop, fields: object, query = ''): Promise<unknown> {
  const answer = await shop.list('customers', query, { account: withFields(shop, fields) })
  return JSON.parse(JSON.stringify(answer.result))
}

describe('fields that an override states', () => {
  it.each(['', 'explain=true', 'fields=name,phones', 'remote_data=true'])(
    'come to the same apart from the process: %s',
    async (query) => {
      seen.length = 0
      const records = await listed(apart, FIELDS, query)
      expect(records).toEqual(await listed(own, FIELDS, query))
      expect(records).toHaveLength(2)
      expect(seen.length).toBeGreaterThan(0)
    },
  )

  it('are all that leaves the process, with what they read and no more', async () => {
    seen.length = 0
    await listed(apart, FIELDS)
    const sources = new Set(seen.flatMap(({ cells }) => cells.map(({ source }) => source)))
    expect(sources).toContain('$uppercase(full_name)')
    expect(sources).toContain('$parent.full_name & "/" & $string($index)')
    expect(sources).not.toContain('id')
    const variables = seen.flatMap(({ cells }) => cells.flatMap((cell) => Object.keys(cell.variables)))
    expect([...new Set(variables)].sort()).toEqual(
      ['index', 'money_form', 'parent'].filter((name) => variables.includes(name)),
    )
    expect(new Set(seen.map(({ owner }) => owner))).toEqual(new Set(['ten_1']))
  })

  it('run in the process only where there is no isolate, and nothing leaves it without overrides', async () => {
    seen.length = 0
    await apart.list('customers')
    expect(seen).toEqual([])
  })

  it('that never end cost their own field', async () => {
    const fields = { name: '$contains(text, /^(a|a)*$/) ? "yes" : "no"', 'custom_fields.ok': 'full_name' }
    const records = (await listed(apart, fields)) as Record<string, unknown>[]
    expect(records.map(({ name, custom_fields }) => ({ name, custom_fields }))).toEqual([
      { name: null, custom_fields: { ok: 'Ada' } },
      { name: 'no', custom_fields: { ok: 'Bob' } },
    ])
    expect(records[0]?._meta).toMatchObject({ field_errors: [{ field: 'name' }] })
  }, 60_000)
})

describe('fields of an integration from an added folder', () => {
  it('come to the same apart from the process', async () => {
    seen.length = 0
    const added = await shopOf({
      root: '/definitions',
      isolate: {
        evaluate: (owner, cells) => {
          seen.push({ owner, cells })
          return isolate.evaluate(owner, cells)
        },
      },
    })
    const records = async (shop: Shop) => JSON.parse(JSON.stringify((await shop.list('customers')).result))
    expect(await records(added)).toEqual(await records(own))
    expect(new Set(seen.flatMap(({ cells }) => cells.map(({ source }) => source)))).toContain('full_name')
    seen.length = 0
    expect(await listed(added, FIELDS)).toEqual(await listed(own, FIELDS))
    const sources = new Set(seen.flatMap(({ cells }) => cells.map(({ source }) => source)))
    expect([...sources]).toEqual(expect.arrayContaining(['id', '$uppercase(full_name)']))
  })
})
