import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { Secret } from '../../engine/index.ts'
import { openStores, type Stores } from '../../server/stores/index.ts'
import { startPostgres } from '../stores/postgres.ts'
import { rawRun } from '../stores/raw.ts'
import { type Served, serve } from '../support/served.ts'
import { CLIENT, type OAuthServer, startOAuthServer } from './provider.ts'

const ADMIN = 'admin-token-of-the-cluster'
/** The limit of one token request; the lock of a killed process is passed over five seconds after it. */
const TOKEN_TIMEOUT_MS = 1_500

/** Server processes of the built product on one Postgres, before one OAuth server. */
export interface Cluster {
  readonly oauth: OAuthServer
  readonly stores: Stores
  readonly servers: readonly Served[]
  /** Another server process. */
  join(): Promise<Served>
  /** Makes an account with this grant, its access token over. */
  connect(id: string, credentials: Readonly<Record<string, string>>): Promise<void>
  /** Makes the access token of an account look over. */
  expire(id: string): Promise<void>
  /** One call of the API over a server. */
  call(server: Served, id: string, query?: string): Promise<{ status: number; body: Record<string, unknown> }>
  /** What of the account tells whether its grant lives. */
  state(id: string): Promise<{ status: string | undefined; tokenVersion: number }>
  close(): Promise<void>
}

/** Starts `size` server processes. */
export async function openCluster(size: number): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), 'onefold-cluster-'))
  const [postgres, oauth] = await Promise.all([startPostgres(), startOAuthServer()])
  const databaseUrl = await postgres.freshUrl()
  const masterKey = randomBytes(32).toString('base64')
  writeDefinition(join(folder, 'definitions'), oauth.url)
  const stores = await openStores({ databaseUrl, masterKeys: [masterKey] })
  await stores.environments.ensure({ id: 'default', name: 'Default' }, 1)
  await stores.oauthApps.set({ environmentId: 'default', integration: 'acme', method: 'oauth' }, new Secret(CLIENT), 1)
  const started: Served[] = []
  const start = async (): Promise<Served> => {
    const server = await serve(folder, {
      DATABASE_URL: databaseUrl,
      ONEFOLD_MASTER_KEY: masterKey,
      ONEFOLD_ADMIN_TOKEN: ADMIN,
      ONEFOLD_DEFINITIONS: join(folder, 'definitions'),
      ONEFOLD_EGRESS_ALLOW: '127.0.0.1',
      ONEFOLD_SANDBOX: 'off',
    })
    started.push(server)
    return server
  }
  const servers = await Promise.all(Array.from({ length: size }, start))
  return {
    ...{ oauth, stores, servers, join: start },
    connect: async (id, credentials) => {
      const account = {
        id,
        integration: 'acme',
        tenantId: 't',
        authenticationMethod: 'oauth',
        status: 'active',
      } as const
      const input = { ...account, credentials: new Secret(credentials), expiresAt: 1, renewAt: 1 }
      await stores.accounts.create('default', input, Date.now())
    },
    expire: (id) =>
      rawRun({ databaseUrl }, `update integrated_accounts set expires_at = 1, renew_at = 1 where id = '${id}'`),
    call: async ({ port }, id, query = '') => {
      const url = `http://127.0.0.1:${port}/proxy/things/1?integrated_account_id=${id}${query}`
      const answer = await fetch(url, { headers: { authorization: `Bearer ${ADMIN}` } })
      return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
    },
    state: async (id) => {
      const status = (await stores.accounts.get('default', id))?.status
      return { status, tokenVersion: (await stores.grants.read('default', id)).tokenVersion }
    },
    close: async () => {
      await Promise.all(started.map((server) => server.kill()))
      await stores.close()
      await oauth.close()
      await postgres.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** The definition of acme over that server. */
export function writeDefinition(root: string, url: string): void {
  const folder = join(root, 'integrations/acme')
  mkdirSync(join(folder, 'resources'), { recursive: true })
  const oauth = {
    ...{ type: 'oauth2', label: 'Sign in' },
    app: { client_id: { label: 'Client ID' }, client_secret: { label: 'Client secret', secret: true } },
    oauth2: {
      authorize: { path: '/auth', params: { prompt: "'consent'" } },
      token: { path: '/token', timeout_ms: TOKEN_TIMEOUT_MS },
      scopes: ['openid', 'offline_access'],
      revoke: { path: '/token/revocation' },
    },
  }
  const head = { onefold: 1, name: 'acme', label: 'Acme', description: 'A made-up processor.' }
  const file = { ...head, hosts: { default: { url } }, auth: { methods: { oauth } } }
  writeFileSync(join(folder, 'integration.yaml'), stringify(file))
  const get = { effect: 'read', verb: 'GET', path: '/v1/things/{{ $path.id }}', description: 'Reads one thing.' }
  const things = { name: 'things', description: 'Made-up records.', methods: { get } }
  writeFileSync(join(folder, 'resources/things.yaml'), stringify(things))
}
