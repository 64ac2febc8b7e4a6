import {
  authorizationCodeGrantRequest,
  clientCredentialsGrantRequest,
  genericTokenEndpointRequest,
  nopkce,
  processAuthorizationCodeResponse,
  processClientCredentialsResponse,
  processGenericTokenEndpointResponse,
  processRefreshTokenResponse,
  refreshTokenGrantRequest,
} from 'oauth4webapi'
import { clientAuthOf, clientIdOf, clientOf, serverOf } from './client.ts'
import { exchange, type Granted } from './exchange.ts'
import { bearerAssertion } from './jwt.ts'
import { type Party, textsAt, urlAt } from './party.ts'

const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

/** A code of the callback for a grant (RFC 6749 4.1.3, RFC 7636 4.5). `parameters` were checked by checkCallback. */
export function grantForCode(
  party: Party,
  given: {
    readonly parameters: URLSearchParams
    readonly redirectUri: string
    readonly codeVerifier: string | null
  },
): Promise<Granted> {
  const [server, client] = [serverOf(party), clientOf(party)]
  const { parameters, redirectUri, codeVerifier } = given
  return exchange(party, {
    request: (options, params) =>
      authorizationCodeGrantRequest(
        server,
        client,
        clientAuthOf(party),
        parameters,
        redirectUri,
        codeVerifier ?? nopkce,
        {
          ...options,
          additionalParameters: params,
        },
      ),
    process: (response) => processAuthorizationCodeResponse(server, client, response),
    callback: Object.fromEntries(parameters),
  })
}

/** A refresh token for a fresh access token (RFC 6749 6). */
export function grantForRefreshToken(party: Party, refreshToken: string): Promise<Granted> {
  const [server, client] = [serverOf(party), clientOf(party)]
  const more = Object.fromEntries(textsAt(party, party.oauth2.refresh.params))
  return exchange(party, {
    request: (options, params) =>
      refreshTokenGrantRequest(server, client, clientAuthOf(party), refreshToken, {
        ...options,
        additionalParameters: { ...params, ...more },
      }),
    process: (response) => processRefreshTokenResponse(server, client, response),
  })
}

/** A grant that needs nobody's consent: client credentials (RFC 6749 4.4) or a JWT bearer assertion (RFC 7523). */
export function grantForNobody(party: Party): Promise<Granted> {
  const [server, client] = [serverOf(party), clientOf(party)]
  const { scopes } = party.oauth2
  const scope: Record<string, string> = scopes.length === 0 ? {} : { scope: scopes.join(' ') }
  if (party.oauth2.grant === 'client_credentials') {
    clientIdOf(party)
    return exchange(party, {
      request: (options, params) =>
        clientCredentialsGrantRequest(server, client, clientAuthOf(party), { ...scope, ...params }, options),
      process: (response) => processClientCredentialsResponse(server, client, response),
    })
  }
  const assertion = bearerAssertion(party, urlAt(party, party.oauth2.token))
  return exchange(party, {
    request: (options, params) =>
      genericTokenEndpointRequest(
        server,
        client,
        clientAuthOf(party),
        JWT_BEARER,
        { ...scope, ...params, assertion },
        options,
      ),
    process: (response) => processGenericTokenEndpointResponse(server, client, response),
  })
}
