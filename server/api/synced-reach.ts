import type { ModelResource } from '../../engine/index.ts'
import type { IntegratedAccount } from '../stores/index.ts'
import { toEngineAccount } from './accounts.ts'
import { unifiedAct } from './acts.ts'
import type { CallContext } from './context.ts'
import { checkReach } from './reach.ts'

/** What was synced of an account is read by whom a live list of it lets through. Throws forbidden. */
export function checkSyncedReach(
  { services, caller }: CallContext,
  resource: ModelResource,
  stored: IntegratedAccount,
): void {
  const integration = services.engine.integration(toEngineAccount(stored))
  checkReach(caller.token, unifiedAct(integration, resource, { method: 'list', effect: 'read' }))
}
