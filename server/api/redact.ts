import {
  type Catalog,
  EngineError,
  type JsonRecord,
  type JsonSchema,
  type ModelResource,
  type UnifiedQuery,
} from '../../engine/index.ts'
import type { Token } from '../stores/index.ts'
import type { Reply } from './context.ts'

/** Names the fields that were left out of an answer as personal data. */
export const REDACTED_HEADER = 'x-onefold-redacted'

const MOST_NAMED = 50

/** Whether personal data is kept from the holder of a token. */
export const isRedacting = (token: Token): boolean => token.kind === 'agent' && token.redact

/**
 * Throws forbidden for a query that would tell of personal data without showing it: raw forms, and filters, search, sort,
 * keys and expansions over it.
 */
export function checkRedactedQuery(query: UnifiedQuery, resource: ModelResource): void {
  if (query.remoteData || query.explain || query.format !== 'unified') {
    throw refused('raw data and explanations are not for it', 'remote_data')
  }
  for (const { field } of query.filters) {
    const looked = resource.filters.get(field)?.fields ?? [field]
    if (looked.some((path) => isPersonal(resource.schema, path))) throw refused('this filter compares it', field)
  }
  const others = { sort: query.sort?.field, truto_key_by: query.keyBy }
  for (const [where, path] of Object.entries(others)) {
    if (path !== undefined && isPersonal(resource.schema, path)) throw refused(`it is asked for by ${where}`, where)
  }
  const expanded = query.expand.find((name) => isPersonal(resource.schema, name))
  if (expanded !== undefined) throw refused(`\`${expanded}\` is nothing else`, 'expand')
}

/** Throws forbidden for a field that is personal data: what is reckoned from it would tell of it. */
export function checkRedactedField({ schema }: ModelResource, path: string, where: string): void {
  if (isPersonal(schema, path)) throw refused(`it is asked for by ${where}`, where)
}

const refused = (why: string, where: string): EngineError =>
  new EngineError('forbidden', `The token leaves personal data out: ${why}`, {
    where,
    hint: 'Ask by ids, states, amounts and times instead.',
  })

/** Whether a dotted path leads to, or through, what is marked x-pii; lists are looked through. */
export function isPersonal(schema: JsonSchema, path: string): boolean {
  let node: JsonSchema | undefined = schema
  for (const name of path.split('.')) {
    node = propertiesOf(listed(node))?.[name]
    if (node === undefined) return false
    if (isMarked(listed(node)) || isMarked(node)) return true
  }
  return false
}

const propertiesOf = (node: JsonSchema): Readonly<Record<string, JsonSchema>> | undefined =>
  node.properties as Readonly<Record<string, JsonSchema>> | undefined

const listed = (node: JsonSchema): JsonSchema => (node.items as JsonSchema | undefined) ?? node
const isMarked = (node: JsonSchema): boolean => typeof node['x-pii'] === 'string'
const isObject = (value: unknown): value is JsonRecord =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A reply without personal data: null stands in its place, and a header names the fields. */
export function redactReply(catalog: Catalog, resource: ModelResource, method: string, reply: Reply): Reply {
  if (reply.status >= 400) return { ...reply, body: bareProblem((reply.body ?? {}) as JsonRecord) }
  const cut = new Set<string>()
  const { returns, answer } = resource.methods.get(method) ?? {}
  const model = catalog.models.get(resource.model)
  const schema = answer ?? model?.resources.get(returns ?? resource.name)?.schema ?? resource.schema
  const clean = (value: unknown): unknown => cleaned(value, schema, { catalog, model: resource.model, cut }, '')
  const body = reply.body as JsonRecord
  const { result } = body
  const redacted =
    method === 'list'
      ? { ...body, result: cleanRecords(result, clean) }
      : RECORD_METHODS.includes(method)
        ? clean(body)
        : { ...body, result: clean(result) }
  const names = [...cut].slice(0, MOST_NAMED).join(',')
  return {
    ...reply,
    body: redacted,
    headers: { ...reply.headers, ...(names === '' ? {} : { [REDACTED_HEADER]: names }) },
  }
}

/** Methods that are answered by the bare record; others answer `{ result }`. */
const RECORD_METHODS = ['get', 'create', 'update', 'delete']

/** Each record of a list, by key or in order. */
function cleanRecords(result: unknown, clean: (value: unknown) => unknown): unknown {
  if (Array.isArray(result)) return result.map(clean)
  if (!isObject(result)) return clean(result)
  return Object.fromEntries(Object.entries(result).map(([key, record]) => [key, clean(record)]))
}

interface Cleaning {
  readonly catalog: Catalog
  readonly model: string
  /** Paths of what was cut. */
  readonly cut: Set<string>
}

function cleaned(value: unknown, schema: JsonSchema, cleaning: Cleaning, path: string): unknown {
  if (value === null || value === undefined) return value
  // What the merchant defined at the provider is in its native form, and no mark says what it holds.
  if (isMarked(schema) || (schema.additionalProperties === true && isObject(value))) {
    cleaning.cut.add(path)
    return null
  }
  const mark = schema['x-resource']
  if (typeof mark === 'string') return cleanedRecords(value, mark, cleaning, path)
  if (Array.isArray(value)) return value.map((item) => cleaned(item, listed(schema), cleaning, path))
  if (!isObject(value)) return value
  const properties = propertiesOf(schema) ?? {}
  const rest = isObject(schema.additionalProperties) ? (schema.additionalProperties as JsonSchema) : {}
  const kept: JsonRecord = Object.create(null)
  for (const [name, item] of Object.entries(value)) {
    const at = path === '' ? name : `${path}.${name}`
    kept[name] = cleaned(item, (Object.hasOwn(properties, name) ? properties[name] : undefined) ?? rest, cleaning, at)
  }
  return kept
}

/** Whole records of another resource, that an expansion brought in. */
function cleanedRecords(value: unknown, mark: string, cleaning: Cleaning, path: string): unknown {
  const [model, name] = mark.includes('/') ? mark.split('/') : [cleaning.model, mark]
  const schema = cleaning.catalog.models.get(model ?? '')?.resources.get(name ?? '')?.schema
  if (schema === undefined) return null
  const inner = { ...cleaning, model: model ?? cleaning.model }
  return Array.isArray(value)
    ? value.map((item) => cleaned(item, schema, inner, path))
    : cleaned(value, schema, inner, path)
}

const KEPT = ['type', 'title', 'status', 'code', 'retryable', 'who_can_fix', 'request_id', 'statusCode', 'error']

/** A problem reduced to codes, for one that was kept from an earlier call. */
function bareProblem(problem: JsonRecord): JsonRecord {
  const kept = Object.fromEntries(Object.entries(problem).filter(([name]) => KEPT.includes(name)))
  return { ...kept, detail: problem.title, message: problem.title }
}

/** An error without what a provider said; what is ours alone stays as it is. */
export function redactError(error: EngineError): EngineError {
  const { provider, cause: _cause, hint: _hint, valid: _valid, ...details } = error.details
  if (provider === undefined) return error
  const { name, status, code } = provider
  return new EngineError(error.code, `${name} answered ${status}`, { ...details, provider: { name, status, code } })
}
