import type { IntegratedAccount } from '../stores/index.ts'
import { toEngineAccount } from './accounts.ts'
import { audit } from './audit.ts'
import type { CallContext } from './context.ts'
import { asEngineError } from './problem.ts'

/** How long a provider is waited for when it is told that a grant is over, in milliseconds. */
const REVOKE_MS = 10_000

/** Whether the provider was told: done, it failed, or there is nothing to tell. */
type Revocation = 'done' | 'failed' | 'none'

/**
 * Disconnects an account: its grant is given back at the provider, then it is deleted here, whatever the provider says. With
 * `erase` nothing of it stays but that there was one. Throws store_failed.
 */
export async function disconnect(context: CallContext, account: IntegratedAccount, erase: boolean): Promise<void> {
  const { stores, clock } = context.services
  const { environmentId, id, integration } = account
  const revoked = await revoke(context, account)
  await stores.accounts.delete(environmentId, id, { now: clock.now(), erase })
  const details = { integration, revoked, erased: erase }
  await audit(context, 'integrated_account.delete', `integrated_account:${id}`, 'succeeded', details)
}

async function revoke(context: CallContext, account: IntegratedAccount): Promise<Revocation> {
  const { engine, clock, log } = context.services
  const integration = engine.catalog().integrations.get(account.integration)
  const method = integration?.auth.methods.get(account.authenticationMethod ?? '')
  if (method?.oauth2?.revoke === undefined || !account.hasCredentials) return 'none'
  const { requestId, priority } = context
  const options = { requestId, priority, onLimit: 'wait', deadline: clock.now() + REVOKE_MS } as const
  try {
    await engine.revoke(toEngineAccount(account), options)
    return 'done'
  } catch (thrown) {
    const { code } = asEngineError(thrown)
    log.warn({ integrated_account_id: account.id, code }, 'a grant could not be given back; the account is deleted')
    return 'failed'
  }
}
