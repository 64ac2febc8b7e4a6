import type { IntegratedAccount } from './account-types.ts'
import type { JsonObject } from './rows.ts'

/** An integrated account on the wire, in answers and in events; credentials are never part of it. */
export function accountOut(account: IntegratedAccount): JsonObject {
  return {
    id: account.id,
    environment: account.environmentId,
    integration: account.integration,
    tenant_id: account.tenantId,
    status: account.status,
    status_reason: account.statusReason && {
      ...account.statusReason,
      at: new Date(account.statusReason.at).toISOString(),
    },
    authentication_method: account.authenticationMethod,
    has_credentials: account.hasCredentials,
    identity: account.identity,
    mode: account.mode,
    livemode: account.livemode,
    webhook: account.webhook && { ...account.webhook, at: new Date(account.webhook.at).toISOString() },
    settings: account.settings,
    context: account.context,
    traits: account.traits,
    created_at: new Date(account.createdAt).toISOString(),
    updated_at: new Date(account.updatedAt).toISOString(),
  }
}
