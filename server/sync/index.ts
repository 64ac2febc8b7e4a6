import type { Services } from '../api/context.ts'
import { FEED_GAP } from '../stores/index.ts'
import type { SyncDesk } from './desk.ts'
import { RUN_JOB } from './queue.ts'

export { SyncDesk } from './desk.ts'

const TICK_JOB = 'sync.tick'
const EVERY_MINUTE = '* * * * *'
/** A run hands on long before. */
const LONGEST_MS = 1_800_000

/** Has the jobs of this process read for sync runs, and start those that are due. */
export function registerSync(services: Pick<Services, 'jobs' | 'stores'>, desk: SyncDesk): void {
  const { jobs, stores } = services
  jobs.handle(RUN_JOB, (payload, context) => desk.runner.handle(payload, context), { timeoutMs: LONGEST_MS })
  jobs.handle(TICK_JOB, () => desk.startDue())
  jobs.schedule(TICK_JOB, EVERY_MINUTE)
  // What a provider has changed for some time was never told: everything has to be read again.
  stores.events.follow(async (trx, { type, environmentId, integratedAccountId, tenantId, createdAt }) => {
    if (type !== FEED_GAP || integratedAccountId === null) return
    await stores.syncJobs.askFull(trx, { environmentId, integratedAccountId, tenantId }, createdAt)
  })
}
