import type { Integration, Operation } from '../definition/catalog.ts'
import { EngineError } from '../errors.ts'
import type { OperationInput, RequestSpec } from '../types.ts'
import { encodeBody } from './body.ts'
import { queryPairs } from './fields.ts'
import { refuseOwned } from './owned.ts'
import { checkBuiltPath, encodeSegment } from './path.ts'
import { impersonated } from './resolve-operation.ts'

/** What a request depends on besides operation and input. */
export interface RequestContext {
  /** Settings of the account, read as `$connection`. */
  readonly connection: Readonly<Record<string, string>>
  /** Version the account renders in; null means the integration's. */
  readonly apiVersion: string | null
  readonly integration: Integration
  /** What header templates read as `$account`. Default an empty object. */
  readonly account?: unknown
}

type Header = readonly [name: string, value: string]

const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

function checkHeader(name: string, value: string): Header {
  if (HEADER_NAME.test(name) && HEADER_VALUE.test(value)) return [name, value]
  throw new EngineError('invalid_parameter', `The header '${name.replace(/[^\x21-\x7e]/g, '?')}' is not valid`, {
    hint: 'Header values are one line of Latin-1 text.',
  })
}

function pathOf(operation: Operation, input: OperationInput, { connection, integration }: RequestContext): string {
  const path = operation.path.render(undefined, { path: input.path, connection }, encodeSegment)
  if (path !== undefined) return ownPath(integration, operation, checkBuiltPath(path))
  const missing = operation.pathParameters.filter((name) => input.path[name] === undefined || input.path[name] === null)
  throw new EngineError('invalid_parameter', `${operation.id} needs ${missing.join(', ') || 'a setting'} in its path`, {
    ...(missing[0] === undefined ? {} : { where: missing[0] }),
  })
}

/** Lets a path through that is the operation's own: with `search` for an id it may be another one, of another effect. */
function ownPath(integration: Integration, operation: Operation, path: string): string {
  if (operation.pathParameters.length === 0) return path
  const other = impersonated(integration, operation, path)
  if (other === undefined) return path
  throw new EngineError('path_not_allowed', `The id makes ${other.id} out of ${operation.id}`, {
    hint: `Call ${other.id} by its own name.`,
  })
}

/** The caller's headers first, then those of the definition that it did not give; Content-Type apart. */
function headersOf(operation: Operation, input: OperationInput, context: RequestContext): Header[] {
  const headers: Header[] = []
  const given = new Set(['content-type'])
  const add = (name: string, value: string | undefined): void => {
    const lower = name.toLowerCase()
    if (value === undefined || given.has(lower)) return
    given.add(lower)
    headers.push(checkHeader(name, value))
  }
  for (const [name, value] of Object.entries(input.headers ?? {})) add(name, value)
  const variables = { connection: context.connection, account: context.account ?? {} }
  for (const [name, template] of operation.request.headers) add(name, template.render(undefined, variables))
  const version = context.integration.apiVersion
  if (version?.header !== undefined) add(version.header, context.apiVersion ?? version.value)
  return headers
}

/** The media type given by the caller or the definition; only a raw body has one that is not known already. */
function givenType(operation: Operation, input: OperationInput): string | undefined {
  const [name, value] = Object.entries(input.headers ?? {}).find(([key]) => key.toLowerCase() === 'content-type') ?? []
  if (name === undefined || value === undefined) return undefined
  if (operation.request.body === 'raw') return checkHeader(name, value)[1]
  throw new EngineError('owned_parameter', `${operation.id} decides the media type of its body itself`, { where: name })
}

/**
 * Builds the request of an operation: pure, no origin and no credentials yet. Ids are encoded into one path segment
 * each. Throws owned_parameter, path_not_allowed, invalid_parameter or invalid_body; values are never in the message.
 */
export function buildRequest(operation: Operation, input: OperationInput, context: RequestContext): RequestSpec {
  refuseOwned(context.integration.owned, input)
  const type = givenType(operation, input)
  const encoded = encodeBody(input.body, operation.request)
  return {
    verb: operation.verb,
    host: operation.host,
    path: pathOf(operation, input, context),
    query: queryPairs(input.query, operation.request),
    headers: headersOf(operation, input, context),
    body: encoded?.body,
    contentType: encoded === undefined ? undefined : (type ?? encoded.contentType),
    timeoutMs: operation.request.timeoutMs,
    maxBytes: operation.response.maxBytes,
  }
}
