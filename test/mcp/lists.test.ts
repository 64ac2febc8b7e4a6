import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { coreTools } from '../../server/mcp/core.ts'
import { namedOperations } from '../../server/mcp/names.ts'
import { DEFINITIONS, openStand, type Stand } from '../http/stand.ts'
import { type AnyClient, connectToday } from './clients.ts'

const MANY = 20

let folder: string
let stand: Stand
const open: AnyClient[] = []

/** The tests' provider under other names, one of which is long. */
function manyProviders(): string {
  folder = mkdtempSync(join(tmpdir(), 'onefold-mcp-'))
  cpSync(DEFINITIONS, folder, { recursive: true })
  const names = Array.from({ length: MANY - 2 }, (_, number) => `acme_${number + 2}`)
  for (const name of [...names, 'acme_of_the_far_away_islands_and_their_many_harbours_and_bays']) {
    const own = join(folder, 'integrations', name)
    cpSync(join(DEFINITIONS, 'integrations/acme'), own, { recursive: true })
    const file = join(own, 'integration.yaml')
    writeFileSync(file, readFileSync(file, 'utf8').replace('name: acme\n', `name: ${name}\n`))
  }
  return folder
}

beforeAll(async () => {
  stand = await openStand({ ONEFOLD_DEFINITIONS: manyProviders() })
  stand.upstream.addCustomers(2)
}, 60_000)
afterAll(async () => {
  for (const client of open) await client.close()
  await stand.close()
  rmSync(folder, { recursive: true, force: true })
})

async function connect(token: string, query = ''): Promise<AnyClient> {
  const client = await connectToday(`${stand.url}/mcp${query}`, token)
  open.push(client)
  return client
}

const everything = { effects: ['read', 'write', 'money', 'credential'] }
const bytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value))

it('the list of core tools stays under 12 KB with 20 providers and any number of accounts', async () => {
  const { integrations } = stand.server.services.engine.catalog()
  expect(integrations.size).toBe(MANY)
  for (let number = 0; number < 30; number += 1) {
    const account = { integration: `acme_${(number % 18) + 2}`, tenantId: `t${number}`, status: 'active' as const }
    await stand.server.services.stores.accounts.create('default', account, stand.clock.now())
  }
  const { body } = await stand.call('POST', '/api-token', { body: { role: 'admin' } })
  for (const token of [body.token, await stand.accountToken(everything)]) {
    const { tools } = await (await connect(token)).list()
    expect(bytes({ tools })).toBeLessThan(12_000)
    const listing = tools.find(({ name }) => name === 'list_records')?.inputSchema.properties as Record<string, unknown>
    expect(listing.resource).toMatchObject({ enum: expect.arrayContaining(['payment-gateway/payments']) })
  }
})

it('with more resources than 12 KB can name, the names are left to search_tools', async () => {
  const catalog = stand.server.services.engine.catalog()
  const [model] = catalog.models.values()
  const [resource] = model!.resources.values()
  const resources = new Map(
    Array.from({ length: 400 }, (_, number) => [`made_up_${number}`, { ...resource!, name: `made_up_${number}` }]),
  )
  const grown = { ...catalog, models: new Map([['payment-gateway', { ...model!, resources }]]) }
  const check = await stand.server.services.reads.token(await stand.accountToken(everything))
  if (check.state !== 'valid') throw new Error(check.state)
  const tools = [...coreTools(grown, check.token).values()].map(({ listed }) => listed)
  expect(bytes({ tools })).toBeLessThan(12_000)
  expect(tools.find(({ name }) => name === 'list_records')?.inputSchema.properties).toMatchObject({
    resource: { type: 'string', description: expect.stringContaining('search_tools') },
  })
})

it('every native operation has a name of its own of at most 64 plain letters, the same at every start', () => {
  const catalog = stand.server.services.engine.catalog()
  const names = [...namedOperations(catalog).keys()]
  const operations = [...catalog.integrations.values()].flatMap((one) => [...one.operations.keys()])
  expect(names).toHaveLength(operations.length)
  expect(names.filter((name) => !/^[a-z0-9_]{1,64}$/.test(name))).toEqual([])
  expect(names).toEqual(
    expect.arrayContaining(['list_all_acme_customers', 'get_single_acme_customers_by_id', 'create_a_acme_refunds']),
  )
  const long = names.filter((name) => name.includes('far_away_islands'))
  expect(long.filter((name) => name.length === 64 && /_[0-9a-f]{8}$/.test(name)).length).toBeGreaterThan(3)
})

describe('flat mode', () => {
  it('has one tool for each native method that the token reaches', async () => {
    const client = await connect(await stand.accountToken({ effects: ['read'] }), '?mode=flat')
    const { tools } = await client.list()
    expect(tools.map(({ name }) => name).sort()).toEqual([
      'acme_customers_count',
      'get_single_acme_account_by_id',
      'get_single_acme_customers_by_id',
      'list_all_acme_customers',
    ])
    expect(tools.every(({ annotations }) => annotations?.readOnlyHint === true)).toBe(true)
    const page = await client.call('list_all_acme_customers', { query: { email: 'c1@example.com' }, fields: ['id'] })
    expect(page.structuredContent.result).toEqual([{ id: 'cus0001' }])
  })

  it.each([
    ['methods=read', ['get_single_acme_account_by_id', 'get_single_acme_customers_by_id', 'list_all_acme_customers']],
    ['methods=custom', ['acme_customers_count']],
    ['methods=list,count', ['acme_customers_count', 'list_all_acme_customers']],
    ['tags=nothing', []],
  ])('%s leaves the others out, and they are not there to call', async (query, names) => {
    const token = await stand.accountToken({ effects: ['read'] })
    const client = await connect(token, `?mode=flat&${query}`)
    expect((await client.list()).tools.map(({ name }) => name).sort()).toEqual(names)
    if (!names.includes('acme_customers_count')) {
      await expect(client.call('acme_customers_count')).rejects.toThrow(/There is no tool/)
    }
  })

  it('says by annotations what a tool does', async () => {
    const { tools } = await (await connect(await stand.accountToken(everything), '?mode=flat')).list()
    const hints = (wanted: string) => tools.find(({ name }) => name === wanted)?.annotations
    const inTheWorld = { openWorldHint: true }
    expect(hints('list_all_acme_customers')).toEqual({
      ...inTheWorld,
      readOnlyHint: true,
      destructiveHint: false,
      idempotentHint: true,
    })
    expect(hints('create_a_acme_customers')).toMatchObject({ readOnlyHint: false, destructiveHint: false })
    expect(hints('delete_a_acme_customers_by_id')).toMatchObject({ destructiveHint: true, idempotentHint: true })
    const refund = tools.find(({ name }) => name === 'create_a_acme_refunds')
    expect(refund?.description).toContain('held until it is approved')
    expect(refund?.inputSchema).toMatchObject({ required: ['body'], properties: { body: { required: ['charge'] } } })
  })

  it('an added definition is marked, and its words never stand under a core name', async () => {
    const { tools } = await (await connect(await stand.accountToken(everything), '?mode=flat')).list()
    expect(
      tools.filter(
        ({ name, description }) => name !== 'confirm_action' && !description?.includes('From an added definition.'),
      ),
    ).toEqual([])
    const core = await (await connect(await stand.accountToken(everything))).list()
    expect(core.tools.filter(({ description }) => description?.includes('Acme'))).toEqual([])
  })
})
