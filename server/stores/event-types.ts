import type { JsonObject } from './rows.ts'

/** Something that happened, to be told to whoever listens. */
export interface NewEvent {
  /** Such as `integrated_account.active`. */
  readonly type: string
  readonly integratedAccountId: string | null
  readonly tenantId: string | null
  readonly integration: string | null
  readonly livemode: boolean | null
  /** The object as the API shows it, at that moment; never a secret. */
  readonly data: JsonObject
  /** Fields that changed, each `{ from, to }`. */
  readonly changes?: JsonObject | null | undefined
  /** Why, as a code. */
  readonly reason?: string | null | undefined
  /** Id of the stored event of the provider that this one tells. */
  readonly rawEventId?: string | null | undefined
  /** The record of the provider that it is about; null where it is about none. */
  readonly about?: EventSubject | null | undefined
}

/** The record that an event is about, and when it happened there (epoch ms). */
export interface EventSubject {
  readonly model: string | null
  readonly resource: string | null
  readonly recordId: string | null
  readonly occurredAt: number | null
}

/** A stored event. */
export interface StoredEvent extends Required<NewEvent> {
  readonly id: string
  readonly environmentId: string
  /** Epoch milliseconds. */
  readonly createdAt: number
  readonly changes: JsonObject | null
  readonly reason: string | null
  readonly rawEventId: string | null
  readonly about: EventSubject | null
}
