/** Tables of tokens and of what is done with them. */
export interface TokenTables {
  tokens: TokenRow
  token_windows: TokenWindowRow
  token_accounts: TokenAccountRow
  token_spend: TokenSpendRow
  approvals: ApprovalRow
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
  /** Of tokens for agents: JSON of their tenant, tags, limits and the like. */
  policy: string | null
  /** JSON; null: what its environment says. */
  rate_limit: string | null
  created_at: number
  expires_at: number | null
  revoked_at: number | null
  last_used_at: number | null
}

interface TokenWindowRow {
  token_id: string
  started_at: number
  used: number
}

/** An account that a token for agents reaches. */
interface TokenAccountRow {
  token_id: string
  environment_id: string
  integrated_account_id: string
}

/** What a token has spent or reserved in a currency on a day. */
interface TokenSpendRow {
  token_id: string
  currency: string
  /** In UTC, `2026-11-29`. */
  day: string
  /** Minor units. */
  amount: number
}

interface ApprovalRow {
  id: string
  environment_id: string
  /** The token that asked. */
  token_id: string
  integrated_account_id: string
  operation: string
  effect: string
  /** `human` or `confirm`: who may let it through. */
  policy: string
  state: string
  amount: number | null
  currency: string | null
  /** The call and what would be sent, sealed. `request_key_id` names the master key that opens it. */
  request: string
  request_key_id: string
  /** Hashes, hex: of the call, of the built request, of the definitions it was built with. */
  request_hash: string
  built_hash: string
  definition: string
  /** What makes the call one and the same while it waits or is released; null after. Unique. */
  standing: string | null
  created_at: number
  expires_at: number
  decided_at: number | null
  decided_by: string | null
  note: string | null
  used_at: number | null
  outcome: string | null
}
