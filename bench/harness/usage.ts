import { PerformanceObserver, performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { percentile } from './statistics.ts'

/** CPU time of this process, all threads, in milliseconds. */
export interface Usage {
  readonly cpuMs: number
}

/** Starts to count; the answer stops it. */
export function meterCpu(): () => Usage {
  const before = process.cpuUsage()
  return () => {
    const { user, system } = process.cpuUsage(before)
    return { cpuMs: (user + system) / 1000 }
  }
}

/** What this process holds, in MB. */
export interface Memory {
  /** After garbage collection. */
  readonly heapMb: number
  /** The most that it has ever had in memory. */
  readonly mostRssMb: number
}

/** Collects garbage and says what is left. */
export function heldMemory(): Memory {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  collect()
  return { heapMb: process.memoryUsage().heapUsed / 1e6, mostRssMb: process.resourceUsage().maxRSS / 1_000 }
}

/** Calls repeated for a while, one after the other. */
export interface Repeated extends Usage {
  readonly calls: number
}

/** Repeats a call for `ms` milliseconds, at least once, and counts CPU. */
export async function repeat(call: () => Promise<unknown>, ms: number): Promise<Repeated> {
  const stop = meterCpu()
  const end = performance.now() + ms
  let calls = 0
  do {
    await call()
    calls += 1
  } while (performance.now() < end)
  return { calls, ...stop() }
}

/** How long the event loop was held up during calls, in milliseconds. */
export interface Delays {
  /**
   * Longest delay of each call; the 99th percentile over the calls. Garbage collection is taken off, and so is time in
   * which other processes had the core: a delay counts up to the CPU time that this process used in it.
   */
  readonly p99: number
  /** Time in garbage collection per call, between the calls included: V8 likes to collect when nobody waits. */
  readonly gc: number
}

interface Span {
  readonly from: number
  readonly to: number
}

/** A time in which the event loop did not turn. */
interface Gap extends Span {
  readonly cpuMs: number
}

const TICK_MS = 1

/** Repeats a call for `ms` milliseconds, at least once, and watches the event loop with a timer of 1 ms. */
export async function watchDelays(call: () => Promise<unknown>, ms: number): Promise<Delays> {
  const [gaps, pauses, calls]: [Gap[], Span[], Span[]] = [[], [], []]
  const observer = new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) pauses.push({ from: startTime, to: startTime + duration })
  })
  observer.observe({ entryTypes: ['gc'] })
  let [last, sinceLast] = [performance.now(), meterCpu()]
  const ticker = setInterval(() => {
    const now = performance.now()
    if (now - last > 2 * TICK_MS) gaps.push({ from: last + TICK_MS, to: now, ...sinceLast() })
    last = now
    sinceLast = meterCpu()
  }, TICK_MS)
  const end = performance.now() + ms
  do {
    const from = performance.now()
    await call()
    calls.push({ from, to: performance.now() })
    // The delay that a call ends with is known at the next tick only.
    await sleep(3 * TICK_MS)
  } while (performance.now() < end)
  clearInterval(ticker)
  await sleep(10)
  observer.disconnect()
  const worst = calls.map((span) => Math.max(0, ...gaps.filter(meets(span)).map((gap) => ownDelay(gap, pauses))))
  const gc = pauses.reduce((sum, { from, to }) => sum + to - from, 0)
  return { p99: percentile(worst, 0.99), gc: gc / calls.length }
}

const overlap = (a: Span, b: Span): number => Math.max(0, Math.min(a.to, b.to) - Math.max(a.from, b.from))

const meets =
  (span: Span) =>
  (gap: Span): boolean =>
    overlap(span, gap) > 0

/** How long a process held up its own event loop in a gap: pauses taken off, at most the CPU time it used. */
export function ownDelay(gap: Gap, pauses: readonly Span[]): number {
  const length = gap.to - gap.from - pauses.reduce((sum, pause) => sum + overlap(gap, pause), 0)
  return Math.min(length, gap.cpuMs)
}
