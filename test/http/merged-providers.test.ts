import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo, Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAdaptorServer } from '@hono/node-server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Integration, Secret } from '../../engine/index.ts'
import { readSettings } from '../../server/config.ts'
import { Sandbox } from '../../server/sandbox/index.ts'
import { type OnefoldServer, startServer } from '../../server/server.ts'
import { ownIntegration, START_MS } from '../sandbox/support.ts'
import { ROOT } from '../support/house.ts'
import { VirtualClock } from '../support/virtual-clock.ts'
import { ADMIN, listeningLog } from './stand.ts'

// One list over every provider that lists payments and has a sandbox, and 25 accounts; accounts of one provider share a
// world, so their records have the same ids and instants. With ONEFOLD_MERGED_PAYMENTS=50000 the worlds grow until there
// are so many, which takes minutes.
const LEAST_PAYMENTS = Number(process.env.ONEFOLD_MERGED_PAYMENTS ?? 0)
const ACCOUNTS = 25
const BROKEN = 3
const LIST = '/unified/payment-gateway/payments'
const QUIET_MS = 150

/** Lets requests through in rounds: all that have come once nothing more comes for a while. */
class Rounds {
  #waiting: (() => void)[] = []
  #timer: NodeJS.Timeout | undefined
  #count: number | null = null

  /** Counts the rounds that a call needs. */
  async of(call: () => Promise<unknown>): Promise<number> {
    this.#count = 0
    await call()
    const count = this.#count
    this.#count = null
    return count
  }

  async pass(): Promise<void> {
    if (this.#count === null) return
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve)
      clearTimeout(this.#timer)
      this.#timer = setTimeout(() => this.#release(), QUIET_MS)
    })
  }

  #release(): void {
    if (this.#count !== null) this.#count++
    for (const letThrough of this.#waiting.splice(0)) letThrough()
  }
}

interface World {
  readonly name: string
  readonly sandbox: Sandbox
  readonly server: Server
  readonly origin: string
}

interface Listed {
  readonly result: readonly Readonly<Record<string, string>>[]
  readonly next_cursor: string | null
  readonly is_partial_response: boolean
  readonly errors: readonly Readonly<Record<string, unknown>>[]
}

const rounds = new Rounds()
let folder: string
let server: OnefoldServer
let worlds: readonly World[]
/** Accounts by world. */
let accounts: readonly { readonly id: string; readonly world: World }[]
let broken: readonly string[]
let failing: Server

/** The same provider with more of what its sandbox invents in numbers; what it makes once may have an id of its own. */
function grown(integration: Integration, times: number): Integration {
  const more = (count = 1): number => (count === 1 ? 1 : count * times)
  const sandbox = integration.sandbox.map(({ seed, ...rules }) =>
    seed === undefined ? rules : { ...rules, seed: seed.map((run) => ({ ...run, count: more(run.count) })) },
  )
  return { ...integration, sandbox }
}

async function open(name: string, times: number): Promise<World> {
  const sandbox = new Sandbox({ integration: grown(ownIntegration(name), times), clock: new VirtualClock(START_MS) })
  const listening = createAdaptorServer({
    fetch: async (request: Request) => {
      await rounds.pass()
      return sandbox.fetch(request)
    },
  }) as Server
  await once(listening.listen(0, '127.0.0.1'), 'listening')
  await sandbox.ready()
  return { name, sandbox, server: listening, origin: `http://127.0.0.1:${(listening.address() as AddressInfo).port}` }
}

async function call(verb: string, path: string, body?: object) {
  const headers = { authorization: `Bearer ${ADMIN}`, 'content-type': 'application/json' }
  const given = body === undefined ? {} : { body: JSON.stringify(body) }
  const response = await fetch(`${server.url}${path}`, { method: verb, headers, ...given })
  return { status: response.status, body: (await response.json()) as Listed & Record<string, unknown> }
}

const list = async (query: string): Promise<Listed> => {
  const { status, body } = await call('GET', `${LIST}?${query}`)
  expect(status, JSON.stringify(body).slice(0, 500)).toBe(200)
  return body
}

async function toTheEnd(query: string): Promise<Listed[]> {
  const pages: Listed[] = []
  for (let cursor: string | null = ''; cursor !== null; cursor = pages.at(-1)?.next_cursor ?? null) {
    pages.push(await list(`${query}${cursor === '' ? '' : `&next_cursor=${cursor}`}`))
  }
  return pages
}

const placesOf = (pages: readonly Listed[]): string[] =>
  pages.flatMap(({ result }) => result.map(({ integrated_account_id: account, id }) => `${account} ${id}`))

async function connect({ name, sandbox, origin }: World, id: string, tenant = 'all'): Promise<void> {
  const { method, credentials } = sandbox.account
  const { status, body } = await call('POST', '/integrated-account', {
    ...{ id, integration: name, tenant_id: tenant, authentication_method: method, credentials },
    settings: { ...sandbox.rules.account.connection, base_url: origin },
  })
  expect(status, JSON.stringify(body)).toBe(201)
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'onefold-merged-all-'))
  const env = {
    ...{ PORT: '0', PASSTHROUGH_PORT: '', ONEFOLD_DATA: join(folder, 'data'), ONEFOLD_ADMIN_TOKEN: ADMIN },
    ...{ ONEFOLD_SANDBOX: 'off', ONEFOLD_EGRESS_ALLOW: '127.0.0.1' },
  }
  server = await startServer(readSettings(env, folder), listeningLog())
  const { integrations } = server.services.engine.catalog()
  const names = readdirSync(join(ROOT, 'integrations')).filter((name) => {
    const found = integrations.get(name)
    return (
      found !== undefined &&
      found.sandbox.length > 0 &&
      found.mappings.get('payment-gateway/payments')?.list !== undefined
    )
  })
  const ofEach = LEAST_PAYMENTS / (ACCOUNTS - BROKEN)
  worlds = []
  for (const name of names) {
    let world = await open(name, 1)
    if (ofEach > 0) {
      await connect(world, `${name}-alone`, 'alone')
      const count = placesOf(await toTheEnd(`integrated_account_id=${name}-alone&limit=500`)).length
      if (count < ofEach) {
        close(world)
        // A seed may have numbers that it cannot go beyond: the others make up for it.
        world = await open(name, Math.ceil((1.5 * ofEach) / count)).catch(() => open(name, 1))
      }
    }
    worlds = [...worlds, world]
  }
  accounts = Array.from({ length: ACCOUNTS }, (_, at) => {
    const world = worlds[at % worlds.length] as World
    return { world, id: `${world.name}-${String(at).padStart(2, '0')}` }
  })
  for (const { id, world } of accounts) await connect(world, id)
  // A token endpoint that refuses is told of in other words.
  const byKey = accounts.filter(({ world }) => Object.keys(world.sandbox.account.grant).length === 0)
  await breakThem(byKey.slice(-BROKEN))
}, 900_000)

/** One is refused, one fails at the provider, one is not reached. */
async function breakThem(chosen: typeof accounts): Promise<void> {
  broken = chosen.map(({ id }) => id)
  failing = createServer((request, response) => {
    response.writeHead(request.url?.startsWith('/refuses/') === true ? 401 : 500, {
      'content-type': 'application/json',
    })
    response.end('{}')
  })
  await once(failing.listen(0, '127.0.0.1'), 'listening')
  const { port } = failing.address() as AddressInfo
  const gone = createServer()
  await once(gone.listen(0, '127.0.0.1'), 'listening')
  const { port: unused } = gone.address() as AddressInfo
  gone.close()
  const origins = [`http://127.0.0.1:${port}/refuses`, `http://127.0.0.1:${port}/fails`, `http://127.0.0.1:${unused}`]
  const { stores, clock } = server.services
  for (const [at, { id, world }] of chosen.entries()) {
    const settings = { ...(await stores.accounts.get('default', id))?.settings, base_url: origins[at] }
    const credentials = new Secret(world.sandbox.account.credentials)
    await stores.accounts.update('default', id, { settings, credentials }, { now: clock.now() })
  }
}

function close({ sandbox, server: listening }: World): void {
  sandbox.close()
  listening.close()
}

afterAll(async () => {
  await server?.close()
  for (const world of worlds ?? []) close(world)
  failing?.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('one list over every provider that lists payments', () => {
  it('holds what each account lists alone in its order, newest first, each record once, and says who is missing', async () => {
    const alone = new Map<string, readonly string[]>()
    for (const { id, world } of accounts.slice(0, worlds.length)) {
      alone.set(
        world.name,
        placesOf(await toTheEnd(`integrated_account_id=${id}&limit=500`)).map((place) => place.slice(id.length + 1)),
      )
    }
    const pages = await toTheEnd('tenant_id=all&limit=1000')
    const found = placesOf(pages)
    const ofAccount = new Map<string, string[]>()
    for (const place of found) {
      const [id = '', rest = ''] = place.split(' ')
      ofAccount.set(id, [...(ofAccount.get(id) ?? []), rest])
    }
    const sound = accounts.filter(({ id }) => !broken.includes(id))
    for (const { id, world } of sound) {
      expect(ofAccount.get(id), id).toEqual(alone.get(world.name))
    }
    expect(found).toHaveLength(sound.reduce((sum, { world }) => sum + (alone.get(world.name)?.length ?? 0), 0))
    expect(found.length).toBeGreaterThanOrEqual(LEAST_PAYMENTS)
    const times = pages.flatMap(({ result }) => result.map(({ created_at: at }) => Date.parse(String(at))))
    expect(times.every((time, at) => at === 0 || time <= (times[at - 1] ?? 0))).toBe(true)
    for (const { errors } of pages) {
      expect(new Map(errors.map(({ integrated_account_id: id, code }) => [id, code]))).toEqual(
        new Map([
          [broken[0], 'needs_reauth'],
          [broken[1], 'provider_error'],
          [broken[2], 'connection_failed'],
        ]),
      )
    }
  }, 600_000)

  // What a record needs from elsewhere can be asked for once it is known which records are on the page.
  it('has its first page after as many rounds as its slowest list takes, and then its slowest lookups', async () => {
    const sound = accounts.filter(({ id }) => !broken.includes(id))
    const first = sound.slice(0, worlds.length).map(({ id }) => id)
    const bare = (accountIds: string) => roundsOf(`integrated_account_id=${accountIds}&limit=50&fields=id,created_at`)
    const whole = (accountIds: string) => roundsOf(`integrated_account_id=${accountIds}&limit=50`)
    const lists: number[] = []
    const lookups: number[] = []
    for (const id of first) {
      lists.push(await bare(id))
      lookups.push((await whole(id)) - (lists.at(-1) ?? 0))
    }
    const ids = sound.map(({ id }) => id).join(',')
    // A list in windows of time goes on alone until its page is full; among others it stops when the page is.
    const together = await bare(ids)
    expect(together).toBeGreaterThan(0)
    expect(together).toBeLessThanOrEqual(Math.max(...lists))
    expect(await whole(ids)).toBeLessThanOrEqual(Math.max(...lists) + Math.max(...lookups))
  })
})

/** A round is over when nothing comes for a while, so that a slow machine can make two of one: the least of three counts. */
async function roundsOf(query: string): Promise<number> {
  const counts: number[] = []
  while (counts.length < 3) counts.push(await rounds.of(() => list(query)))
  return Math.min(...counts)
}
