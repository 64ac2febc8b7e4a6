/** Who can end a failure: the caller of the API, the person who connected the account, the provider, or whoever runs Onefold. */
export type WhoCanFix = 'caller' | 'end_user' | 'provider' | 'operator'

interface ErrorKind {
  /** HTTP status of the problem (RFC 9110). */
  readonly status: number
  /** Whether the same call may succeed later without a change. */
  readonly retryable: boolean
  readonly whoCanFix: WhoCanFix
  /** Short, stable title (RFC 9457 `title`). */
  readonly title: string
}

const kind = (status: number, retryable: boolean, whoCanFix: WhoCanFix, title: string): ErrorKind =>
  Object.freeze({ status, retryable, whoCanFix, title })

/** Every runtime failure of Onefold by code. Codes are stable: clients may switch on them. */
export const ERRORS = Object.freeze({
  // The call itself
  invalid_request: kind(400, false, 'caller', 'The request is not valid'),
  invalid_json: kind(400, false, 'caller', 'The body is not valid JSON'),
  invalid_parameter: kind(400, false, 'caller', 'A parameter has a value that is not allowed'),
  unknown_parameter: kind(400, false, 'caller', 'A parameter is not known here'),
  unknown_field: kind(400, false, 'caller', 'A field is not known here'),
  invalid_body: kind(422, false, 'caller', 'The body does not fit the schema'),
  unknown_filter: kind(400, false, 'caller', 'This list cannot be filtered that way'),
  unsupported_filter: kind(400, false, 'caller', 'The provider cannot answer this filter in the modes allowed'),
  unsupported_sort: kind(400, false, 'caller', 'This list cannot be sorted that way'),
  mixed_currencies: kind(400, false, 'caller', 'Amounts of different currencies are never added'),
  too_much_data: kind(400, false, 'caller', 'More synced data would have to be looked at than one call may'),
  invalid_cursor: kind(400, false, 'caller', 'The cursor is not valid'),
  expired_cursor: kind(400, false, 'caller', 'The cursor is older than 24 hours'),
  foreign_cursor: kind(400, false, 'caller', 'The cursor belongs to another query or account'),
  body_too_large: kind(413, false, 'caller', 'The body is larger than allowed'),
  unsupported_media_type: kind(415, false, 'caller', 'The content type is not supported'),
  path_not_allowed: kind(400, false, 'caller', 'The path is not allowed'),
  owned_parameter: kind(400, false, 'caller', 'A header or parameter is set by Onefold and cannot be given'),
  ambiguous_account: kind(400, false, 'caller', 'Exactly one integrated account must be named'),
  idempotency_conflict: kind(422, false, 'caller', 'The idempotency key was used with another request'),
  idempotency_in_flight: kind(409, true, 'caller', 'A request with this idempotency key is still running'),
  // Rights
  unauthorized: kind(401, false, 'caller', 'No valid token was given'),
  expired_token: kind(401, false, 'caller', 'The token has expired'),
  forbidden: kind(403, false, 'caller', 'The token may not do this'),
  approval_required: kind(403, false, 'caller', 'This needs the approval of a person'),
  approval_pending: kind(409, true, 'caller', 'Nobody has decided on this yet'),
  approval_refused: kind(403, false, 'caller', 'A person refused this'),
  approval_over: kind(409, false, 'caller', 'The approval was used or has expired'),
  approval_stale: kind(409, false, 'caller', 'What would be sent is no longer what was approved'),
  spend_limit: kind(403, false, 'caller', 'This is more than the token may spend'),
  link_token_spent: kind(401, false, 'end_user', 'The link has been used'),
  oauth_state_refused: kind(403, false, 'end_user', 'The authorization was not begun in this browser, or is over'),
  signature_refused: kind(401, false, 'caller', 'The signature of the delivery is not valid'),
  provider_key_refused: kind(401, false, 'caller', 'A provider key was sent where an Onefold token belongs'),
  origin_refused: kind(421, false, 'caller', 'The Host or Origin of the request is not served here'),
  // What is not there
  not_found: kind(404, false, 'caller', 'There is nothing at this address'),
  method_not_allowed: kind(405, false, 'caller', 'This address does not take this HTTP method'),
  unknown_account: kind(404, false, 'caller', 'There is no such integrated account'),
  unknown_integration: kind(404, false, 'caller', 'There is no such integration'),
  unknown_model: kind(404, false, 'caller', 'There is no such unified model'),
  unknown_resource: kind(404, false, 'caller', 'There is no such resource'),
  unknown_method: kind(404, false, 'caller', 'There is no such method on this resource'),
  unsupported_resource: kind(501, false, 'caller', 'The provider has no such resource'),
  unsupported_method: kind(501, false, 'caller', 'The provider cannot do this'),
  record_not_found: kind(404, false, 'caller', 'The provider has no record with this id'),
  // What the operation refuses
  already_refunded: kind(409, false, 'caller', 'The payment is already refunded in full'),
  amount_exceeds_refundable: kind(422, false, 'caller', 'The amount is more than what can be refunded'),
  disputed: kind(409, false, 'caller', 'The payment is disputed and cannot be refunded'),
  insufficient_balance: kind(402, false, 'end_user', 'The account balance does not cover this'),
  card_declined: kind(402, false, 'end_user', 'The payment was declined'),
  conflict: kind(409, true, 'caller', 'The record was changed by somebody else'),
  not_synced: kind(409, true, 'caller', 'The resource of this account was not synced'),
  deletions_refused: kind(409, false, 'caller', 'More records are gone than a sync may delete'),
  partly_done: kind(409, false, 'caller', 'A part of the write was made and the rest failed'),
  // Accounts and credentials
  account_not_active: kind(409, false, 'end_user', 'The integrated account is not active'),
  needs_reauth: kind(401, false, 'end_user', 'The account must be connected again'),
  invalid_credentials: kind(422, false, 'end_user', 'The provider refused the credentials'),
  another_account: kind(422, false, 'end_user', 'The credentials are of another account of the provider'),
  authorization_denied: kind(403, false, 'end_user', 'The authorization was declined'),
  authorization_failed: kind(400, false, 'end_user', 'The authorization did not succeed'),
  oauth_app_missing: kind(409, false, 'operator', 'The environment has no app for this auth method'),
  oauth_app_refused: kind(502, false, 'operator', 'The provider refused the app of the environment'),
  post_install_failed: kind(
    502,
    true,
    'provider',
    'What is set up at the provider when an account is connected failed',
  ),
  missing_scope: kind(403, false, 'end_user', 'The credentials lack a permission'),
  // Provider and wire
  provider_invalid_request: kind(400, false, 'caller', 'The provider refused the request'),
  provider_forbidden: kind(403, false, 'end_user', 'The provider forbids this to these credentials'),
  provider_error: kind(502, true, 'provider', 'The provider failed'),
  provider_unavailable: kind(503, true, 'provider', 'The provider is not available'),
  provider_bad_response: kind(502, true, 'provider', 'The provider sent an answer that cannot be read'),
  response_too_large: kind(502, false, 'provider', 'The answer of the provider is larger than allowed'),
  rate_limited: kind(429, true, 'caller', 'The rate limit of the account is reached'),
  token_rate_limited: kind(429, true, 'caller', 'The rate limit of the token is reached'),
  timeout: kind(504, true, 'provider', 'The provider did not answer in time'),
  connection_failed: kind(502, true, 'provider', 'The connection to the provider failed'),
  outcome_unknown: kind(504, false, 'caller', 'The write was sent and its outcome is not known'),
  canceled: kind(499, true, 'caller', 'The caller left before the answer'),
  egress_refused: kind(403, false, 'operator', 'The egress policy forbids this address'),
  // Paging
  stuck_cursor: kind(502, false, 'provider', 'The provider returned the same cursor twice'),
  empty_page: kind(502, true, 'provider', 'The provider sent an empty page and says there is more'),
  missing_path: kind(502, false, 'operator', 'The answer lacks a path that the definition names'),
  foreign_next_url: kind(502, false, 'provider', 'The next page is on another origin'),
  cost_exceeded: kind(429, true, 'caller', 'The call needs more upstream requests than it may make'),
  // Definitions and expressions at run time
  expression_failed: kind(500, false, 'operator', 'An expression of the definition failed'),
  expression_limit: kind(500, false, 'operator', 'An expression of the definition ran into a limit'),
  definition_invalid: kind(500, false, 'operator', 'A definition is not valid'),
  // The installation
  config_invalid: kind(500, false, 'operator', 'A setting is not valid'),
  store_locked: kind(503, true, 'operator', 'Another process holds the embedded database'),
  store_failed: kind(503, true, 'operator', 'The database failed'),
  key_missing: kind(500, false, 'operator', 'Stored data is encrypted with a key that was not given'),
  overloaded: kind(503, true, 'operator', 'The server is shutting down or has too much to do'),
  internal: kind(500, false, 'operator', 'Onefold failed'),
} as const satisfies Record<string, ErrorKind>)

/** A code of the ERRORS table. */
export type ErrorCode = keyof typeof ERRORS

/** What a provider said when it refused or failed; `body` is the parsed answer, already free of `x-secret` fields. */
export interface ProviderFailure {
  readonly name: string
  readonly status: number
  readonly code?: string | undefined
  readonly message?: string | undefined
  readonly requestId?: string | undefined
  readonly body?: unknown
}

/** One of several things wrong with what was sent. */
export interface Fault {
  readonly code: string
  readonly message: string
  readonly hint: string
  /** JSON pointer in the body, or within the text that the body holds. */
  readonly pointer: string
  /** Place in a text, each from 1. */
  readonly line?: number | undefined
  readonly column?: number | undefined
  /** What would be understood instead. */
  readonly valid?: readonly string[] | undefined
}

/** Optional facts of an EngineError. */
export interface ErrorDetails {
  /** What the caller can do next, one sentence. */
  readonly hint?: string | undefined
  /** The values that would have been accepted. */
  readonly valid?: readonly string[] | undefined
  /** Where: a query parameter, a JSON pointer in the body, or file:line:column of a definition. */
  readonly where?: string | undefined
  readonly provider?: ProviderFailure | undefined
  /** Milliseconds to wait before a retry can succeed. */
  readonly waitMs?: number | undefined
  readonly missingFields?: readonly string[] | undefined
  readonly missingScopes?: readonly string[] | undefined
  /** Whether bytes of the request may have reached the provider; decides between a retry and `outcome_unknown`. */
  readonly sent?: boolean | undefined
  /** What somebody can let through, as the API shows it. */
  readonly approval?: Readonly<Record<string, unknown>> | undefined
  /** Everything that is wrong, where that is more than one thing. */
  readonly faults?: readonly Fault[] | undefined
  readonly cause?: unknown
}

/** The one runtime failure. `code` decides status, retryable and who can fix it (ERRORS); `message` says what happened, where. */
export class EngineError extends Error {
  readonly code: ErrorCode
  readonly details: ErrorDetails

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'EngineError'
    this.code = code
    this.details = details
  }

  get status(): number {
    return ERRORS[this.code].status
  }

  get retryable(): boolean {
    return ERRORS[this.code].retryable
  }

  get whoCanFix(): WhoCanFix {
    return ERRORS[this.code].whoCanFix
  }
}
