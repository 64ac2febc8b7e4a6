import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { expect, it, onTestFinished } from 'vitest'
import type { Stores } from '../../server/stores/index.ts'
import { type Backend, onBothDatabases, tempFolder } from '../stores/backends.ts'
import { ServerProcess } from './process.ts'
import { delivery, KEY, type Provider, type ProviderEvent, startProvider } from './provider.ts'

// Larger by hand: INBOUND_EVENTS=20000 INBOUND_KILLS=50 npx vitest run test/inbound/killed.test.ts
const EVENTS = Number(process.env.INBOUND_EVENTS ?? 0)
const KILLS = Number(process.env.INBOUND_KILLS ?? 0)
const MEASURE = { sqlite: { events: 1_500, kills: 7 }, postgres: { events: 600, kills: 3 } } as const

const WINDOW = 60
const RECORDS = 40

/** Events that happen while they are delivered: each twice, out of order, some at the same second, some deletions. */
class Stream {
  readonly #provider: Provider
  readonly #most: number
  #window: ProviderEvent[] = []
  made = 0

  constructor(provider: Provider, most: number) {
    this.#provider = provider
    this.#most = most
  }

  /** Some of what is on its way, or null when all has been taken. */
  take(): ProviderEvent[] | null {
    while (this.#window.length < WINDOW && this.made < this.#most) this.#happen()
    if (this.#window.length === 0) return null
    const some: ProviderEvent[] = []
    for (let count = 1 + Math.floor(Math.random() * 4); count > 0 && this.#window.length > 0; count--) {
      some.push(...this.#window.splice(Math.floor(Math.random() * this.#window.length), 1))
    }
    return some
  }

  #happen(): void {
    this.made += 1
    const id = `cus_${Math.floor(Math.random() * RECORDS)}`
    const isThere = this.#provider.customers.has(id)
    const isGone = isThere && Math.random() < 0.08
    const at = 1_780_000_000 + Math.floor(this.made / 5)
    const event = this.#provider.change(id, at, isGone ? null : String(this.made))
    this.#window.push(event, event)
  }
}

onBothDatabases((backend) => {
  const events = EVENTS || MEASURE[backend.name].events
  const kills = KILLS || MEASURE[backend.name].kills

  it(`${events} events, each twice and out of order, with ${kills} kills: what is seen is what is, each told once`, async () => {
    const { provider, server, receiver } = await connected(backend)
    const stream = new Stream(provider, events)
    const path = new URL(provider.hooks.get('hook_1')?.url ?? '').pathname
    const deliverAll = async (): Promise<void> => {
      for (let some = stream.take(); some !== null; some = stream.take()) {
        while ((await deliver(`${server.url}${path}`, some)) !== 200) await sleep(20)
      }
    }
    const delivering = Promise.all(Array.from({ length: 6 }, deliverAll))
    let killed = 0
    for (; killed < kills; killed++) {
      const until = (events * (killed + Math.random())) / kills
      while (stream.made < Math.min(until, events - WINDOW)) await sleep(5)
      await server.kill()
      await server.inStores(letClaimsRunOut)
      await server.start()
    }
    await delivering
    const left = async () => (await server.call('GET', '/raw-event?status=waiting&limit=1')).result.length
    await expect.poll(left, { timeout: 200_000, interval: 200 }).toBe(0)
    expect(killed).toBe(kills)
    const told = await expectAllTold(server, provider)
    await expect.poll(() => receiver.ids.size, { timeout: 200_000, interval: 200 }).toBe(told.length)
    expect([...receiver.ids.keys()].sort()).toEqual(told.map(({ id }) => id).sort())
    expect([...receiver.ids.values()].filter((ids) => ids.size > 1)).toEqual([])
    await server.inStores((stores) => expectSeen(stores, provider))
  }, 1_400_000)
})

async function connected(backend: Backend) {
  const { databaseUrl = '' } = await backend.place()
  const provider = await startProvider()
  onTestFinished(() => provider.close())
  const server = new ServerProcess({ folder: tempFolder(), databaseUrl })
  await server.start()
  const account = {
    ...{ id: 'acme-1', integration: 'acme', tenant_id: 't', authentication_method: 'key', credentials: { key: KEY } },
    settings: { base_url: provider.origin },
  }
  await server.call('POST', '/integrated-account', account)
  const state = async () => (await server.call('GET', '/integrated-account/acme-1')).webhook?.state
  await expect.poll(state, { timeout: 30_000 }).toBe('provisioned')
  const receiver = await startReceiver()
  const destination = { url: receiver.url, event_types: ['record:*'] }
  expect((await server.call('POST', '/webhook', destination)).id).toMatch(/./)
  return { provider, server, receiver }
}

/** Takes events; `ids` has the ids of deliveries of each event. */
async function startReceiver() {
  const ids = new Map<string, Set<string>>()
  const listener = createServer(async (request, response) => {
    const { id } = (await json(request)) as { id: string }
    const known = ids.get(id) ?? new Set()
    ids.set(id, known.add(String(request.headers['webhook-id'])))
    response.end()
  })
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    listener.close()
    listener.closeAllConnections()
  })
  return { ids, url: `http://127.0.0.1:${(listener.address() as AddressInfo).port}/` }
}

/** A minute later: what the killed process had claimed in a shared database is free. */
async function letClaimsRunOut({ database: { db, dialect } }: Stores): Promise<void> {
  if (dialect === 'sqlite') return
  for (const table of ['_private_jobs', '_private_job_queues']) {
    const name = sql.table(`graphile_worker.${table}`)
    await sql`update ${name} set locked_at = locked_at - interval '61 seconds' where locked_at is not null`.execute(db)
  }
  await sql`update webhook_deliveries set next_at = next_at - 61000 where lease is not null`.execute(db)
}

/** What was last seen of every record is what the provider has, or that it is gone. */
async function expectSeen({ database: { db } }: Stores, provider: Provider): Promise<void> {
  const rows = await db.selectFrom('seen_records').select(['record_id', 'record']).execute()
  const seen = rows.map(({ record_id, record }) => {
    const { name, created_at, is_deleted } = JSON.parse(record)
    return [record_id, is_deleted ? null : { name, created_at: Date.parse(created_at) / 1000 }] as const
  })
  const ids = new Set(provider.events.map(({ customer }) => customer.id))
  const there = [...ids].map((id) => {
    const customer = provider.customers.get(id)
    return [id, customer === undefined ? null : { name: customer.name, created_at: customer.created }] as const
  })
  expect(new Map(seen)).toEqual(new Map(there))
}

/** The status, or 0 when nobody answered. */
function deliver(url: string, some: readonly ProviderEvent[]): Promise<number> {
  const { body, headers } = delivery(some, 'secret-of-hook_1', Math.floor(Date.now() / 1000))
  return fetch(url, { method: 'POST', body, headers }).then(
    async (answer) => {
      await answer.text()
      return answer.status
    },
    () => 0,
  )
}

interface Told {
  readonly id: string
  readonly type: string
  readonly raw_event_id: string
  readonly resource_id: string
  readonly data: { readonly name: string; readonly is_deleted?: boolean }
}

/** Every event is told once, none goes back behind one before it, and the last state of each record is the provider's. */
async function expectAllTold(server: ServerProcess, provider: Provider): Promise<readonly Told[]> {
  const told: Told[] = []
  for (let after = ''; ; ) {
    const page = await server.call('GET', `/event?type=record:*&limit=1000${after}`)
    told.push(...page.result)
    if (!page.has_more) break
    after = `&after=${page.next_cursor}`
  }
  expect(told.length).toBe(provider.events.length)
  expect(new Set(told.map(({ raw_event_id }) => raw_event_id)).size).toBe(provider.events.length)
  const last = new Map<string, Told>()
  const back: Told[] = []
  for (const event of told) {
    const before = last.get(event.resource_id)
    if (before !== undefined && Number(before.data.name) > Number(event.data.name)) back.push(event)
    last.set(event.resource_id, event)
  }
  expect(back).toEqual([])
  const seen = [...last].map(([id, { data }]) => [id, data.is_deleted ? null : data.name]).sort()
  const ids = [...new Set(provider.events.map(({ customer }) => customer.id))]
  expect(seen).toEqual(ids.map((id) => [id, provider.customers.get(id)?.name ?? null]).sort())
  return told
}
