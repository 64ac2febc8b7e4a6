import type { Generated } from 'kysely'
import type { ErasureTables } from './erasure-tables.ts'
import type { EventTables } from './event-tables.ts'
import type { LinkSessionRow, LinkTokenRow, OAuthFlowRow } from './link-tables.ts'
import type { RuleTables } from './rule-tables.ts'
import type { SyncTables } from './sync-tables.ts'
import type { TokenTables } from './token-tables.ts'
import type { WebhookTables } from './webhook-tables.ts'

/** Row types of every table. Instants are epoch milliseconds, booleans 0 or 1, JSON is text: the same on both databases. */
export interface Tables extends ErasureTables, EventTables, RuleTables, SyncTables, TokenTables, WebhookTables {
  environments: EnvironmentRow
  integrated_accounts: AccountRow
  idempotency_records: IdempotencyRow
  request_log: RequestLogRow
  audit_log: AuditLogRow
  override_versions: OverrideVersionRow
  master_keys: MasterKeyRow
  key_holders: KeyHolderRow
  job_schedules: JobScheduleRow
  /** On SQLite only. */
  jobs: JobRow
  oauth_apps: OAuthAppRow
  token_renewals: TokenRenewalRow
  locks: LockRow
  link_tokens: LinkTokenRow
  link_sessions: LinkSessionRow
  oauth_flows: OAuthFlowRow
  partings: PartingRow
  identity_verdicts: IdentityVerdictRow
  restores: RestoreRow
}

interface RestoreRow {
  environment_id: string
  /** Until when the backup knows what was done. */
  known_until: number | null
  /** Null in a backup that was not used yet. */
  found_at: number | null
  resumed_at: number | null
  resumed_by: string | null
}

interface IdentityVerdictRow {
  environment_id: string
  id: string
  account_a: string
  customer_a: string
  account_b: string
  customer_b: string
  /** same or different. */
  verdict: string
  note: string | null
  made_by: string
  created_at: number
}

interface EnvironmentRow {
  id: string
  name: string
  settings: string
  created_at: number
  updated_at: number
  version: number
}

interface AccountRow {
  environment_id: string
  id: string
  integration: string
  tenant_id: string
  status: string
  /** Null while it is connecting or active. */
  status_reason: string | null
  authentication_method: string | null
  /** Sealed by the vault; null when nothing is stored. `credentials_key_id` names the master key that opens it. */
  credentials: string | null
  credentials_key_id: string | null
  /** When the access token among the credentials ends, and from when it is renewed; null when it is taken to last. */
  expires_at: number | null
  renew_at: number | null
  /** Grows with each change of the credentials. */
  token_version: number
  settings: string
  context: string
  traits: string
  identity: string | null
  mode: string | null
  livemode: number | null
  /** How its provider tells by itself what happens, as JSON; null before that is known. */
  webhook: string | null
  created_at: number
  updated_at: number
  version: number
}

interface IdempotencyRow {
  environment_id: string
  integrated_account_id: string
  operation: string
  key: string
  tenant_id: string
  body_hash: string
  state: string
  provider_key: string
  /** Random id of the attempt that may settle the record. */
  lease: string
  lease_until: number
  response: string | null
  response_key_id: string | null
  created_at: number
  expires_at: number
}

interface RequestLogRow {
  id: string
  /** Null for calls that were refused before an environment was known. */
  environment_id: string | null
  request_id: string
  integrated_account_id: string | null
  token_id: string | null
  method: string
  path: string
  status: number
  duration_ms: number
  upstream_requests: number
  error_code: string | null
  at: number
}

interface AuditLogRow {
  id: string
  environment_id: string
  actor: string
  action: string
  target: string
  outcome: string
  request_id: string | null
  details: string
  at: number
}

interface OverrideVersionRow {
  environment_id: string
  /** `integration:<name>` or `integrated_account:<id>`. */
  target: string
  version: number
  integration: string
  /** Null for the layer of the environment. */
  integrated_account_id: string | null
  change: string
  restored: number | null
  override: string
  note: string | null
  actor: string
  at: number
}

interface MasterKeyRow {
  /** First 8 hex digits of the sha256 of the key. */
  id: string
  /** Whether it encrypts; one does. */
  is_active: number
}

interface KeyHolderRow {
  /** A process that serves. */
  id: string
  /** Ids of the keys that it has. */
  keys: string
  seen_at: number
}

interface JobScheduleRow {
  name: string
  fired_at: number
}

interface JobRow {
  id: Generated<number>
  name: string
  /** Null for jobs of the installation. */
  environment_id: string | null
  payload: string
  key: string | null
  queue: string | null
  status: string
  run_at: number
  attempts: number
  max_attempts: number
  /** Random id of the run that may settle the job, while one runs. */
  lease: string | null
  lease_until: number | null
  last_error: string | null
  created_at: number
}

interface OAuthAppRow {
  environment_id: string
  integration: string
  /** Name of the auth method. */
  method: string
  /** Sealed by the vault. */
  fields: string
  fields_key_id: string
  created_at: number
  updated_at: number
}

/** A renewal of a token version that was begun and of whose answer nobody knows. */
interface TokenRenewalRow {
  environment_id: string
  integrated_account_id: string
  token_version: number
  fence: number
  started_at: number
}

interface LockRow {
  name: string
  /** Random id of who holds it, or held it last. */
  holder: string
  fence: number
  /** In the database's own time; now or before when it was given back. */
  until: number
}

/** What a deleted account leaves behind until its provider knows. */
interface PartingRow {
  id: string
  environment_id: string
  /** The account and its credentials, sealed whole. */
  sealed: string
  sealed_key_id: string
  created_at: number
}
