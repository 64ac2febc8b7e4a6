import type { Selectable } from 'kysely'
import { Secret } from '../../engine/index.ts'
import { fromJson } from './rows.ts'
import type { Tables } from './tables.ts'
import type { RowAddress, Vault } from './vault.ts'
import type {
  Delivery,
  DeliveryStatus,
  DisabledReason,
  NewWebhook,
  Webhook,
  WebhookHealth,
  WebhookKind,
  WebhookPatch,
  WebhookSecrets,
} from './webhook-types.ts'

type WebhookRow = Selectable<Tables['webhooks']>

/** Where the secrets of a destination are sealed to. */
export function webhookAddress(row: { readonly environment_id: string; readonly id: string }): RowAddress {
  return { table: 'webhooks', environmentId: row.environment_id, row: [row.id] }
}

/** Columns of what a person decides; those of fields that are not named are left out. */
export function webhookColumns(given: WebhookPatch): Partial<WebhookRow> {
  const { eventTypes, models, recipients, isEnabled, ...plain } = given
  const columns = {
    name: plain.name,
    url: plain.url,
    recipients: recipients === undefined ? undefined : jsonOrNull(recipients),
    event_types: eventTypes === undefined ? undefined : JSON.stringify(eventTypes),
    tenant_id: plain.tenantId,
    integrated_account_id: plain.integratedAccountId,
    integration: plain.integration,
    models: models === undefined ? undefined : jsonOrNull(models),
    description: plain.description,
    is_enabled: isEnabled === undefined ? undefined : Number(isEnabled),
    previous_until: plain.previousUntil,
  }
  return Object.fromEntries(Object.entries(columns).filter(([, value]) => value !== undefined))
}

const jsonOrNull = (value: readonly string[] | null): string | null => (value === null ? null : JSON.stringify(value))

/** Columns of the secrets, sealed to their row. */
export function sealedSecrets(
  vault: Vault,
  key: { readonly environment_id: string; readonly id: string },
  secrets: NewWebhook['secrets'],
): Pick<WebhookRow, 'sealed' | 'sealed_key_id'> {
  if (secrets === null) return { sealed: null, sealed_key_id: null }
  const { text, keyId } = vault.encrypt(webhookAddress(key), JSON.stringify(secrets.reveal()))
  return { sealed: text, sealed_key_id: keyId }
}

/** The secrets of a row. Throws as Vault.decrypt. */
export function openedSecrets(
  vault: Vault,
  row: Pick<WebhookRow, 'environment_id' | 'id' | 'sealed'>,
): Secret<WebhookSecrets> {
  if (row.sealed === null) return new Secret({})
  return new Secret(fromJson<WebhookSecrets>(vault.decrypt(webhookAddress(row), row.sealed)))
}

/** Columns of how a destination is doing. */
export function healthColumns(health: WebhookHealth) {
  return {
    is_enabled: Number(health.isEnabled),
    disabled_reason: health.disabledReason,
    failures: health.failures,
    failing_since: health.failingSince,
    failed_at: health.failedAt,
    paused_until: health.pausedUntil,
  }
}

/** The destination in a row. */
export function toWebhook(row: WebhookRow): Webhook {
  return {
    id: row.id,
    environmentId: row.environment_id,
    name: row.name,
    kind: row.kind as WebhookKind,
    url: row.url,
    recipients: row.recipients === null ? null : fromJson<string[]>(row.recipients),
    eventTypes: fromJson<string[]>(row.event_types),
    tenantId: row.tenant_id,
    integratedAccountId: row.integrated_account_id,
    integration: row.integration,
    models: row.models === null ? null : fromJson<string[]>(row.models),
    description: row.description,
    isEnabled: row.is_enabled === 1,
    disabledReason: row.disabled_reason as DisabledReason | null,
    failures: row.failures,
    failingSince: row.failing_since,
    failedAt: row.failed_at,
    pausedUntil: row.paused_until,
    previousUntil: row.previous_until,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}

/** The delivery in a row. */
export function toDelivery(row: Selectable<Tables['webhook_deliveries']>): Delivery {
  return {
    id: row.id,
    environmentId: row.environment_id,
    webhookId: row.webhook_id,
    eventId: row.event_id,
    eventType: row.event_type,
    integratedAccountId: row.integrated_account_id,
    status: row.status as DeliveryStatus,
    nextAt: row.next_at,
    lease: row.lease,
    attempts: row.attempts,
    attemptedAt: row.attempted_at,
    responseStatus: row.response_status,
    response: row.response,
    error: row.error,
    durationMs: row.duration_ms,
    createdAt: row.created_at,
    deliveredAt: row.delivered_at,
  }
}
