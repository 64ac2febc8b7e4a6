/** A value of the caller's JSON; texts in it may hold `{{ expressions }}`. */
export type Json = unknown

/** One part of a batch as the caller wrote it; it fits BATCH_BODY. */
export interface BatchPart {
  readonly name: string
  /** `model/resource` of a unified call, or a native resource. */
  readonly resource?: string | undefined
  /** Path of a request that is passed on as it is, instead of a resource. */
  readonly custom?: string | undefined
  /** Method of the resource; of a custom part the HTTP method, GET by default. */
  readonly method?: string | undefined
  readonly id?: string | number | undefined
  readonly query?: Readonly<Record<string, Json>> | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body?: Json
  readonly integrated_account_id?: string | undefined
  readonly depends_on?: string | readonly string[] | undefined
  readonly when?: string | boolean | undefined
  readonly for_each?: string | readonly Json[] | undefined
  readonly max_iterations?: number | undefined
  readonly concurrency?: number | undefined
  readonly on_error?: 'continue' | 'stop' | undefined
}

/** A batch as the caller wrote it; it fits BATCH_BODY. */
export interface Batch {
  readonly resources: readonly BatchPart[]
  readonly integrated_account_id?: string | undefined
  readonly args?: Readonly<Record<string, Json>> | undefined
  readonly deadline_ms?: number | undefined
  readonly max_requests?: number | undefined
}

/** Why a part or a call was skipped or never begun; `because` names the part that it comes from. */
export interface Reason {
  readonly code:
    | 'condition'
    | 'dependency_failed'
    | 'dependency_skipped'
    | 'stopped'
    | 'deadline'
    | 'cost'
    | 'answers_too_large'
    | 'expression_limit'
    | 'canceled'
  readonly message: string
  readonly because?: string | undefined
}

/** How one call, or a part without a loop, ended. */
export interface CallResult {
  readonly status: 'done' | 'failed' | 'skipped' | 'not_run'
  /** What the call answered, as it would have alone. */
  readonly answer?: Json
  /** Set where the answer is that of an earlier call with the same key. */
  readonly replayed?: true | undefined
  /** The problem of a call that failed. */
  readonly error?: Readonly<Record<string, unknown>> | undefined
  readonly reason?: Reason | undefined
}

/** How a part ended; a loop has its iterations, in the order of its list. */
export interface PartResult extends CallResult {
  readonly name: string
  readonly iterations?: readonly CallResult[] | undefined
}

/** Most parts of a batch. */
export const MOST_PARTS = 50
/** Most calls of a batch, all loops taken together. */
export const MOST_CALLS = 1_000
/** Iterations of one loop unless it says otherwise. */
export const USUAL_ITERATIONS = 100
/** Most calls of a batch that are under way at the same time. */
export const MOST_AT_ONCE = 10
/** Calls of one loop under way at the same time unless it says otherwise. */
export const USUAL_AT_ONCE = 5
/** Upstream requests of a batch unless it says otherwise. */
export const USUAL_REQUESTS = 100
