/** A request to a provider before origin and credentials: plain data, all of it decided by the definition and the caller's input. */
export interface RequestSpec {
  readonly verb: string
  /** Name of the host in the definition. */
  readonly host: string
  /** Encoded path below the host's base path; starts with `/`. */
  readonly path: string
  /** Decoded pairs in wire order. */
  readonly query: readonly (readonly [name: string, value: string])[]
  /** Without Content-Type, Content-Length and what auth adds. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: Uint8Array | undefined
  /** Undefined when there is no body. */
  readonly contentType: string | undefined
  /** Longest wait for one attempt, in milliseconds. */
  readonly timeoutMs: number
  /** Largest answer after decompression, in bytes. */
  readonly maxBytes: number
}

/** What an operation is called with: values by name, not yet encoded. */
export interface OperationInput {
  readonly path: Readonly<Record<string, unknown>>
  /** Scalars, lists and nested objects; a name may already be bracketed (`created[gte]`). */
  readonly query: Readonly<Record<string, unknown>>
  /** Nested JSON; FilePart values in multipart bodies; bytes, text or a FilePart in raw ones. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}
