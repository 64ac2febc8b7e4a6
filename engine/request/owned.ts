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

/**
 * Whether the caller may never set a header; `name` is lower case. An underscore counts as a dash: servers behind CGI
 * cannot tell them apart. Hop-by-hop headers are not among them.
 */
export function isOwnedHeader(owned: Owned, name: string): boolean {
  const plain = name.includes('_') ? name.replaceAll('_', '-') : name
  return ALWAYS_OWNED.has(plain) || owned.headers.has(name) || owned.headers.has(plain)
}

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

/** The fields that a key names: in a form, `a[b]` and `a.b` are the field b of a. */
const fieldsIn = (key: string): string[] => key.split(/[[\].]+/).filter((part) => part !== '')

/** Whether a body sets the field at `path`, or something in it, by nesting or by what its keys are read as. */
function sets(body: unknown, path: readonly string[]): boolean {
  if (path.length === 0) return true
  if (!isRecord(body)) return false
  return Object.entries(body).some(([key, value]) => {
    const fields = fieldsIn(key)
    const shared = Math.min(fields.length, path.length)
    return (
      shared > 0 && fields.slice(0, shared).join() === path.slice(0, shared).join() && sets(value, path.slice(shared))
    )
  })
}

/** Throws owned_parameter when the body sets an owned field; owned names are dotted paths. */
export function refuseOwnedBody(owned: Owned, body: unknown): void {
  if (owned.body.size === 0 || !isRecord(body)) return
  for (const path of owned.body) if (sets(body, path.split('.'))) throw refused(path)
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
