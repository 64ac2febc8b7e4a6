/** A unified call as a surface reads it. */
export interface UnifiedRequest {
  readonly model: string
  readonly resource: string
  /** list, get, create, update, delete or a named method. */
  readonly method: string
  readonly id?: string | undefined
  readonly query: readonly (readonly [name: string, value: string])[]
  readonly body?: unknown
  readonly idempotencyKey?: string | undefined
}

/** A call of a native resource as a surface reads it. */
export interface ProxyRequest {
  readonly resource: string
  /** Null where the path alone does not tell a method from an id: `/{resource}/{segment}` of a GET. */
  readonly method: string | null
  readonly id?: string | undefined
  readonly query: readonly (readonly [name: string, value: string])[]
  readonly body?: unknown
  readonly idempotencyKey?: string | undefined
}

/** A call that was held, to be made again just as it was. */
export type HeldCall =
  | { readonly surface: 'unified'; readonly request: UnifiedRequest }
  | { readonly surface: 'proxy'; readonly request: ProxyRequest }
