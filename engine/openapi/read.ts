import { EngineError } from '../errors.ts'
import type { HttpVerb } from '../schema/generated.ts'
import type { ApiDocument, ApiEndpoint, ApiNode, ApiSecurity, ApiServer, LeftOut } from './contract.ts'
import { bodyOf, parametersOf } from './parameters.ts'
import { isNode, listOf, Schemas } from './schemas.ts'

const VERBS: readonly HttpVerb[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']
const OTHER_VERBS = ['HEAD', 'OPTIONS', 'TRACE']

/** An OpenAPI document with the reader of its schemas. */
export interface OpenApi {
  readonly api: ApiDocument
  readonly schemas: Schemas
}

/**
 * Reads an OpenAPI document of version 3.0 or 3.1 that was parsed already. What cannot be said is listed under `leftOut`.
 * Throws EngineError definition_invalid for anything else.
 */
export function readOpenApi(data: unknown): OpenApi {
  const root = isNode(data) ? data : {}
  if (!/^3\.[01](\.|$)/.test(String(root.openapi ?? '')) || !isNode(root.paths)) {
    const what = root.swagger === undefined ? 'no OpenAPI document' : `a document of version ${String(root.swagger)}`
    const hint =
      'Give a document whose `openapi` is 3.0 or 3.1 and that has `paths`; converters make one of older versions.'
    throw new EngineError('definition_invalid', `This is ${what}`, { hint })
  }
  const schemas = new Schemas(root)
  const leftOut: LeftOut[] = []
  const endpoints = Object.entries(root.paths).flatMap(([path, item]) => endpointsOf(schemas, path, item, leftOut))
  const info = schemas.at(root.info)
  const api: ApiDocument = {
    title: String(info.title ?? '').trim(),
    version: String(info.version ?? '').trim(),
    servers: serversOf(root.servers),
    endpoints,
    security: securityOf(schemas, root, endpoints.length),
    docs: urlOf(schemas.at(root.externalDocs).url),
    leftOut: [...leftOut, ...outside(root)],
  }
  return { api, schemas }
}

const urlOf = (value: unknown): string | undefined =>
  typeof value === 'string' && URL.canParse(value) ? value : undefined

/** Parts of a document that say nothing about operations that a definition makes. */
function outside(root: ApiNode): LeftOut[] {
  const hooks = Object.keys(isNode(root.webhooks) ? root.webhooks : {})
  return hooks.map((name) => ({ what: `webhook ${name}`, why: 'webhooks.yaml is written by hand' }))
}

function endpointsOf(schemas: Schemas, path: string, value: unknown, leftOut: LeftOut[]): ApiEndpoint[] {
  const item = schemas.at(value)
  for (const verb of OTHER_VERBS) {
    if (item[verb.toLowerCase()] === undefined) continue
    leftOut.push({ what: `${verb} ${path}`, why: 'operations are GET, POST, PUT, PATCH or DELETE' })
  }
  return VERBS.flatMap((verb) => {
    const operation = item[verb.toLowerCase()]
    return operation === undefined
      ? []
      : [endpointOf(schemas, { verb, path, item, node: schemas.at(operation), leftOut })]
  })
}

interface Found {
  readonly verb: HttpVerb
  readonly path: string
  readonly item: ApiNode
  readonly node: ApiNode
  readonly leftOut: LeftOut[]
}

function endpointOf(schemas: Schemas, { verb, path, item, node, leftOut }: Found): ApiEndpoint {
  const body = bodyOf(schemas, node.requestBody)
  const given = parametersOf(schemas, [...listOf(item.parameters), ...listOf(node.parameters)])
  for (const name of given.cookies) {
    leftOut.push({ what: `cookie ${name} of ${verb} ${path}`, why: 'requests carry no cookies' })
  }
  if (isNode(node.callbacks)) {
    leftOut.push({ what: `callbacks of ${verb} ${path}`, why: 'webhooks.yaml is written by hand' })
  }
  const servers = [...serversOf(node.servers), ...serversOf(item.servers)]
  return {
    verb,
    path,
    operationId: typeof node.operationId === 'string' ? node.operationId : '',
    tags: listOf(node.tags).map(String),
    isDeprecated: node.deprecated === true,
    parameters: [...given.parameters, ...body.members],
    encoding: body.encoding,
    nestedMembers: body.nested,
    ...answerOf(schemas, node.responses),
    servers,
  }
}

type Answer = Pick<ApiEndpoint, 'answerType' | 'answer' | 'answerHeaders' | 'failure'>

function answerOf(schemas: Schemas, value: unknown): Answer {
  const responses = Object.entries(isNode(value) ? value : {})
  const good = responses.find(([status]) => /^2/.test(status)) ?? responses.find(([status]) => status === 'default')
  const bad = responses.filter(([status]) => /^[45]|default/.test(status) && status !== good?.[0])
  const failure = bad.flatMap(([, each]) => mediaOf(schemas, each)[1] ?? []).find(isNode)
  const [answerType = '', schema] = mediaOf(schemas, good?.[1])
  const headers = Object.keys(isNode(schemas.at(good?.[1]).headers) ? (schemas.at(good?.[1]).headers as ApiNode) : {})
  return { answerType, answer: isNode(schema) ? schema : undefined, answerHeaders: headers, failure }
}

/** The media type of a response and its schema; JSON before others. */
function mediaOf(schemas: Schemas, response: unknown): [string?, unknown?] {
  const content = Object.entries(isNode(schemas.at(response).content) ? (schemas.at(response).content as ApiNode) : {})
  const [type, media] = content.find(([name]) => /json/.test(name)) ?? content[0] ?? []
  return type === undefined ? [] : [type.split(';')[0]?.trim() ?? '', schemas.at(media).schema]
}

function serversOf(value: unknown): ApiServer[] {
  return listOf(value).flatMap((each) => {
    if (!isNode(each) || typeof each.url !== 'string') return []
    const variables = Object.entries(isNode(each.variables) ? each.variables : {}).map(([name, of]) => {
      const { default: byDefault = '', enum: values } = isNode(of) ? of : {}
      return [name, { default: String(byDefault), enum: listOf(values).map(String) }] as const
    })
    return [{ url: each.url, variables: Object.fromEntries(variables) }]
  })
}

/** Schemes of the document's own requirement first, then the others. */
function securityOf(schemas: Schemas, root: ApiNode, count: number): ApiSecurity[] {
  const schemes = schemas.at(schemas.at(root.components).securitySchemes)
  const wanted = listOf(root.security).flatMap((each) => Object.keys(isNode(each) ? each : {}))
  const names = [...new Set([...wanted, ...Object.keys(schemes)])].filter((name) => Object.hasOwn(schemes, name))
  return count === 0 ? [] : names.map((name) => ({ name, scheme: schemas.at(schemes[name]) }))
}
