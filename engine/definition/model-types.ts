import type { Effect } from '../schema/generated.ts'

/** Operators of the query grammar. */
export type FilterOp = 'eq' | 'ne' | 'gt' | 'gte' | 'lt' | 'lte' | 'in' | 'exists'

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
  /** Resources of the model whose records change with these, each with the field that has the id of the one. */
  readonly touches: ReadonlyMap<string, string>
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
