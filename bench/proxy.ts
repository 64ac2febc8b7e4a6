import type { Bench, Measures, Pace, Rig } from './harness/bench.ts'
import type { Child } from './harness/child.ts'
import { hopCpu, hopLatency } from './harness/goals.ts'
import { install } from './harness/installation.ts'
import { Driver, type Target } from './harness/load.ts'
import { Closing, servedCpu, startProcess, startUpstream } from './harness/rig.ts'
import { type Connected, connect, type Server, startServer } from './harness/server.ts'
import { percentile } from './harness/statistics.ts'

const LANES = 8
const RECORD = '/v1/payment_intents/pi_bench0000000000000001'
const PAGE = '/v1/payment_intents?limit=100'

/** The middle latency of one request at a time, then CPU per request with several under way. */
async function round(child: Child, driver: Driver, { roundMs }: Pace): Promise<Measures> {
  const { latencies } = await driver.drive(roundMs / 2, 1)
  return { p50: percentile(latencies, 0.5), cpu: await servedCpu(child, driver, roundMs / 2, LANES) }
}

type Surface = (server: Server, connected: Connected, path: string) => Target

const dropIn: Surface = ({ dropIn: origin }, { token }, path) => ({
  origin,
  path,
  headers: { authorization: `Bearer ${token}` },
})

const custom: Surface = ({ origin }, { token }, path) => ({
  origin,
  path: `/custom${path}`,
  headers: { authorization: `Bearer ${token}` },
})

function proxied(name: string, what: string, surface: Surface, path: string): Bench {
  const open = (): Promise<Rig> => {
    const closing = new Closing()
    const drive = (target: Target): Driver => closing.add(new Driver(target, LANES), (driver) => driver.close())
    return closing.guard(async () => {
      const upstream = await startUpstream(closing)
      const installation = closing.add(install({ openLimits: true }), (one) => one.remove())
      const server = closing.add(await startServer(installation), (one) => one.close())
      const subject = drive(surface(server, await connect(server, upstream.origin), path))
      const bare = startProcess(closing, 'proxy-floor')
      const floor = drive({ origin: await bare.ask<string>('listen', upstream), path, headers: {} })
      const [ours, theirs] = [await subject.once(), await floor.once()]
      if (ours !== theirs) throw new Error('the hop and its floor do not answer the same')
      return {
        note: `${Math.round(ours.length / 1024)} KB`,
        subject: (pace) => round(server.child, subject, pace),
        floor: (pace) => round(bare, floor, pace),
        close: () => closing.close(),
      }
    })
  }
  return { name, isWarmed: true, figures: [hopCpu(what), hopLatency(what)], open }
}

/** The proxy hop through the real server against node:http and undici alone. */
export const proxyBenches: readonly Bench[] = [
  proxied('proxy-drop-in', 'drop-in port, one record', dropIn, RECORD),
  proxied('proxy-drop-in-page', 'drop-in port, page of 100', dropIn, PAGE),
  proxied('proxy-custom', '/custom, one record', custom, RECORD),
]
