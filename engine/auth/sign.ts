import { createHash, createHmac } from 'node:crypto'
import type { CompiledAuthMethod, Signing } from '../definition/catalog.ts'
import { EngineError } from '../errors.ts'
import type { WireRequest } from '../ports.ts'
import { type Holder, variablesOf } from './authorize.ts'
import { headerValue, needed, textOf } from './strategies.ts'

/** What makes one attempt differ from another. */
export interface Moment {
  /** Milliseconds since the Unix epoch. */
  readonly nowMs: number
  /** A random text that is used once. */
  readonly nonce: string
}

const TIMES: Readonly<Record<Signing['timestamp'], (nowMs: number) => string>> = {
  s: (nowMs) => String(Math.floor(nowMs / 1000)),
  ms: (nowMs) => String(nowMs),
  rfc3339: (nowMs) => new Date(nowMs).toISOString().replace(/\.\d+Z$/, 'Z'),
}

/** Whether signing needs the whole body, which is then not streamed. */
export const signsBody = ({ signing }: CompiledAuthMethod): boolean =>
  signing?.parts.some((part) => part === 'body' || part === 'body_hash') === true

/**
 * A request with the signature that its auth method asks for (HMAC, RFC 2104), made anew for each attempt. Throws
 * invalid_credentials without a key.
 */
export function signed(request: WireRequest, method: CompiledAuthMethod, holder: Holder, moment: Moment): WireRequest {
  const { signing } = method
  if (signing === undefined) return request
  const variables = variablesOf(holder)
  const key = needed(method, textOf(method, signing.key, variables), 'key to sign with')
  const timestamp = TIMES[signing.timestamp](moment.nowMs)
  const parts = partsOf(request, signing, { timestamp, nonce: moment.nonce })
  const hmac = createHmac(signing.hash, Buffer.from(key, signing.keyEncoding))
  for (const [index, part] of signing.parts.entries()) {
    if (index > 0) hmac.update(signing.separator)
    hmac.update(parts[part]())
  }
  const seen = { ...variables, signature: hmac.digest(signing.encoding), timestamp, nonce: moment.nonce }
  const added = [...signing.headers].flatMap(([name, expression]): [string, string][] => {
    const value = textOf(method, expression, seen)
    return value === undefined ? [] : [[name, headerValue(method, value)]]
  })
  return { ...request, headers: [...request.headers, ...added] }
}

type Part = Signing['parts'][number]

function partsOf(
  { verb, url, body }: WireRequest,
  { hash, encoding }: Signing,
  { timestamp, nonce }: { readonly timestamp: string; readonly nonce: string },
): Readonly<Record<Part, () => string | Uint8Array>> {
  const target = url.slice(url.indexOf('/', url.indexOf('//') + 2))
  const [path = '', query = ''] = splitOnce(target, '?')
  const bytes = (): Uint8Array => {
    if (body === undefined || body instanceof Uint8Array) return body ?? new Uint8Array()
    throw new EngineError('internal', 'A body that is signed was not read')
  }
  return {
    verb: () => verb,
    host: () => new URL(url).host,
    path: () => path,
    query: () => query,
    target: () => target,
    body: bytes,
    body_hash: () => createHash(hash).update(bytes()).digest(encoding),
    timestamp: () => timestamp,
    nonce: () => nonce,
  }
}

function splitOnce(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + mark.length)]
}
