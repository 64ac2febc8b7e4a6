import type { IntegratedAccount, StoreTransaction } from '../stores/index.ts'
import { audit } from './audit.ts'
import type { CallContext, Services } from './context.ts'
import { PART } from './parting.ts'

/**
 * Disconnects an account: it is deleted here, and with it a job is stored that tells the provider. With `erase` nothing of it
 * stays but that there was one. Throws store_failed.
 */
export async function disconnect(context: CallContext, account: IntegratedAccount, erase: boolean): Promise<void> {
  const { services } = context
  const { stores, jobs, clock } = services
  const { environmentId, id, integration } = account
  const now = clock.now()
  let parting: string | null = null
  await stores.accounts.delete(environmentId, id, {
    ...{ now, erase },
    follow: async (trx: StoreTransaction, gone, left) => {
      if (left === null || !hasToPart(services, gone)) return
      parting = await stores.partings.begin(trx, gone, left, now)
      await jobs.enqueue(trx, { name: PART, payload: { parting, integrated_account_id: id }, environmentId })
    },
  })
  const details = { integration, erased: erase, provider_is_told: parting !== null }
  await audit(context, 'integrated_account.delete', `integrated_account:${id}`, 'succeeded', details)
}

/** Whether there is anything to do at the provider. */
function hasToPart({ engine, partingSteps }: Services, account: IntegratedAccount): boolean {
  const integration = engine.catalog().integrations.get(account.integration)
  const method = integration?.auth.methods.get(account.authenticationMethod ?? '')
  const isUndone = partingSteps.some((step) => step.isFor?.(account) ?? true)
  return isUndone || method?.oauth2?.revoke !== undefined
}
