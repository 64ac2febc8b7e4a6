/** Row types of every table. Instants are epoch milliseconds, booleans 0 or 1, JSON is text: the same on both databases. */
export interface Tables {
  environments: EnvironmentRow
  integrated_accounts: AccountRow
  tokens: TokenRow
  idempotency_records: IdempotencyRow
  request_log: RequestLogRow
  audit_log: AuditLogRow
  override_versions: OverrideVersionRow
  master_keys: MasterKeyRow
  key_holders: KeyHolderRow
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
  settings: string
  context: string
  traits: string
  identity: string | null
  mode: string | null
  livemode: number | null
  created_at: number
  updated_at: number
  version: number
}

interface TokenRow {
  id: string
  /** sha256 of the token, hex. The token itself is never stored. */
  hash: string
  kind: string
  name: string | null
  role: string | null
  /** Null only for tokens that reach every environment. */
  environment_id: string | null
  integrated_account_id: string | null
  methods: string | null
  resources: string | null
  effects: string | null
  customer_id: string | null
  created_at: number
  expires_at: number | null
  revoked_at: number | null
  last_used_at: number | null
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
