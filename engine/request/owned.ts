import type { Integration } from '../definition/catalog.ts'
import { EngineError } from '../errors.ts'
import type { OperationInput } from '../types.ts'
import { isRecord } from './fields.ts'

/** Headers of one hop (RFC 9110 7.6.1): they are never passed on, in either direction. */
export const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-authentication-info',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** Headers that would choose another origin, path or verb than the ones that were checked, or carry somebody's credentials. */
const ALWAYS_OWNED: ReadonlySet<string> = new Set([
  'authorization',
  'x-http-method-override',
  'x-http-method',
  'x-method-override',
  'x-original-url',
  'x-original-uri',
  'x-rewrite-url',
])

/** Headers that the engine writes itself when it builds a request. */
const WRITTEN_HERE: ReadonlySet<string> = new Set(['host', 'content-length', 'content-encoding', 'cookie', 'expect'])

type Owned = Integration['owned']

const refused = (where: string): EngineError =>
  new EngineError('owned_parameter', `'${where}' is set by Onefold and cannot be given`, { where })

/** Whether the caller may never set a header; `name` is lower case. Hop-by-hop headers are not among them. */
export const isOwnedHeader = (owned: Owned, name: string): boolean => ALWAYS_OWNED.has(name) || owned.headers.has(name)

/** The parameter that a bracketed or dotted name belongs to: `a[b]` and `a.b` are `a`. */
const rootOf = (name: string): string => /^[^[.]*/.exec(name)?.[0] ?? name

/** Whether a parameter, as it stands or by its root, is in a set; letter case does not help to get around it. */
function isOwnedName(owned: ReadonlySet<string>, name: string): boolean {
  if (owned.size === 0) return false
  if (owned.has(name)) return true
  const [lower, root] = [name.toLowerCase(), rootOf(name).toLowerCase()]
  for (const each of owned) {
    const known = each.toLowerCase()
    if (known === lower || known === root || rootOf(known) === lower) return true
  }
  return false
}

/** Throws owned_parameter when a query name is one the caller may not set. */
export function refuseOwnedQuery(owned: Owned, name: string): void {
  if (isOwnedName(owned.query, name)) throw refused(name)
}

/** Throws owned_parameter when the body sets an owned field; owned names are dotted paths. */
export function refuseOwnedBody(owned: Owned, body: unknown): void {
  if (owned.body.size === 0 || !isRecord(body)) return
  for (const path of owned.body) {
    let at: unknown = body
    const reaches = path.split('.').every((key) => {
      if (!isRecord(at) || !Object.hasOwn(at, key)) return false
      at = at[key]
      return true
    })
    if (reaches || Object.hasOwn(body, path)) throw refused(path)
  }
}

/**
 * Refuses what a caller may not set: owned and hop-by-hop headers, owned parameters, Host, Content-Length, Cookie.
 * buildRequest calls it for every input, so that no surface is left out. Throws owned_parameter.
 */
export function refuseOwned(owned: Owned, input: OperationInput): void {
  for (const name in input.headers) {
    const lower = name.toLowerCase()
    if (HOP_BY_HOP.has(lower) || WRITTEN_HERE.has(lower) || lower.startsWith('proxy-') || isOwnedHeader(owned, lower))
      throw refused(name)
  }
  if (owned.query.size > 0) for (const name in input.query) refuseOwnedQuery(owned, name)
  refuseOwnedBody(owned, input.body)
}
