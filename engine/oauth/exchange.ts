import {
  allowInsecureRequests,
  customFetch,
  type TokenEndpointRequestOptions,
  type TokenEndpointResponse,
} from 'oauth4webapi'
import { EngineError } from '../errors.ts'
import type { WireResponse } from '../ports.ts'
import { Secret } from '../secret.ts'
import { asResponse, readAnswer, type TokenAnswer, valueAt } from './answer.ts'
import { asGrantError, passingFailure } from './failure.ts'
import { MOST_BYTES, type Party, textsAt } from './party.ts'

/** What a token endpoint granted. */
export interface Granted {
  /** access_token, refresh_token where there is one, and what `keep` names. */
  readonly credentials: Secret<Readonly<Record<string, string>>>
  /** Epoch milliseconds; null when the token is taken to last. */
  readonly expiresAt: number | null
  /** From when it is renewed ahead of its end; null when it is taken to last. */
  readonly renewAt: number | null
  /** What names the provider account in the answer; null where the definition does not say. */
  readonly identity: string | null
  /** As the provider told them; null when it told none. */
  readonly scopes: readonly string[] | null
  /** Settings that the answer tells. */
  readonly settings: Readonly<Record<string, string>>
}

type Options = Omit<TokenEndpointRequestOptions, 'additionalParameters'>

/** A request to the token endpoint and how its answer is read, both of the library. */
export interface Exchange {
  /** `params` are those that the definition adds. */
  readonly request: (options: Options, params: Record<string, string>) => Promise<Response>
  readonly process: (response: Response) => Promise<TokenEndpointResponse>
  /** Parameters of the callback that `keep`, `settings` and `identity` see. */
  readonly callback?: Readonly<Record<string, string>> | undefined
}

/**
 * Asks the token endpoint once. Throws EngineError: needs_reauth (the grant is refused), oauth_app_refused,
 * authorization_failed, rate_limited or provider_unavailable (nothing is said about the grant), and what the wire throws.
 */
export async function exchange(party: Party, { request, process, callback = {} }: Exchange): Promise<Granted> {
  let answer: TokenAnswer | undefined
  const fetched: Fetch = async (url, options) => {
    answer = readAnswer(party, await sendFields(party, url, { ...options, as: party.oauth2.token.body }))
    const passing = passingFailure(party, answer)
    if (passing !== undefined) throw passing
    return asResponse(answer)
  }
  try {
    const params = Object.fromEntries(textsAt(party, party.oauth2.token.params))
    const response = await request(optionsOf(party, fetched), params)
    return readGrant(party, await process(response), { answer, callback })
  } catch (thrown) {
    throw asGrantError(party, thrown, answer)
  }
}

type Fetch = NonNullable<Options[typeof customFetch]>
type FetchOptions = Parameters<Fetch>[1]

/** Options of every request of the library: our wire for its network; where a host is plain http the definition says so. */
export function optionsOf(party: Party, fetched: Fetch): Options {
  const isPlain = party.wire.urlOf(party.oauth2.token.host, '/').startsWith('http:')
  return { [customFetch]: fetched, [allowInsecureRequests]: isPlain }
}

const TYPES = { form: 'application/x-www-form-urlencoded;charset=UTF-8', json: 'application/json' } as const

/** Posts the fields of a form of the library over the transport, in the encoding of the endpoint. */
export function sendFields(
  { wire }: Party,
  url: string,
  { headers, body, as }: Pick<FetchOptions, 'headers' | 'body'> & { readonly as: keyof typeof TYPES },
): Promise<WireResponse> {
  const form = String(body)
  const others = Object.entries(headers).filter(([name]) => name.toLowerCase() !== 'content-type')
  return wire.send({
    verb: 'POST',
    url,
    headers: [...others, ['content-type', TYPES[as]]],
    body: Buffer.from(as === 'json' ? JSON.stringify(Object.fromEntries(new URLSearchParams(form))) : form),
    timeoutMs: wire.timeoutMs,
    maxBytes: MOST_BYTES,
    isGranted: wire.isGranted,
  })
}

interface Said {
  readonly answer: TokenAnswer | undefined
  readonly callback: Readonly<Record<string, string>>
}

function readGrant(party: Party, granted: TokenEndpointResponse, { answer, callback }: Said): Granted {
  const { keep, settings, identity, refresh } = party.oauth2
  const variables = { callback, headers: answer?.headers ?? {}, response: answer?.body ?? null }
  const texts = (expressions: typeof keep): [string, string][] =>
    [...expressions].flatMap(([name, each]): [string, string][] => {
      const text = textOf(valueAt(each, variables, answer?.body), each.source)
      return text === undefined ? [] : [[name, text]]
    })
  const tokens: [string, string | undefined][] = [
    ['access_token', granted.access_token],
    ['refresh_token', granted.refresh_token],
  ]
  const known = tokens.filter((pair): pair is [string, string] => pair[1] !== undefined)
  const named = identity === undefined ? undefined : valueAt(identity, variables, answer?.body)
  return {
    credentials: new Secret(Object.fromEntries([...texts(keep), ...known])),
    ...timesOf(party, granted.expires_in === undefined ? refresh.lifetimeMs : granted.expires_in * 1000),
    identity: identity === undefined ? null : (textOf(named, identity.source) ?? null),
    scopes: granted.scope === undefined ? null : granted.scope.split(/[\s,]+/).filter((scope) => scope !== ''),
    settings: Object.fromEntries(texts(settings)),
  }
}

/** Counted from before the request; a short-lived token is renewed in the second half of its life only. */
function timesOf({ oauth2, wire }: Party, lifetimeMs: number | undefined): Pick<Granted, 'expiresAt' | 'renewAt'> {
  if (lifetimeMs === undefined) return { expiresAt: null, renewAt: null }
  const expiresAt = wire.nowMs + lifetimeMs
  return { expiresAt, renewAt: expiresAt - Math.min(oauth2.refresh.aheadMs, Math.floor(lifetimeMs / 2)) }
}

function textOf(value: unknown, source: string): string | undefined {
  if (value === undefined || value === null || value === '') return undefined
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw new EngineError('expression_failed', `\`${source}\` gives no text over the answer of the token endpoint`)
}
