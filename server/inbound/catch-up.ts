import { toEngineAccount } from '../api/accounts.ts'
import type { Services } from '../api/context.ts'
import type { Restore } from '../stores/restores.ts'
import { isDeliveredTo } from './address.ts'

/**
 * Has the feeds of accounts that are delivered to read once from where a backup ends: what came since was acknowledged by the
 * database that was lost, and is delivered by nobody again. Accounts without a feed are left as they are.
 */
export async function catchUp(
  { stores, engine, clock }: Pick<Services, 'stores' | 'engine' | 'clock'>,
  { environmentId, knownUntil }: Restore,
): Promise<void> {
  for (let after = null, isMore = true; isMore; ) {
    const page = await stores.accounts.list(environmentId, { status: 'active', limit: 500, after })
    for (const account of page.result) {
      if (!isDeliveredTo(account) || !engine.hasEventFeed(toEngineAccount(account))) continue
      await stores.inbound.seen.startPolling(environmentId, account.id, knownUntil ?? clock.now())
    }
    after = page.next
    isMore = after !== null
  }
}
