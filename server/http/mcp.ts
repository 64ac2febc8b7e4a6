import type { Context, Hono } from 'hono'
import { EngineError } from '../../engine/index.ts'
import { admit } from '../api/admit.ts'
import type { Services } from '../api/context.ts'
import type { createHandler, createToolbox } from '../mcp/handler.ts'
import { isTextOnly, type McpOptions, readOptions } from '../mcp/options.ts'
import { readRequestBody } from './body.ts'
import { corsHeaders } from './cors.ts'
import { type HostCheck, hostRefused } from './hosts.ts'
import { closeScope, failureOf, openScope, type Scope, scopeHeaders } from './scope.ts'

const METADATA = '/.well-known/oauth-protected-resource'
/** What stands before a token in the path; the scope of a request keeps it out of every log. */
const IN_PATH = '/mcp/'

type MakeToolbox = typeof createToolbox

interface Served {
  readonly services: Services
  readonly isHost: HostCheck
  readonly load: () => Promise<Loaded>
}

interface Loaded {
  readonly handler: ReturnType<typeof createHandler>
  readonly makeToolbox: MakeToolbox
}

/** MCP over Streamable HTTP, stateless: each request brings its token, and nothing is kept between two of them. */
export function addMcp(app: Hono, services: Services, isHost: HostCheck, makeToolbox?: MakeToolbox): void {
  const served: Served = { services, isHost, load: loader(services, makeToolbox) }
  app.on(['POST', 'GET', 'DELETE'], '/mcp', (c) => serveMcp(served, c))
  app.on(['POST', 'GET', 'DELETE', 'PUT', 'PATCH'], `${IN_PATH}*`, (c) => serveMcp(served, c))
  for (const path of [METADATA, `${METADATA}/mcp`]) app.get(path, (c) => serveMetadata(served, c))
}

/** The protocol and its tools, which take a start as long as a quarter of its libraries: they are loaded when somebody calls. */
function loader({ log }: Services, makeToolbox?: MakeToolbox): Served['load'] {
  let loaded: Promise<Loaded> | undefined
  const load = async (): Promise<Loaded> => {
    const { createHandler, createToolbox } = await import('../mcp/handler.ts')
    return { handler: createHandler(log), makeToolbox: makeToolbox ?? createToolbox }
  }
  return () => (loaded ??= load())
}

async function serveMcp(served: Served, c: Context): Promise<Response> {
  const { services } = served
  const { headers, method, url } = c.req.raw
  const scope = openScope(services, method, url.slice(url.indexOf('/', 8)), headers.get('x-request-id'))
  let response: Response
  let isLogged = false
  try {
    response = await answer(served, c, scope, () => {
      isLogged = true
    })
  } catch (thrown) {
    const { status, headers: own, problem } = failureOf(services, scope, thrown)
    const challenge = status === 401 ? { 'www-authenticate': challengeFor(services, c) } : {}
    response = new Response(JSON.stringify(problem), { status, headers: { ...own, ...challenge } })
  }
  const cors = await corsHeaders(services, headers.get('origin'), scope.trace.environmentId)
  for (const [name, value] of Object.entries({ ...scopeHeaders(services, scope), ...cors })) {
    response.headers.set(name, value)
  }
  // A call of a tool that was answered has its own line.
  if (!isLogged || response.status >= 400) closeScope(services, scope, 'mcp_http', response.status)
  return response
}

async function answer(served: Served, c: Context, scope: Scope, onLogged: () => void): Promise<Response> {
  const { services, isHost, load } = served
  const request = c.req.raw
  const { headers } = request
  checkHost(isHost, c)
  const presented = {
    authorization: tokenInPath(services, c) ?? headers.get('authorization') ?? undefined,
    environment: headers.get('x-onefold-environment') ?? undefined,
  }
  const asked = { name: `${request.method} /mcp`, rank: 'any', requestId: scope.requestId } as const
  const caller = await admit(services, presented, scope.trace, asked)
  await checkOrigin(services, isHost, headers.get('origin'), caller.environmentId)
  const options = readOptions(new URL(request.url).searchParams)
  const parsedBody = request.method === 'POST' ? await readRequestBody(request, false) : undefined
  if (request.method === 'POST' && parsedBody === undefined) {
    throw new EngineError('invalid_json', 'The body is empty: a JSON-RPC message belongs there', { where: 'body' })
  }
  const base = { services, caller, requestId: scope.requestId, priority: 'agent' } as const
  const { handler, makeToolbox } = await load()
  const toolbox = makeToolbox(base, fitting(options, headers.get('mcp-protocol-version')), onLogged)
  const authInfo = { token: '', clientId: caller.token.id, scopes: [], extra: { toolbox } }
  return handler.fetch(request, { authInfo, ...(parsedBody === undefined ? {} : { parsedBody }) })
}

/** The token of `/mcp/{token}` as the header that it stands for. Throws not_found where that is switched off. */
function tokenInPath({ settings }: Services, c: Context): string | undefined {
  if (!c.req.path.startsWith(IN_PATH)) return undefined
  if (settings.mcpPathTokens) return `Bearer ${c.req.path.slice(IN_PATH.length)}`
  throw new EngineError('not_found', 'Tokens in the path are switched off here', {
    hint: 'Send the token in the Authorization header to /mcp, or set ONEFOLD_MCP_PATH_TOKENS=on for clients that cannot.',
  })
}

const fitting = (options: McpOptions, revision: string | null): McpOptions =>
  isTextOnly(revision) ? { ...options, answers: 'text' } : options

function checkHost(isHost: HostCheck, c: Context): void {
  const host = hostOf(c)
  if (!isHost(host)) throw hostRefused(host)
}

const hostOf = (c: Context): string => c.req.header('host') ?? new URL(c.req.url).host

/** Browsers name the page that calls: only this server's own, and those that the environment lists (MCP, transports). */
async function checkOrigin(
  { reads }: Services,
  isHost: HostCheck,
  origin: string | null,
  environmentId: string,
): Promise<void> {
  if (origin === null || (URL.canParse(origin) && isHost(new URL(origin).host))) return
  const environment = await reads.environment(environmentId)
  if (environment?.settings.allowedOrigins.includes(origin) === true) return
  throw new EngineError('forbidden', `The origin ${origin.slice(0, 128)} may not call`, {
    where: 'Origin',
    hint: 'List it with PATCH /environment/{id}, allowed_origins.',
  })
}

/** Where clients reach this server, as they see it. */
const baseOf = ({ settings }: Services, c: Context): string =>
  settings.publicUrl?.href.replace(/\/$/, '') ?? `http://${hostOf(c)}`

/** RFC 9728, 5.1: where it says how a token is had. */
const challengeFor = (services: Services, c: Context): string =>
  `Bearer realm="onefold", resource_metadata="${baseOf(services, c)}${METADATA}/mcp"`

/** RFC 9728: tokens are made by the API, so no authorization server is named. */
function serveMetadata({ services, isHost }: Served, c: Context): Response {
  const base = isHost(hostOf(c)) ? baseOf(services, c) : null
  if (base === null) return new Response(null, { status: 421 })
  return Response.json({
    resource: `${base}/mcp`,
    bearer_methods_supported: ['header'],
    resource_name: 'Onefold',
    resource_documentation: `${base}/docs`,
  })
}
