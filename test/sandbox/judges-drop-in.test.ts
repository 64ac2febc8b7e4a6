import Stripe from 'stripe'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { RunningSandbox } from '../../server/sandbox/index.ts'
import { type Front, openFront } from '../support/front.ts'
import { ROWS } from './judged-rows.ts'
import { type Ground, judge, lay, type Seen } from './judging.ts'
import { clientOf, letPass, ownIntegration, spoil, start } from './support.ts'

const INTERVAL = 4 * 86_400

let worlds: readonly [RunningSandbox, RunningSandbox]
let front: Front
/** The official client, once against the provider itself and once through the drop-in port. */
let plain: Stripe
let through: Stripe
let ground: Ground

beforeAll(async () => {
  const integration = ownIntegration('stripe')
  worlds = [await start(integration, false), await start(integration, false)]
  const [direct, behind] = worlds
  front = await openFront()
  // Nobody adds an endpoint to the one world only: where that is refused, the feed is read, which changes nothing.
  await spoil(behind, { verb: 'POST', path: '/v1/webhook_endpoints', kind: 'error', status: 403, times: 1 })
  await front.connect({ id: 'judged', integration: 'stripe', world: behind })
  const { stores } = front.server.services
  const state = async () => (await stores.accounts.get('default', 'judged'))?.webhook?.state
  await vi.waitFor(async () => expect(await state()).toBe('polling'), 20_000)
  plain = clientOf(direct)
  through = new Stripe(await front.tokenOf('judged'), {
    host: '127.0.0.1',
    port: front.server.passthroughPort ?? 0,
    protocol: 'http',
    maxNetworkRetries: 0,
  })
  ground = await lay(plain)
  expect(await lay(through)).toEqual(ground)
  for (const world of worlds) await letPass(world, INTERVAL)
}, 240_000)

afterAll(async () => {
  await front?.close()
  for (const world of worlds ?? []) await world.close()
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
