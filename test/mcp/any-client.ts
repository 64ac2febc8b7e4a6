/** A tool as a client sees it. */
export interface SeenTool {
  readonly name: string
  readonly description?: string | undefined
  readonly inputSchema: Readonly<Record<string, unknown>>
  readonly outputSchema?: object | undefined
  readonly annotations?: Readonly<Record<string, unknown>> | undefined
}

/** An answer as a client sees it. */
export interface SeenAnswer {
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever came
  readonly structuredContent?: any
  readonly content: readonly { readonly type: string; readonly text?: string }[]
  readonly isError?: boolean | undefined
}

/** What all clients can do, said in one way. */
export interface AnyClient {
  list(): Promise<{ readonly tools: readonly SeenTool[]; readonly nextCursor?: string | undefined }>
  call(name: string, args?: Record<string, unknown>): Promise<SeenAnswer>
  /** Addresses of the first page of resources. */
  resources(): Promise<readonly string[]>
  /** Text of a resource. */
  read(uri: string): Promise<string>
  readonly revision: () => string | undefined
  close(): Promise<void>
}
