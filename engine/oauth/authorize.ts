import {
  AuthorizationResponseError,
  calculatePKCECodeChallenge,
  OperationProcessingError,
  validateAuthResponse,
} from 'oauth4webapi'
import { EngineError } from '../errors.ts'
import { clientIdOf, clientOf, serverOf } from './client.ts'
import { type Party, textsAt, urlAt } from './party.ts'

/** Where a person is sent, and what the callback must be answered with. */
export interface Authorization {
  readonly url: string
  /** The proof key of PKCE, to be kept beside the state; null where the provider takes none. */
  readonly codeVerifier: string | null
  /** Always null: an id token is not asked for. */
  readonly nonce: string | null
}

/** The authorization request (RFC 6749 4.1.1, RFC 7636 4.3). Parameters of the definition never replace those of the protocol. */
export async function authorizationRequest(
  party: Party,
  given: { readonly redirectUri: string; readonly state: string; readonly scopes?: readonly string[] | undefined },
): Promise<Authorization> {
  const page = party.oauth2.authorize
  if (page === undefined) {
    throw new EngineError('unsupported_method', `The auth method '${party.method.name}' sends nobody anywhere`)
  }
  const url = new URL(urlAt(party, page))
  for (const [name, value] of textsAt(party, page.params)) url.searchParams.set(name, value)
  const scopes = given.scopes ?? party.oauth2.scopes
  const codeVerifier = page.pkce === 'none' ? null : party.wire.id()
  const standard: [string, string][] = [
    ['response_type', 'code'],
    ['client_id', clientIdOf(party)],
    ['redirect_uri', given.redirectUri],
    ['state', given.state],
    ...(scopes.length === 0 ? [] : [[page.scopeParam, scopes.join(page.scopeSeparator)] as [string, string]]),
  ]
  for (const [name, value] of standard) url.searchParams.set(name, value)
  if (codeVerifier !== null) {
    url.searchParams.set('code_challenge', await calculatePKCECodeChallenge(codeVerifier))
    url.searchParams.set('code_challenge_method', 'S256')
  }
  return { url: url.href, codeVerifier, nonce: null }
}

/**
 * Checks a callback: the state, `iss` where the definition names the issuer (RFC 9207), and whether the provider said no.
 * Throws authorization_denied when the person or provider declined, authorization_failed for everything else.
 */
export function checkCallback(
  party: Party,
  given: { readonly parameters: Readonly<Record<string, string>>; readonly state: string },
): URLSearchParams {
  const { iss, ...rest } = given.parameters
  const known = party.oauth2.issuer === undefined ? rest : given.parameters
  try {
    return validateAuthResponse(serverOf(party), clientOf(party), new URLSearchParams(known), given.state)
  } catch (thrown) {
    if (thrown instanceof AuthorizationResponseError) throw declined(party, thrown)
    if (!(thrown instanceof OperationProcessingError)) throw thrown
    throw new EngineError(
      'authorization_failed',
      `The callback of ${party.integration.label} does not fit: ${thrown.message}`,
      {
        hint: 'Start the connection again.',
      },
    )
  }
}

function declined({ integration: { label, name } }: Party, error: AuthorizationResponseError): EngineError {
  const said = error.error_description
  const code = error.error === 'access_denied' ? 'authorization_denied' : 'authorization_failed'
  const message = `${label} answered the authorization with ${error.error}${said === undefined ? '' : `: ${said}`}`
  return new EngineError(code, message, { provider: { name, status: 302, code: error.error, message: said } })
}
