import { EngineError } from '../../engine/index.ts'
import type { Services } from '../api/context.ts'
import { type IntegratedAccount, newUrlId, type WebhookState } from '../stores/index.ts'
import { addressOf, reachableAt } from './address.ts'
import { ownerOf, provisionJob } from './provision.ts'

const DAY_MS = 86_400_000

/** What is to be another one. */
export interface SetUp {
  readonly secret?: string | undefined
  readonly rotateUrl: boolean
}

/**
 * Changes the address or the secret of an account's deliveries and has its provider told of it by a job; without either the
 * provider is asked again. Throws account_not_active, or conflict for a provider that tells nothing.
 */
export async function setUpAgain(
  services: Services,
  account: IntegratedAccount,
  { secret, rotateUrl }: SetUp,
): Promise<IntegratedAccount> {
  const { stores, clock, jobs, engine } = services
  const { environmentId, id, integration } = account
  if (account.status !== 'active') {
    throw new EngineError('account_not_active', `The integrated account ${id} is ${account.status}, not active`)
  }
  if (engine.catalog().integrations.get(integration)?.webhooks === undefined) {
    throw new EngineError('unsupported_method', `${integration} tells nothing by itself`)
  }
  const now = clock.now()
  const attaching = { environmentId, integration, accountId: id }
  const endpoint = await stores.inbound.endpoints.attach(attaching, ownerOf(services, account), now)
  const changed = await stores.inbound.endpoints.update(
    environmentId,
    endpoint.id,
    ({ secrets }) => ({
      ...(secret === undefined ? {} : { secrets: withSecret(secrets.reveal(), secret, now) }),
      ...(rotateUrl ? { urlId: newUrlId() } : {}),
    }),
    now,
  )
  const base = reachableAt(services, account)
  const url = base === null ? null : addressOf(base, changed.urlId)
  const webhook: WebhookState = { state: 'pending', url, reason: null, at: now }
  const pending = await stores.accounts.update(environmentId, id, { webhook }, { now })
  // Those who share the address are to show the same.
  const sharing = await stores.inbound.endpoints.attachedTo(environmentId, changed.id)
  for (const one of new Set([id, ...sharing])) await jobs.add(provisionJob(environmentId, one))
  return pending
}

/** The new secret, and those before for another day: deliveries on their way are signed with them. */
function withSecret(
  before: readonly { readonly value: string; readonly until: number | null }[],
  value: string,
  now: number,
) {
  const kept = before.filter((one) => one.value !== value && (one.until === null || one.until > now))
  return [{ value, until: null }, ...kept.map((one) => ({ ...one, until: one.until ?? now + DAY_MS }))]
}
