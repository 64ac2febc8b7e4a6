import type { Compiled, CompiledTemplate } from '../expression/index.ts'
import type { FormField, HeaderTime, Resource, SandboxFile } from '../schema/generated.ts'
import type { Auth } from './auth-types.ts'
import type { ResourceMapping } from './mapping-types.ts'
import type { Model } from './model-types.ts'
import type { BucketRule, Operation } from './operation-types.ts'
import type { WebhookRules } from './webhook-types.ts'

export type {
  Auth,
  CompiledAuthMethod,
  OAuth2,
  OAuthEndpoint,
  PostInstallStep,
  Signing,
  SigningKey,
} from './auth-types.ts'
export type {
  Expansion,
  FieldSpec,
  FigureList,
  Figures,
  FilterMapping,
  GetWay,
  Layer,
  LeafSource,
  ListMapping,
  LookupMapping,
  RecordExpansion,
  ResourceMapping,
  Slot,
  Source,
  TableField,
  WriteMapping,
  WriteSlot,
  WriteWay,
} from './mapping-types.ts'
export type {
  FilterOp,
  JsonSchema,
  Model,
  ModelFilter,
  ModelMethod,
  ModelResource,
} from './model-types.ts'
export type {
  Address,
  BucketRule,
  CompiledErrorRule,
  IdempotencyRules,
  Operation,
  PaginationRules,
  RequestRules,
  ResponseRules,
  RetryRules,
} from './operation-types.ts'
export type { ProvisionCall, ProvisionRule, SignatureRule, WebhookRules } from './webhook-types.ts'

/** Everything compiled and frozen. Maps are ReadonlyMap over frozen values. */
export interface Catalog {
  /** sha256 of all sources, hex. */
  readonly hash: string
  readonly integrations: ReadonlyMap<string, Integration>
  readonly models: ReadonlyMap<string, Model>
}

/** A compiled integration. */
export interface Integration {
  readonly name: string
  readonly label: string
  readonly description: string
  readonly docs: string | undefined
  /** The added folder that it was read from; undefined for what Onefold brings along. */
  readonly root?: string | undefined
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
  /** Buckets of requests that no operation declares: those restricted neither to operations nor to effects. */
  readonly buckets: readonly BucketRule[]
  readonly traits: ReadonlyMap<string, { readonly from: string; readonly value: Compiled }>
  /** The feed that tells what changed. */
  readonly events: { readonly from: string; readonly retentionDays: number } | undefined
  /** Undefined for a provider that tells nothing by itself. */
  readonly webhooks: WebhookRules | undefined
  readonly resources: ReadonlyMap<string, NativeResource>
  /** All operations by `resource.method`. */
  readonly operations: ReadonlyMap<string, Operation>
  /** Mappings by `model/resource`. */
  readonly mappings: ReadonlyMap<string, ResourceMapping>
  /** The mapping documents as written, so that overrides can be laid over them. Key is the model. */
  readonly mappingSources: ReadonlyMap<string, MappingSource>
  /** Rules of its sandbox as written, one entry per file; empty when it has none. */
  readonly sandbox: readonly SandboxFile[]
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
  /** One that fits is enough; undefined always fits. */
  readonly match: readonly { readonly field: string; readonly pattern: RegExp }[] | undefined
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
  readonly description: string | undefined
  readonly tags: readonly string[]
  readonly id: Compiled
  readonly fields: NonNullable<Resource['fields']>
  /** Dotted native paths marked x-secret and x-pii; arrays transparent. */
  readonly secretPaths: readonly string[]
  readonly piiPaths: ReadonlyMap<string, string>
  readonly operations: ReadonlyMap<string, Operation>
}
