import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type Stripe from 'stripe'
import { expect, onTestFinished } from 'vitest'
import { readSettings } from '../../server/config.ts'
import { listen, Sandbox } from '../../server/sandbox/index.ts'
import { type OnefoldServer, startServer } from '../../server/server.ts'
import { createNarrowEgressPolicy, createTransport } from '../../server/transport/index.ts'
import { ADMIN, listeningLog } from '../http/stand.ts'
import { clientOf, ownIntegration, START_MS } from '../sandbox/support.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

type Json = Record<string, unknown>

/** A server whose account `pay` is at a sandbox that delivers what happens, on one clock. */
export interface Sandboxed {
  readonly server: OnefoldServer
  readonly clock: VirtualClock
  /** The official client of the usual provider, past the server. */
  readonly provider: Stripe
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever came
  call(verb: string, path: string, body?: unknown): Promise<any>
  sync(resources: readonly string[], more?: Json): Promise<{ readonly id: string; readonly run_id: string }>
  /** Waits until a run is over; answers its progress. */
  ended(run: string): Promise<Json & { readonly status: string }>
  /** Waits until everything that was delivered is dealt with. */
  quiet(): Promise<void>
  /** Records of a resource by id, from the provider or from the copy. */
  records(resource: string, source: 'live' | 'synced'): Promise<Map<string, Json>>
  /** Events about records, oldest first. */
  told(): Promise<(Json & { readonly type: string; readonly resource_id: string })[]>
}

/** Starts both; they are closed after the test. */
export async function openSandboxed(
  isSown: boolean,
  settings: Record<string, string> = {},
  integration = 'stripe',
): Promise<Sandboxed> {
  const folder = mkdtempSync(join(tmpdir(), 'onefold-sandboxed-'))
  const clock = new VirtualClock(START_MS)
  const transport = createTransport({ egress: createNarrowEgressPolicy() })
  const log = listeningLog()
  const sandbox = await listen(new Sandbox({ integration: ownIntegration(integration), clock, isSown, transport }), log)
  const env = {
    ...{ PORT: '0', PASSTHROUGH_PORT: '', ONEFOLD_DATA: join(folder, 'data'), ONEFOLD_ADMIN_TOKEN: ADMIN },
    ...{ ONEFOLD_SANDBOX: 'off', ONEFOLD_EGRESS_ALLOW: '127.0.0.1', ...settings },
  }
  const server = await startServer(readSettings(env, folder), log, { clock })
  onTestFinished(async () => {
    await server.close()
    await sandbox.close()
    await transport.close()
    rmSync(folder, { recursive: true, force: true })
  })
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever came
  const call = async (verb: string, path: string, body?: unknown): Promise<any> => {
    const headers = { authorization: `Bearer ${ADMIN}`, 'content-type': 'application/json' }
    const given = body === undefined ? {} : { body: JSON.stringify(body) }
    const answer = fetch(`${server.url}${path}`, { method: verb, headers, ...given }).then((got) => got.json())
    // A live call may wait for its turn.
    let isDone = false
    const done = () => {
      isDone = true
    }
    answer.then(done, done)
    for (let turn = 0; !isDone; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 2))
      if (turn > 50) await clock.advance(100)
    }
    return await answer
  }
  const until = async (isDone: () => Promise<boolean>): Promise<void> => {
    for (let turn = 0; turn < 5_000; turn++) {
      if (await isDone()) return
      await clock.advance(100)
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
    throw new Error(`it does not come to its end: ${JSON.stringify(log.told.slice(-5))}`)
  }
  const made = await call('POST', '/integrated-account', {
    ...{ id: 'pay', integration, tenant_id: 't', authentication_method: sandbox.authMethod },
    ...{ credentials: sandbox.credentials, settings: { ...sandbox.connection, base_url: sandbox.origin } },
  })
  expect(made.status).toBe('active')
  await until(async () => (await call('GET', '/integrated-account/pay')).webhook?.state === 'provisioned')
  return {
    ...{ server, clock, call, provider: clientOf(sandbox, sandbox.credentials.secret_key ?? 'of another') },
    sync: (resources, more = {}) => call('POST', '/sync-job', { integrated_account_id: 'pay', resources, ...more }),
    ended: async (run) => {
      await until(async () => (await call('GET', `/sync-job-run/${run}`)).ended_at !== null)
      return call('GET', `/sync-job-run/${run}`)
    },
    quiet: async () => {
      await clock.advance(2_000)
      await until(async () => (await call('GET', '/raw-event?status=waiting')).result.length === 0)
    },
    records: async (resource, source) => {
      const found = new Map<string, Json>()
      for (let more = ''; ; ) {
        const path = `/unified/${resource}?integrated_account_id=pay&limit=100&source=${source}${more}`
        const { result, next_cursor: next } = await call('GET', path)
        for (const { _meta, ...record } of result) found.set(record.id, record)
        if (next === null) return found
        more = `&next_cursor=${encodeURIComponent(next)}`
      }
    },
    told: async () => {
      const { result } = await call('GET', '/event?limit=1000')
      return result.filter((event: { resource_id: string | null }) => event.resource_id !== null)
    },
  }
}
