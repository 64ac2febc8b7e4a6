import type { Catalog, ModelFilter, ModelMethod, ModelResource } from '../../engine/index.ts'
import { aggregateAnswer, aggregateParameters, LEFT_OUT, SYNCED_AGE } from './aggregate.ts'
import { ERROR_RESPONSES } from './components.ts'

type Json = Readonly<Record<string, unknown>>

const RECORD_PARAMETERS = [
  'IntegratedAccountId',
  'Fields',
  'ExcludeFields',
  'RemoteData',
  'Explain',
  'Format',
  'Timezone',
  'Source',
]
const LIST_PARAMETERS = [
  ...RECORD_PARAMETERS,
  'TenantId',
  'Limit',
  'NextCursor',
  'FilterMode',
  'OnLimit',
  'DeadlineMs',
  'MaxRequests',
]

const refs = (names: readonly string[]): Json[] => names.map((name) => ({ $ref: `#/components/parameters/${name}` }))
const componentName = ({ model, name }: ModelResource): string => `${model}.${name}`
const recordRef = (resource: ModelResource): Json => ({ $ref: `#/components/schemas/${componentName(resource)}` })
const idParameter: Json = { name: 'id', in: 'path', required: true, schema: { type: 'string' } }

function resourcesOf(catalog: Catalog): ModelResource[] {
  return [...catalog.models.values()].flatMap(({ resources }) => [...resources.values()])
}

/** Schemas of all unified records and their bodies. */
export function modelComponents(catalog: Catalog): Json {
  return Object.fromEntries(
    resourcesOf(catalog).flatMap((resource) => [
      [componentName(resource), { ...resource.schema, description: resource.description }],
      ...[...resource.bodies].map(([write, schema]) => [`${componentName(resource)}.${write}`, schema]),
    ]),
  )
}

/** The addresses of all unified resources. */
export function unifiedPaths(catalog: Catalog): Readonly<Record<string, Json>> {
  return Object.fromEntries(resourcesOf(catalog).flatMap((resource) => Object.entries(pathsOf(catalog, resource))))
}

function pathsOf(catalog: Catalog, resource: ModelResource): Readonly<Record<string, Json>> {
  const base = `/unified/${resource.model}/${resource.name}`
  const { writes } = resource
  const write = (method: string, summary: string, onRecord: boolean): Json =>
    writes.includes(method) ? { [VERBS[method] ?? method]: writeOperation(resource, method, summary, onRecord) } : {}
  const paths: Record<string, Json> = {
    [base]: { get: listOperation(resource), ...write('create', 'Creates a record.', false) },
    [`${base}/{id}`]: {
      get: getOperation(resource),
      ...write('update', 'Changes a record: a field left out stays, null clears.', true),
      ...write('delete', 'Deletes a record.', true),
    },
  }
  paths[`${base}/aggregate`] = { get: aggregateOperation(resource) }
  for (const method of resource.methods.values()) {
    const path = method.on === 'record' ? `${base}/{id}/${method.name}` : `${base}/${method.name}`
    paths[path] = { post: methodOperation(catalog, resource, method) }
  }
  return paths
}

const VERBS: Readonly<Record<string, string>> = { create: 'post', update: 'patch', delete: 'delete' }

function head({ model, name }: ModelResource, method: string, summary: string, description?: string): Json {
  const operationId = [model, name, method].join('_').replaceAll('-', '_')
  return { operationId, tags: [model], summary, ...(description === undefined ? {} : { description }) }
}

const answers = (schema: Json, description: string): Json => ({
  '200': { description, content: { 'application/json': { schema } } },
  ...ERROR_RESPONSES,
})

function listOperation(resource: ModelResource): Json {
  const envelope = {
    type: 'object',
    required: ['result', 'next_cursor', 'prev_cursor', 'result_count', 'is_partial_response'],
    properties: {
      result: { type: 'array', items: recordRef(resource) },
      next_cursor: { type: ['string', 'null'], description: 'Null at the end.' },
      prev_cursor: { type: ['string', 'null'], description: 'Null at the start, and where the source cannot go back.' },
      result_count: { type: 'integer', description: 'Records of this page.' },
      is_partial_response: {
        type: 'boolean',
        description: 'A limit of the call ended the page early; go on by cursor.',
      },
      ...SYNCED_AGE,
      errors: LEFT_OUT,
      warnings: {
        type: 'array',
        items: { type: 'string' },
        description: 'What the caller should know, when there is something.',
      },
      explain: {
        type: 'object',
        description: 'With explain=true: requests, sources and how each filter was answered.',
      },
    },
  }
  return {
    ...head(resource, 'list', `Lists ${resource.name}.`, resource.description),
    parameters: [...refs(LIST_PARAMETERS), sortParameter, ...expandParameter(resource), ...filterParameters(resource)],
    responses: answers(envelope, 'A page.'),
  }
}

function aggregateOperation(resource: ModelResource): Json {
  const summary = `Counts and adds up synced ${resource.name} by group.`
  return {
    ...head(resource, 'aggregate', summary),
    parameters: [
      ...refs(['IntegratedAccountId', 'TenantId', 'Timezone']),
      ...aggregateParameters,
      ...filterParameters(resource),
    ],
    responses: answers(aggregateAnswer, 'Groups.'),
  }
}

const sortParameter: Json = {
  name: 'sort',
  in: 'query',
  description: 'Field to order by, `-` in front for descending; capabilities name those an account can order by.',
  schema: { type: 'string' },
  example: '-created_at',
}

const filterParameters = (resource: ModelResource): Json[] => [...resource.filters.values()].flatMap(parametersOf)

const TYPES: Readonly<Record<ModelFilter['type'], Json>> = {
  string: { type: 'string' },
  integer: { type: 'integer' },
  money: { type: 'integer' },
  boolean: { type: 'boolean' },
  date: { type: 'string', format: 'date' },
  instant: { type: 'string', format: 'date-time' },
}

/** `field=v` where equality is known, `field[op]=v` for every other operator; a keyed one is documented by its shape. */
function parametersOf(filter: ModelFilter): Json[] {
  const { name, type, ops, values, description, isKeyed } = filter
  const one = values === undefined ? TYPES[type] : { type: 'string', enum: values }
  if (isKeyed) {
    return [
      {
        name,
        in: 'query',
        description,
        style: 'deepObject',
        explode: true,
        schema: { type: 'object', additionalProperties: one },
      },
    ]
  }
  return ops.map((op) => ({
    name: op === 'eq' ? name : `${name}[${op}]`,
    in: 'query',
    description,
    schema: op === 'exists' ? { type: 'boolean' } : op === 'in' ? { type: 'string' } : one,
  }))
}

function expandParameter({ expand }: ModelResource): Json[] {
  if (expand.length === 0) return []
  const description = `Fields to fill with whole records, comma separated: ${expand.join(', ')}.`
  return [{ name: 'expand', in: 'query', description, schema: { type: 'string' } }]
}

function getOperation(resource: ModelResource): Json {
  return {
    ...head(resource, 'get', `Gets one of the ${resource.name}.`),
    parameters: [idParameter, ...refs(RECORD_PARAMETERS), ...expandParameter(resource)],
    responses: answers(recordRef(resource), 'The record.'),
  }
}

function bodyOf(resource: ModelResource, method: string): Json {
  if (!resource.bodies.has(method)) return {}
  const schema = { $ref: `#/components/schemas/${componentName(resource)}.${method}` }
  return { requestBody: { content: { 'application/json': { schema } } } }
}

function writeOperation(resource: ModelResource, method: string, summary: string, onRecord: boolean): Json {
  const deleted = { type: 'object', required: ['id'], properties: { id: { type: 'string' } } }
  return {
    ...head(resource, method, summary),
    parameters: [...(onRecord ? [idParameter] : []), ...refs(['IntegratedAccountId', 'IdempotencyKey'])],
    ...(method === 'delete' ? {} : bodyOf(resource, method)),
    responses: answers(method === 'delete' ? deleted : recordRef(resource), 'The record after it.'),
  }
}

function methodOperation(catalog: Catalog, resource: ModelResource, method: ModelMethod): Json {
  const { name, on, effect, description, returns } = method
  const returned = returns === undefined ? undefined : catalog.models.get(resource.model)?.resources.get(returns)
  const result = returned === undefined ? (method.answer ?? {}) : recordRef(returned)
  const schema = { type: 'object', required: ['result'], properties: { result } }
  return {
    ...head(resource, name, description.split(/(?<=\.)\s/, 1)[0] ?? description, description),
    'x-effect': effect,
    parameters: [...(on === 'record' ? [idParameter] : []), ...refs(['IntegratedAccountId', 'IdempotencyKey'])],
    ...bodyOf(resource, name),
    responses: answers(schema, 'What the method gives.'),
  }
}
