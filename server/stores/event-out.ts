import type { StoredEvent } from './event-types.ts'
import type { JsonObject } from './rows.ts'

/** An event on the wire: what a delivery of it holds, too. */
export function eventOut(event: StoredEvent): JsonObject {
  return {
    id: event.id,
    type: event.type,
    created_at: new Date(event.createdAt).toISOString(),
    environment: event.environmentId,
    integrated_account_id: event.integratedAccountId,
    tenant_id: event.tenantId,
    integration: event.integration,
    livemode: event.livemode,
    reason: event.reason,
    data: event.data,
    changes: event.changes,
    model: event.about?.model ?? null,
    resource: event.about?.resource ?? null,
    resource_id: event.about?.recordId ?? null,
    occurred_at: event.about?.occurredAt == null ? null : new Date(event.about.occurredAt).toISOString(),
    raw_event_id: event.rawEventId,
  }
}
