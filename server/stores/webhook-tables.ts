/** Tables of where events go. */
export interface WebhookTables {
  webhooks: WebhookRow
  webhook_deliveries: WebhookDeliveryRow
}

interface WebhookRow {
  environment_id: string
  id: string
  /** What rules call it; unique in its environment. */
  name: string | null
  kind: string
  /** Of webhooks only; the address of a chat is sealed. */
  url: string | null
  recipients: string | null
  /** The signing secrets, or the address of a chat. */
  sealed: string | null
  sealed_key_id: string | null
  /** Until when the secret before the newest one signs, too. */
  previous_until: number | null
  event_types: string
  tenant_id: string | null
  integrated_account_id: string | null
  integration: string | null
  models: string | null
  description: string | null
  is_enabled: number
  disabled_reason: string | null
  /** Failures since the last success. */
  failures: number
  failing_since: number | null
  failed_at: number | null
  paused_until: number | null
  created_at: number
  updated_at: number
}

interface WebhookDeliveryRow {
  environment_id: string
  id: string
  webhook_id: string
  event_id: string
  event_type: string
  integrated_account_id: string | null
  status: string
  /** When it is due; while it is being sent, when that is given up. */
  next_at: number
  /** Random id of the attempt that may settle it, while one runs. */
  lease: string | null
  attempts: number
  attempted_at: number | null
  response_status: number | null
  response: string | null
  error: string | null
  duration_ms: number | null
  created_at: number
  delivered_at: number | null
}
