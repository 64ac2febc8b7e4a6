import type { Compiled, CompiledTemplate } from '../expression/index.ts'
import type { Effect } from '../schema/generated.ts'
import type { FilterOp } from './model-types.ts'
import type { Address } from './operation-types.ts'

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
  readonly expand: ReadonlyMap<string, Expansion>
  readonly lookups: ReadonlyMap<string, LookupMapping>
  /** Dotted unified field -> spec. */
  readonly fields: ReadonlyMap<string, FieldSpec>
  readonly variants: readonly {
    readonly name: string
    readonly when: Compiled
    readonly fields: ReadonlyMap<string, FieldSpec>
  }[]
  /** What the model foresees and the provider has not, with what to do instead. */
  readonly cannot: ReadonlyMap<string, string>
  readonly absent: ReadonlyMap<string, string>
  readonly address: Address
}

/** How an expansion is filled: with the records of another list, or with figures reckoned over lists. */
export type Expansion = RecordExpansion | { readonly kind: 'figures'; readonly lists: ReadonlyMap<string, FigureList> }

/** The records of a list that belong to one record. */
export interface RecordExpansion {
  readonly kind: 'records'
  readonly resource: string
  readonly filter: string
  readonly query: Readonly<Record<string, unknown>>
}

/** A list that figures are reckoned over, within `maxRequests` upstream requests for one record. */
export interface FigureList {
  /** Undefined: that of the call. */
  readonly model: string | undefined
  readonly resource: string
  readonly filter: string
  readonly query: Readonly<Record<string, unknown>>
  /** The list whose records give the values of the filter, in place of the record that is expanded. */
  readonly of: { readonly list: string; readonly when: Compiled | undefined } | undefined
  readonly maxRequests: number
  /** Unified fields that are read; undefined when an expression may read any. */
  readonly fields: readonly string[] | undefined
  readonly figures: readonly Figures[]
}

/** Figures over the records that a condition picks. `into` and `by` go together. */
export interface Figures {
  readonly into: string | undefined
  readonly by: string | undefined
  readonly when: Compiled | undefined
  readonly sum: ReadonlyMap<string, Compiled>
  readonly min: ReadonlyMap<string, Compiled>
  readonly max: ReadonlyMap<string, Compiled>
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
  /** `$parent` of its records; empty where that of a parent list counts. */
  readonly parent: ReadonlyMap<string, Compiled>
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
  /** `$parent` of the record; empty means none. */
  readonly parent: ReadonlyMap<string, Compiled>
  /** Condition over the native record; one that does not fit is not there. */
  readonly where: Compiled | undefined
}

/** How a unified filter is answered. */
export type FilterMapping = { readonly ops: readonly FilterOp[] } & (
  | {
      readonly mode: 'native'
      readonly param: CompiledTemplate
      readonly in: 'query' | 'body' | 'path'
      readonly value: Compiled | undefined
      readonly bounds: 'exact' | 'inclusive' | 'day'
      readonly values: ReadonlyMap<string, unknown> | undefined
      /** The records do not hold what the filter compares; those that an equal value lists get it. */
      readonly fills: boolean
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
      /** As of a native filter. */
      readonly fills: boolean
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
  /** Condition over the unified body; a way without one fits any body. */
  readonly when: Compiled | undefined
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
  /** Made in order after the way that was taken; no patterns. */
  readonly followUps: readonly WriteWay[]
  /** Fields of the body that the provider has no place for, dots nest, with the reason. */
  readonly absent: ReadonlyMap<string, string>
  readonly refuse: readonly { readonly when: Compiled; readonly code: string; readonly hint: string | undefined }[]
  readonly returns: {
    readonly resource: string | undefined
    /** Whose answer it is, where there are follow-ups. */
    readonly of: 'first' | 'last'
    readonly reread: boolean
    /** Native fields put in where the answer has none; dots nest. */
    readonly fills: ReadonlyMap<string, WriteSlot>
    readonly fields: ReadonlyMap<string, FieldSpec> | undefined
  }
  /** Strongest effect of all operations it may make. */
  readonly effect: Effect
}
