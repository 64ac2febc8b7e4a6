import type { Secret } from '../../engine/index.ts'
import type { PageQuery } from './rows.ts'

/** What events can be sent to. */
export const WEBHOOK_KINDS = Object.freeze(['webhook', 'slack', 'email'] as const)

/** One of WEBHOOK_KINDS. */
export type WebhookKind = (typeof WEBHOOK_KINDS)[number]

/** Which events a destination wants; null is any. */
export interface WebhookFilters {
  /** Types, each exact or with a `*` at the end; none where only rules send there. */
  readonly eventTypes: readonly string[]
  readonly tenantId: string | null
  readonly integratedAccountId: string | null
  readonly integration: string | null
  /** Unified models (`payment-gateway`) or resources of them (`payment-gateway/payments`). */
  readonly models: readonly string[] | null
}

/** What a destination is reached or signed with, never shown. */
export interface WebhookSecrets {
  /** Signing secrets, the newest first: one, or two while a rotation lasts. */
  readonly signing?: readonly string[] | undefined
  /** Address of a chat: whoever has it can post there. */
  readonly url?: string | undefined
}

/** Why a destination was switched off by itself. */
export type DisabledReason = 'failing' | 'gone'

/** How a destination has been doing. Instants are epoch milliseconds. */
export interface WebhookHealth {
  readonly isEnabled: boolean
  /** Null when a person switched it off. */
  readonly disabledReason: DisabledReason | null
  /** Failures since the last success. */
  readonly failures: number
  readonly failingSince: number | null
  readonly failedAt: number | null
  /** Nothing is sent until then, and one delivery at a time after it. */
  readonly pausedUntil: number | null
}

/** A destination of events. */
export interface Webhook extends WebhookFilters, WebhookHealth {
  readonly id: string
  readonly environmentId: string
  /** What rules call it; unique in its environment. */
  readonly name: string | null
  readonly kind: WebhookKind
  /** Of webhooks only. */
  readonly url: string | null
  /** Of emails only. */
  readonly recipients: readonly string[] | null
  readonly description: string | null
  /** Until when the secret before the newest one signs, too. */
  readonly previousUntil: number | null
  readonly createdAt: number
  readonly updatedAt: number
}

/** A destination to make. */
export interface NewWebhook extends WebhookFilters {
  readonly name?: string | null | undefined
  readonly kind: WebhookKind
  readonly url: string | null
  readonly recipients: readonly string[] | null
  readonly secrets: Secret<WebhookSecrets> | null
  readonly description: string | null
  readonly isEnabled: boolean
}

/** What to change: a field not named (or undefined) stays. */
export type WebhookPatch = {
  readonly [Field in Exclude<keyof NewWebhook, 'kind'>]?: NewWebhook[Field] | undefined
} & { readonly previousUntil?: number | null | undefined }

/** `unknown`: it was cut off while it was being sent, and is not sent again by itself. `dead`: it failed as often as it may. */
export const DELIVERY_STATUSES = Object.freeze(['waiting', 'delivered', 'dead', 'unknown'] as const)

/** One of DELIVERY_STATUSES. */
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number]

/** An event on its way to a destination, with what the last attempt brought. Instants are epoch milliseconds. */
export interface Delivery {
  readonly id: string
  readonly environmentId: string
  readonly webhookId: string
  readonly eventId: string
  readonly eventType: string
  readonly integratedAccountId: string | null
  readonly status: DeliveryStatus
  /** When it is tried next; while `lease` is set, when the attempt under way is given up. */
  readonly nextAt: number
  readonly lease: string | null
  readonly attempts: number
  readonly attemptedAt: number | null
  readonly responseStatus: number | null
  /** First bytes of the answer, with secrets cut. */
  readonly response: string | null
  readonly error: string | null
  readonly durationMs: number | null
  readonly createdAt: number
  readonly deliveredAt: number | null
}

/** How an attempt ended. */
export interface AttemptResult {
  readonly status: DeliveryStatus
  /** When a waiting one is tried next. */
  readonly nextAt: number
  readonly responseStatus: number | null
  readonly response: string | null
  readonly error: string | null
  readonly durationMs: number
}

/** Which deliveries of a destination. */
export interface DeliveryFilters {
  readonly statuses?: readonly DeliveryStatus[] | undefined
  readonly eventType?: string | undefined
  readonly eventId?: string | undefined
  /** Made at or after, and before, these instants. */
  readonly since?: number | undefined
  readonly until?: number | undefined
}

/** A page of them, newest first. */
export interface DeliveryQuery extends DeliveryFilters, PageQuery {}
