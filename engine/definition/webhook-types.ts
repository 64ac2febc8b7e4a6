import type { Compiled } from '../expression/index.ts'
import type { WebhookProvision, WebhookSignature } from '../schema/generated.ts'
import type { Slot } from './mapping-types.ts'

/** How a provider tells by itself what happens. */
export interface WebhookRules {
  readonly body: 'json' | 'form'
  /** Undefined: nothing is signed, and records are verified by fetching them. */
  readonly signature: SignatureRule | undefined
  /** Deliveries of another kind at the same address, verified by fetching. */
  readonly unsigned: { readonly when: Compiled; readonly rules: WebhookRules } | undefined
  readonly challenge: Compiled | undefined
  readonly answer: string
  readonly events: Compiled | undefined
  readonly event: {
    readonly id: Compiled | undefined
    readonly type: Compiled
    readonly account: Compiled | undefined
    readonly apiVersion: Compiled | undefined
  }
  /** The mapping of events, by model and resource. */
  readonly as: { readonly model: string; readonly resource: string }
  readonly thin:
    | { readonly when: Compiled; readonly operation: string; readonly path: ReadonlyMap<string, Compiled> }
    | undefined
  readonly record: {
    readonly value: Compiled | undefined
    /** Unified resources whose records in events are whole. */
    readonly trust: ReadonlySet<string>
    /** Of these, resources that events tell a part of. */
    readonly partial: ReadonlySet<string>
    readonly when: Compiled | undefined
    readonly models: readonly string[]
  }
  readonly provision: readonly ProvisionRule[]
}

/** How deliveries are signed. */
export interface SignatureRule {
  readonly algorithm: NonNullable<WebhookSignature['algorithm']>
  readonly hash: NonNullable<WebhookSignature['hash']>
  readonly per: NonNullable<WebhookSignature['per']>
  readonly value: Compiled
  readonly encoding: NonNullable<WebhookSignature['encoding']>
  readonly key: Compiled
  readonly keyEncoding: NonNullable<WebhookSignature['key_encoding']>
  readonly certificate: { readonly url: Compiled; readonly hosts: ReadonlySet<string> } | undefined
  /** Texts of their own are expressions. */
  readonly parts: readonly (SignedPart | Compiled)[]
  readonly separator: string
  readonly timestamp:
    | {
        readonly value: Compiled
        readonly form: 's' | 'ms' | 'rfc3339'
        /** Greatest age in seconds. */
        readonly toleranceS: number | undefined
      }
    | undefined
}

/** A part of what is signed that has a name. */
export type SignedPart = 'body' | 'body_crc32' | 'timestamp' | 'url'

/** How deliveries are asked for; by a person where it has no `create`. */
export interface ProvisionRule {
  /** Auth methods; undefined is all. */
  readonly methods: ReadonlySet<string> | undefined
  readonly per: NonNullable<WebhookProvision['per']>
  readonly manual: string | undefined
  readonly create: (ProvisionCall & { readonly id: Compiled; readonly secret: Compiled | undefined }) | undefined
  readonly update: ProvisionCall | undefined
  readonly delete: ProvisionCall | undefined
}

/** One operation of the provider about the address. */
export interface ProvisionCall {
  readonly operation: string
  readonly path: ReadonlyMap<string, Slot>
  readonly body: ReadonlyMap<string, Slot>
}
