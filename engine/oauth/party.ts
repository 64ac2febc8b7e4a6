import type { CompiledAuthMethod, Integration, OAuth2 } from '../definition/catalog.ts'
import { EngineError } from '../errors.ts'
import type { Compiled } from '../expression/index.ts'
import type { WireRequest, WireResponse } from '../ports.ts'

/** What the slots of a grant see, in the clear. */
export interface OAuthVariables {
  readonly credentials: Readonly<Record<string, string>>
  readonly connection: Readonly<Record<string, string>>
  readonly app: Readonly<Record<string, string>>
}

/** Where requests for a grant go: hosts resolved for the account, and the one way onto the wire. */
export interface OAuthWire {
  readonly send: (request: WireRequest) => Promise<WireResponse>
  /** URL of an endpoint below its host. Throws egress_refused as hosts do. */
  readonly urlOf: (host: string, path: string) => string
  /** The account's own base URL was granted by an admin. */
  readonly isGranted: boolean
  readonly nowMs: number
  /** A random id of 43 base64url characters. */
  readonly id: () => string
  readonly timeoutMs: number
}

/** One side of a grant: the definition's words, who asks, and the wire. */
export interface Party {
  readonly integration: Integration
  readonly method: CompiledAuthMethod
  readonly oauth2: OAuth2
  readonly variables: OAuthVariables
  readonly wire: OAuthWire
}

/** Largest answer of a token endpoint in bytes. */
export const MOST_BYTES = 1024 * 1024

const failed = ({ method }: Party, why: string, where?: string): EngineError =>
  new EngineError('invalid_credentials', `The auth method '${method.name}' cannot be applied: ${why}`, { where })

/** The text that a slot gives, undefined when it gives none. What it throws is left behind: it could quote a secret. */
export function textAt(party: Party, expression: Compiled | undefined, more: object = {}): string | undefined {
  let value: unknown
  try {
    value = expression?.evaluate(undefined, { ...party.variables, ...more })
  } catch {
    throw failed(party, 'an expression of its `oauth2` fails', expression?.apart)
  }
  if (value === undefined || value === null || value === '') return undefined
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw failed(party, 'an expression of its `oauth2` gives no text')
}

/** A text that a grant cannot do without. Throws invalid_credentials naming what is missing. */
export function neededAt(party: Party, expression: Compiled | undefined, what: string): string {
  const text = textAt(party, expression)
  if (text !== undefined) return text
  throw failed(party, `it has no ${what}`)
}

/** Texts by name, without those that are missing. */
export const textsAt = (party: Party, expressions: ReadonlyMap<string, Compiled>): [name: string, value: string][] =>
  [...expressions].flatMap(([name, expression]): [string, string][] => {
    const text = textAt(party, expression)
    return text === undefined ? [] : [[name, text]]
  })

/** URL of an endpoint of the definition. Throws egress_refused, or invalid_credentials for a setting that is missing. */
export function urlAt(party: Party, endpoint: Pick<OAuth2['token'], 'host' | 'path'>): string {
  const path = endpoint.path.render(undefined, { connection: party.variables.connection }, encodeURIComponent)
  if (path === undefined) throw failed(party, 'a setting in the path of its endpoint is missing')
  return party.wire.urlOf(endpoint.host, path)
}
