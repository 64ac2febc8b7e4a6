import { onTestFinished } from 'vitest'
import { type Account, createEngine, type Engine, Secret } from '../../engine/index.ts'
import type { AuthMethod } from '../../engine/schema/generated.ts'
import type { Stores } from '../../server/stores/index.ts'
import { openStores } from '../../server/stores/index.ts'
import { newKey, tempFolder } from '../stores/backends.ts'
import { accountAt, callOptions, type Desk, openDesk } from '../support/calls.ts'
import { type Received, type Reply, startUpstream, type Upstream } from '../support/upstream.ts'
import { APP, acmeWith, formOf } from './parties.ts'

/** An account with a grant, in a real store, before a provider that rotates refresh tokens. */
export interface Granted {
  readonly desk: Desk
  readonly stores: Stores
  readonly upstream: Upstream
  readonly engine: Engine
  readonly account: Account
  /** What the token endpoint answers instead, by the number of the request from 1; undefined rotates. */
  tokens: (index: number, form: Readonly<Record<string, string>>) => Reply | undefined | Promise<Reply>
  /** Refresh tokens that the token endpoint was sent. */
  readonly asked: string[]
  /** Access tokens that the provider takes. */
  readonly good: Set<string>
  /** An engine of another process over the same store. */
  other(): Engine
  read(engine?: Engine): Promise<unknown>
  status(): Promise<string | undefined>
  credentials(): Promise<Readonly<Record<string, string>>>
}

const CREDENTIALS = { access_token: 'at-0', refresh_token: 'rt-0' }

/** Connects an account whose token ends `leftMs` from now. */
export async function openGranted(
  method: AuthMethod,
  { leftMs = -1, credentials = CREDENTIALS }: { leftMs?: number | null; credentials?: Record<string, string> } = {},
): Promise<Granted> {
  const upstream = await startUpstream()
  const desk = openDesk(acmeWith(method), upstream.url)
  const stores = await openStores({ dataDir: tempFolder(), masterKeys: [newKey()] })
  onTestFinished(async () => {
    await desk.close()
    await upstream.close()
    await stores.close()
  })
  const now = desk.clock.now()
  await stores.environments.ensure({ id: 'env_1', name: 'Env' }, now)
  await stores.oauthApps.set({ environmentId: 'env_1', integration: 'acme', method: 'oauth' }, new Secret(APP), now)
  const expiresAt = leftMs === null ? null : now + leftMs
  const times = { expiresAt, renewAt: expiresAt === null ? null : expiresAt - 300_000 }
  const sealed = { credentials: new Secret(credentials), authenticationMethod: 'oauth', status: 'active' } as const
  const settings = { base_url: upstream.url }
  const input = { id: 'acc_1', integration: 'acme', tenantId: 't', settings, ...sealed, ...times }
  await stores.accounts.create('env_1', input, now)
  const own = { apps: { load: stores.oauthApps.load.bind(stores.oauthApps) }, credentials: stores.accounts }
  const grants = Object.assign(stores.grants, { current: stores.grants.read.bind(stores.grants) })
  const ports = () => ({ ...desk.context.ports, ...own, grants, lock: stores.lock(desk.clock) })
  const engine = createEngine({ ...desk.context, ports: ports() })
  const account = accountAt(upstream.url, { authMethod: 'oauth' })
  const granted: Granted = {
    ...{ desk, stores, upstream, engine, account, tokens: () => undefined, asked: [], good: new Set(['at-0']) },
    other: () => createEngine({ ...desk.context, ports: ports() }),
    read: (by = engine) => {
      const call = by.proxy(account, { resource: 'things', method: 'get', id: '1', query: {} }, callOptions())
      return desk.clock.drive(call, () => desk.inFlight() > 0)
    },
    status: async () => (await stores.accounts.get('env_1', 'acc_1'))?.status,
    credentials: async () => (await stores.accounts.load('env_1', 'acc_1')).reveal(),
  }
  upstream.script = (request) => answer(granted, request)
  return granted
}

async function answer(granted: Granted, request: Received): Promise<Reply> {
  if (request.path !== '/v1/oauth/token') {
    const token = String(request.headers.authorization).replace('Bearer ', '')
    return granted.good.has(token) ? { body: { id: '1', token } } : { status: 401, body: {} }
  }
  const form = formOf(request)
  granted.asked.push(form.refresh_token ?? form.grant_type ?? '')
  const index = granted.asked.length
  const instead = await granted.tokens(index, form)
  if (instead !== undefined) return instead
  granted.good.add(`at-${index}`)
  return { body: { access_token: `at-${index}`, refresh_token: `rt-${index}`, expires_in: 3600 } }
}
