import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { readSettings } from '../../server/config.ts'
import { type OnefoldServer, startServer } from '../../server/server.ts'
import { ADMIN, listeningLog } from '../http/stand.ts'
import { type Backend, newKey, tempFolder } from '../stores/backends.ts'
import { ROOT } from '../support/house.ts'
import { VirtualClock } from '../support/virtual-clock.ts'
import { delivery, KEY, type Provider, type ProviderEvent, startProvider } from './provider.ts'

export const T = Date.UTC(2026, 0, 1) / 1000

/** An answer read whole. */
interface Answer {
  readonly status: number
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever came
  readonly body: any
}

/** A server with an account `acme-1` of a provider that tells what happens. */
export interface Desk {
  readonly server: OnefoldServer
  readonly provider: Provider
  readonly clock: VirtualClock
  readonly log: ReturnType<typeof listeningLog>
  /** Ends the server, and starts it again on its data once `meanwhile` is over. */
  restart(meanwhile?: () => void): Promise<void>
  call(verb: string, path: string, body?: unknown, token?: string): Promise<Answer>
  connect(id: string, method?: string): Promise<Answer>
  /** The account as the API shows it. */
  account(id?: string): Promise<Answer['body']>
  /** Posts to an address whatever it is given. */
  post(url: string, body: string | Uint8Array<ArrayBuffer>, headers?: Record<string, string>): Promise<Answer>
  /** Delivers events as the provider does, to the address and with the secret of its hook; answers the status. */
  deliver(events: readonly ProviderEvent[], hook?: string): Promise<number>
  /** Waits until nothing waits any more, then answers the events that tell of the provider. */
  told(): Promise<Answer['body'][]>
}

interface DeskOptions {
  readonly settings?: Record<string, string>
  readonly connects?: boolean
}

/** Starts it all; it is closed after the test. */
export async function openDesk(backend: Backend, { settings = {}, connects = true }: DeskOptions = {}): Promise<Desk> {
  const { databaseUrl = '' } = await backend.place()
  const folder = tempFolder()
  symlinkSync(join(ROOT, 'unified-models'), join(folder, 'unified-models'))
  const provider = await startProvider()
  const clock = new VirtualClock(T * 1000)
  const log = listeningLog()
  const env = {
    ...{ PORT: '0', PASSTHROUGH_PORT: '', DATABASE_URL: databaseUrl, ONEFOLD_DATA: join(folder, 'data') },
    ...{ ONEFOLD_MASTER_KEY: newKey(), ONEFOLD_ADMIN_TOKEN: ADMIN, ONEFOLD_SANDBOX: 'off' },
    ...{ ONEFOLD_DEFINITIONS: join(import.meta.dirname, 'definitions'), ONEFOLD_EGRESS_ALLOW: '127.0.0.1' },
    ...settings,
  }
  const start = () => startServer(readSettings(env, folder), log, { clock, home: folder })
  let server = await start()
  onTestFinished(async () => {
    await server.close()
    await provider.close()
  })
  const ask = async (url: string, init: RequestInit): Promise<Answer> => {
    const answer = await fetch(url, init)
    const body = await answer.text()
    return { status: answer.status, body: body.startsWith('{') ? JSON.parse(body) : body }
  }
  const desk: Desk = {
    ...{ provider, clock, log },
    get server() {
      return server
    },
    restart: async (meanwhile) => {
      await server.close()
      meanwhile?.()
      server = await start()
    },
    call: (verb, path, body, token = ADMIN) =>
      ask(`${server.url}${path}`, {
        method: verb,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    connect: (id, method = 'key') =>
      desk.call('POST', '/integrated-account', {
        ...{ id, integration: 'acme', tenant_id: 'tenant-1', authentication_method: method, credentials: { key: KEY } },
        settings: { base_url: provider.origin },
      }),
    account: async (id = 'acme-1') => (await desk.call('GET', `/integrated-account/${id}`)).body,
    post: (url, body, headers = {}) => ask(url, { method: 'POST', body, headers }),
    deliver: async (events, hook = 'hook_1') => {
      const { url = '', secret = '' } = provider.hooks.get(hook) ?? {}
      const { body, headers } = delivery(events, secret, Math.floor(clock.now() / 1000))
      return (await desk.post(url, body, headers)).status
    },
    told: async () => {
      const waiting = async () => (await desk.call('GET', '/raw-event?status=waiting')).body.result.length
      await expect.poll(waiting, { timeout: 20_000 }).toBe(0)
      const { result } = (await desk.call('GET', '/event?limit=1000')).body
      return result.filter(({ type }: { type: string }) => !type.startsWith('integrated_account.'))
    },
  }
  if (connects) {
    expect((await desk.connect('acme-1')).status).toBe(201)
    await expect
      .poll(async () => (await desk.account()).webhook?.state, { timeout: 20_000 })
      .toMatch(/provisioned|polling/)
  }
  return desk
}
