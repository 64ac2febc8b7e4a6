import type { CallContext, Reply } from '../api/context.ts'
import type { Rank } from '../api/reach.ts'

/** A JSON Schema as it stands in the OpenAPI document. */
export type Schema = Readonly<Record<string, unknown>>

/** A query parameter of an endpoint. */
export interface QueryParameter {
  readonly description: string
  readonly schema: object
}

/** A call of a route, read and checked: unknown parameters are refused, the body fits its schema. */
export interface RouteCall {
  readonly context: CallContext
  readonly params: Readonly<Record<string, string>>
  readonly query: readonly (readonly [name: string, value: string])[]
  /** Parsed JSON (an object where the route has a schema), file parts of a multipart body, or undefined. */
  readonly body: unknown
  readonly idempotencyKey: string | undefined
  readonly headers: Headers
}

/**
 * An endpoint: what serves it and what documents it are one and the same. `any` admits account tokens too; a handler
 * that checks the reach by itself says so with `any`.
 */
export interface Route {
  readonly verb: 'get' | 'post' | 'put' | 'patch' | 'delete'
  /** With `{name}` placeholders. */
  readonly path: string
  readonly tag: string
  readonly summary: string
  readonly rank: Rank | 'any'
  /** Parameters by name; null leaves the check to the handler. */
  readonly query: Readonly<Record<string, QueryParameter>> | null
  /** Schema of the JSON body; null leaves the check to the handler; undefined admits no body. */
  readonly body?: Schema | null | undefined
  readonly status?: number | undefined
  readonly answer: Schema
  /** Headers that a caller may send, by name. */
  readonly headers?: Readonly<Record<string, QueryParameter>> | undefined
  /** What is answered as server-sent events to those who accept them. */
  readonly stream?: string | undefined
  /** Left out of the OpenAPI document, because it lists the concrete addresses instead. */
  readonly isGeneric?: boolean | undefined
  /** multipart/form-data is taken as well as JSON. */
  readonly takesFiles?: boolean | undefined
  readonly handle: (call: RouteCall) => Promise<Reply>
}
