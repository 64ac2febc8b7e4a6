import type { Integration } from '../definition/catalog.ts'
import { EngineError } from '../errors.ts'
import { HOP_BY_HOP, isOwnedHeader } from '../request/index.ts'

type Header = readonly [name: string, value: string]

/** Left behind on the way to a provider: what the next hop writes itself, cookies of the caller, and traces of earlier hops. */
const DROPPED_REQUEST: ReadonlySet<string> = new Set([
  ...HOP_BY_HOP,
  'host',
  'content-length',
  'cookie',
  'cookie2',
  'set-cookie',
  'expect',
  'forwarded',
  'via',
])

const DROPPED_ANSWER: ReadonlySet<string> = new Set([...HOP_BY_HOP, 'set-cookie', 'set-cookie2'])

/** Which pages may read an answer is for our own environment to say, not for the provider. */
const isCors = (name: string): boolean => name.startsWith('access-control-')

const isTrace = (name: string): boolean => name.startsWith('x-forwarded-') || name.startsWith('proxy-')

const namesIn = (value: string): string[] => value.split(',').map((name) => name.trim().toLowerCase())

/** What the caller's headers come to: those passed on in order, and the length of its body. */
export interface ForwardHeaders {
  readonly headers: Header[]
  /** Content-Length as given; undefined for none or a chunked body. */
  readonly length: string | undefined
  readonly contentType: string | undefined
}

const malformed = (message: string): EngineError => new EngineError('invalid_request', message)

/** The framing of the caller's body. Both headers, or odd ones, are how requests are smuggled (RFC 9112 6.3): refused. */
function framing(lengths: readonly string[], codings: readonly string[]): string | undefined {
  if (lengths.length > 0 && codings.length > 0)
    throw malformed('A request has Content-Length or Transfer-Encoding, not both')
  if (codings.some((coding) => coding.trim().toLowerCase() !== 'chunked') || codings.length > 1)
    throw malformed('Transfer-Encoding can only be chunked')
  if (lengths.length > 1 || lengths.some((length) => !/^\d{1,15}$/.test(length)))
    throw malformed('Content-Length is one number')
  return lengths[0]
}

/**
 * The caller's headers as they go on: owned ones are refused (owned_parameter), those of one hop (and what Connection
 * names), cookies and traces of earlier hops are left behind, all others keep name, order and value.
 */
export function forwardHeaders(owned: Integration['owned'], given: readonly Header[]): ForwardHeaders {
  const headers: Header[] = []
  const lengths: string[] = []
  const codings: string[] = []
  let named: string[] = []
  let contentType: string | undefined
  for (const header of given) {
    const name = header[0].toLowerCase()
    if (isOwnedHeader(owned, name))
      throw new EngineError('owned_parameter', `'${header[0]}' is set by Onefold and cannot be given`, {
        where: header[0],
      })
    if (name === 'content-length') lengths.push(header[1])
    else if (name === 'transfer-encoding') codings.push(header[1])
    else if (name === 'connection') named = named.concat(namesIn(header[1]))
    else if (!DROPPED_REQUEST.has(name) && !isTrace(name)) headers.push(header)
    if (name === 'content-type') contentType = header[1]
  }
  return { headers: withoutNamed(headers, named), length: framing(lengths, codings), contentType }
}

function withoutNamed(headers: Header[], named: readonly string[]): Header[] {
  const extra = named.filter((name) => name !== 'close' && name !== 'keep-alive' && name !== '')
  return extra.length === 0 ? headers : headers.filter(([name]) => !extra.includes(name.toLowerCase()))
}

/** The provider's headers as they come back: hop-by-hop ones, Set-Cookie and CORS left out, all else byte for byte. */
export function answerHeaders(given: readonly Header[]): Header[] {
  const headers: Header[] = []
  let named: string[] = []
  for (const header of given) {
    const name = header[0].toLowerCase()
    if (name === 'connection') named = named.concat(namesIn(header[1]))
    else if (!DROPPED_ANSWER.has(name) && !isCors(name)) headers.push(header)
  }
  return withoutNamed(headers, named)
}

/** Headers by lower-case name, the last of each. */
export const headersByName = (given: readonly Header[]): Record<string, string> =>
  Object.fromEntries(given.map(([name, value]) => [name.toLowerCase(), value]))
