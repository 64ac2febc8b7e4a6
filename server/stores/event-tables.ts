import type { Generated } from 'kysely'

/** Row types of the tables of events, ours and those of providers; conventions as of Tables. */
export interface EventTables {
  event_heads: EventHeadRow
  events: EventRow
  inbound_endpoints: InboundEndpointRow
  inbound_attachments: InboundAttachmentRow
  inbound_events: InboundEventRow
  seen_records: SeenRecordRow
  inbound_feeds: InboundFeedRow
}

interface EventHeadRow {
  environment_id: string
  /** Number of the newest event; whoever writes an event holds this row until the end of the transaction. */
  last: number
  /** Events up to this number are past their retention, and gone. */
  swept: number
}

interface EventRow {
  environment_id: string
  seq: number
  id: string
  type: string
  integrated_account_id: string | null
  tenant_id: string | null
  integration: string | null
  livemode: number | null
  reason: string | null
  data: string
  changes: string | null
  raw_event_id: string | null
  /** What the event is about, where it is about a record of the provider. */
  model: string | null
  resource: string | null
  record_id: string | null
  /** When it happened at the provider. */
  occurred_at: number | null
  created_at: number
}

interface InboundEndpointRow {
  environment_id: string
  id: string
  integration: string
  /** `account:<id>`, or `app:<auth method>` where accounts share it. */
  owner: string
  /** The random part of its URL. */
  url_id: string
  /** What the provider calls it. */
  provider_id: string | null
  /** Sealed by the vault: a list of secrets, each with the instant until which it holds. */
  secrets: string | null
  secrets_key_id: string | null
  created_at: number
  updated_at: number
  version: number
}

interface InboundAttachmentRow {
  environment_id: string
  integrated_account_id: string
  endpoint_id: string
}

interface InboundEventRow {
  environment_id: string
  integrated_account_id: string
  /** The provider's id: what comes again is the same. */
  provider_id: string
  id: string
  type: string
  api_version: string | null
  /** webhook or feed. */
  source: string
  /** waiting, done, ignored or failed. */
  status: string
  error: string | null
  body: string
  received_at: number
  /** How often it could not be read for a while. */
  attempts: number
  /** When it may be tried again; 0 is at once. */
  due_at: number
}

interface SeenRecordRow {
  environment_id: string
  integrated_account_id: string
  /** `model/resource`. */
  resource: string
  record_id: string
  /** When the newest event of it happened. */
  at: number
  /** Whether it was read from the provider, and so may be newer than that. */
  is_fetched: number
  /** Whether a sync told of this state before the provider did. */
  is_synced: Generated<number>
  /** sha256 of the record but for when and how it was read. */
  hash: string
  record: string
  seen_at: number
}

interface InboundFeedRow {
  environment_id: string
  integrated_account_id: string
  /** Events from here on are asked for. */
  since: number
}
