import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { type Backend, onBothDatabases, tempFolder } from '../stores/backends.ts'
import { ServerProcess } from './process.ts'
import { delivery, KEY, type Provider, type ProviderEvent, startProvider } from './provider.ts'

// Larger by hand: INBOUND_EVENTS=20000 INBOUND_KILLS=50 npx vitest run test/inbound/killed.test.ts
const EVENTS = Number(process.env.INBOUND_EVENTS ?? 0)
const KILLS = Number(process.env.INBOUND_KILLS ?? 0)
const MEASURE = { sqlite: { events: 2_000, kills: 10 }, postgres: { events: 600, kills: 3 } } as const

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
    const isGone = isThere && Math.random() < 0.03
    const at = 1_780_000_000 + Math.floor(this.made / 5)
    const event = this.#provider.change(id, at, isGone ? null : String(this.made))
    this.#window.push(event, event)
  }
}

onBothDatabases((backend) => {
  const events = EVENTS || MEASURE[backend.name].events
  const kills = KILLS || MEASURE[backend.name].kills

  it(`${events} events, each twice and out of order, with ${kills} kills: what is seen is what is, each told once`, async () => {
    const { provider, server } = await connected(backend)
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
      await server.start()
    }
    await delivering
    const left = async () => (await server.call('GET', '/raw-event?status=waiting&limit=1')).result.length
    await expect.poll(left, { timeout: 200_000, interval: 500 }).toBe(0)
    expect(killed).toBe(kills)
    await expectAllTold(server, provider)
  }, 900_000)
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
  return { provider, server }
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
  readonly type: string
  readonly raw_event_id: string
  readonly resource_id: string
  readonly data: { readonly name: string; readonly is_deleted?: boolean }
}

/** Every event is told once, none goes back behind one before it, and the last state of each record is the provider's. */
async function expectAllTold(server: ServerProcess, provider: Provider): Promise<void> {
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
}
