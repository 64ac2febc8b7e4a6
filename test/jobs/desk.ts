import { onTestFinished } from 'vitest'
import { type Job, type Jobs, type NewJob, openJobs } from '../../server/jobs/index.ts'
import { createMetrics, type Metrics } from '../../server/metrics.ts'
import type { Stores, StoresOptions } from '../../server/stores/index.ts'
import { listeningLog } from '../http/stand.ts'
import { type Backend, openAt, type Place, T0 } from '../stores/backends.ts'
import { rawRun } from '../stores/raw.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

/** Jobs over a real database, with a time that moves when told to. */
export interface Desk {
  readonly jobs: Jobs
  readonly stores: Stores
  readonly place: Place
  readonly metrics: Metrics
  readonly log: ReturnType<typeof listeningLog>
  /** What the random port answers. */
  readonly random: { value: number }
  /** Makes everything stored that much older and lets timers of the process go. */
  passTime(ms: number): Promise<void>
  all(): Promise<readonly Job[]>
}

export async function openDesk(backend: Backend, at?: Place, options: Partial<StoresOptions> = {}): Promise<Desk> {
  const place = at ?? (await backend.place())
  const stores = await openAt(place, options)
  // A database tells its own time: on Postgres the clock only drives what waits in this process.
  const clock = new VirtualClock(backend.name === 'sqlite' ? T0 : Date.now())
  const log = listeningLog()
  const metrics = createMetrics()
  const random = { value: 0 }
  const port = { next: () => random.value, id: () => 'x' }
  const jobs = await openJobs(stores.database, { clock, log, metrics, random: port })
  onTestFinished(() => jobs.stop(0))
  return {
    jobs,
    stores,
    place,
    metrics,
    log,
    random,
    passTime: async (ms) => {
      if (backend.name === 'postgres') await rawRun(place, older(ms))
      await clock.advance(ms)
    },
    all: () => jobs.list({ environments: [null, 'default', 'other'], limit: 1_000 }),
  }
}

/** SQL that makes what is stored of jobs on Postgres that much older, and lets workers look. */
export const older = (ms: number): string => `
  update graphile_worker._private_jobs set run_at = run_at - interval '${ms} milliseconds', locked_at = locked_at - interval '${ms} milliseconds';
  update graphile_worker._private_job_queues set locked_at = locked_at - interval '${ms} milliseconds';
  select pg_notify('jobs:insert', '{"count":20}');`

/** A job of the tests. */
export const newJob = (more: Partial<NewJob> = {}): NewJob => ({
  name: 'acme.note',
  payload: { n: 1 },
  environmentId: 'default',
  ...more,
})

/** A handler's work that ends when it is let go. */
export function gate(): { readonly passed: Promise<void>; open: () => void } {
  let open: () => void = () => undefined
  const passed = new Promise<void>((resolve) => {
    open = resolve
  })
  return { passed, open }
}
