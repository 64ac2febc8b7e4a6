import type { Services } from './api/context.ts'
import { PART, partingHandler } from './api/parting.ts'
import { registerSync, type SyncDesk } from './sync/index.ts'

const SWEEP = 'stores.sweep'
const HOURLY = '0 * * * *'
const HOUR_MS = 3_600_000

/** Says who does which jobs, and what comes again and again; every process has the same list. */
export function registerJobs(services: Services, sync: SyncDesk): void {
  const { jobs, stores, clock, log } = services
  const sweep = async () => {
    const swept = await stores.sweep(clock.now())
    log.info({ ...swept }, 'what is past its retention was deleted')
  }
  jobs.handle(SWEEP, sweep, { timeoutMs: HOUR_MS })
  jobs.schedule(SWEEP, HOURLY)
  jobs.handle(PART, partingHandler(services))
  registerSync(jobs, sync)
}
