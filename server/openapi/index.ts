import type { Catalog } from '../../engine/index.ts'
import type { Route } from '../http/route.ts'
import { COMPONENTS, ERROR_RESPONSES } from './components.ts'
import { modelComponents, unifiedPaths } from './unified.ts'

type Json = Readonly<Record<string, unknown>>

const INFO = {
  title: 'Onefold',
  version: '1',
  description:
    "One API over many providers. Unified records look the same for every provider; `/proxy` has the provider's own fields; `/custom` passes requests on as they are. Every failure is a problem (RFC 9457) with a stable `code`.",
  license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
}

/** The OpenAPI 3.1 document of a catalog and the routes that serve it. */
export function describeApi(catalog: Catalog, routes: readonly Route[], serverUrl: string, note?: string): Json {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const [path, item] of Object.entries(unifiedPaths(catalog))) paths[path] = { ...item }
  for (const route of routes) {
    if (route.isGeneric === true) continue
    paths[route.path] = { ...paths[route.path], [route.verb]: operationOf(route) }
  }
  return {
    openapi: '3.1.0',
    info: note === undefined ? INFO : { ...INFO, description: `${note}\n\n${INFO.description}` },
    servers: [{ url: serverUrl }],
    security: [{ bearer: [] }, { basic: [] }],
    tags: [...new Set(Object.values(paths).flatMap(tagsOf))].map((name) => ({ name })),
    paths: { ...paths, ...customPath(), ...systemPaths() },
    components: { ...COMPONENTS, schemas: { ...COMPONENTS.schemas, ...modelComponents(catalog) } },
  }
}

const tagsOf = (item: Record<string, unknown>): string[] =>
  Object.values(item).flatMap((operation) => (operation as { tags?: string[] }).tags ?? [])

function operationOf(route: Route): Json {
  const { verb, path, summary, tag, query, headers, body, answer, stream, status = 200 } = route
  const queryParameters = Object.entries(query ?? {}).map(([name, parameter]) => ({ name, in: 'query', ...parameter }))
  const headerParameters = Object.entries(headers ?? {}).map(([name, one]) => ({ name, in: 'header', ...one }))
  return {
    operationId: operationId(verb, path),
    tags: [tag],
    summary,
    ...(route.rank === 'any' ? {} : { description: `Needs an API token of role ${route.rank} or above.` }),
    parameters: [
      ...pathParameters(path),
      ...(query === null ? PROXY_PARAMETERS : queryParameters),
      ...headerParameters,
    ],
    ...(body === undefined ? {} : { requestBody: requestBody(body ?? {}, route.takesFiles ?? false) }),
    responses: { [status]: withStream(json('What was asked for.', answer), stream), ...ERROR_RESPONSES },
  }
}

function withStream(answer: Json, stream: string | undefined): Json {
  if (stream === undefined) return answer
  const events = { 'text/event-stream': { schema: { type: 'string', description: stream } } }
  return { ...answer, content: { ...(answer.content as object), ...events } }
}

const PROXY_PARAMETERS = ['IntegratedAccountId', 'OnLimit', 'DeadlineMs', 'Limit', 'NextCursor'].map((name) => ({
  $ref: `#/components/parameters/${name}`,
}))

function requestBody(schema: Json, takesFiles: boolean): Json {
  const parts = takesFiles ? { 'multipart/form-data': { schema: { type: 'object' } } } : {}
  return { required: false, content: { 'application/json': { schema }, ...parts } }
}

const json = (description: string, schema: Json): Json => ({ description, content: { 'application/json': { schema } } })

function operationId(verb: string, path: string): string {
  const words = path
    .replaceAll(/[{}]/g, '')
    .split(/[/_-]/)
    .filter((word) => word !== '')
  return [verb, ...words].join('_')
}

/** The `{placeholders}` of a path as parameters. */
function pathParameters(path: string): Json[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))
}

function customPath(): Json {
  const verbs = ['get', 'post', 'put', 'patch', 'delete']
  const operation = (verb: string): Json => ({
    operationId: `${verb}_custom`,
    tags: ['Proxy'],
    summary: 'Passes a request on to the provider as it is.',
    description:
      "The path behind /custom is the provider's own. Bodies are streamed, at most 100 MB up. No retries here.",
    parameters: [...pathParameters('/custom/{path}'), { $ref: '#/components/parameters/IntegratedAccountId' }],
    responses: { default: { description: 'Whatever the provider answers.' }, ...ERROR_RESPONSES },
  })
  return { '/custom/{path}': Object.fromEntries(verbs.map((verb) => [verb, operation(verb)])) }
}

function systemPaths(): Json {
  const open = (summary: string, path: string): Json => ({
    [path]: {
      get: {
        operationId: operationId('get', path),
        tags: ['Operations'],
        summary,
        security: [],
        responses: { '200': { description: 'Fine.' }, '503': { $ref: '#/components/responses/Problem' } },
      },
    },
  })
  return { ...open('Says that the process runs.', '/healthz'), ...open('Says whether it serves.', '/readyz') }
}
