import type { Services } from './api/context.ts'
import { ERASE, eraseHandler } from './api/erase.ts'
import { PART, partingHandler } from './api/parting.ts'
import { registerRechecks } from './api/rechecks.ts'
import { registerRenewals } from './api/renewals.ts'
import { registerSync, type SyncDesk } from './sync/index.ts'

const SWEEP = 'stores.sweep'
const HOURLY = '0 * * * *'
const HOUR_MS = 3_600_000
/** Time for somebody to look at a dead job. */
const DEAD_MS = 30 * 24 * HOUR_MS

/** Says who does which jobs, and what comes again and again; every process has the same list. */
export function registerJobs(services: Services, sync: SyncDesk): void {
  const { jobs, stores, clock, log } = services
  const sweep = async () => {
    const now = clock.now()
    const deadJobs = await jobs.forgetDead(now - DEAD_MS)
    const swept = await stores.sweep(now)
    log.info({ ...swept, deadJobs }, 'what is past its retention was deleted')
  }
  jobs.handle(SWEEP, sweep, { timeoutMs: HOUR_MS })
  jobs.schedule(SWEEP, HOURLY)
  registerRenewals(services)
  registerRechecks(services)
  jobs.handle(PART, partingHandler(services))
  jobs.handle(ERASE, eraseHandler(services), { timeoutMs: HOUR_MS })
  registerSync(services, sync)
}
