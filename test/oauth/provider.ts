import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Provider } from 'oidc-provider'
import { graceAdapter } from './grace-adapter.ts'

/** The app that the provider knows. */
export const CLIENT = { client_id: 'onefold-app', client_secret: 'app-secret-of-the-tests' }

/** Where the provider sends people back to. */
export const CALLBACK = 'https://onefold.test/oauth/callback/acme'

/**
 * What the front does with one token request. `pass` hands it on, `hold` never answers and hands nothing on, `swallow`
 * hands it on and never answers, `slow` answers late; a number is a status of its own.
 */
export type Fault = 'pass' | 'hold' | 'swallow' | 'slow' | 'reset' | number

/** A real OAuth server with rotating refresh tokens and reuse detection, behind a front that makes faults. */
export interface OAuthServer {
  readonly url: string
  /** What happens to the next token requests, first to last; then they pass. */
  readonly faults: Fault[]
  /** The same for revocations (RFC 7009). */
  readonly revocationFaults: Fault[]
  /** Token requests that reached the front, refresh grants that the provider gave, and those that it refused. */
  readonly counts: { requests: number; granted: number; refused: number }
  /** Revocations that the front was asked for. */
  revocations: number
  /** Seconds in which a used refresh token may be used again. */
  graceS: number
  /** Calls of the API that hang from now on. */
  holdsApi: boolean
  /** Resolves when the next request is held, its work at the provider done where it is done. */
  nextHeld(): Promise<void>
  close(): Promise<void>
}

const SLOW_MS = 700

/** Starts the provider and its front on a free port; the API below /v1 takes its access tokens. */
export async function startOAuthServer(): Promise<OAuthServer> {
  const front = createServer()
  front.listen(0, '127.0.0.1')
  await once(front, 'listening')
  const url = `http://127.0.0.1:${(front.address() as AddressInfo).port}`
  let held: () => void = () => undefined
  const server: OAuthServer = {
    ...{ url, faults: [], revocationFaults: [], revocations: 0, graceS: 0, holdsApi: false },
    counts: { requests: 0, granted: 0, refused: 0 },
    nextHeld: () => new Promise((resolve) => (held = resolve)),
    close: async () => {
      front.closeAllConnections()
      front.close()
      await once(front, 'close')
    },
  }
  const provider = makeProvider(server)
  const handle = provider.callback()
  front.on('request', (request, response) => {
    if (request.url?.startsWith('/v1/')) return void answerApi(server, provider, request, response, () => held())
    if (request.url?.startsWith('/interaction/')) return void logIn(provider, request, response)
    const call = { request, response, handle, held: () => held() }
    if (request.url === '/token/revocation') {
      server.revocations += 1
      return void answerToken(server.revocationFaults.shift() ?? 'pass', call)
    }
    if (request.url !== '/token') return void handle(request, response)
    server.counts.requests += 1
    answerToken(server.faults.shift() ?? 'pass', call)
  })
  return server
}

function makeProvider(server: OAuthServer): Provider {
  const provider = new Provider(server.url, {
    adapter: graceAdapter(() => server.graceS),
    clients: [
      {
        ...CLIENT,
        redirect_uris: [CALLBACK],
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        token_endpoint_auth_method: 'client_secret_basic',
      },
    ],
    features: { devInteractions: { enabled: false }, revocation: { enabled: true } },
    interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    loadExistingGrant: async (context) => {
      const { client, session } = context.oidc
      const grant = new context.oidc.provider.Grant({ clientId: client?.clientId, accountId: session?.accountId })
      grant.addOIDCScope('openid offline_access')
      await grant.save()
      return grant
    },
    issueRefreshToken: () => true,
    rotateRefreshToken: true,
    cookies: { keys: ['keys of the tests'] },
    ttl: { AccessToken: 3600, RefreshToken: 86_400, Grant: 86_400, Session: 3600, Interaction: 3600, IdToken: 3600 },
  })
  provider.on('grant.success', ({ oidc }) => {
    if (oidc.params?.grant_type === 'refresh_token') server.counts.granted += 1
  })
  provider.on('grant.error', () => (server.counts.refused += 1))
  return provider
}

async function logIn(provider: Provider, request: IncomingMessage, response: ServerResponse): Promise<void> {
  await provider.interactionFinished(request, response, { login: { accountId: 'user-1' } })
}

async function answerApi(
  server: OAuthServer,
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
  held: () => void,
): Promise<void> {
  if (server.holdsApi) return held()
  const token = (request.headers.authorization ?? '').replace('Bearer ', '')
  const found = await provider.AccessToken.find(token)
  response.writeHead(found === undefined ? 401 : 200, { 'content-type': 'application/json' })
  response.end(JSON.stringify(found === undefined ? { error: 'no' } : { id: found.accountId, jti: found.jti }))
}

interface TokenCall {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly handle: (request: IncomingMessage, response: ServerResponse) => void
  readonly held: () => void
}

function answerToken(fault: Fault, { request, response, handle, held }: TokenCall): void {
  if (fault === 'pass') handle(request, response)
  else if (fault === 'slow') setTimeout(() => handle(request, response), SLOW_MS)
  else if (fault === 'reset') request.socket.resetAndDestroy()
  else if (fault === 'hold') held()
  else if (fault === 'swallow') handle(request, swallowing(response, held))
  else {
    response.writeHead(fault, { 'content-type': 'application/json', 'retry-after': '1' })
    response.end(JSON.stringify({ error: 'invalid_grant' }))
  }
}

/** What the provider writes is thrown away; the connection stays open, as it does while an answer is on its way. */
function swallowing(response: ServerResponse, held: () => void): ServerResponse {
  response.write = () => true
  response.end = () => {
    held()
    return response
  }
  return response
}
