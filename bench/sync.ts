import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Bench, Measures, Rig } from './harness/bench.ts'
import type { Child } from './harness/child.ts'
import { SYNC_BOUND, SYNC_CPU, SYNC_ENGINE, SYNC_HEAP, SYNC_RSS, SYNC_SPEED } from './harness/goals.ts'
import { type Installation, install } from './harness/installation.ts'
import { startPostgres } from './harness/postgres.ts'
import { Closing, startProcess } from './harness/rig.ts'
import { ask, connect, type Server, startServer } from './harness/server.ts'
import type { Memory, Usage } from './harness/usage.ts'

const MASTER_KEY = randomBytes(32).toString('base64')
/** Requests a second that the definition is made to let through for one list, and records of one request. */
const LIMIT = 100
const PAGE = 100
const LOOK_MS = 100

/** A number of records that a setting may make another one. */
const sized = (name: string, usual: number): number => Number(process.env[name] ?? usual)
const RECORDS = sized('ONEFOLD_BENCH_SYNC_RECORDS', 20_000)
const WINDOWED = sized('ONEFOLD_BENCH_SYNC_WINDOWED', 100_000)
const MANY = sized('ONEFOLD_BENCH_SYNC_MANY', 1_000_000)
const FEW = 10_000

interface Stage {
  readonly closing: Closing
  readonly installation: Installation
  readonly server: Server
  readonly upstream: Child
  readonly origin: string
  /** Makes an empty database; its URL. */
  readonly freshUrl: (() => Promise<string>) | null
}

interface Staging {
  /** Every request goes through at once; else so many a second as LIMIT says. */
  readonly openLimits: boolean
  readonly isPostgres?: boolean
  /** NODE_OPTIONS of the server. */
  readonly nodeOptions?: string
}

async function stage(closing: Closing, { openLimits, isPostgres = false, nodeOptions }: Staging): Promise<Stage> {
  const upstream = startProcess(closing, 'sync-upstream')
  const origin = await upstream.ask<string>('listen')
  const installation = closing.add(install(openLimits ? { openLimits } : { leastLimit: LIMIT }), (one) => one.remove())
  const freshUrl = isPostgres ? await startPostgres(closing) : null
  const database = freshUrl === null ? {} : { DATABASE_URL: await freshUrl(), ONEFOLD_MASTER_KEY: MASTER_KEY }
  const env = { ...database, ...(nodeOptions === undefined ? {} : { NODE_OPTIONS: nodeOptions }) }
  const server = closing.add(await startServer(installation, { env }), (one) => one.close())
  return { closing, installation, server, upstream, origin, freshUrl }
}

/** Backfills all that the provider holds into a new account; answers how long it took and its CPU, per record. */
async function backfill({ server, upstream, origin }: Stage, size: number, latencyMs: number): Promise<Measures> {
  await upstream.ask('hold', { size, latencyMs })
  const { accountId } = await connect(server, origin)
  await server.child.ask('start')
  const from = performance.now()
  const asked = { integrated_account_id: accountId, resources: ['payment-gateway/customers'] }
  const { run_id: run } = await ask(server, 'POST', '/sync-job', asked)
  for (;;) {
    await sleep(LOOK_MS)
    const { status, progress, error } = await ask(server, 'GET', `/sync-job-run/${run}`)
    if (status === 'waiting' || status === 'running') continue
    const { added } = progress as { readonly added: number }
    if (status === 'succeeded' && added === size) break
    throw new Error(`a backfill ended as ${status} with ${added} records: ${JSON.stringify(error)}`)
  }
  const wall = performance.now() - from
  const { cpuMs } = await server.child.ask<Usage>('stop')
  return { cpu: cpuMs / size, speed: cpuMs / size, wall, record: wall / size }
}

function bench(head: Omit<Bench, 'open'>, staging: Staging, open: (stage: Stage) => Omit<Rig, 'close'>): Bench {
  return {
    ...head,
    open: () => {
      const closing = new Closing()
      return closing.guard(async () => ({ ...open(await stage(closing, staging)), close: () => closing.close() }))
    },
  }
}

const intoSqlite = bench(
  { name: 'sync-sqlite', figures: [SYNC_CPU, SYNC_SPEED], isWarmed: true, mostRounds: 5 },
  { openLimits: true },
  (on) => {
    const floor = startProcess(on.closing, 'sync-floor')
    return {
      note: `${RECORDS} records a round`,
      subject: () => backfill(on, RECORDS, 0),
      floor: async () => {
        const folder = mkdtempSync(join(tmpdir(), 'onefold-bench-sync-'))
        const asked = { origin: on.origin, file: join(folder, 'floor.db') }
        const { cpuMs, records } = await floor.ask<Usage & { readonly records: number }>('backfill', asked)
        rmSync(folder, { recursive: true, force: true })
        return { cpu: cpuMs / records, speed: 0 }
      },
    }
  },
)

/** Folder with a copy of @supabase/stripe-sync-engine and stripe in its node_modules; it is no dependency. */
const ENGINE_FOLDER = process.env.ONEFOLD_BENCH_SYNC_ENGINE ?? ''
const isInstalled = existsSync(join(ENGINE_FOLDER, 'node_modules/@supabase/stripe-sync-engine/package.json'))
const ENGINE_LATENCY_MS = 50

const besideEngine = bench(
  {
    ...{ name: 'sync-engine', figures: [SYNC_ENGINE], isWarmed: false, mostRounds: 2 },
    skipped: isInstalled ? undefined : 'not installed: ONEFOLD_BENCH_SYNC_ENGINE names no folder that has it',
  },
  { openLimits: false, isPostgres: true },
  (on) => ({
    note: `${RECORDS} records a round, ${ENGINE_LATENCY_MS} ms away`,
    subject: () => backfill(on, RECORDS, ENGINE_LATENCY_MS),
    floor: async () => {
      await on.upstream.ask('hold', { size: RECORDS, latencyMs: ENGINE_LATENCY_MS })
      const other = startProcess(on.closing, 'sync-engine')
      const database = await on.freshUrl?.()
      const asked = { origin: on.origin, database, folder: ENGINE_FOLDER, apiVersion: on.installation.apiVersion }
      const { wallMs, records } = await other.ask<{ readonly wallMs: number; readonly records: number }>(
        'backfill',
        asked,
      )
      if (records !== RECORDS) throw new Error(`the sync engine brought ${records} records`)
      return { wall: wallMs, record: wallMs / records }
    },
  }),
)

const FAR_MS = 150

/** The floor is what the limit allows: there are lanes enough for it. */
const farAway = bench(
  { name: 'sync-far', figures: [SYNC_BOUND], isWarmed: false, mostRounds: 1 },
  { openLimits: false },
  (on) => ({
    note: `${WINDOWED} records, ${FAR_MS} ms away, ${LIMIT} requests a second`,
    subject: () => backfill(on, WINDOWED, FAR_MS),
    floor: () => Promise.resolve({ wall: (WINDOWED / PAGE / LIMIT) * 1_000 }),
  }),
)

/** Without a bound the heap grows as far as the memory of the machine invites it to, before anything is collected. */
const SMALL_HEAP = '--max-old-space-size=192'

const memory = bench(
  { name: 'sync-memory', figures: [SYNC_HEAP, SYNC_RSS], isWarmed: false, mostRounds: 1 },
  { openLimits: true, nodeOptions: SMALL_HEAP },
  (on) => {
    const after = async (size: number): Promise<Measures> => {
      await backfill(on, size, 0)
      const { heapMb, mostRssMb } = await on.server.child.ask<Memory>('memory')
      return { heap: heapMb, rss: mostRssMb }
    }
    let few: Promise<Measures> | undefined
    // What is loaded and compiled once is no growth: the first backfill is not measured.
    const afterFew = (): Promise<Measures> => {
      few ??= after(FEW).then(() => after(FEW))
      return few
    }
    // The few come first: what they leave behind is no part of what the many do.
    return { note: `${MANY} records after ${FEW}`, subject: () => afterFew().then(() => after(MANY)), floor: afterFew }
  },
)

/** Backfills through the real server, from a provider in a process of its own. */
export const syncBenches: readonly Bench[] = [intoSqlite, besideEngine, farAway, memory]
