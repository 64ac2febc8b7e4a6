import type { Catalog, FilterOp, Integration, Operation } from '../definition/catalog.ts'
import type { EngineError } from '../errors.ts'
import type { Authorization, Granted } from '../oauth/index.ts'
import type { BudgetState, CredentialStore, GrantStore, WireStream } from '../ports.ts'
import type { Delivery, DeliveryKeys, NativeEvent, Received } from '../webhooks/index.ts'
import type { Capabilities, FilterMode } from './capability-types.ts'
import type {
  AuthorizationCallback,
  Authorizing,
  CandidateCredentials,
  InstallAnswer,
  VerifyAnswer,
} from './connecting.ts'
import type { CallOptions } from './options.ts'
import type { EventFeedPage, ProvisionedWebhook, UnifiedEvent, WebhookAddress } from './webhook-contract.ts'

export type { Capabilities, FilterMode, ResourceCapabilities } from './capability-types.ts'
export type {
  AuthorizationCallback,
  Authorizing,
  CandidateCredentials,
  InstallAnswer,
  OAuthApp,
  VerifyAnswer,
} from './connecting.ts'
export type { BuiltWrite, CallOptions, SharedCost } from './options.ts'

/** A connected account as the engine sees it; credentials stay in the CredentialStore port. */
export interface Account {
  readonly id: string
  readonly environmentId: string
  readonly tenantId: string | null
  readonly integration: string
  readonly authMethod: string
  /** Mode found at connect, e.g. test; null when the integration has none. */
  readonly mode: string | null
  readonly livemode: boolean | null
  /** API version that the account renders in; null means the integration's. */
  readonly apiVersion: string | null
  /** Settings without secrets; read as $connection. */
  readonly connection: Readonly<Record<string, string>>
  readonly traits: Readonly<Record<string, unknown>>
  /** Origin granted by an admin instead of the definition's hosts (sandbox, tests). */
  readonly baseUrl: string | null
  /** Mapping overrides by layer: model -> partial mapping file data. */
  readonly overrides: {
    readonly environment?: Readonly<Record<string, unknown>> | undefined
    readonly account?: Readonly<Record<string, unknown>> | undefined
  }
  /** Who keeps its credentials in place of the ports: of an account that is stored no more. Default the ports. */
  readonly keeper?: Keeper | undefined
}

/** Keeps the credentials of one account, and what becomes of them. */
export interface Keeper {
  readonly credentials: CredentialStore
  readonly grants: GrantStore
}

/** One filter of a query: field, operator and the text given. */
export interface FilterTerm {
  readonly field: string
  readonly op: FilterOp
  /** Normalised: instants in UTC, numbers without blanks; of `in` the values joined by commas. */
  readonly value: string
  /** Key of a keyed filter, as in `metadata[key]`. */
  readonly key?: string | undefined
}

/** A unified query after parsing (see parseUnifiedQuery). */
export interface UnifiedQuery {
  readonly filters: readonly FilterTerm[]
  readonly sort: { readonly field: string; readonly descending: boolean } | undefined
  /** 1 to 1,000; default 20. */
  readonly limit: number
  readonly cursor: string | undefined
  readonly fields: readonly string[] | undefined
  readonly excludeFields: readonly string[] | undefined
  readonly expand: readonly string[]
  readonly remoteData: boolean
  readonly explain: boolean
  readonly format: 'unified' | 'raw' | 'debug'
  /** IANA zone for dates; default UTC. */
  readonly timezone: string
  /** Modes allowed for filters; undefined allows all that apply live. */
  readonly filterModes: readonly FilterMode[] | undefined
  /** Field by whose value the caller wants the result keyed (`truto_key_by`); the server shapes the answer. */
  readonly keyBy?: string | undefined
}

/** A unified call. `method` is list, get, create, update, delete or a named method. */
export interface UnifiedCall {
  readonly model: string
  readonly resource: string
  readonly method: string
  readonly id?: string | undefined
  readonly query: UnifiedQuery
  readonly body?: unknown
}

/** A native record to be mapped twice: with the overrides of the account, and with others in their place. */
export interface CompareCall {
  readonly model: string
  readonly resource: string
  /** A unified id, to be read from the provider, or the native record itself. */
  readonly of: { readonly id: string } | { readonly record: unknown }
  readonly overrides: Account['overrides']
  readonly query: UnifiedQuery
}

/** The two unified records. */
export interface CompareAnswer {
  readonly current: JsonRecord
  readonly proposed: JsonRecord
  readonly report: CallReport
}

/** What a call cost and met on the way; for headers, logs and the audit. */
export interface CallReport {
  readonly upstreamRequests: number
  readonly operations: readonly string[]
  readonly budget: BudgetState | undefined
  /** The provider said this answer repeats an earlier one. */
  readonly replayed: boolean
  readonly providerRequestIds: readonly string[]
  readonly warnings: readonly string[]
}

/** A unified record or another JSON object. */
export type JsonRecord = Record<string, unknown>

/** Answer of a unified or proxy list. */
export interface ListAnswer {
  readonly kind: 'list'
  readonly result: readonly JsonRecord[]
  readonly nextCursor: string | null
  readonly prevCursor: string | null
  readonly isPartial: boolean
  /** Set when `explain` was asked for: upstream requests, sources, filter modes. */
  readonly explain?: JsonRecord | undefined
  readonly report: CallReport
}

/** An account that a merged list goes without. */
export interface MergedFailure {
  readonly account: Account
  readonly error: EngineError
}

/** A list over several accounts. */
export interface MergedCall {
  readonly accounts: readonly Account[]
  /** What chose the accounts; a cursor serves no other choice. */
  readonly selection: string
  readonly model: string
  readonly resource: string
  readonly query: UnifiedQuery
}

/** A page of a merged list, which goes forward only. */
export interface MergedAnswer extends ListAnswer {
  /** Accounts that failed on this page or an earlier one of the same list; none of their records follow. */
  readonly failures: readonly MergedFailure[]
}

/** Answer of a get or write: one record (delete: `{ id }`). */
export interface RecordAnswer {
  readonly kind: 'record'
  readonly record: JsonRecord
  readonly explain?: JsonRecord | undefined
  readonly report: CallReport
}

/** Answer of a named method: `{ result }` on the wire. */
export interface MethodAnswer {
  readonly kind: 'method'
  readonly result: unknown
  readonly explain?: JsonRecord | undefined
  readonly report: CallReport
}

/** Answer of any unified call. */
export type UnifiedAnswer = ListAnswer | RecordAnswer | MethodAnswer

/** A call of a native operation by resource: our auth, paging, limits and retries, the provider's fields. */
export interface ProxyCall {
  readonly resource: string
  readonly method: string
  /** Id of the record, for `on: record`. */
  readonly id?: string | undefined
  /** Parameters as given in the query; repeated names become arrays, `a[b]` stays as written. `limit` and `next_cursor` are ours. */
  readonly query: Readonly<Record<string, string | readonly string[]>>
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** JSON value, or parts for multipart uploads. */
  readonly body?: unknown
  readonly limit?: number | undefined
  readonly cursor?: string | undefined
}

/** A part of a multipart upload. */
export interface FilePart {
  readonly filename: string
  readonly contentType: string
  readonly data: Uint8Array
}

/** Answer of any call by native resource. */
export type ProxyAnswer = ListAnswer | RecordAnswer | MethodAnswer

/** A request that is passed on verbatim with the account's credentials. */
export interface ForwardCall {
  readonly verb: string
  /** Path and query as the caller wrote them, starting with `/`. */
  readonly target: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body?: Uint8Array | AsyncIterable<Uint8Array> | undefined
  /** Called with the declared operation (or undefined) before anything is sent; throws to refuse. */
  readonly authorize: (operation: Operation | undefined) => void
  readonly timeoutMs?: number | undefined
}

/** Whose figures, and where the records of its lists are kept. */
export interface KeptFiguresCall {
  readonly model: string
  readonly resource: string
  readonly expand: string
  readonly id: string
  /**
   * Records of a resource that may belong to one of these ids, more do no harm; null when none are kept. `observedAt` (epoch
   * ms) is the instant up to which they are complete, null when they are not.
   */
  readonly read: (
    of: { readonly model: string; readonly resource: string },
    ids: readonly string[],
  ) => Promise<{ readonly records: readonly JsonRecord[]; readonly observedAt: number | null } | null>
}

/** The engine: one per process, over a catalog that can be swapped whole. */
export interface Engine {
  catalog(): Catalog
  /** Replaces the catalog; calls under way finish on the old one. */
  swap(catalog: Catalog): void
  /** The account's integration or EngineError unknown_integration. */
  integration(account: Account): Integration
  unified(account: Account, call: UnifiedCall, options: CallOptions): Promise<UnifiedAnswer>
  /**
   * One list over several accounts, in one order and with one cursor; they share the cost of the call. An account that fails
   * is left out and named. Throws what is wrong with the call, and what every account fails with.
   */
  unifiedMerged(call: MergedCall, options: CallOptions): Promise<MergedAnswer>
  /** Maps one record with the account's overrides and with others, to try those. */
  compare(account: Account, call: CompareCall, options: CallOptions): Promise<CompareAnswer>
  proxy(account: Account, call: ProxyCall, options: CallOptions): Promise<ProxyAnswer>
  forward(account: Account, call: ForwardCall, options: CallOptions): Promise<WireStream>
  /** Where to send the person. Throws unsupported_method for a method that sends nobody, invalid_credentials for an app that lacks a field. */
  beginAuthorization(input: Authorizing & { readonly scopes?: readonly string[] | undefined }): Promise<Authorization>
  /**
   * Checks the callback and exchanges its code for a grant. Throws authorization_denied, authorization_failed,
   * oauth_app_refused, or what the wire throws; a code can be exchanged once.
   */
  completeAuthorization(input: AuthorizationCallback): Promise<Granted>
  /** Tells the provider that the grant of an account is over; nothing where it has no such call. Throws what the provider says. */
  revoke(account: Account, options: CallOptions): Promise<void>
  /** Renews the grant of an account when it ends soon, for those that nobody calls. Throws needs_reauth, or what passes. */
  renew(account: Account, options: CallOptions): Promise<void>
  /** Runs the integration's verify operation and reads identity, mode and traits; with the candidate instead of what is stored. */
  verify(account: Account, options: CallOptions, candidate?: CandidateCredentials): Promise<VerifyAnswer>
  /** Runs a step of post_install by its name; with the candidate instead of what is stored. Throws what its operation throws. */
  install(
    account: Account,
    step: string,
    options: CallOptions,
    candidate?: CandidateCredentials,
  ): Promise<InstallAnswer>
  /** Resolves when the renewals under way are over, whoever still waits for them; a process must not end before. */
  renewed(): Promise<void>
  /** Verifies a delivery of an integration and takes it apart. Throws signature_refused, invalid_json, invalid_body or unsupported_method. */
  receive(integration: Integration, delivery: Delivery, keys: DeliveryKeys): Promise<Received>
  /** What native events of an account mean, in their order. Throws as reads do. */
  mapEvents(account: Account, events: readonly NativeEvent[], options: CallOptions): Promise<readonly UnifiedEvent[]>
  /** Whether the provider has a feed of events that can be read from an instant on. */
  hasEventFeed(account: Account): boolean
  /** A page of that feed from an instant (epoch ms) on. Throws as lists do. */
  readEventFeed(
    account: Account,
    from: { readonly since: number; readonly cursor: string | null },
    options: CallOptions,
  ): Promise<EventFeedPage>
  /** Asks for deliveries to an address, or tells of another one. Throws unsupported_method where a person has to. */
  provisionWebhook(account: Account, address: WebhookAddress, options: CallOptions): Promise<ProvisionedWebhook>
  /** Ends deliveries to an address; nothing when it is gone. */
  removeWebhook(account: Account, endpointId: string, options: CallOptions): Promise<void>
  /** Figures of an expansion, such as a summary, over records that are kept elsewhere. Throws unsupported_method. */
  keptFigures(account: Account, call: KeptFiguresCall, options: CallOptions): Promise<JsonRecord>
  /** The declared operation that a verb and path belong to. */
  resolve(integration: string, verb: string, target: string): Operation | undefined
  capabilities(account: Account): Capabilities
  /** Budget of the account for RateLimit headers. */
  budget(account: Account): BudgetState | undefined
}
