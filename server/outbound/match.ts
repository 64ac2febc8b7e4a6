import type { NewEvent } from '../stores/index.ts'
import type { WebhookFilters } from '../stores/webhook-types.ts'

/** Whether a destination wants an event. */
export function wants(filters: WebhookFilters, event: NewEvent): boolean {
  return (
    filters.eventTypes.some((type) => isType(type, event.type)) &&
    fits(filters.tenantId, event.tenantId) &&
    fits(filters.integratedAccountId, event.integratedAccountId) &&
    fits(filters.integration, event.integration) &&
    isOfModels(filters.models, event)
  )
}

const isType = (wanted: string, type: string): boolean =>
  wanted.endsWith('*') ? type.startsWith(wanted.slice(0, -1)) : type === wanted

const fits = (wanted: string | null, found: string | null): boolean => wanted === null || wanted === found

function isOfModels(models: readonly string[] | null, { about }: NewEvent): boolean {
  if (models === null) return true
  return about?.model != null && (models.includes(about.model) || models.includes(`${about.model}/${about.resource}`))
}
