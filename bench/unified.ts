import type { Bench, Figure, Measures, Pace, Rig } from './harness/bench.ts'
import { type Child, start } from './harness/child.ts'
import {
  LOOP_DELAY,
  LOOP_DELAY_FIRST,
  LOOP_DELAY_SPOILED,
  UNIFIED,
  UNIFIED_REMOTE,
  UNIFIED_SERVED,
} from './harness/goals.ts'
import { type Installation, install, PROVIDER } from './harness/installation.ts'
import { Driver } from './harness/load.ts'
import { Closing, servedCpu, startProcess, startUpstream, type Upstream } from './harness/rig.ts'
import { connect, startServer } from './harness/server.ts'
import type { Delays, Repeated } from './harness/usage.ts'

const RESOURCE = 'payments'
/** Calls under way at once where CPU is counted over HTTP. */
const LANES = 4

interface List {
  readonly result: readonly Readonly<Record<string, unknown>>[]
}

/** Fails unless the answer is a list of 100 records that each have what `key` names. */
function checkList(text: string, key: string): void {
  const { result } = JSON.parse(text) as List
  const complete = result.filter((record) => record[key] !== undefined && record[key] !== null)
  if (complete.length !== 100) throw new Error(`expected 100 records with ${key}, got ${complete.length}`)
}

const installOpen = (closing: Closing): Installation =>
  closing.add(install({ openLimits: true }), (installation) => installation.remove())

/** Engine and floor, each alone in a process, side by side over the same upstream requests. */
async function openEngines(
  closing: Closing,
  isSpoiled: boolean,
): Promise<{ engine: Child; floor: Child; note: string }> {
  const upstream = await startUpstream(closing, isSpoiled)
  const { folder } = installOpen(closing)
  const engine = closing.add(await startEngine(folder, upstream), (child) => child.close())
  const floor = startProcess(closing, 'unified-floor')
  checkList(await engine.ask<string>('once'), isSpoiled ? 'id' : 'amount')
  const targets = await upstream.targetsOf(() => engine.ask('once'))
  await floor.ask('prepare', { origin: upstream.origin, targets })
  checkList(await floor.ask<string>('once'), 'id')
  return { engine, floor, note: noteOf(targets) }
}

async function startEngine(folder: string, { origin }: Upstream): Promise<Child> {
  const engine = start({ script: `${folder}/dist/bench/processes/unified-engine.js` })
  await engine.ask('prepare', { origin, integration: PROVIDER, resource: RESOURCE })
  return engine
}

const noteOf = (targets: readonly string[]): string => `${targets.length} upstream requests a call on both sides`

const repeated = async (child: Child, { roundMs }: Pace): Promise<Measures> => {
  const { cpuMs, calls } = await child.ask<Repeated>('repeat', { ms: roundMs })
  return { cpu: cpuMs / calls }
}

const delayed = async (child: Child, { roundMs }: Pace): Promise<Measures> => {
  const { p99, gc } = await child.ask<Delays>('delays', { ms: roundMs })
  return { p99, 'garbage collection': gc }
}

function inProcess(name: string, figure: Figure, round: typeof repeated, isSpoiled = false): Bench {
  const open = (): Promise<Rig> => {
    const closing = new Closing()
    return closing.guard(async () => {
      const { engine, floor, note } = await openEngines(closing, isSpoiled)
      return {
        note,
        subject: (pace) => round(engine, pace),
        floor: (pace) => round(floor, pace),
        close: () => closing.close(),
      }
    })
  }
  return { name, isWarmed: true, figures: [figure], open }
}

/** The first page of new processes; on one side mappings were compiled ahead of it. */
function firstPage(name: string, figure: Figure): Bench {
  const open = (): Promise<Rig> => {
    const closing = new Closing()
    return closing.guard(async () => {
      const upstream = await startUpstream(closing)
      const { folder } = installOpen(closing)
      const first = async (isAhead: boolean): Promise<Measures> => {
        const engine = await startEngine(folder, upstream)
        if (isAhead) await engine.ask('ahead')
        const { p99 } = await engine.ask<Delays>('delays', { ms: 1 })
        await engine.close()
        return { p99 }
      }
      return {
        note: 'a new process each round',
        subject: () => first(true),
        floor: () => first(false),
        close: () => closing.close(),
      }
    })
  }
  return { name, isWarmed: false, figures: [figure], open }
}

/** A driver of the real server, for the unified list. */
async function openServed(closing: Closing, upstream: Upstream, more: string): Promise<[Child, Driver]> {
  const server = closing.add(await startServer(installOpen(closing)), (one) => one.close())
  const { accountId, token } = await connect(server, upstream.origin)
  const path = `/unified/payment-gateway/${RESOURCE}?integrated_account_id=${accountId}&limit=100${more}`
  const headers = { authorization: `Bearer ${token}` }
  const target = { origin: server.origin, path, headers }
  return [server.child, closing.add(new Driver(target, LANES), (driver) => driver.close())]
}

function served(name: string, figure: Figure, more: string, key: string): Bench {
  const open = (): Promise<Rig> => {
    const closing = new Closing()
    return closing.guard(async () => {
      const upstream = await startUpstream(closing)
      const [server, driver] = await openServed(closing, upstream, more)
      checkList(await driver.once(), key)
      const targets = await upstream.targetsOf(() => driver.once())
      const bare = startProcess(closing, 'served-floor')
      const origin = await bare.ask<string>('listen', { origin: upstream.origin, targets })
      const base = closing.add(new Driver({ origin, path: '/', headers: {} }, LANES), (one) => one.close())
      checkList(await base.once(), 'id')
      return {
        note: noteOf(targets),
        subject: async ({ roundMs }) => ({ cpu: await servedCpu(server, driver, roundMs, LANES) }),
        floor: async ({ roundMs }) => ({ cpu: await servedCpu(bare, base, roundMs, LANES) }),
        close: () => closing.close(),
      }
    })
  }
  return { name, isWarmed: true, figures: [figure], open }
}

/** Unified lists of 100 against reading, parsing and writing the same pages. */
export const unifiedBenches: readonly Bench[] = [
  inProcess('unified', UNIFIED, repeated),
  inProcess('event-loop', LOOP_DELAY, delayed),
  inProcess('event-loop-broken', LOOP_DELAY_SPOILED, delayed, true),
  firstPage('event-loop-first', LOOP_DELAY_FIRST),
  served('unified-served', UNIFIED_SERVED, '', 'amount'),
  served('unified-remote-data', UNIFIED_REMOTE, '&remote_data=true', 'remote_data'),
]
