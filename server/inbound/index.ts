import type { Services } from '../api/context.ts'
import type { PartingStep } from '../api/parting-step.ts'
import { anewJob } from './intake.ts'
import { POLL, POLL_ACCOUNT, PROCESS, PROVISION, REVIEW } from './names.ts'
import { pollAccountHandler, pollHandler } from './poll.ts'
import { processHandler } from './process.ts'
import { provisionHandler, provisionJob, reviewHandler } from './provision.ts'

export { catchUp } from './catch-up.ts'
export { createInboundHandler, isDelivery } from './serve.ts'
export { setUpAgain } from './set-up.ts'

const EVERY_MINUTE = '* * * * *'
const TEN_MINUTES_MS = 600_000
/** A feed that was not read for long has many pages. */
const HOUR_MS = 3_600_000
/** When an account begins to work, or does so again. */
const BEGINNINGS = ['integrated_account.active', 'integrated_account.reconnected', 'integrated_account.enabled']

/** Says who does the jobs about what providers tell, and has them done for accounts that begin to work. */
export function registerInbound(services: Services): void {
  const { jobs, stores } = services
  jobs.handle(PROCESS, processHandler(services), { timeoutMs: TEN_MINUTES_MS })
  jobs.handle(PROVISION, provisionHandler(services))
  jobs.handle(REVIEW, reviewHandler(services))
  jobs.handle(POLL, pollHandler(services))
  jobs.handle(POLL_ACCOUNT, pollAccountHandler(services), { timeoutMs: HOUR_MS })
  jobs.schedule(POLL, EVERY_MINUTE)
  services.partingSteps.push(removeProviderWebhook(services))
  stores.events.follow(async (trx, { type, environmentId, integratedAccountId: account }) => {
    if (!BEGINNINGS.includes(type) || account === null) return
    await jobs.enqueue(trx, provisionJob(environmentId, account))
    await jobs.enqueue(trx, anewJob(environmentId, account))
  })
}

/** Has every account looked at once the server is reachable: what its providers deliver to may have changed. */
export const reviewInbound = ({ jobs }: Pick<Services, 'jobs'>): Promise<void> =>
  jobs.add({ name: REVIEW, payload: {}, environmentId: null, key: 'start' })

/**
 * Ends the deliveries of an account that is disconnected: the provider is told to send no more, and the address is gone. One
 * that accounts share stays.
 */
export function removeProviderWebhook(services: Pick<Services, 'stores' | 'engine' | 'random'>): PartingStep {
  return {
    name: 'webhook',
    isFor: ({ webhook }) => webhook !== null && webhook.url !== null,
    async run(account) {
      const { stores, engine, random } = services
      const { environmentId, integration, id } = account
      const endpoint = await stores.inbound.endpoints.ofOwner(environmentId, integration, `account:${id}`)
      if (endpoint === null) return
      if (endpoint.providerId !== null) {
        const requestId = `webhook_${random.id(16)}`
        await engine.removeWebhook(account, endpoint.providerId, { requestId, priority: 'sync', onLimit: 'wait' })
      }
      await stores.inbound.endpoints.delete(environmentId, endpoint.id)
    },
  }
}
