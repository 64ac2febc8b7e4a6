import type { CompiledAuthMethod } from '../../engine/index.ts'
import type { Rules } from './contract.ts'

/** The access token that the sandbox of an OAuth method gives and accepts. */
export const SANDBOX_TOKEN = 'onefold_sandbox_token'

const LIFETIME_S = 32_400

/** The answer to a request for a token; undefined where a request asks for none. */
export type TokenEndpoint = (request: Request, url: URL, bytes: Uint8Array<ArrayBuffer>) => Response | undefined

/** The token endpoint of a method that needs no person (RFC 6749 4.4): the app of the account proves itself, in the header or the form. */
export function createTokenEndpoint({ oauth2 }: CompiledAuthMethod, { account }: Rules): TokenEndpoint {
  if (oauth2?.grant !== 'client_credentials') return () => undefined
  const { credentials, connection } = account
  const scope = { credentials, connection, app: {} }
  const id = String(oauth2.client.id?.evaluate(undefined, scope) ?? '')
  const secret = String(oauth2.client.secret?.evaluate(undefined, scope) ?? '')
  const path = oauth2.token.path.render(undefined, { connection })
  const basic = `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`
  return (request, url, bytes) => {
    if (request.method !== 'POST' || url.pathname !== path) return undefined
    const form = new URLSearchParams(Buffer.from(bytes).toString())
    const isApp =
      request.headers.get('authorization') === basic ||
      (form.get('client_id') === id && form.get('client_secret') === secret)
    if (!isApp) return refused(401, 'invalid_client')
    if (form.get('grant_type') !== 'client_credentials') return refused(400, 'unsupported_grant_type')
    return Response.json({ access_token: SANDBOX_TOKEN, token_type: 'Bearer', expires_in: LIFETIME_S })
  }
}

const refused = (status: number, error: string): Response =>
  Response.json({ error, error_description: 'The sandbox gives no token for this' }, { status })
