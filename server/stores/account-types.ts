import type { Secret } from '../../engine/index.ts'
import type { JsonObject, PageQuery } from './rows.ts'

/** Every status of an integrated account; only `active` ones are called. */
export const ACCOUNT_STATUSES = Object.freeze([
  'connecting',
  'active',
  'needs_reauth',
  'validation_error',
  'post_install_error',
  'disabled',
] as const)

/** One of ACCOUNT_STATUSES. */
export type AccountStatus = (typeof ACCOUNT_STATUSES)[number]

/** Credentials by field name, as the authentication method's form names them. They cannot print themselves. */
export type Credentials = Secret<Readonly<Record<string, string>>>

/** Why an account is in a status that is not good, and since when. */
export interface StatusReason {
  /** A code of the table of errors, or the status where nothing failed. */
  readonly code: string
  readonly message: string
  /** Epoch milliseconds. */
  readonly at: number
  /** Of `post_install_error`: the step that failed. */
  readonly step?: string | undefined
}

/** How a provider tells by itself what happens in an account. */
export interface WebhookState {
  /**
   * `provisioned`: it delivers to the address. `manual`: a person has it deliver there. `polling`: its feed of events is
   * read. `off`: it is not asked. `pending`: this is being found out. `failed`: neither came about. `unsupported`: it tells
   * nothing by itself.
   */
  readonly state: 'provisioned' | 'manual' | 'polling' | 'off' | 'unsupported' | 'failed' | 'pending'
  /** Where it is to deliver. */
  readonly url: string | null
  /** Why it is so: a code of the table of errors with a text, or what a person is to do. */
  readonly reason: string | null
  /** Epoch milliseconds. */
  readonly at: number
}

/** A tenant's connection to one provider, without its credentials. Instants are epoch milliseconds. */
export interface IntegratedAccount {
  readonly id: string
  readonly environmentId: string
  readonly integration: string
  readonly tenantId: string
  readonly status: AccountStatus
  /** Null while it is connecting, or active and all is known of it. */
  readonly statusReason: StatusReason | null
  readonly authenticationMethod: string | null
  readonly hasCredentials: boolean
  /** As on the wire; `base_url` points the account at another host. */
  readonly settings: JsonObject
  readonly context: JsonObject
  /** Facts read at connect, such as the provider's API version, by which variants choose. */
  readonly traits: JsonObject
  /** The provider's own id of the account behind the credentials. */
  readonly identity: string | null
  readonly mode: string | null
  readonly livemode: boolean | null
  /** Null before it is known. */
  readonly webhook: WebhookState | null
  readonly createdAt: number
  readonly updatedAt: number
  /** Grows by one with each change. */
  readonly version: number
}

/** An account to make. */
export interface NewAccount {
  /** Default: a random `ia_...`. */
  readonly id?: string | undefined
  readonly integration: string
  readonly tenantId: string
  /** Default `connecting`. */
  readonly status?: AccountStatus | undefined
  /** Default: a text about the status, and now. */
  readonly statusReason?: StatusReason | null | undefined
  readonly authenticationMethod?: string | null | undefined
  readonly credentials?: Credentials | null | undefined
  /** When the access token among the credentials ends and from when it is renewed, as a grant says; default it lasts. */
  readonly expiresAt?: number | null | undefined
  readonly renewAt?: number | null | undefined
  readonly settings?: JsonObject | undefined
  readonly context?: JsonObject | undefined
  readonly traits?: JsonObject | undefined
  readonly identity?: string | null | undefined
  readonly mode?: string | null | undefined
  readonly livemode?: boolean | null | undefined
  readonly webhook?: WebhookState | null | undefined
}

/** What to change: a field not named (or undefined) stays, JSON fields are replaced whole, null clears. */
export type AccountPatch = Partial<Omit<NewAccount, 'id' | 'integration' | 'tenantId'>>

/** Which accounts of an environment. */
export interface AccountQuery extends PageQuery {
  readonly integration?: string | undefined
  readonly tenantId?: string | undefined
  readonly status?: AccountStatus | undefined
}
