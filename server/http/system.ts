import type { Context, Hono } from 'hono'
import { EngineError } from '../../engine/index.ts'
import { authenticate } from '../api/authenticate.ts'
import { newTrace, type Services } from '../api/context.ts'
import { asEngineError, problemHeaders, toProblem } from '../api/problem.ts'
import { checkRank } from '../api/reach.ts'
import { describeApi } from '../openapi/index.ts'
import { addDocs } from './docs.ts'
import { type HostCheck, hostRefused } from './hosts.ts'
import { ROUTES } from './routes/index.ts'

type Handler = (c: Context) => Response | Promise<Response>

/** What operators and readers need: health, readiness, metrics, the OpenAPI document and the reference page. */
export function addSystemRoutes(app: Hono, services: Services, isHost: HostCheck): void {
  const guarded = (handler: Handler): Handler => guard(isHost, handler)
  app.get(
    '/healthz',
    guarded(() => Response.json({ status: 'ok' })),
  )
  app.get(
    '/readyz',
    guarded(() => readiness(services)),
  )
  app.get(
    '/metrics',
    guarded((c) => metrics(services, c)),
  )
  app.get(
    '/openapi.json',
    guarded(() => Response.json(describe(services))),
  )
  addDocs(app, guarded)
}

function guard(isHost: HostCheck, handler: Handler): Handler {
  return async (c) => {
    try {
      const host = c.req.header('host') ?? new URL(c.req.url).host
      if (!isHost(host)) throw hostRefused(host)
      return await handler(c)
    } catch (thrown) {
      const error = asEngineError(thrown)
      const problem = toProblem(error, c.req.header('x-request-id') ?? 'none')
      return new Response(JSON.stringify(problem), { status: error.status, headers: problemHeaders(error) })
    }
  }
}

async function readiness({ stores, lifecycle }: Services): Promise<Response> {
  if (lifecycle.isClosing) throw new EngineError('overloaded', 'The server is shutting down')
  await stores.ping()
  return Response.json({ status: 'ready' })
}

/** Open on loopback; off it, or behind a proxy, an admin's token is needed. */
async function metrics(services: Services, c: Context): Promise<Response> {
  const { isLoopback, trustsProxy } = services.settings
  if (!isLoopback || trustsProxy) {
    const presented = { authorization: c.req.header('authorization'), environment: undefined }
    const { token } = await authenticate(services, presented, newTrace())
    checkRank(token, 'admin')
  }
  return new Response(await services.metrics.render(), { headers: { 'content-type': services.metrics.contentType } })
}

const documents = new WeakMap<object, unknown>()

/** The document of the catalog in use, made once for each; it says so where that is not what was saved last. */
function describe({ engine, settings, definitions }: Services): unknown {
  const catalog = engine.catalog()
  const url = settings.publicUrl?.href ?? '/'
  if (definitions.refused !== null) return describeApi(catalog, ROUTES, url, REFUSED_NOTE)
  const known = documents.get(catalog)
  if (known !== undefined) return known
  const document = describeApi(catalog, ROUTES, url)
  documents.set(catalog, document)
  return document
}

const REFUSED_NOTE =
  '**The definitions that were saved last have errors and are not in use.** `GET /definitions` says what and where.'
