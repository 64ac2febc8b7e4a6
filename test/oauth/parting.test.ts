import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { type Account, Secret } from '../../engine/index.ts'
import { partingHandler } from '../../server/api/parting.ts'
import type { PartingStep } from '../../server/api/parting-step.ts'
import { SYSTEM_CLOCK } from '../../server/clock.ts'
import { openStores, type Stores } from '../../server/stores/index.ts'
import { listeningLog } from '../http/stand.ts'
import { older } from '../jobs/desk.ts'
import { type Backend, onBothDatabases, type Place, tempFolder } from '../stores/backends.ts'
import { rawRows, rawRun } from '../stores/raw.ts'
import { callOptions } from '../support/calls.ts'
import { type Served, serve } from '../support/served.ts'
import { type Granted, openGranted } from './account.ts'
import { writeDefinition } from './cluster.ts'
import { consentedGrant } from './consent.ts'
import { oauthMethod } from './parties.ts'
import { CLIENT, type OAuthServer, startOAuthServer } from './provider.ts'

const ADMIN = 'admin-token-of-the-partings'

let oauth: OAuthServer
beforeAll(async () => {
  oauth = await startOAuthServer()
})
afterAll(() => oauth.close())

const newKey = () => randomBytes(32).toString('base64')

/** An installation with a connected account, and what its server is asked. */
async function openPlace(backend: Backend, id: string) {
  const folder = tempFolder()
  const given = await backend.place()
  const place: Place = given.databaseUrl === undefined ? { dataDir: join(folder, '.onefold') } : given
  if (place.dataDir !== undefined) mkdirSync(place.dataDir, { mode: 0o700 })
  writeDefinition(join(folder, 'definitions'), oauth.url)
  const [first, next] = [newKey(), newKey()]
  const use = async <T>(masterKeys: readonly string[], work: (stores: Stores) => Promise<T>): Promise<T> => {
    const stores = await openStores({ ...place, masterKeys, role: 'tool' })
    return await work(stores).finally(() => stores.close())
  }
  const tokens = await consentedGrant(oauth, id)
  await use([first], async (stores) => {
    const app = { environmentId: 'default', integration: 'acme', method: 'oauth' }
    await stores.environments.ensure({ id: 'default', name: 'Default' }, 1)
    await stores.oauthApps.set(app, new Secret(CLIENT), 1)
    const account = { id, integration: 'acme', tenantId: 't', authenticationMethod: 'oauth', status: 'active' } as const
    await stores.accounts.create('default', { ...account, credentials: new Secret(tokens) }, Date.now())
  })
  const start = async (keys: readonly string[]): Promise<Served> => {
    const server = await serve(folder, {
      ...(place.databaseUrl === undefined ? {} : { DATABASE_URL: place.databaseUrl }),
      ONEFOLD_MASTER_KEY: keys.join(','),
      ONEFOLD_ADMIN_TOKEN: ADMIN,
      ONEFOLD_DEFINITIONS: join(folder, 'definitions'),
      ONEFOLD_EGRESS_ALLOW: '127.0.0.1',
      ONEFOLD_SANDBOX: 'off',
    })
    onTestFinished(() => server.kill())
    return server
  }
  const call = async ({ port }: Served, path: string, verb = 'GET') => {
    const url = `http://127.0.0.1:${port}${path}`
    const answer = await fetch(url, { method: verb, headers: { authorization: `Bearer ${ADMIN}` } })
    return { status: answer.status, body: JSON.parse(await answer.text()) }
  }
  const left = async () => (await rawRows(place, 'select id, sealed, sealed_key_id from partings')).length
  const acts = async (server: Served) =>
    (await call(server, `/audit-log?action=integrated_account.part&target=integrated_account:${id}`)).body.result
  return { place, first, next, use, start, call, left, acts, tokens }
}

/** Whether the provider still renews this grant. */
async function lives({ refresh_token: token = '' }: Readonly<Record<string, string>>): Promise<boolean> {
  const answer = await fetch(`${oauth.url}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${CLIENT.client_id}:${CLIENT.client_secret}`)}` },
    body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: token }),
  })
  return answer.status === 200
}

const SOON = { timeout: 30_000, interval: 100 }

onBothDatabases((backend) => {
  it('a grant is given back though the provider is down at first and the server is killed meanwhile', async () => {
    const { place, first, start, call, left, acts, tokens } = await openPlace(backend, 'killed')
    oauth.revocationFaults.push(503, 'hold')
    const held = oauth.nextHeld()
    const server = await start([first])
    expect(await call(server, '/integrated-account/killed', 'DELETE')).toEqual({ status: 200, body: { id: 'killed' } })
    expect((await call(server, '/integrated-account/killed')).status).toBe(404)
    await expect
      .poll(async () => (await call(server, '/job?name=account.part')).body.result, SOON)
      .toMatchObject([{ attempts: 1, status: 'waiting', last_error: expect.stringContaining('provider_unavailable') }])
    const [waiting] = (await call(server, '/job?name=account.part')).body.result
    expect(JSON.stringify(waiting)).not.toContain(tokens.refresh_token)
    const [row] = await rawRows(place, 'select sealed from partings')
    expect(String(row?.sealed)).not.toContain(tokens.refresh_token)
    await held
    await server.kill()
    expect(await left()).toBe(1)
    const again = await start([first])
    if (place.databaseUrl !== undefined) await rawRun(place, older(90_000))
    await expect.poll(left, SOON).toBe(0)
    await expect.poll(async () => (await call(again, '/job?name=account.part')).body.result, SOON).toEqual([])
    expect(await acts(again)).toMatchObject([
      { actor: 'system', outcome: 'succeeded', details: { revoked: 'done', undone: [], code: null } },
    ])
    expect(await lives(tokens)).toBe(false)
  }, 120_000)

  it('waits through a rotation of the master key, and needs the new one only', async () => {
    const { first, next, use, start, call, left, acts, tokens } = await openPlace(backend, 'rotated')
    oauth.revocationFaults.push(...Array<number>(20).fill(503))
    const before = await start([next, first])
    await call(before, '/integrated-account/rotated', 'DELETE')
    await expect.poll(async () => (await call(before, '/job?name=account.part')).body.result[0]?.attempts, SOON).toBe(1)
    const report = await use([next, first], (stores) => stores.rotate({ clock: SYSTEM_CLOCK }))
    expect(report.rows).toBeGreaterThan(0)
    await before.stop()
    const after = await start([next])
    expect(await left()).toBe(1)
    oauth.revocationFaults.length = 0
    const [job] = (await call(after, '/job?name=account.part')).body.result
    await call(after, `/job/${job.id}/retry`, 'POST')
    await expect.poll(left, SOON).toBe(0)
    await expect.poll(() => acts(after), SOON).toMatchObject([{ outcome: 'succeeded', details: { revoked: 'done' } }])
    expect(await lives(tokens)).toBe(false)
  }, 120_000)
})

/** Deletes the account of a provider that rotates tokens, and answers what runs its parting. */
async function parted(granted: Granted, steps: PartingStep[]) {
  const { stores, engine, desk } = granted
  let id = ''
  await stores.accounts.delete('env_1', 'acc_1', {
    now: desk.clock.now(),
    follow: async (trx, account, left) => {
      if (left !== null) id = await stores.partings.begin(trx, account, left, desk.clock.now())
    },
  })
  const log = listeningLog()
  const handle = partingHandler({ stores, engine, clock: desk.clock, log, partingSteps: steps })
  const attempt = (number: number) => {
    const { signal } = new AbortController()
    const context = { id: '7', attempt: number, isLastAttempt: number === 12, environmentId: 'env_1', signal }
    return desk.clock.drive(Promise.resolve(handle({ parting: id }, context)), () => desk.inFlight() > 0)
  }
  const acts = async () => (await stores.audit.list('env_1', { action: 'integrated_account.part' })).result
  return { attempt, acts, log, kept: () => stores.partings.get('env_1', id) }
}

const TELLING = oauthMethod({ revoke: { path: '/oauth/revoke' } })
const revocations = ({ upstream }: Granted) =>
  upstream.received.filter(({ path }) => path === '/v1/oauth/revoke').map(({ body }) => new URLSearchParams(body))

/** A step that needs a token that works. */
const reading = ({ engine }: Granted): PartingStep => ({
  name: 'read',
  run: async (account: Account) => {
    await engine.proxy(account, { resource: 'things', method: 'get', id: '1', query: {} }, callOptions())
  },
})

it('a step that needs a token renews it, and what was rotated is kept and given back', async () => {
  const granted = await openGranted(TELLING)
  const { attempt, acts, kept } = await parted(granted, [reading(granted)])
  const { script } = granted.upstream
  let revoking = 500
  granted.upstream.script = (request) =>
    request.path === '/v1/oauth/revoke' ? { status: revoking, body: '' } : (script?.(request) ?? {})
  granted.tokens = () => ({ status: 503, body: '' })
  await expect(attempt(1)).rejects.toMatchObject({ code: 'provider_unavailable' })
  expect(revocations(granted)).toEqual([])
  granted.tokens = () => undefined
  await expect(attempt(2)).rejects.toMatchObject({ code: 'provider_unavailable' })
  const rotated = (await kept())?.credentials.reveal().refresh_token
  expect(rotated).toMatch(/^rt-[1-9]/)
  revoking = 200
  await attempt(3)
  expect(revocations(granted).map((form) => form.get('token'))).toEqual([rotated, rotated])
  expect(await kept()).toBeNull()
  expect(await acts()).toMatchObject([{ outcome: 'succeeded', details: { revoked: 'done', undone: [], attempts: 3 } }])
  await expect(attempt(4)).resolves.toBeUndefined()
  expect(await acts()).toHaveLength(1)
})

it('the last attempt does what it can, erases the credentials, and says what was not done', async () => {
  const granted = await openGranted(TELLING, { leftMs: null })
  granted.upstream.script = () => ({ status: 500, body: '' })
  const done: string[] = []
  const failing = { name: 'webhook', run: () => Promise.reject(new Error('no')) }
  const working = { name: 'note', run: async (account: Account) => void done.push(account.id) }
  const { attempt, acts, kept, log } = await parted(granted, [failing, working])
  await expect(attempt(1)).rejects.toMatchObject({ code: 'internal' })
  expect(done).toEqual([])
  await attempt(12)
  expect(done).toEqual(['acc_1'])
  expect(await kept()).toBeNull()
  const details = { revoked: 'failed', undone: ['webhook'], code: 'internal', attempts: 12 }
  expect(await acts()).toMatchObject([{ outcome: 'failed', actor: 'system', details }])
  expect(log.told.filter(({ level }) => level === 'error').map(({ fields }) => fields.step)).toEqual([
    'webhook',
    'revoke',
  ])
})

it('no grant is given back while the same account of the provider is connected', async () => {
  const granted = await openGranted(TELLING, { leftMs: null })
  const { stores, desk } = granted
  await stores.accounts.update('env_1', 'acc_1', { identity: 'acct_9' }, { now: desk.clock.now() })
  const { attempt, acts } = await parted(granted, [])
  const again = {
    integration: 'acme',
    tenantId: 't',
    identity: 'acct_9',
    credentials: new Secret({ access_token: 'x' }),
  }
  await stores.accounts.create('env_1', { ...again, authenticationMethod: 'oauth' }, desk.clock.now())
  await attempt(1)
  expect(revocations(granted)).toEqual([])
  expect(await acts()).toMatchObject([{ outcome: 'succeeded', details: { revoked: 'kept' } }])
})

it('what no job ended is erased after a week', async () => {
  const granted = await openGranted(TELLING, { leftMs: null })
  const { kept } = await parted(granted, [])
  const now = granted.desk.clock.now()
  await granted.stores.sweep(now + 6 * 86_400_000)
  expect(await kept()).not.toBeNull()
  await granted.stores.sweep(now + 7 * 86_400_000 + 1)
  expect(await kept()).toBeNull()
})
