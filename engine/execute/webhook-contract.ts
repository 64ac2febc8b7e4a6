import type { EngineError } from '../errors.ts'
import type { NativeEvent } from '../webhooks/index.ts'

/** What a native event means. */
export interface UnifiedEvent {
  /** As received; a thin one read whole. */
  readonly native: NativeEvent
  /** Unified name; null where the event has none. */
  readonly type: string | null
  /** The unified resource of the record it is about; null where no model has one. */
  readonly target: { readonly model: string; readonly resource: string } | null
  readonly recordId: string | null
  /** Epoch milliseconds, as exact as the provider tells. */
  readonly occurredAt: number | null
  /** What the provider says that changed, by unified field. */
  readonly changes: Readonly<Record<string, { readonly before?: unknown; readonly after?: unknown }>> | null
  /** The unified record as it came in the event; null where it is to be read from the provider. */
  readonly record: Record<string, unknown> | null
  /** Whether that record tells a part only: what it has no value for is as it was. */
  readonly isPartial: boolean
  /**
   * Why it is not known what the event means: what tells its type, its record or its time has failed. Whoever took it for an event
   * without them would drop it, or put its record behind what is newer.
   */
  readonly failure: EngineError | null
}

/** A page of a feed of events, newest first. */
export interface EventFeedPage {
  readonly events: readonly NativeEvent[]
  /** When the newest of them happened (epoch ms); null without any. */
  readonly newest: number | null
  readonly nextCursor: string | null
}

/** The address that a provider is to deliver to. */
export interface WebhookAddress {
  readonly url: string
  /** The secret that it has, or one for a provider that is told which to use. */
  readonly secret: string
  /** What the provider calls the address, when it knows it already. */
  readonly endpointId: string | null
}

/** What the provider made of an address; `secret` is null while the one before goes on. */
export interface ProvisionedWebhook {
  readonly endpointId: string
  readonly secret: string | null
}
