import type { JsonObject } from './rows.ts'
import { FAILING_AFTER } from './webhook-health.ts'
import type { Delivery, Webhook } from './webhook-types.ts'

const instant = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString())

/** A destination on the wire, in answers and in events; what it is signed or reached with is never part of it. */
export function webhookOut(webhook: Webhook): JsonObject {
  return {
    id: webhook.id,
    environment: webhook.environmentId,
    name: webhook.name,
    kind: webhook.kind,
    url: webhook.url,
    to: webhook.recipients,
    event_types: webhook.eventTypes,
    tenant_id: webhook.tenantId,
    integrated_account_id: webhook.integratedAccountId,
    integration: webhook.integration,
    models: webhook.models,
    description: webhook.description,
    is_enabled: webhook.isEnabled,
    status: statusOf(webhook),
    disabled_reason: webhook.disabledReason,
    failing_since: instant(webhook.failingSince),
    paused_until: instant(webhook.pausedUntil),
    previous_secret_until: instant(webhook.previousUntil),
    created_at: instant(webhook.createdAt),
    updated_at: instant(webhook.updatedAt),
  }
}

function statusOf({ isEnabled, failures }: Webhook): string {
  if (!isEnabled) return 'disabled'
  return failures >= FAILING_AFTER ? 'failing' : 'ok'
}

/** A delivery on the wire. */
export function deliveryOut(delivery: Delivery): JsonObject {
  const { lease, status, nextAt } = delivery
  return {
    id: delivery.id,
    webhook_id: delivery.webhookId,
    event_id: delivery.eventId,
    event_type: delivery.eventType,
    integrated_account_id: delivery.integratedAccountId,
    status: status === 'waiting' && lease !== null ? 'sending' : status,
    attempts: delivery.attempts,
    next_attempt_at: status === 'waiting' && lease === null ? instant(nextAt) : null,
    last_attempt_at: instant(delivery.attemptedAt),
    response_status: delivery.responseStatus,
    response: delivery.response,
    error: delivery.error,
    duration_ms: delivery.durationMs,
    created_at: instant(delivery.createdAt),
    delivered_at: instant(delivery.deliveredAt),
  }
}
