import type { Services } from './api/context.ts'

const SWEEP = 'stores.sweep'
const HOURLY = '0 * * * *'

/** Says who does which jobs, and what comes again and again; every process has the same list. */
export function registerJobs({ jobs, stores, clock, log }: Pick<Services, 'jobs' | 'stores' | 'clock' | 'log'>): void {
  jobs.handle(SWEEP, async () => {
    const swept = await stores.sweep(clock.now())
    log.info({ ...swept }, 'what is past its retention was deleted')
  })
  jobs.schedule(SWEEP, HOURLY)
}
