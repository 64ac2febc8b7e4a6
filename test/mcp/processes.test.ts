import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Secret } from '../../engine/index.ts'
import { openStores, type Stores } from '../../server/stores/index.ts'
import { ADMIN, DEFINITIONS } from '../http/stand.ts'
import { GOOD_KEY, startUpstream, type Upstream } from '../http/upstream.ts'
import { newKey } from '../stores/backends.ts'
import { startPostgres, type TestPostgres } from '../stores/postgres.ts'
import { type Served, serve } from '../support/served.ts'
import type { Answered } from './agents.ts'
import { connectToday, type SeenAnswer } from './clients.ts'

// Approvals over two server processes of the built product on one Postgres: ask here, approve there, and never twice.

let postgres: TestPostgres
let upstream: Upstream
let stores: Stores
let servers: readonly [Served, Served]
beforeAll(async () => {
  ;[postgres, upstream] = await Promise.all([startPostgres(), startUpstream()])
  const databaseUrl = await postgres.freshUrl()
  const masterKey = newKey()
  stores = await openStores({ databaseUrl, masterKeys: [masterKey] })
  await stores.environments.ensure({ id: 'default', name: 'Default' }, 1)
  const account = { id: 'acme-1', integration: 'acme', tenantId: 't', status: 'active', authenticationMethod: 'key' }
  const connected = { credentials: new Secret({ key: GOOD_KEY }), settings: { base_url: upstream.origin } }
  await stores.accounts.create('default', { ...account, status: 'active', ...connected }, 1)
  const settings = {
    ...{ DATABASE_URL: databaseUrl, ONEFOLD_MASTER_KEY: masterKey, ONEFOLD_ADMIN_TOKEN: ADMIN },
    ...{ ONEFOLD_DEFINITIONS: DEFINITIONS, ONEFOLD_EGRESS_ALLOW: '127.0.0.1', ONEFOLD_SANDBOX: 'off' },
  }
  servers = [await serve(process.cwd(), settings), await serve(process.cwd(), settings)]
}, 120_000)
afterAll(async () => {
  for (const server of servers ?? []) await server.stop()
  await stores?.close()
  await upstream?.close()
  await postgres?.stop()
})

async function api(at: 0 | 1, verb: string, path: string, body?: object, token = ADMIN): Promise<Answered> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const init = { method: verb, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }
  const response = await fetch(`http://127.0.0.1:${servers[at].port}${path}`, init)
  return { status: response.status, body: await response.json() }
}

const refunds = () => upstream.reached.filter(({ verb, target }) => verb === 'POST' && target.endsWith('/refunds'))
const REFUND = { name: 'create_a_acme_refunds', arguments: { body: { charge: 'ch_1', amount: 300 } } }
const errorIn = (answer: SeenAnswer) => answer.structuredContent.error

describe('two server processes', () => {
  it('ask on one, approve on the other: one approval, one release, one refund', { timeout: 60_000 }, async () => {
    const made = await api(0, 'POST', '/integrated-account/acme-1/mcp', {
      ...{ name: 'helper', config: { effects: ['read', 'write', 'money'] } },
    })
    const persons = await Promise.all(
      ([0, 1] as const).map(
        async (at) => (await api(at, 'POST', '/api-token', { role: 'approve', environment: 'default' })).body.token,
      ),
    )
    const clients = await Promise.all(
      servers.map(({ port }) => connectToday(`http://127.0.0.1:${port}/mcp`, made.body.token)),
    )
    const everywhere = <T>(act: (at: 0 | 1) => Promise<T>): Promise<T[]> =>
      Promise.all(Array.from({ length: 12 }, (_, count) => act(count % 2 === 0 ? 0 : 1)))
    const call = (at: 0 | 1, name: string, args: object) =>
      clients[at]?.call(name, args as Record<string, unknown>) as Promise<SeenAnswer>

    const held = await everywhere((at) => call(at, 'call_tool', REFUND))
    expect(new Set(held.map((answer) => errorIn(answer).code))).toEqual(new Set(['approval_required']))
    const ids = new Set(held.map((answer) => errorIn(answer).approval.id))
    expect(ids.size).toBe(1)
    const [id] = ids
    expect((await api(1, 'GET', '/approval?state=pending', undefined, persons[1])).body.result).toMatchObject([{ id }])
    expect(errorIn(await call(1, 'confirm_action', { approval_id: id })).code).toBe('approval_pending')
    expect(refunds()).toEqual([])

    const decided = await everywhere((at) => api(at, 'POST', `/approval/${id}`, { decision: 'release' }, persons[at]))
    expect(decided.map(({ status }) => status).sort()).toEqual([200, ...Array(11).fill(409)])
    expect(refunds()).toEqual([])

    const done = await everywhere((at) => call(at, 'confirm_action', { approval_id: id }))
    expect(done.flatMap((answer) => errorIn(answer)?.code ?? [])).toEqual(Array(11).fill('approval_over'))
    expect(refunds()).toHaveLength(1)
    const acts = (await api(0, 'GET', '/audit-log?action=approval.release')).body.result
    expect(acts).toMatchObject([{ target: `approval:${id}`, outcome: 'succeeded' }])
    for (const client of clients) await client.close()
  })
})
