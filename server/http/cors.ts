import type { Reply, Services } from '../api/context.ts'

const METHODS = 'GET, POST, PATCH, DELETE'
const HEADERS = [
  'Authorization, Content-Type, Idempotency-Key, X-Request-Id, X-Onefold-Environment, X-Onefold-Priority',
  'MCP-Protocol-Version, Mcp-Method, Mcp-Name',
].join(', ')
const EXPOSED =
  'X-Request-Id, Idempotency-Key, Idempotent-Replayed, Retry-After, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset'

/** Headers that let a page of a listed origin read the answer; none for any other origin. */
export async function corsHeaders(
  services: Services,
  origin: string | null,
  environmentId: string | null,
): Promise<Record<string, string>> {
  if (origin === null || environmentId === null) return {}
  const environment = await services.reads.environment(environmentId)
  if (environment === null || !environment.settings.allowedOrigins.includes(origin)) return {}
  return { 'access-control-allow-origin': origin, 'access-control-expose-headers': EXPOSED, vary: 'Origin' }
}

/** The answer to a preflight: it carries no token, so an origin passes that any environment lists. */
export async function preflight(services: Services, request: Request): Promise<Reply> {
  const origin = request.headers.get('origin')
  const listed = (await services.stores.environments.list()).some(
    ({ settings }) => origin !== null && settings.allowedOrigins.includes(origin),
  )
  if (!listed || origin === null) return { status: 204, body: undefined }
  return {
    status: 204,
    body: undefined,
    headers: {
      'access-control-allow-origin': origin,
      'access-control-allow-methods': METHODS,
      'access-control-allow-headers': HEADERS,
      'access-control-max-age': '600',
      vary: 'Origin',
    },
  }
}
