import type { CompiledAuthMethod } from '../definition/catalog.ts'
import { EngineError } from '../errors.ts'
import type { WireRequest } from '../ports.ts'
import type { Secret } from '../secret.ts'
import type { RequestSpec } from '../types.ts'
import { withBodyKey } from './body-key.ts'
import { Origin, prefixOf } from './origin.ts'
import { type AuthVariables, type Proof, prove } from './strategies.ts'

type Header = readonly [name: string, value: string]

/** What an account proves itself with: its own credentials and settings, and what its environment brings for all. */
export interface Holder {
  readonly credentials: Secret<Readonly<Record<string, string>>>
  readonly connection: Readonly<Record<string, string>>
  readonly app?: Secret<Readonly<Record<string, string>>> | undefined
}

/** What the slots of an auth method see: the one place where credentials are in the clear. */
export const variablesOf = ({ credentials, connection, app }: Holder): AuthVariables => ({
  credentials: credentials.reveal(),
  connection,
  app: app?.reveal() ?? {},
})

/** Proves an account: what its auth method adds to a request that goes to `origin`. Throws as authorize does. */
export function proveAt(origin: URL, allowed: URL, method: CompiledAuthMethod, holder: Holder): Proof {
  if (origin !== allowed && (origin.origin !== allowed.origin || origin.username + origin.password !== ''))
    throw new EngineError('egress_refused', `Credentials are not sent to ${origin.origin}`, {
      hint: 'Requests go to the hosts of the definition, or to the base URL that an admin granted.',
      sent: false,
    })
  return isPlain(method) ? provenBefore(method, holder) : prove(method, variablesOf(holder))
}

const plain = new WeakMap<CompiledAuthMethod, boolean>()

/** Whether all that a method adds is literal text and values that stand in its variables: the same each time. */
function isPlain(method: CompiledAuthMethod): boolean {
  const known = plain.get(method)
  if (known !== undefined) return known
  const { token, username, password, value, headers } = method
  const parts = [token, username, password, ...(value?.parts ?? []), ...headers.values()]
  const found = parts.every((part) => typeof part !== 'object' || part.backend === 'path')
  plain.set(method, found)
  return found
}

interface Proven extends Omit<Holder, 'credentials'> {
  readonly method: CompiledAuthMethod
  readonly proof: Proof
}

/** The last proof by these credentials, gone with them. */
const proven = new WeakMap<Holder['credentials'], Proven>()

function provenBefore(method: CompiledAuthMethod, holder: Holder): Proof {
  const { credentials, connection, app } = holder
  const last = proven.get(credentials)
  if (last?.method === method && last.connection === connection && last.app === app) return last.proof
  const proof = prove(method, variablesOf(holder))
  proven.set(credentials, { method, connection, app, proof })
  return proof
}

const encodePair = ([name, value]: Header): string => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`

/** The query as it stands on the wire, with its `?`, or nothing. */
export function queryText(pairs: readonly Header[]): string {
  return pairs.length === 0 ? '' : `?${pairs.map(encodePair).join('&')}`
}

/** The URL of a path below an origin's base path. */
export const urlBelow = (origin: URL, path: string, query: string): string =>
  (origin instanceof Origin ? origin.prefix : prefixOf(origin)) + path + query

/** Headers with those that auth adds in place of any of the same name. */
function withProof(headers: readonly Header[], proof: Proof): Header[] {
  if (proof.headers.length === 0) return [...headers]
  const set = new Set(proof.headers.map(([name]) => name.toLowerCase()))
  return [...headers.filter(([name]) => !set.has(name.toLowerCase())), ...proof.headers]
}

/**
 * Attaches the credentials, and only where `origin` is the one that resolveOrigin allowed for the account; refused with
 * egress_refused otherwise. Throws invalid_credentials when the method lacks a value, invalid_body when the key has no
 * body to go into. No message holds a credential.
 */
export function authorize(
  spec: RequestSpec,
  origin: URL,
  method: CompiledAuthMethod,
  holder: Holder,
  allowed: URL,
): WireRequest {
  const proof = proveAt(origin, allowed, method, holder)
  const { body, contentType } = proof.body === undefined ? spec : withBodyKey(spec, ...proof.body)
  const headers = withProof(spec.headers, proof)
  if (contentType !== undefined) headers.push(['Content-Type', contentType])
  const query = queryText(proof.query === undefined ? spec.query : [...spec.query, proof.query])
  return {
    verb: spec.verb,
    url: urlBelow(origin, spec.path, query),
    headers,
    body,
    timeoutMs: spec.timeoutMs,
    maxBytes: spec.maxBytes,
    isGranted: allowed instanceof Origin && allowed.isGranted,
  }
}
