import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Stripe from 'stripe'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { readSettings } from '../../server/config.ts'
import type { RunningSandbox } from '../../server/sandbox/index.ts'
import { type OnefoldServer, startServer } from '../../server/server.ts'
import { ADMIN, listeningLog } from '../http/stand.ts'
import { ROWS } from './judged-rows.ts'
import { type Ground, judge, lay, type Seen } from './judging.ts'
import { clientOf, letPass, ownIntegration, spoil, start } from './support.ts'

const INTERVAL = 4 * 86_400

let folder: string
let worlds: readonly [RunningSandbox, RunningSandbox]
let server: OnefoldServer
/** The official client, once against the provider itself and once through the drop-in port. */
let plain: Stripe
let through: Stripe
let ground: Ground

const post = async (path: string, body: object): Promise<Record<string, string>> => {
  const headers = { authorization: `Bearer ${ADMIN}`, 'content-type': 'application/json' }
  const response = await fetch(`${server.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
  expect(response.ok, path).toBe(true)
  return (await response.json()) as Record<string, string>
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'onefold-judges-'))
  const integration = ownIntegration('stripe')
  worlds = [await start(integration, false), await start(integration, false)]
  const [direct, behind] = worlds
  const env = {
    PORT: '0',
    PASSTHROUGH_PORT: '0',
    ONEFOLD_DATA: join(folder, 'data'),
    ONEFOLD_ADMIN_TOKEN: ADMIN,
    ONEFOLD_SANDBOX: 'off',
    ONEFOLD_EGRESS_ALLOW: '127.0.0.1',
  }
  server = await startServer(readSettings(env, folder), listeningLog())
  // Nobody adds an endpoint to the one world only: where that is refused, the feed is read, which changes nothing.
  await spoil(behind, { verb: 'POST', path: '/v1/webhook_endpoints', kind: 'error', status: 403, times: 1 })
  await post('/integrated-account', {
    id: 'judged',
    integration: 'stripe',
    tenant_id: 't',
    authentication_method: behind.authMethod,
    credentials: behind.credentials,
    settings: { ...behind.connection, base_url: behind.origin },
  })
  const { stores } = server.services
  const state = async () => (await stores.accounts.get('default', 'judged'))?.webhook?.state
  await vi.waitFor(async () => expect(await state()).toBe('polling'), 20_000)
  const effects = ['read', 'write', 'money', 'credential']
  const { token = '' } = await post('/integrated-account/judged/token', { effects, expires_in: null })
  plain = clientOf(direct)
  through = new Stripe(token, {
    host: '127.0.0.1',
    port: server.passthroughPort ?? 0,
    protocol: 'http',
    maxNetworkRetries: 0,
  })
  ground = await lay(plain)
  expect(await lay(through)).toEqual(ground)
  for (const world of worlds) await letPass(world, INTERVAL)
}, 240_000)

afterAll(async () => {
  await server?.close()
  for (const world of worlds ?? []) await world.close()
  rmSync(folder, { recursive: true, force: true })
})

/** What was seen, without what differs from call to call: the ids of requests and the client's own idempotency keys. */
const comparable = (seen: Seen): unknown =>
  JSON.parse(JSON.stringify(seen).replace(/"req_\w{14}"|"stripe-node-retry-[\w-]{36}"/g, '"any"'))

describe('the official client sees through the drop-in port what it sees without it', () => {
  it.each(ROWS.map((row) => [row.kind, row] as const))(
    '%s',
    async (_, row) => {
      const [expected, got] = [await judge(row, plain, ground), await judge(row, through, ground)]
      expect(comparable(got)).toEqual(comparable(expected))
    },
    120_000,
  )
})
