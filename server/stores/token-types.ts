import type { Secret } from '../../engine/index.ts'
import type { PageQuery } from './rows.ts'

/** What an API token may do: owner and admin all, write and read by effect, approve only releases confirmations. */
export type TokenRole = 'owner' | 'admin' | 'write' | 'read' | 'approve'

/** The effects an operation can have. */
export type TokenEffect = 'read' | 'write' | 'money' | 'credential'

/** Most calls in a window of fixed length. */
export interface RateLimit {
  readonly requests: number
  /** Seconds; windows begin at whole multiples of it. */
  readonly windowS: number
}

interface TokenBase {
  readonly id: string
  readonly name: string | null
  /** Epoch milliseconds, as every instant here. */
  readonly createdAt: number
  /** Null: it lasts until revoked. */
  readonly expiresAt: number | null
  readonly revokedAt: number | null
  /** True to about a minute. */
  readonly lastUsedAt: number | null
  /** Null: what its environment says, if anything. */
  readonly rateLimit: RateLimit | null
}

/** A token of a back end or a person; `environmentId` null reaches every environment. */
export interface ApiToken extends TokenBase {
  readonly kind: 'api'
  readonly environmentId: string | null
  readonly role: TokenRole
}

/** A token of one integrated account. */
export interface AccountToken extends TokenBase {
  readonly kind: 'account'
  readonly environmentId: string
  readonly integratedAccountId: string
  /** Null: every method that the effects allow. An empty list allows none. */
  readonly methods: readonly string[] | null
  /** Null: every resource. An empty list allows none. */
  readonly resources: readonly string[] | null
  readonly effects: readonly TokenEffect[]
  /** Reach narrowed to one customer of the provider, or null. */
  readonly customerId: string | null
}

/** A stored token; its value is not part of it. */
export type Token = ApiToken | AccountToken

/** A token just made, with its value for the one time it is shown. */
export interface IssuedToken<T extends Token> {
  readonly value: Secret<string>
  readonly token: T
}

/** What a presented value is. */
export type TokenCheck =
  | {
      readonly state: 'valid' | 'expired' | 'revoked'
      readonly token: Token
      /** The limit that holds: its own, or that of its environment. */
      readonly limit: RateLimit | null
    }
  | { readonly state: 'unknown' }

/** An API token to make. */
export interface NewApiToken {
  readonly environmentId: string | null
  readonly role: TokenRole
  readonly name?: string | null | undefined
  /** Default null: lasting. */
  readonly expiresAt?: number | null | undefined
  readonly rateLimit?: RateLimit | null | undefined
  /** Default `ofk_`. */
  readonly prefix?: string | undefined
}

/** An account token to make. */
export interface NewAccountToken {
  readonly integratedAccountId: string
  readonly name?: string | null | undefined
  /** Default null: not narrowed. */
  readonly methods?: readonly string[] | null | undefined
  /** Default null: not narrowed. */
  readonly resources?: readonly string[] | null | undefined
  /** Default read only. */
  readonly effects?: readonly TokenEffect[] | undefined
  readonly customerId?: string | null | undefined
  /** Null: lasting. There is no default, so that nobody makes a lasting token unawares. */
  readonly expiresAt: number | null
  readonly rateLimit?: RateLimit | null | undefined
  /** Default `ofa_`; a definition may want the shape of the provider's own keys. */
  readonly prefix?: string | undefined
}

/** Which tokens of an environment. */
export interface TokenQuery extends PageQuery {
  readonly kind?: Token['kind'] | undefined
  readonly integratedAccountId?: string | undefined
}
