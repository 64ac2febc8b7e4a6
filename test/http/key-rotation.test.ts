import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { Secret } from '../../engine/index.ts'
import { embeddedMasterKey, openStores, parseMasterKeys } from '../../server/stores/index.ts'
import { newKey, onBothDatabases, type Place, T0, tempFolder } from '../stores/backends.ts'
import { rawRows } from '../stores/raw.ts'
import { MAIN, plainEnvironment, type Served, serve } from '../support/served.ts'
import { ADMIN, DEFINITIONS } from './stand.ts'
import { GOOD_KEY, startUpstream, type Upstream } from './upstream.ts'

const ACCOUNTS = 150
/** Several processes under load, on a machine that may be slow. */
const TIMEOUT_MS = 240_000
/** What must end after a test, in this order. */
const running: { readonly stop: () => Promise<unknown> }[] = []
afterEach(async () => {
  for (const one of running.splice(0)) await one.stop()
})

const settingsOf = (place: Place, folder: string, keys: string | null): Record<string, string> => ({
  ONEFOLD_DATA: place.dataDir ?? join(folder, '.onefold'),
  ONEFOLD_ADMIN_TOKEN: ADMIN,
  ONEFOLD_SANDBOX: 'off',
  ONEFOLD_DEFINITIONS: DEFINITIONS,
  ONEFOLD_EGRESS_ALLOW: '127.0.0.1',
  ...(place.databaseUrl === undefined ? {} : { DATABASE_URL: place.databaseUrl }),
  ...(keys === null ? {} : { ONEFOLD_MASTER_KEY: keys }),
})

/** `onefold keys rotate --json`: its exit code and what it said; `onStderr` may end it early. */
async function rotate(
  settings: Record<string, string>,
  onStderr: (child: ChildProcess) => void = () => undefined,
): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, [MAIN, 'keys', 'rotate', '--json'], { env: plainEnvironment(settings) })
  const said = { out: '', err: '' }
  child.stdout.on('data', (chunk) => (said.out += String(chunk)))
  child.stderr.on('data', (chunk) => {
    said.err += String(chunk)
    onStderr(child)
  })
  await once(child, 'close')
  return { code: child.exitCode, ...said }
}

interface Load {
  /** What did not succeed. */
  readonly failed: unknown[]
  /** Resolves after so many more calls. */
  more(calls: number): Promise<void>
  add(server: Served): void
  /** Sends no more to a server, and resolves when nothing is under way there: what a load balancer does. */
  drain(server: Served): Promise<void>
  stop(): Promise<void>
}

const tick = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 25))

/** Calls that decrypt, and calls that encrypt an account, a changed one and a kept answer, over and over until stopped. */
function startLoad(first: Served, upstream: Upstream): Load {
  const failed: unknown[] = []
  const underWay = new Map<Served, number>([[first, 0]])
  const drained = new Set<Served>()
  let calls = 0
  let isOver = false
  const settings = { base_url: upstream.origin }
  const ask = async (verb: string, path: string, body?: object): Promise<void> => {
    const servers = [...underWay.keys()].filter((server) => !drained.has(server))
    const server = servers[calls % servers.length] as Served
    const add = (count: number) => underWay.set(server, (underWay.get(server) ?? 0) + count)
    add(1)
    const headers = { authorization: `Bearer ${ADMIN}`, 'content-type': 'application/json' }
    const init = { method: verb, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }
    try {
      const response = await fetch(`http://127.0.0.1:${server.port}${path}`, init)
      const text = await response.text()
      if (response.status >= 400) failed.push([verb, path, response.status, text])
    } catch (error) {
      failed.push([verb, path, String(error)])
    }
    calls += 1
    add(-1)
  }
  const worker = async (name: number): Promise<void> => {
    for (let turn = 0; !isOver; turn += 1) {
      const id = `made-${name}-${turn}`
      const credentials = { key: GOOD_KEY }
      await ask('POST', '/integrated-account', { id, integration: 'acme', tenant_id: 't', credentials, settings })
      await ask('PATCH', `/integrated-account/${id}`, { credentials })
      const query = `integrated_account_id=${id}`
      await ask('POST', `/unified/payment-gateway/customers?${query}`, { name: 'A', email: 'a@example.com' })
      for (const kept of [1, 7, 100]) await ask('GET', `/proxy/customers?integrated_account_id=kept-${kept}`)
    }
  }
  const workers = [1, 2, 3].map(worker)
  const load: Load = {
    failed,
    more: async (count) => {
      for (const enough = calls + count; calls < enough && failed.length === 0; ) await tick()
    },
    add: (server) => void underWay.set(server, 0),
    drain: async (server) => {
      drained.add(server)
      while ((underWay.get(server) ?? 0) > 0) await tick()
    },
    stop: async () => {
      isOver = true
      await Promise.all(workers)
    },
  }
  running.unshift(load)
  return load
}

async function fill(place: Place, masterKeys: readonly string[], upstream: Upstream): Promise<void> {
  const stores = await openStores({ ...place, masterKeys })
  await stores.environments.ensure({ id: 'default', name: 'Default' }, T0)
  const account = { integration: 'acme', tenantId: 't', status: 'active', authenticationMethod: 'key' } as const
  const settings = { base_url: upstream.origin }
  for (let i = 0; i < ACCOUNTS; i += 1) {
    const credentials = new Secret({ key: GOOD_KEY })
    await stores.accounts.create('default', { ...account, id: `kept-${i}`, credentials, settings, mode: 'test' }, T0)
  }
  await stores.close()
}

async function started(folder: string, settings: Record<string, string>): Promise<Served> {
  const server = await serve(folder, settings)
  running.unshift(server)
  return server
}

async function keyIdsInUse(place: Place): Promise<unknown[]> {
  const rows = await rawRows(
    place,
    `select credentials_key_id as id from integrated_accounts where credentials_key_id is not null
     union select response_key_id as id from idempotency_records where response_key_id is not null`,
  )
  return rows.map(({ id }) => id)
}

interface Report {
  readonly key_id: string
  readonly rows: number
  readonly rows_left: number
  readonly retired: readonly string[]
}

/** Breaks a rotation off at its first progress. */
async function rotateHalf(settings: Record<string, string>): Promise<void> {
  const { code, out, err } = await rotate(settings, (child) => child.kill('SIGKILL'))
  expect([code, out, err]).toEqual([null, '', expect.stringMatching(/\d+ of \d+ rows are on the new key/)])
}

async function rotateWhole(settings: Record<string, string>): Promise<Report> {
  const { code, out, err } = await rotate(settings)
  expect([code, err]).toEqual([0, expect.stringMatching(/\d+ of \d+ rows are on the new key/)])
  return JSON.parse(out)
}

const reads = async (server: Served, id: string): Promise<number> => {
  const url = `http://127.0.0.1:${server.port}/proxy/customers?integrated_account_id=${id}`
  return (await fetch(url, { headers: { authorization: `Bearer ${ADMIN}` } })).status
}

onBothDatabases((backend) => {
  it(
    'a rotation is broken off and goes on while servers serve: no request fails, no row is left on the old key',
    async () => {
      const upstream = await startUpstream()
      running.push({ stop: upstream.close })
      const folder = tempFolder()
      const place = await backend.place()
      const [old, next] = [newKey(), newKey()]
      await fill(place, [old], upstream)
      const both = settingsOf(place, folder, `${next},${old}`)
      // The embedded database has one server at a time. On Postgres they are restarted one after another, under load.
      const isRolling = backend.name === 'postgres'
      const first = await started(folder, isRolling ? settingsOf(place, folder, old) : both)
      const load = startLoad(first, upstream)
      await load.more(20)
      let half: Promise<void>
      if (isRolling) {
        load.add(await started(folder, both))
        await load.more(40)
        half = rotateHalf(both)
        await load.more(40)
        await load.drain(first)
        await first.stop()
      } else half = rotateHalf(both)
      await half
      const report = await rotateWhole(both)
      await load.more(40)
      await load.stop()
      expect(load.failed).toEqual([])
      expect(report).toMatchObject({ rows_left: 0, retired: [expect.stringMatching(/^[0-9a-f]{8}$/)] })
      expect(await keyIdsInUse(place)).toEqual([report.key_id])
      for (const server of running.splice(0, running.length - 1)) await server.stop()
      const last = await started(folder, settingsOf(place, folder, next))
      expect(await reads(last, `kept-${ACCOUNTS - 1}`)).toBe(200)
      const without = openStores({ ...place, masterKeys: [old], role: 'tool' })
      await expect(without).rejects.toMatchObject({ code: 'key_missing' })
    },
    TIMEOUT_MS,
  )
})

it(
  'the key kept in the data folder is rotated beside the server, which reads the file again',
  async () => {
    const upstream = await startUpstream()
    running.push({ stop: upstream.close })
    const folder = tempFolder()
    const place = { dataDir: join(folder, 'data') }
    const { path, source } = embeddedMasterKey(place.dataDir)
    const [old = ''] = source.read()
    await fill(place, [old], upstream)
    const settings = settingsOf(place, folder, null)
    const server = await started(folder, settings)
    const load = startLoad(server, upstream)
    await rotateHalf(settings)
    const report = await rotateWhole(settings)
    await load.more(40)
    await load.stop()
    expect(load.failed).toEqual([])
    const left = parseMasterKeys(readFileSync(path, 'utf8'))
    expect([left.length, left.includes(old)]).toEqual([1, false])
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(await keyIdsInUse(place)).toEqual([report.key_id])
    await server.stop()
    expect(await reads(await started(folder, settings), 'kept-0')).toBe(200)
  },
  TIMEOUT_MS,
)

it('without anything to do it says so, and it tells settings that are wrong apart', async () => {
  const place = { dataDir: join(tempFolder(), 'data') }
  const key = newKey()
  await (await openStores({ ...place, masterKeys: [key] })).close()
  const done = await rotate(settingsOf(place, place.dataDir, key))
  expect(JSON.parse(done.out)).toMatchObject({ rows: 0, rows_left: 0, retired: [], cursors_until: null })
  expect(done.code).toBe(0)
  const wrong = await rotate(settingsOf(place, place.dataDir, 'no-key'))
  expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('config_invalid')])
  expect(wrong.err).not.toContain('no-key')
})
