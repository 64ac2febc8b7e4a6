/** A link token. */
export interface LinkTokenRow {
  id: string
  /** sha256 of the token, hex. */
  hash: string
  environment_id: string
  tenant_id: string
  /** Names to choose from; null is all. */
  integrations: string | null
  /** The account to connect again, or null for a new one. */
  integrated_account_id: string | null
  redirect_uri: string | null
  origin: string | null
  scopes: string | null
  context: string
  /** The account that its attempts made. */
  account_id: string | null
  /** Random id of the attempt that is running. */
  lease: string | null
  lease_until: number | null
  spent_at: number | null
  created_at: number
  expires_at: number
}

/** A browser that opened one. */
export interface LinkSessionRow {
  id: string
  /** sha256 of the cookie, hex. */
  hash: string
  link_token_id: string
  /** How it went so far. */
  outcome: string | null
  created_at: number
  expires_at: number
}

/** An authorization on its way. */
export interface OAuthFlowRow {
  id: string
  link_session_id: string
  integration: string
  method: string
  /** `page` or `popup`. */
  window: string
  ticket_hash: string
  state_hash: string | null
  /** sha256 of the cookie of the browser that began it. */
  browser_hash: string | null
  /** Fields of the form and the code verifier, sealed. */
  sealed: string
  sealed_key_id: string | null
  created_at: number
  expires_at: number
  used_at: number | null
}
