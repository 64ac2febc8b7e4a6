import type { JsonObject } from './rows.ts'

/** The right of one person to connect, or to connect again, one account. Instants are epoch milliseconds. */
export interface LinkToken {
  readonly id: string
  readonly environmentId: string
  readonly tenantId: string
  /** Names to choose from; null is all. */
  readonly integrations: readonly string[] | null
  /** The account to connect again, or null for a new one. */
  readonly integratedAccountId: string | null
  /** Where the browser goes afterwards, exactly. */
  readonly redirectUri: string | null
  /** The one origin that may frame the page and is told of its result. */
  readonly origin: string | null
  /** What to ask of a provider with OAuth; null is what the definition asks for. */
  readonly scopes: readonly string[] | null
  /** Notes for the account. */
  readonly context: JsonObject
  /** The account that its attempts made, also one that failed. */
  readonly accountId: string | null
  /** When it connected an account; it connects one only. */
  readonly spentAt: number | null
  readonly createdAt: number
  readonly expiresAt: number
}

/** A link token to make. */
export interface NewLinkToken
  extends Pick<LinkToken, 'tenantId' | 'integrations' | 'integratedAccountId' | 'redirectUri' | 'origin' | 'scopes'> {
  readonly context: JsonObject
  readonly expiresAt: number
}

/** What a presented value is; `spent` and `expired` ones are known, and good for nothing. */
export type LinkTokenCheck =
  | { readonly state: 'valid' | 'expired' | 'spent'; readonly link: LinkToken }
  | { readonly state: 'unknown' }

/** How the last attempt of a session ended. */
export type LinkOutcome =
  | { readonly status: 'connected'; readonly accountId: string; readonly integration: string }
  | { readonly status: 'failed'; readonly code: string; readonly integration: string; readonly said: string | null }

/** A browser that has opened a link. */
export interface LinkSession {
  readonly id: string
  readonly link: LinkToken
  readonly outcome: LinkOutcome | null
  readonly expiresAt: number
}

/** An authorization on its way through a provider, begun by a session. */
export interface OAuthFlow {
  readonly id: string
  readonly sessionId: string
  readonly integration: string
  readonly method: string
  /** Whether it runs in the window of the page or in a popup of it. */
  readonly window: 'page' | 'popup'
  /** Fields of the form, the code verifier and the like; they were sealed. */
  readonly kept: Readonly<Record<string, unknown>>
}

/** An authorization to begin. */
export type NewOAuthFlow = Omit<OAuthFlow, 'id'> & { readonly expiresAt: number }
