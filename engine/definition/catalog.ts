import type { Compiled, CompiledTemplate } from '../expression/index.ts'
import type {
  ArrayFormat,
  AuthMethod,
  BodyType,
  Effect,
  FormField,
  HeaderTime,
  HttpVerb,
  MoneyForm,
  Parameter,
  Resource,
  TimeForm,
} from '../schema/generated.ts'

/** Everything compiled and frozen. Maps are ReadonlyMap over frozen values. */
export interface Catalog {
  /** sha256 of all sources, hex. */
  readonly hash: string
  readonly integrations: ReadonlyMap<string, Integration>
  readonly models: ReadonlyMap<string, Model>
}

/** Where something was written: file, 1-based line and column. */
export interface Address {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** A compiled integration. */
export interface Integration {
  readonly name: string
  readonly label: string
  readonly description: string
  readonly docs: string | undefined
  readonly accountTokenPrefix: string | undefined
  readonly settings: Readonly<Record<string, FormField>>
  readonly hosts: ReadonlyMap<string, Host>
  /** In order; the first that matches is taken. */
  readonly modes: readonly Mode[]
  readonly apiVersion:
    | { readonly value: string; readonly header: string | undefined; readonly read: Compiled | undefined }
    | undefined
  readonly auth: Auth
  /** Lower-case header names, parameter names and path prefixes that the caller may never set; auth's own included. */
  readonly owned: {
    readonly headers: ReadonlySet<string>
    readonly query: ReadonlySet<string>
    readonly body: ReadonlySet<string>
    readonly paths: readonly string[]
  }
  readonly failure: {
    readonly message: Compiled | undefined
    readonly code: Compiled | undefined
    readonly requestId: Compiled | undefined
  }
  readonly feedback: LimitFeedback
  readonly traits: ReadonlyMap<string, { readonly from: string; readonly value: Compiled }>
  /** The feed that tells what changed. */
  readonly events: { readonly from: string; readonly retentionDays: number } | undefined
  readonly resources: ReadonlyMap<string, NativeResource>
  /** All operations by `resource.method`. */
  readonly operations: ReadonlyMap<string, Operation>
  /** Mappings by `model/resource`. */
  readonly mappings: ReadonlyMap<string, ResourceMapping>
  /** The mapping documents as written, so that overrides can be laid over them. Key is the model. */
  readonly mappingSources: ReadonlyMap<string, MappingSource>
  /** True for definitions from an extra folder. */
  readonly isExtra: boolean
  /** Folder it was read from. */
  readonly folder: string
}

/** A mapping file before compilation. */
export interface MappingSource {
  readonly file: string
  readonly text: string
  readonly data: unknown
}

/** An origin that requests may go to. */
export interface Host {
  readonly name: string
  readonly url: CompiledTemplate
  readonly suffix: string | undefined
  readonly modes: ReadonlyMap<string, CompiledTemplate>
}

/** Live, test and the like. */
export interface Mode {
  readonly name: string
  readonly livemode: boolean
  readonly match: { readonly field: string; readonly pattern: RegExp } | undefined
}

/** Compiled auth. */
export interface Auth {
  readonly methods: ReadonlyMap<string, CompiledAuthMethod>
  /** Operation that proves the credentials, `resource.method`. */
  readonly verify: string | undefined
  readonly identity: Compiled | undefined
}

/** One compiled auth method. Only these expressions see $credentials. */
export interface CompiledAuthMethod {
  readonly name: string
  readonly type: AuthMethod['type']
  readonly label: string
  readonly description: string | undefined
  readonly fields: Readonly<Record<string, FormField>>
  readonly token: Compiled | undefined
  readonly username: Compiled | undefined
  readonly password: Compiled | undefined
  readonly in: 'header' | 'query' | 'body' | undefined
  readonly keyName: string | undefined
  readonly value: CompiledTemplate | undefined
  readonly headers: ReadonlyMap<string, Compiled>
}

/** What answers say about limits. */
export interface LimitFeedback {
  readonly limited: Compiled | undefined
  readonly retryAfter: HeaderTime | undefined
  readonly reset: HeaderTime | undefined
  readonly remaining: string | undefined
  readonly reason: Compiled | undefined
}

/** A native resource. */
export interface NativeResource {
  readonly name: string
  readonly label: string
  readonly description: string
  readonly tags: readonly string[]
  readonly id: Compiled
  readonly fields: NonNullable<Resource['fields']>
  /** Dotted native paths marked x-secret and x-pii; arrays transparent. */
  readonly secretPaths: readonly string[]
  readonly piiPaths: ReadonlyMap<string, string>
  readonly operations: ReadonlyMap<string, Operation>
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

/** A slot that is literal or expression. */
export type Slot =
  | { readonly kind: 'const'; readonly value: unknown }
  | { readonly kind: 'expression'; readonly expression: Compiled }

/** A slot of a write: also a table from unified to native. */
export type WriteSlot =
  | Slot
  | { readonly kind: 'table'; readonly from: Compiled; readonly map: ReadonlyMap<string, unknown> }

/** Which layer a field comes from. */
export type Layer = 'platform' | 'environment' | 'account'

interface FieldBase {
  readonly layer: Layer
  readonly address: Address | undefined
}

/** How a unified field is made. Shapes are resolved to `object`. */
export type FieldSpec = FieldBase &
  (
    | { readonly kind: 'expression'; readonly expression: Compiled; readonly nullReason: string | undefined }
    | { readonly kind: 'const'; readonly value: unknown }
    | TableField
    | {
        readonly kind: 'rules'
        readonly rules: readonly { readonly if: Compiled; readonly then: unknown }[]
        readonly otherwise: { readonly kind: 'const'; readonly value: unknown } | TableField
        readonly raw: Compiled | undefined
      }
    | { readonly kind: 'each'; readonly each: Compiled; readonly fields: ReadonlyMap<string, FieldSpec> }
    | { readonly kind: 'object'; readonly from: Compiled | undefined; readonly fields: ReadonlyMap<string, FieldSpec> }
  )

/** A table from native to unified values; keys are the native value as text. */
export interface TableField {
  readonly kind: 'table'
  readonly from: Compiled
  readonly map: ReadonlyMap<string, string | number | boolean | null>
  readonly absent: string | null
  readonly raw: boolean
}

/** A compiled mapping of one unified resource. */
export interface ResourceMapping {
  readonly model: string
  readonly resource: string
  readonly integration: string
  readonly idParts: readonly { readonly name: string; readonly expression: Compiled }[] | undefined
  readonly list: ListMapping | undefined
  /** In order; a way without a pattern always fits. */
  readonly get: readonly GetWay[] | undefined
  /** create, update, delete and the named methods. */
  readonly writes: ReadonlyMap<string, WriteMapping>
  readonly filters: ReadonlyMap<string, FilterMapping>
  readonly expand: ReadonlyMap<
    string,
    { readonly resource: string; readonly filter: string; readonly query: Readonly<Record<string, unknown>> }
  >
  readonly lookups: ReadonlyMap<string, LookupMapping>
  /** Dotted unified field -> spec. */
  readonly fields: ReadonlyMap<string, FieldSpec>
  readonly variants: readonly {
    readonly name: string
    readonly when: Compiled
    readonly fields: ReadonlyMap<string, FieldSpec>
  }[]
  readonly absent: ReadonlyMap<string, string>
  readonly address: Address
}

/** A list: its source, its order and what tells duplicates. */
export interface ListMapping {
  readonly source: Source
  readonly order: { readonly field: string; readonly descending: boolean }
  readonly key: string
}

/** A source of a list. `path` of the leaf (e.g. `0.1`) names it in cursors. */
export type Source =
  | LeafSource
  | { readonly kind: 'union'; readonly name: string | undefined; readonly sources: readonly Source[] }
  | {
      readonly kind: 'partition'
      readonly name: string | undefined
      readonly over: { readonly operation: string; readonly query: ReadonlyMap<string, Slot>; readonly max: number }
      readonly source: Source
    }
  | {
      readonly kind: 'window'
      readonly name: string | undefined
      readonly spanMs: number
      readonly from: string
      readonly to: string
      readonly toInclusive: boolean
      readonly earliestMs: number
      readonly form: 's' | 'ms' | 'rfc3339' | 'date'
      readonly source: Source
    }
  | {
      readonly kind: 'route'
      readonly name: string | undefined
      readonly ways: readonly { readonly filtersPresent: readonly string[]; readonly source: Source }[]
    }

/** A source that is one list operation. */
export interface LeafSource {
  readonly kind: 'leaf'
  readonly name: string | undefined
  readonly operation: string
  readonly path: ReadonlyMap<string, Slot>
  readonly query: ReadonlyMap<string, Slot>
  readonly body: ReadonlyMap<string, Slot>
  readonly where: Compiled | undefined
  /** Filters of this source only; they win over those of the mapping. */
  readonly filters: ReadonlyMap<string, FilterMapping>
  readonly search:
    | {
        readonly param: string
        readonly in: 'query' | 'body'
        readonly join: string
        readonly quote: 'backslash_double' | 'backslash_single' | 'double_double' | 'double_single' | 'none'
      }
    | undefined
}

/** One way to read a record. */
export interface GetWay {
  readonly pattern: RegExp | undefined
  readonly operation: string
  /** Empty means `{ id: $id }`. */
  readonly path: ReadonlyMap<string, Compiled>
  readonly query: ReadonlyMap<string, Slot>
}

/** Operators of the query grammar. */
export type FilterOp = 'eq' | 'ne' | 'gt' | 'gte' | 'lt' | 'lte' | 'in' | 'exists'

/** How a unified filter is answered. */
export type FilterMapping = { readonly ops: readonly FilterOp[] } & (
  | {
      readonly mode: 'native'
      readonly param: CompiledTemplate
      readonly in: 'query' | 'body' | 'path'
      readonly value: Compiled | undefined
      readonly bounds: 'exact' | 'inclusive' | 'day'
      readonly values: ReadonlyMap<string, unknown> | undefined
    }
  | {
      readonly mode: 'search'
      readonly clause: CompiledTemplate
      readonly value: Compiled | undefined
      readonly values: ReadonlyMap<string, unknown> | undefined
    }
  | {
      readonly mode: 'lookup'
      readonly operation: string
      readonly query: ReadonlyMap<string, Compiled>
      readonly id: Compiled
      readonly then: string
      readonly max: number
    }
  | { readonly mode: 'ids' }
  | { readonly mode: 'scan' }
)

/** Records joined to a page. */
export interface LookupMapping {
  readonly name: string
  readonly operation: string
  readonly by: 'get' | 'list' | 'children'
  readonly ids: Compiled | undefined
  readonly param: string | undefined
  readonly key: Compiled
  readonly many: boolean
  readonly batch: number
  readonly when: Compiled | undefined
  readonly path: ReadonlyMap<string, Slot>
  readonly query: ReadonlyMap<string, Slot>
  readonly maxRequests: number
  readonly onMissing: 'null' | 'error'
}

/** One way a write goes. */
export interface WriteWay {
  readonly pattern: RegExp | undefined
  readonly operation: string
  readonly path: ReadonlyMap<string, WriteSlot>
  readonly query: ReadonlyMap<string, WriteSlot>
  readonly body: ReadonlyMap<string, WriteSlot>
}

/** A compiled write. */
export interface WriteMapping {
  readonly name: string
  readonly ways: readonly WriteWay[]
  readonly reads: ReadonlyMap<
    string,
    {
      readonly operation: string
      readonly when: Compiled | undefined
      readonly path: ReadonlyMap<string, WriteSlot>
      readonly query: ReadonlyMap<string, WriteSlot>
    }
  >
  readonly refuse: readonly { readonly when: Compiled; readonly code: string; readonly hint: string | undefined }[]
  readonly returns: {
    readonly resource: string | undefined
    readonly reread: boolean
    readonly fields: ReadonlyMap<string, FieldSpec> | undefined
  }
  /** Strongest effect of the ways' operations. */
  readonly effect: Effect
}

/** A JSON Schema node. */
export type JsonSchema = Readonly<Record<string, unknown>>

/** A unified model. */
export interface Model {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly resources: ReadonlyMap<string, ModelResource>
}

/** A resource of a unified model, common pieces merged and references resolved. */
export interface ModelResource {
  readonly model: string
  readonly name: string
  readonly object: string
  readonly description: string
  /** Schema of the record: every property present, nullable but `id`, no $ref left. */
  readonly schema: JsonSchema
  /** Standard writes the model knows: create, update, delete. */
  readonly writes: readonly string[]
  /** Body schemas by write: create, update and the methods that take a body. */
  readonly bodies: ReadonlyMap<string, JsonSchema>
  readonly methods: ReadonlyMap<string, ModelMethod>
  readonly filters: ReadonlyMap<string, ModelFilter>
  readonly expand: readonly string[]
}

/** A named method of a unified resource. */
export interface ModelMethod {
  readonly name: string
  readonly on: 'record' | 'collection'
  readonly effect: Effect
  readonly description: string
  /** Unified resource of the answer, or undefined for an object of its own. */
  readonly returns: string | undefined
  /** Schema of an answer that is no unified resource. */
  readonly answer: JsonSchema | undefined
}

/** A unified filter. */
export interface ModelFilter {
  readonly name: string
  readonly type: 'string' | 'integer' | 'boolean' | 'instant' | 'date' | 'money'
  readonly ops: readonly FilterOp[]
  /** Allowed values, when the filter is over an enum. */
  readonly values: readonly string[] | undefined
  /** Dotted fields it looks at, arrays transparent; several for `q`. */
  readonly fields: readonly string[]
  readonly foldCase: boolean
  /** Written with a key, `metadata[key]=value`. */
  readonly isKeyed: boolean
  readonly description: string
}
