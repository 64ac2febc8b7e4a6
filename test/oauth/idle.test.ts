import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { parse, stringify } from 'yaml'
import { Secret } from '../../engine/index.ts'
import { readSettings } from '../../server/config.ts'
import { startServer } from '../../server/server.ts'
import { type NewAccount, openStores } from '../../server/stores/index.ts'
import { ADMIN, DEFINITIONS, listeningLog } from '../http/stand.ts'
import { type Backend, newKey, onBothDatabases, tempFolder } from '../stores/backends.ts'
import { ROOT } from '../support/house.ts'
import { type Reply, startUpstream } from '../support/upstream.ts'
import { APP, formOf, oauthMethod } from './parties.ts'

const HOUR_MS = 3_600_000
const SOON = { timeout: 20_000, interval: 50 }

/** A server in this process, on the real time of its database, before a provider that rotates tokens. */
async function openIdle(backend: Backend) {
  const folder = tempFolder()
  cpSync(DEFINITIONS, join(folder, 'definitions'), { recursive: true })
  const file = join(folder, 'definitions/integrations/acme/integration.yaml')
  const definition = parse(readFileSync(file, 'utf8'))
  definition.auth.methods.oauth = oauthMethod()
  writeFileSync(file, stringify(definition))
  symlinkSync(join(ROOT, 'unified-models'), join(folder, 'unified-models'))
  const { databaseUrl } = await backend.place()
  const dataDir = join(folder, 'data')
  mkdirSync(dataDir, { mode: 0o700 })
  const masterKey = newKey()
  const env = {
    ...{ PORT: '0', PASSTHROUGH_PORT: '0', ONEFOLD_DATA: dataDir, ONEFOLD_MASTER_KEY: masterKey },
    ...{ ONEFOLD_ADMIN_TOKEN: ADMIN, ONEFOLD_SANDBOX: 'off', ONEFOLD_EGRESS_ALLOW: '127.0.0.1' },
    ONEFOLD_DEFINITIONS: join(folder, 'definitions'),
    ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }),
  }
  const server = await startServer(readSettings(env, folder), listeningLog(), { home: folder })
  const upstream = await startUpstream()
  onTestFinished(async () => {
    await server.close()
    await upstream.close()
  })
  let answers: Reply[] = []
  const asked: string[] = []
  upstream.script = (request) => {
    const count = asked.push(formOf(request).refresh_token ?? '')
    const body = { access_token: `at-${count}`, refresh_token: `rt-${count}`, expires_in: 3600 }
    return answers.shift() ?? { body }
  }
  const { stores, jobs } = server.services
  const app = { environmentId: 'default', integration: 'acme', method: 'oauth' }
  await stores.oauthApps.set(app, new Secret(APP), Date.now())
  /** An account whose token is due in so many milliseconds. */
  const idle = (id: string, dueMs: number): NewAccount => ({
    ...{ id, integration: 'acme', tenantId: 't', authenticationMethod: 'oauth', status: 'active' },
    credentials: new Secret({ access_token: 'at-0', refresh_token: 'rt-0' }),
    settings: { base_url: upstream.url, region: 'eu' },
    ...{ expiresAt: Date.now() + dueMs + HOUR_MS, renewAt: Date.now() + dueMs },
  })
  return {
    ...{ stores, jobs, asked, idle },
    answer: (...next: Reply[]) => {
      answers = next
    },
    waiting: () => jobs.list({ environments: ['default'], name: 'grant.renew', limit: 100 }),
    token: async (id: string) => (await stores.accounts.load('default', id)).reveal().refresh_token,
    tool: () => openStores({ ...(databaseUrl ? { databaseUrl } : { dataDir }), masterKeys: [masterKey], role: 'tool' }),
  }
}

onBothDatabases((backend) => {
  it('a token that nobody calls with is renewed when it is due, and the job of the next one waits', async () => {
    const { stores, asked, idle, waiting, token } = await openIdle(backend)
    await stores.accounts.create('default', idle('calm', 400), Date.now())
    const [first] = await waiting()
    expect(first).toMatchObject({ payload: { integrated_account_id: 'calm' }, status: 'waiting' })
    await expect.poll(() => token('calm'), SOON).toBe('rt-1')
    await expect.poll(async () => (await waiting()).map(({ status }) => status), SOON).toEqual(['waiting'])
    const [next] = await waiting()
    expect(next?.id).not.toBe(first?.id)
    expect((next?.runAt ?? 0) - Date.now()).toBeGreaterThan(HOUR_MS / 4)
    expect(asked).toEqual(['rt-0'])
  }, 60_000)

  it('a failure that passes is tried again, and a grant that is refused ends its account once', async () => {
    const { stores, asked, idle, waiting, token, answer } = await openIdle(backend)
    answer({ status: 503, body: '' })
    await stores.accounts.create('default', idle('shaky', 0), Date.now())
    await expect.poll(() => token('shaky'), SOON).toBe('rt-2')
    answer({ status: 400, body: { error: 'invalid_grant' } })
    await stores.accounts.create('default', idle('over', 0), Date.now())
    await expect.poll(async () => (await stores.accounts.get('default', 'over'))?.status, SOON).toBe('needs_reauth')
    await expect
      .poll(async () => (await waiting()).map(({ payload }) => payload), SOON)
      .toEqual([{ integrated_account_id: 'shaky' }])
    expect(asked).toEqual(['rt-0', 'rt-0', 'rt-0'])
  }, 60_000)

  it('the job of an account that is gone or switched off ends without a request', async () => {
    const { stores, jobs, asked, idle, waiting } = await openIdle(backend)
    await stores.accounts.create('default', idle('gone', HOUR_MS), Date.now())
    await stores.accounts.create('default', idle('off', HOUR_MS), Date.now())
    await stores.accounts.delete('default', 'gone', { now: Date.now() })
    await stores.accounts.update('default', 'off', { status: 'disabled' }, { now: Date.now() })
    expect(await waiting()).toHaveLength(2)
    for (const { id } of await waiting()) await jobs.retry(id)
    await expect.poll(waiting, SOON).toEqual([])
    await stores.accounts.update('default', 'off', { status: 'active' }, { now: Date.now() })
    expect(await waiting()).toHaveLength(1)
    expect(asked).toEqual([])
  }, 60_000)

  it('what a tool has written is found by the hour, and what has a job is left to it', async () => {
    const { jobs, asked, idle, waiting, token, tool, answer } = await openIdle(backend)
    const beside = await tool()
    await beside.accounts.create('default', idle('written', -1_000), Date.now())
    await beside.accounts.create('default', idle('later', HOUR_MS), Date.now())
    await beside.close()
    answer({ status: 503, body: '' })
    const find = { name: 'grant.find_due', payload: {}, environmentId: null }
    await jobs.add(find)
    await expect.poll(() => asked.length, SOON).toBe(1)
    await expect.poll(async () => (await waiting()).map(({ attempts }) => attempts), SOON).toEqual([1])
    const [job] = await waiting()
    await jobs.add(find)
    await expect.poll(() => token('written'), SOON).toBe('rt-2')
    expect(job?.payload).toEqual({ integrated_account_id: 'written' })
    expect(asked).toEqual(['rt-0', 'rt-0'])
  }, 60_000)
})
