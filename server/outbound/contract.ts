import type { Clock, Log, Random, Secret, Transport } from '../../engine/index.ts'
import type { StoredEvent, Webhook } from '../stores/index.ts'
import type { WebhookSecrets } from '../stores/webhook-types.ts'

/** An event to be sent to a destination. */
export interface Shipment {
  readonly webhook: Webhook
  readonly secrets: Secret<WebhookSecrets>
  readonly event: StoredEvent
  /** Ends the attempt. */
  readonly signal: AbortSignal
}

/** What became of an attempt. */
export interface Outcome {
  /** `unknown`: it was sent, and no answer says whether it was taken. */
  readonly result: 'delivered' | 'failed' | 'unknown'
  /** The destination says that it is gone for good. */
  readonly isGone?: boolean | undefined
  readonly responseStatus?: number | undefined
  /** First bytes of the answer, with secrets cut. */
  readonly response?: string | undefined
  /** A code, with words where there are any. */
  readonly error?: string | undefined
  /** What the destination asks to wait. */
  readonly retryAfterMs?: number | undefined
}

/** Sends to destinations of one kind. Never rejects for what a destination does. */
export type Sender = (shipment: Shipment) => Promise<Outcome>

/** What sending works with. */
export interface SendMeans {
  readonly transport: Transport
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}
