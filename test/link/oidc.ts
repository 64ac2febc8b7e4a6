import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Provider } from 'oidc-provider'

/** The app that the provider knows. */
export const CLIENT = { client_id: 'onefold-app', client_secret: 'app-secret-of-the-tests' }

/** A real OAuth 2.0 server that asks people to log in and to agree, and an API below /v1 that takes its tokens. */
export interface OAuthProvider {
  readonly origin: string
  /** Begins to serve, once it is known where people are sent back to. */
  serve(redirectUri: string): void
  /** Authorization requests that it saw, newest last. */
  readonly asked: URLSearchParams[]
  close(): Promise<void>
}

/** Takes a port; it answers from `serve` on. Whoever logs in is the account `acct_<login>`. */
export async function openOAuthProvider(): Promise<OAuthProvider> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const asked: URLSearchParams[] = []
  const serve = (redirectUri: string): void => {
    const provider = makeProvider(origin, redirectUri)
    const handle = provider.callback()
    server.on('request', async (request, response) => {
      const url = new URL(request.url ?? '/', origin)
      if (url.pathname === '/auth') asked.push(url.searchParams)
      if (!url.pathname.startsWith('/v1/')) return handle(request, response)
      const token = (request.headers.authorization ?? '').replace('Bearer ', '')
      const found = await provider.AccessToken.find(token)
      response.writeHead(found === undefined ? 401 : 200, { 'content-type': 'application/json' })
      response.end(JSON.stringify(found === undefined ? {} : { id: `acct_${found.accountId}` }))
    })
  }
  return {
    origin,
    serve,
    asked,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function makeProvider(origin: string, redirectUri: string): Provider {
  return new Provider(origin, {
    clients: [
      {
        ...CLIENT,
        redirect_uris: [redirectUri],
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        token_endpoint_auth_method: 'client_secret_basic',
      },
    ],
    scopes: ['openid', 'offline_access', 'payments'],
    findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    issueRefreshToken: () => true,
    cookies: { keys: ['keys of the tests'] },
    ttl: { AccessToken: 3600, RefreshToken: 86_400, Grant: 86_400, Session: 3600, Interaction: 3600, IdToken: 3600 },
  })
}

/** The definition of acme with a second way to connect, over that provider, and its own API. */
export const withOAuth =
  (origin: string) =>
  (text: string): string =>
    text
      .replace(/default: \{ url: '[^']+' \}/, `default: { url: '${origin}/v1' }\n  login: { url: '${origin}' }`)
      .replace(
        '    pair:\n',
        `    oauth:
      type: oauth2
      label: Sign in with Acme Pay
      description: You agree at Acme Pay; no key has to be copied.
      app:
        client_id: { label: Client ID }
        client_secret: { label: Client secret, secret: true }
      oauth2:
        issuer: ${origin}
        authorize: { host: login, path: /auth }
        token: { host: login, path: /token }
        scopes: [openid]
    pair:\n`,
      )

/** What a person does at the provider, without a browser: logs in and agrees. Answers where they are sent back to. */
export async function agree(address: string, login: string): Promise<string> {
  const cookies = new Map<string, string>()
  let [url, body]: [string, URLSearchParams | null] = [address, null]
  for (let step = 0; step < 12; step++) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const init = { redirect: 'manual', headers: { cookie }, method: body === null ? 'GET' : 'POST', body } as const
    const response = await fetch(url, init)
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      cookies.set(name, value)
    }
    const location = response.headers.get('location')
    if (location?.includes('/oauth/callback/') === true) return location
    const page = location === null ? await response.text() : ''
    const action = location ?? /action="([^"]+)"/.exec(page)?.[1] ?? ''
    const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1] ?? ''
    body = location === null ? new URLSearchParams({ prompt, login, password: 'any' }) : null
    url = new URL(action, url).href
  }
  throw new Error(`the provider did not send anybody back: ${url}`)
}
