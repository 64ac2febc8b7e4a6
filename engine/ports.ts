import type { EngineError } from './errors.ts'
import type { Secret } from './secret.ts'

/** Tells that a caller left. An AbortSignal is one; a plain object that keeps few listeners is one that costs less. */
export interface CancelSignal {
  readonly aborted: boolean
  readonly reason: unknown
  addEventListener(type: 'abort', listener: CancelListener, options?: { readonly once?: boolean }): void
  removeEventListener(type: 'abort', listener: CancelListener): void
}

/** A listener of a CancelSignal. */
export type CancelListener = (() => void) | { handleEvent(): void }

/** A request as it goes onto the wire: nothing left to decide. */
export interface WireRequest {
  readonly verb: string
  /** Absolute URL; its origin was checked before credentials were attached. */
  readonly url: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body?: Uint8Array | AsyncIterable<Uint8Array> | undefined
  /** Longest wait for the whole answer (headers only when streaming), in milliseconds. */
  readonly timeoutMs: number
  /** Largest body accepted after decompression, in bytes. Not applied when streaming. */
  readonly maxBytes: number
  /** Ends the request down to the socket. */
  readonly signal?: CancelSignal | undefined
  /** Called once when the exchange is over: read to its last byte, failed or left. Not called when it throws at once. */
  readonly onEnd?: (() => void) | undefined
  /** The origin is the account's own base URL, granted by an admin: it may be an exact origin that is closed otherwise. */
  readonly isGranted?: boolean | undefined
}

/** A whole answer; header names are lower case, the body is decompressed. */
export interface WireResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** An answer whose body is still arriving, exactly as sent (not decompressed); header names and order as received. */
export interface WireStream {
  readonly status: number
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: ArrivingBytes
}

/** Bytes on their way, read once: by iterating, or poured into a sink, which costs no promise for a piece. */
export interface ArrivingBytes extends AsyncIterable<Uint8Array> {
  /** Hands on what is there and what comes, until its end or failure. */
  pour(sink: ByteSink): void
  /** The sink takes more again. */
  resume(): void
}

/** Takes bytes as they arrive. */
export interface ByteSink {
  /** False asks for no more until `resume` is called. */
  write(chunk: Uint8Array): boolean
  /** The end, with the last bytes where they are known to be the last. Nothing is called after it. */
  end(last: Uint8Array | undefined): void
  /** The end of an answer that broke. Nothing is called after it. */
  fail(error: EngineError): void
}

/**
 * The network. Both methods throw EngineError timeout, connection_failed, canceled, response_too_large or
 * egress_refused, with `details.sent` telling whether bytes may have reached the provider.
 */
export interface Transport {
  send(request: WireRequest): Promise<WireResponse>
  stream(request: WireRequest): Promise<WireStream>
}

/** Time. Tests use a virtual one. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number
  /** Resolves after `ms`; rejects with the signal's reason when aborted. */
  sleep(ms: number, signal?: CancelSignal): Promise<void>
}

/** Randomness for jitter and ids. */
export interface Random {
  /** A number in [0, 1). */
  next(): number
  /** A random id of the given length in base64url characters. */
  id(length?: number): string
}

/** Who asks: a person waits, an agent waits, or nobody does. Served in this order. */
export type Priority = 'interactive' | 'agent' | 'sync'

/** One bucket that a request takes from. */
export interface BucketAsk {
  /** Unique in the process or cluster: account, bucket name and, for `per: operation`, the operation. */
  readonly key: string
  readonly kind: 'window' | 'sliding' | 'concurrency'
  readonly limit: number
  /** Milliseconds; 0 for concurrency. */
  readonly windowMs: number
}

/** What a request asks of the rate budget. */
export interface BudgetAsk {
  readonly buckets: readonly BucketAsk[]
  readonly priority: Priority
  /** Instant (epoch ms) after which waiting is no use; default none. */
  readonly deadline?: number | undefined
  /** fail: throw rate_limited at once with `waitMs` instead of waiting. */
  readonly onLimit: 'wait' | 'fail'
  readonly signal?: CancelSignal | undefined
}

/** What an answer said about the limit. */
export interface BudgetFeedback {
  /** No request of these buckets before this instant (epoch ms). */
  readonly blockedUntil?: number | undefined
  readonly remaining?: number | undefined
  readonly resetAt?: number | undefined
}

/** The right to send one request; `done` must be called exactly once. */
export interface Lease {
  done(feedback?: BudgetFeedback): void
}

/** State of the tightest bucket, for RateLimit headers. */
export interface BudgetState {
  readonly limit: number
  readonly remaining: number
  /** Milliseconds until the window ends. */
  readonly resetMs: number
}

/** The shared budget of connected accounts. Throws EngineError rate_limited or canceled. */
export interface RateBudget {
  acquire(ask: BudgetAsk): Promise<Lease>
  state(buckets: readonly BucketAsk[]): BudgetState | undefined
}

/** Where credentials live. */
export interface CredentialStore {
  /** Throws EngineError unknown_account or needs_reauth. */
  load(environmentId: string, accountId: string): Promise<Secret<Readonly<Record<string, string>>>>
}

/**
 * A lock over all processes, in their database's time. `ttlMs` outlives the work: a holder that died is passed over after
 * it. `fence` grows with every holder. Throws EngineError overloaded when the lock is not free within twice the `ttlMs`.
 */
export interface Lock {
  run<T>(name: string, ttlMs: number, work: (fence: number) => Promise<T>): Promise<T>
}

/** An account's grant as stored. Instants are epoch milliseconds. */
export interface StoredGrant {
  readonly credentials: Secret<Readonly<Record<string, string>>>
  /** When the access token ends, and from when it is renewed ahead of that; null when it is taken to last. */
  readonly expiresAt: number | null
  readonly renewAt: number | null
  /** Grows with each change of the credentials. */
  readonly tokenVersion: number
  /** Fence of a renewal of this version that was begun and of whose answer nobody knows. */
  readonly pendingFence: number | null
  /** The provider refused this version and the account was told so: asking again is no use. */
  readonly isOver: boolean
}

/** A renewed grant to be stored in place of a version. Instants are epoch milliseconds. */
export interface RenewedGrant {
  readonly tokenVersion: number
  readonly credentials: Secret<Readonly<Record<string, string>>>
  readonly expiresAt: number | null
  readonly renewAt: number | null
  readonly now: number
}

/** Why a grant is over: refused, expired without a way to renew it, or cut off in the middle of a renewal. */
export type GrantEnd = 'grant_refused' | 'grant_expired' | 'renewal_interrupted'

/** The grants of accounts. Each write holds only while `tokenVersion` is the stored one; false says that it is not. */
export interface GrantStore {
  /** As stored a moment ago at most; for every call. Throws EngineError unknown_account or needs_reauth. */
  current(environmentId: string, accountId: string): Promise<StoredGrant>
  /** As stored now. Throws as current. */
  read(environmentId: string, accountId: string): Promise<StoredGrant>
  /** Notes durably that a renewal is about to be sent. */
  begin(
    environmentId: string,
    accountId: string,
    renewal: { readonly tokenVersion: number; readonly fence: number; readonly now: number },
  ): Promise<boolean>
  /** Takes the note of this fence back: what was sent changed nothing. */
  settle(environmentId: string, accountId: string, fence: number): Promise<void>
  replace(environmentId: string, accountId: string, grant: RenewedGrant): Promise<boolean>
  /** Makes the account needs_reauth for this reason. */
  giveUp(
    environmentId: string,
    accountId: string,
    end: { readonly tokenVersion: number; readonly reason: GrantEnd; readonly now: number },
  ): Promise<boolean>
}

/** What environments bring for all their accounts of an auth method. */
export interface AppStore {
  /** Throws EngineError oauth_app_missing. */
  load(environmentId: string, integration: string, method: string): Promise<Secret<Readonly<Record<string, string>>>>
}

/** Structured log; fields never hold bodies or secrets. */
export interface Log {
  debug(fields: Readonly<Record<string, unknown>>, message: string): void
  info(fields: Readonly<Record<string, unknown>>, message: string): void
  warn(fields: Readonly<Record<string, unknown>>, message: string): void
  error(fields: Readonly<Record<string, unknown>>, message: string): void
}

/** Counters and durations by name; labels are few-valued. */
export interface Meter {
  count(name: string, labels?: Readonly<Record<string, string>>, value?: number): void
  observe(name: string, ms: number, labels?: Readonly<Record<string, string>>): void
}

/** Makes cursors opaque: sealed, bound to a query and account, valid for a day. */
export interface CursorCodec {
  seal(state: unknown, binding: string): string
  /** Throws EngineError invalid_cursor, expired_cursor or foreign_cursor. */
  open(cursor: string, binding: string): unknown
}

/** One expression over one record, all of it plain JSON; `scope` names the variables that it uses, without `$`. */
export interface IsolatedCell {
  readonly source: string
  readonly scope: readonly string[]
  readonly record: unknown
  readonly variables: Readonly<Record<string, unknown>>
}

/** What a cell gave: its value (undefined when missing), or expression_failed or expression_limit. */
export type IsolatedResult = { readonly value: unknown } | { readonly error: EngineError }

/**
 * Evaluates expressions that tenants wrote, apart from the process: no environment, no credentials, bounded time and
 * memory. Results stand in the order of the cells. Throws EngineError overloaded. `owner` is whose they are: nobody's
 * expressions keep those of others waiting for long.
 */
export interface ExpressionIsolate {
  evaluate(owner: string, cells: readonly IsolatedCell[]): Promise<readonly IsolatedResult[]>
}

/** Everything the engine needs from outside. */
export interface Ports {
  readonly transport: Transport
  readonly clock: Clock
  readonly random: Random
  readonly budget: RateBudget
  readonly credentials: CredentialStore
  /** Where grants are kept and renewed; without it tokens are used as they are, which only tools and tests may do. */
  readonly grants?: GrantStore | undefined
  /** Wanted beside `grants`. */
  readonly lock?: Lock | undefined
  /** Without it no environment has an app. */
  readonly apps?: AppStore | undefined
  /** Told when a provider refused the credentials of an account and nothing can renew them; it throws nothing. */
  readonly refused?: ((account: { readonly environmentId: string; readonly id: string }) => void) | undefined
  readonly cursors: CursorCodec
  readonly log: Log
  readonly meter: Meter
  /**
   * Asked between pieces of work that takes long: a promise when others are to have the process first, else undefined.
   * Without it such work is done in one go.
   */
  readonly pause?: (() => Promise<void> | undefined) | undefined
  /** Where expressions of tenants run; without it they run in this process, which only tools and tests may do. */
  readonly isolate?: ExpressionIsolate | undefined
}
