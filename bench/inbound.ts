import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Pool } from 'undici'
import type { Bench, Figure, Measures, Pace, Rig } from './harness/bench.ts'
import type { Child } from './harness/child.ts'
import { INBOUND_ENGINE, INBOUND_ENGINE_READ, INBOUND_POSTGRES, INBOUND_SQLITE } from './harness/goals.ts'
import { install } from './harness/installation.ts'
import { startPostgres } from './harness/postgres.ts'
import { Closing, startProcess, startUpstream } from './harness/rig.ts'
import { ask, connect, type Server, startServer } from './harness/server.ts'
import { percentile } from './harness/statistics.ts'
import type { Usage } from './harness/usage.ts'
import { deliveryOf, type Receiver } from './upstream/deliveries.ts'
import { WEBHOOK_SECRET } from './upstream/pages.ts'

const LANES = 64
const PATIENCE_MS = 60_000
/** Beside a Postgres it has to be given. */
const MASTER_KEY = randomBytes(32).toString('base64')

/** Posts deliveries to one address, each another event. */
class Sender {
  readonly #pool: Pool
  readonly #path: string
  readonly #receiver: Receiver
  readonly #from = Date.now()
  #count = 0

  constructor(url: string, receiver: Receiver) {
    const { origin, pathname } = new URL(url)
    this.#pool = new Pool(origin, { connections: LANES, pipelining: 1 })
    this.#path = pathname
    this.#receiver = receiver
  }

  /** Keeps many deliveries under way for `ms` milliseconds; answers how long each took to be acknowledged. */
  async drive(ms: number): Promise<readonly number[]> {
    const latencies: number[] = []
    const end = performance.now() + ms
    const lane = async (): Promise<void> => {
      do {
        const from = performance.now()
        await this.#send()
        latencies.push(performance.now() - from)
      } while (performance.now() < end)
    }
    await Promise.all(Array.from({ length: LANES }, lane))
    return latencies
  }

  async #send(): Promise<void> {
    const place = { from: this.#from, count: ++this.#count }
    const { body: sent, headers } = deliveryOf(this.#receiver, place, Date.now())
    const { body, statusCode } = await this.#pool.request({ path: this.#path, method: 'POST', headers, body: sent })
    const text = await body.text()
    if (statusCode !== 200) throw new Error(`a delivery was answered with ${statusCode}: ${text.slice(0, 500)}`)
  }

  close(): Promise<void> {
    return this.#pool.close()
  }
}

/** Wall time and CPU of each delivery until all that it brings about is done. */
async function round(child: Child, sender: Sender, { roundMs }: Pace, done: () => Promise<void>): Promise<Measures> {
  await child.ask('start')
  const from = performance.now()
  const latencies = await sender.drive(roundMs)
  await done()
  const time = (performance.now() - from) / latencies.length
  const { cpuMs } = await child.ask<Usage>('stop')
  return { time, cpu: cpuMs / latencies.length, acknowledged: percentile(latencies, 0.5) }
}

/** Waits until no raw event waits, and nothing could not be read. */
async function untilTold(server: Server): Promise<void> {
  const end = performance.now() + PATIENCE_MS
  while ((await countOf(server, 'waiting')) > 0) {
    if (performance.now() > end) throw new Error(`events were not dealt with in time:\n${server.child.said()}`)
    await sleep(5)
  }
  if ((await countOf(server, 'failed')) > 0) throw new Error(`events could not be read:\n${server.child.said()}`)
}

async function countOf(server: Server, status: string): Promise<number> {
  const { result } = await ask(server, 'GET', `/raw-event?status=${status}&limit=1`)
  return (result as readonly unknown[]).length
}

/** The address that the provider was given, once it was. */
async function addressOf(server: Server, accountId: string): Promise<string> {
  const end = performance.now() + PATIENCE_MS
  while (performance.now() < end) {
    const { webhook } = await ask(server, 'GET', `/integrated-account/${accountId}`)
    const { state, url } = (webhook ?? {}) as { readonly state?: string; readonly url?: string }
    if (state === 'provisioned' && url !== undefined) return url
    await sleep(20)
  }
  throw new Error(`the provider was not asked for deliveries:\n${server.child.said()}`)
}

interface Kind {
  readonly name: string
  readonly figure: Figure
  readonly on: 'sqlite' | 'postgres'
  readonly subject: Receiver['subject']
  /** Process of the other side, and the folder that it needs. */
  readonly floor: string
  readonly folder?: string
  /** Whether both sides read records again; otherwise both take what came. */
  readonly isRead?: boolean
  readonly skipped?: string | undefined
}

function inbound(kind: Kind): Bench {
  const { name, figure, on, subject, floor, isRead = false, skipped } = kind
  const open = (): Promise<Rig> => {
    const closing = new Closing()
    return closing.guard(async () => {
      const upstream = await startUpstream(closing)
      const installation = closing.add(
        install({ openLimits: true, trusted: isRead ? undefined : `${subject}s` }),
        (one) => one.remove(),
      )
      const folder = mkdtempSync(join(tmpdir(), 'onefold-bench-inbound-'))
      closing.add(folder, (one) => rmSync(one, { recursive: true, force: true }))
      const postgres = on === 'postgres' ? await startPostgres(closing) : null
      const env = postgres === null ? {} : { DATABASE_URL: await postgres(), ONEFOLD_MASTER_KEY: MASTER_KEY }
      const server = closing.add(await startServer(installation, { env }), (one) => one.close())
      const { accountId } = await connect(server, upstream.origin)
      const { apiVersion } = installation
      const sender = (url: string): Sender =>
        closing.add(new Sender(url, { subject, apiVersion, secret: WEBHOOK_SECRET }), (one) => one.close())
      const ours = sender(await addressOf(server, accountId))
      const other = startProcess(closing, floor)
      const database = postgres === null ? join(folder, 'floor.db') : await postgres()
      const origin = await other.ask<string>('listen', {
        ...{ secret: WEBHOOK_SECRET, database, apiVersion },
        ...(kind.folder === undefined ? {} : { folder: kind.folder }),
        ...(isRead ? { provider: upstream.origin } : {}),
      })
      const theirs = sender(`${origin}/`)
      return {
        note: `${LANES} lanes`,
        subject: (pace) => round(server.child, ours, pace, () => untilTold(server)),
        floor: (pace) => round(other, theirs, pace, () => Promise.resolve()),
        close: () => closing.close(),
      }
    })
  }
  return { name, isWarmed: true, figures: [figure], skipped, open }
}

/** Folder with a copy of @supabase/stripe-sync-engine and stripe in its node_modules; it is no dependency. */
const ENGINE_FOLDER = process.env.ONEFOLD_BENCH_SYNC_ENGINE ?? ''
const isInstalled = existsSync(join(ENGINE_FOLDER, 'node_modules/@supabase/stripe-sync-engine/package.json'))

const beside = (name: string, figure: Figure, isRead: boolean): Bench =>
  inbound({
    ...{
      name,
      figure,
      isRead,
      on: 'postgres',
      subject: 'customer',
      floor: 'inbound-sync-engine',
      folder: ENGINE_FOLDER,
    },
    skipped: isInstalled ? undefined : 'not installed: ONEFOLD_BENCH_SYNC_ENGINE names no folder that has it',
  })

/** Signed deliveries through the real server, until their events are told, beside those who do less with them. */
export const inboundBenches: readonly Bench[] = [
  inbound({ name: 'inbound-sqlite', figure: INBOUND_SQLITE, on: 'sqlite', subject: 'coupon', floor: 'inbound-floor' }),
  inbound({
    name: 'inbound-postgres',
    figure: INBOUND_POSTGRES,
    on: 'postgres',
    subject: 'coupon',
    floor: 'inbound-floor',
  }),
  beside('inbound-sync-engine', INBOUND_ENGINE, false),
  beside('inbound-sync-engine-read', INBOUND_ENGINE_READ, true),
]
