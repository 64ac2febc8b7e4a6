import type { AuthorizationServer, Client, ClientAuth } from 'oauth4webapi'
import { clientAssertion } from './jwt.ts'
import { neededAt, type Party, textAt, urlAt } from './party.ts'

/** Form-encoding (RFC 6749 Appendix B) leaves `-`, `.`, `_` and `*` alone, which many servers never decode. */
const formEncoded = (text: string): string => new URLSearchParams([['', text]]).toString().slice(1)

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

type Prove = (party: Party, id: string, body: URLSearchParams, headers: Headers) => void

const PROOFS: Readonly<Record<Party['oauth2']['client']['auth'], Prove>> = {
  client_secret_basic: (party, id, _body, headers) => {
    const secret = neededAt(party, party.oauth2.client.secret, 'client secret')
    const pair = `${formEncoded(id)}:${formEncoded(secret)}`
    headers.set('authorization', `Basic ${Buffer.from(pair).toString('base64')}`)
  },
  client_secret_post: (party, id, body) => {
    body.set('client_id', id)
    body.set('client_secret', neededAt(party, party.oauth2.client.secret, 'client secret'))
  },
  private_key_jwt: (party, id, body) => {
    body.set('client_id', id)
    body.set('client_assertion_type', ASSERTION_TYPE)
    body.set('client_assertion', clientAssertion(party, id, urlAt(party, party.oauth2.token)))
  },
  none: (_party, id, body) => body.set('client_id', id),
}

/** How the app proves itself at an endpoint (RFC 6749 2.3); a grant without a client id goes without. */
export function clientAuthOf(party: Party): ClientAuth {
  const { auth, id } = party.oauth2.client
  return (_server, _client, body, headers) => {
    const clientId = auth === 'none' || party.oauth2.grant === 'jwt_bearer' ? textAt(party, id) : clientIdOf(party)
    if (clientId !== undefined) PROOFS[auth](party, clientId, body, headers)
  }
}

/** The client id. Throws invalid_credentials without one. */
export const clientIdOf = (party: Party): string => neededAt(party, party.oauth2.client.id, 'client id')

/** The provider as the library wants to see it. */
export function serverOf(party: Party): AuthorizationServer {
  const { issuer, revoke, token } = party.oauth2
  const url = urlAt(party, token)
  return {
    issuer: issuer ?? new URL(url).origin,
    token_endpoint: url,
    ...(revoke === undefined ? {} : { revocation_endpoint: urlAt(party, revoke) }),
    ...(issuer === undefined ? {} : { authorization_response_iss_parameter_supported: true }),
  }
}

/** The app as the library wants to see it. */
export const clientOf = (party: Party): Client => ({ client_id: textAt(party, party.oauth2.client.id) ?? 'none' })
