import type { HttpVerb, Parameter } from '../schema/generated.ts'

/** A JSON object of the document. */
export type ApiNode = Readonly<Record<string, unknown>>

/** A parameter of an endpoint, or a top-level member of its body, in the words of the definition language. */
export interface ApiParameter {
  readonly name: string
  readonly in: Parameter['in']
  readonly type: NonNullable<Parameter['type']>
  readonly isRequired: boolean
  readonly enum?: readonly (string | number | boolean)[] | undefined
  readonly items?: Parameter['items']
  readonly minimum?: number | undefined
  readonly maximum?: number | undefined
  readonly maxLength?: number | undefined
  /** The value that is taken when none is given, or the only one there is. */
  readonly byDefault?: string | number | boolean | undefined
  /** The document's own words: read for figures, never copied. */
  readonly prose: string
}

/** How a body is encoded. `other` is what the language cannot write, such as XML. */
export type ApiEncoding = 'json' | 'form' | 'multipart' | 'raw' | 'none' | 'other'

/** One operation of an API. */
export interface ApiEndpoint {
  readonly verb: HttpVerb
  /** Below the server, with `{name}` for what is filled in. */
  readonly path: string
  /** The document's own name of it, or an empty text. */
  readonly operationId: string
  readonly tags: readonly string[]
  readonly isDeprecated: boolean
  readonly parameters: readonly ApiParameter[]
  readonly encoding: ApiEncoding
  /** Members of the body that lie deeper than the first level. */
  readonly nestedMembers: number
  /** Media type of the good answer; an empty text where it has no body. */
  readonly answerType: string
  /** Schema of the good answer. */
  readonly answer: ApiNode | undefined
  readonly answerHeaders: readonly string[]
  /** Schema of a failure. */
  readonly failure: ApiNode | undefined
  /** Servers of its own. */
  readonly servers: readonly ApiServer[]
}

/** A server that requests go to; variables stand in `{ }`. */
export interface ApiServer {
  readonly url: string
  readonly variables: Readonly<Record<string, { readonly default: string; readonly enum: readonly string[] }>>
}

/** A way to authenticate, as the document states it. */
export interface ApiSecurity {
  readonly name: string
  readonly scheme: ApiNode
}

/** Something of the document that is not carried over, and why. */
export interface LeftOut {
  readonly what: string
  readonly why: string
}

/** What is read of an OpenAPI document. */
export interface ApiDocument {
  readonly title: string
  readonly version: string
  readonly servers: readonly ApiServer[]
  readonly endpoints: readonly ApiEndpoint[]
  /** Schemes that requests use, those of the document's own requirement first. */
  readonly security: readonly ApiSecurity[]
  readonly docs: string | undefined
  readonly leftOut: readonly LeftOut[]
}
