import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Log, Secret } from '../../engine/index.ts'
import { readSettings } from '../../server/config.ts'
import { createApp } from '../../server/http/app.ts'
import { type OnefoldServer, startServer } from '../../server/server.ts'
import { ROOT } from '../support/house.ts'
import { VirtualClock } from '../support/virtual-clock.ts'
import { GOOD_KEY, startUpstream, type Upstream } from './upstream.ts'

export const ADMIN = 'admin-token-of-the-tests'
export const DEFINITIONS = join(import.meta.dirname, 'definitions')

/** What a log was told. */
export interface Told {
  readonly level: string
  readonly fields: Readonly<Record<string, unknown>>
  readonly message: string
}

export function listeningLog(): Log & { readonly told: Told[] } {
  const told: Told[] = []
  const at = (level: string) => (fields: Readonly<Record<string, unknown>>, message: string) => {
    told.push({ level, fields, message })
  }
  return { told, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

/** An answer read whole. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever came
  readonly body: any
}

/** A server over a real store and a real upstream, with an account `acme-1` of the tests' provider. */
export interface Stand {
  readonly server: OnefoldServer
  readonly upstream: Upstream
  readonly clock: VirtualClock
  readonly log: ReturnType<typeof listeningLog>
  readonly url: string
  readonly dropIn: string
  /** Calls the app without a port. */
  call(verb: string, path: string, options?: CallOptions): Promise<Answer>
  /** Makes an account token of acme-1. */
  accountToken(reach?: Record<string, unknown>): Promise<string>
  close(): Promise<void>
}

export interface CallOptions {
  readonly token?: string | null
  readonly body?: unknown
  readonly raw?: string | Uint8Array<ArrayBuffer> | FormData | ReadableStream
  readonly headers?: Record<string, string>
  readonly signal?: AbortSignal
}

const PAY = 'integrated_account_id=acme-1'

/** Path of the unified customers of acme-1. */
export const customersPath = (rest = '', query = ''): string =>
  `/unified/payment-gateway/customers${rest}?${PAY}${query === '' ? '' : `&${query}`}`

/** Settings of a server of the tests in a folder: ports that are free, a known token, no sandboxes, and this machine in reach. */
export const settingsIn = (folder: string): Record<string, string> => ({
  PORT: '0',
  PASSTHROUGH_PORT: '0',
  ONEFOLD_DATA: join(folder, 'data'),
  ONEFOLD_ADMIN_TOKEN: ADMIN,
  ONEFOLD_SANDBOX: 'off',
  ONEFOLD_EGRESS_ALLOW: '127.0.0.1',
})

/** Opens a stand; with `builtIn`, the definitions of that folder are built in, and run as those do. */
export async function openStand(settings: Record<string, string> = {}, builtIn?: string): Promise<Stand> {
  const folder = mkdtempSync(join(tmpdir(), 'onefold-http-'))
  const upstream = await startUpstream()
  const clock = new VirtualClock(Date.UTC(2026, 0, 1))
  const log = listeningLog()
  const env = {
    ...settingsIn(folder),
    ...(builtIn === undefined ? { ONEFOLD_DEFINITIONS: DEFINITIONS } : {}),
    ...settings,
  }
  symlinkSync(join(ROOT, 'unified-models'), join(folder, 'unified-models'))
  if (builtIn !== undefined) symlinkSync(join(builtIn, 'integrations'), join(folder, 'integrations'))
  const server = await startServer(readSettings(env, folder), log, { clock, home: folder })
  const app = createApp(server.services)
  const call = async (verb: string, path: string, options: CallOptions = {}): Promise<Answer> => {
    const { token = ADMIN, body, raw, headers = {}, signal } = options
    const response = await app.fetch(
      new Request(`http://127.0.0.1:${server.port}${path}`, {
        method: verb,
        body: raw ?? (body === undefined ? null : JSON.stringify(body)),
        headers: {
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(signal === undefined ? {} : { signal }),
        ...(raw instanceof ReadableStream ? { duplex: 'half' } : {}),
      }),
    )
    const text = await response.text()
    const isJson = /[/+]json\b/.test(response.headers.get('content-type') ?? '')
    return { status: response.status, headers: response.headers, body: isJson && text !== '' ? JSON.parse(text) : text }
  }
  await server.services.stores.accounts.create(
    'default',
    {
      id: 'acme-1',
      integration: 'acme',
      tenantId: 'tenant-1',
      status: 'active',
      authenticationMethod: 'key',
      credentials: new Secret({ key: GOOD_KEY }),
      settings: { base_url: upstream.origin },
      mode: 'test',
      livemode: false,
    },
    clock.now(),
  )
  return {
    server,
    upstream,
    clock,
    log,
    url: server.url,
    dropIn: `http://127.0.0.1:${server.passthroughPort}`,
    call,
    accountToken: async (reach = {}) => {
      const { body } = await call('POST', '/integrated-account/acme-1/token', { body: reach })
      return body.token
    },
    close: async () => {
      await server.close()
      await upstream.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
