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

/** Most money that a token may move in a currency, in minor units. */
export interface SpendLimit {
  /** ISO 4217. */
  readonly currency: string
  readonly perCall: number
  /** Per day, in UTC. */
  readonly perDay: number
}

/**
 * What happens before a token for agents moves money. human: a person agrees; confirm: the token confirms what it was shown;
 * deny: never. Credentials need a person whatever it says.
 */
export type ApprovalPolicy = 'human' | 'confirm' | 'deny'

/** What a token for agents may do beyond methods, resources and effects. */
export interface AgentPolicy {
  /** Null: every tag. */
  readonly tags: readonly string[] | null
  /** Null: no limits, so that every act is for a person to judge. A currency that is not listed is denied. */
  readonly limits: readonly SpendLimit[] | null
  readonly approval: ApprovalPolicy
  /** Whether a person's answer in the client counts, within the limits; else only one given outside the session. */
  readonly elicitation: boolean
  /** Whether personal data is left out: then only unified fields are answered. */
  readonly redact: boolean
}

/** A token for an agent: some accounts of one tenant. */
export interface AgentToken extends TokenBase, AgentPolicy {
  readonly kind: 'agent'
  readonly environmentId: string
  readonly tenantId: string
  /** In the order given; an account that was deleted is gone from it. */
  readonly integratedAccountIds: readonly string[]
  /** Names, or the groups read, write and custom; null: every method that the effects allow. */
  readonly methods: readonly string[] | null
  /** Null: every resource. */
  readonly resources: readonly string[] | null
  readonly effects: readonly TokenEffect[]
}

/** A stored token; its value is not part of it. */
export type Token = ApiToken | AccountToken | AgentToken

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

/** A token for an agent to make. */
export interface NewAgentToken extends AgentPolicy {
  readonly name: string
  readonly tenantId: string
  readonly integratedAccountIds: readonly string[]
  readonly methods: readonly string[] | null
  readonly resources: readonly string[] | null
  readonly effects: readonly TokenEffect[]
  readonly expiresAt: number | null
  readonly rateLimit: RateLimit | null
}

/** Which tokens of an environment. */
export interface TokenQuery extends PageQuery {
  readonly kind?: Token['kind'] | undefined
  readonly integratedAccountId?: string | undefined
}
