import type { Compiled, CompiledTemplate } from '../expression/index.ts'
import type { ArrayFormat, BodyType, Effect, HttpVerb, MoneyForm, Parameter, TimeForm } from '../schema/generated.ts'

/** Where something was written: file, 1-based line and column. */
export interface Address {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** One operation with every default resolved. */
export interface Operation {
  /** `resource.method`. */
  readonly id: string
  readonly integration: string
  readonly resource: string
  readonly name: string
  readonly description: string | undefined
  readonly effect: Effect
  readonly verb: HttpVerb
  readonly host: string
  readonly path: CompiledTemplate
  readonly pathParameters: readonly string[]
  readonly isList: boolean
  readonly on: 'record' | 'collection'
  readonly deprecated: boolean
  readonly tags: readonly string[]
  readonly parameters: ReadonlyMap<string, Parameter>
  readonly request: RequestRules
  readonly response: ResponseRules
  /** Lists only. */
  readonly pagination: PaginationRules | undefined
  readonly complete: true | { readonly omits: string; readonly include: Readonly<Record<string, unknown>> } | undefined
  readonly idempotency: IdempotencyRules | undefined
  readonly retry: RetryRules
  readonly errors: readonly CompiledErrorRule[]
  readonly buckets: readonly BucketRule[]
  readonly money: MoneyForm
  readonly time: TimeForm
  readonly amount: Compiled | undefined
  readonly currency: Compiled | undefined
  readonly address: Address
}

/** How a request is written. */
export interface RequestRules {
  readonly body: BodyType
  readonly form: 'brackets' | 'indexed' | 'columnar' | 'json'
  readonly jsonFields: ReadonlySet<string>
  readonly arrays: ArrayFormat
  readonly nulls: 'empty' | 'null' | 'omit'
  readonly envelope: string | undefined
  readonly constants: Readonly<Record<string, unknown>>
  /** Values of parameters that the operation declares and a call does not name. */
  readonly defaults: ReadonlyMap<string, Compiled>
  readonly headers: ReadonlyMap<string, CompiledTemplate>
  readonly timeoutMs: number
}

/** How an answer is read. */
export interface ResponseRules {
  readonly format: 'json' | 'csv' | 'text' | 'bytes' | 'none'
  readonly maxBytes: number
  readonly bigIntegers: 'number' | 'string'
  readonly records: Compiled | undefined
  readonly record: Compiled | undefined
}

/** The paging of a list operation. */
export interface PaginationRules {
  readonly strategy: 'cursor' | 'token' | 'next_url' | 'link' | 'page' | 'offset' | 'expression' | 'none'
  readonly in: 'query' | 'body' | 'header'
  readonly after: string | undefined
  readonly before: string | undefined
  readonly key: Compiled | undefined
  readonly hasMore: Compiled | undefined
  readonly param: string | undefined
  readonly next: Compiled | undefined
  readonly start: number
  readonly total: Compiled | undefined
  readonly limit:
    | { readonly param: string; readonly max: number; readonly default: number | undefined; readonly fixed: boolean }
    | undefined
  readonly stability: 'keyset' | 'best_effort'
  readonly omitsPathWhenEmpty: boolean
}

/** How a repeated write is recognised. */
export interface IdempotencyRules {
  readonly in: 'header' | 'body' | 'none'
  readonly name: string | undefined
  readonly maxLength: number
  /** What a key has to look like; undefined where any text is taken. */
  readonly pattern: RegExp | undefined
  readonly lifetimeMs: number | undefined
  readonly replayed: Compiled | undefined
  readonly onConflict:
    | { readonly when: Compiled; readonly from: string; readonly path: ReadonlyMap<string, Compiled> }
    | undefined
  readonly findExisting:
    | { readonly from: string; readonly query: ReadonlyMap<string, Compiled>; readonly match: Compiled }
    | undefined
}

/** When an attempt is made again. */
export interface RetryRules {
  readonly attempts: number
  readonly baseMs: number
  readonly capMs: number
  readonly statuses: ReadonlySet<number>
  readonly hints: readonly { readonly when: Compiled; readonly retry: boolean }[]
}

/** One ordered error rule. */
export interface CompiledErrorRule {
  readonly when: Compiled
  /** A code of ERRORS; undefined keeps the default for the status. */
  readonly code: string | undefined
  readonly action: 'fail' | 'retry' | 'rate_limited' | 'refresh' | 'succeed_with' | 'ignore'
  readonly succeedWith: { readonly from: string; readonly path: ReadonlyMap<string, Compiled> } | undefined
  readonly hint: string | undefined
  readonly missingFields: Compiled | undefined
  readonly missingScopes: Compiled | undefined
}

/** A rate bucket that applies to an operation. */
export interface BucketRule {
  readonly name: string
  readonly kind: 'window' | 'sliding' | 'concurrency'
  readonly limit: number
  readonly windowMs: number
  readonly per: 'account' | 'operation'
  /** Undefined means all modes. */
  readonly modes: ReadonlySet<string> | undefined
}
