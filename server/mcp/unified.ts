import { EngineError, type JsonRecord, type ModelResource } from '../../engine/index.ts'
import { aggregateSynced } from '../api/aggregate.ts'
import type { CallContext } from '../api/context.ts'
import { callUnified, modelResource } from '../api/unified.ts'
import type { Arguments, Found } from './contract.ts'
import { foundIn, pageOf } from './reply.ts'
import { pairsOf, textOf, textsOf, withoutNulls } from './values.ts'

const NARROW = 'name `fields`, filter more, or give a smaller limit'

/** Splits `model/resource` and finds it. Throws unknown_model or unknown_resource. */
export function resourceNamed(context: CallContext, name: string): ModelResource {
  const cut = name.indexOf('/')
  if (cut > 0) return modelResource(context.services, name.slice(0, cut), name.slice(cut + 1))
  const models = [...context.services.engine.catalog().models.values()]
  throw new EngineError('unknown_resource', `There is no unified resource ${name.slice(0, 64)}`, {
    where: 'resource',
    valid: models.flatMap((model) => [...model.resources.keys()].map((resource) => `${model.name}/${resource}`)),
    hint: 'Write model/resource.',
  })
}

/** Lists records of a unified resource; with `aggregate` figures over those that were synced. */
export async function listRecords(context: CallContext, args: Arguments): Promise<Found> {
  const resource = resourceNamed(context, textOf(args, 'resource') ?? '')
  const filters = filterPairs(resource, args.filters)
  if (args.aggregate !== undefined) return await aggregateRecords(context, resource, args, filters)
  const send = (limit?: number): Promise<Found> => {
    const paged = pageOf(limit === undefined ? args : { ...args, limit })
    const sort = pairsOf(args.sort, 'sort')
    return call(context, resource, { method: 'list', args, pairs: [...filters, ...sort, ...paged] })
  }
  return { ...(await send()), again: send, narrow: NARROW }
}

/** What is asked for in `aggregate`; the rest is that of a list. */
const AGGREGATE_KEYS: readonly string[] = ['group_by', 'sum', 'avg', 'min', 'max', 'timezone']

async function aggregateRecords(
  context: CallContext,
  { model, name }: ModelResource,
  args: Arguments,
  filters: readonly [string, string][],
): Promise<Found> {
  const asked = args.aggregate as JsonRecord
  const unknown = Object.keys(asked).find((key) => !AGGREGATE_KEYS.includes(key))
  if (unknown !== undefined || args.fields !== undefined || args.expand !== undefined) {
    throw new EngineError('unknown_parameter', 'Figures have no fields and nothing else than these', {
      where: unknown === undefined ? 'fields' : `aggregate.${unknown.slice(0, 64)}`,
      valid: AGGREGATE_KEYS,
    })
  }
  const own = Object.entries(asked).map(([key, value]): [string, string] => [key, [value].flat().join(',')])
  const send = async (limit?: number): Promise<Found> => {
    const paged = pageOf(limit === undefined ? args : { ...args, limit })
    const pairs = [...filters, ...own, ...pairsOf(args.sort, 'sort'), ...paged, ...readingPairs(args)]
    return foundIn(await aggregateSynced(context, model, name, pairs), true)
  }
  return { ...(await send()), again: send, narrow: NARROW }
}

/** Filters only: what else the query grammar knows has arguments of its own. */
function filterPairs(resource: ModelResource, filters: unknown): [string, string][] {
  return Object.entries((filters ?? {}) as JsonRecord).map(([name, value]) => {
    if (!resource.filters.has(name.split('[', 1)[0] ?? '')) {
      throw new EngineError(
        'unknown_filter',
        `\`${name.slice(0, 64)}\` is not a filter of ${resource.model}/${resource.name}`,
        {
          where: `filters.${name.slice(0, 64)}`,
          valid: [...resource.filters.keys()],
          hint: 'Filters are written field or field[op]; describe_tool has the operators.',
        },
      )
    }
    if (!Array.isArray(value)) return [name, String(value)]
    return [name.includes('[') ? name : `${name}[in]`, value.join(',')]
  })
}

/** Reads one record. */
export function getRecord(context: CallContext, args: Arguments): Promise<Found> {
  const resource = resourceNamed(context, textOf(args, 'resource') ?? '')
  return call(context, resource, { method: 'get', args })
}

/** Reads a customer with what they paid and owe. */
export function summarizeCustomer(context: CallContext, args: Arguments): Promise<Found> {
  return getRecord(context, { ...args, expand: ['summary'] })
}

/** Makes, changes or deletes a record. */
export function writeRecord(method: 'create' | 'update' | 'delete') {
  return (context: CallContext, args: Arguments): Promise<Found> => {
    const resource = resourceNamed(context, textOf(args, 'resource') ?? '')
    return call(context, resource, { method, args })
  }
}

/** Calls a named method, written `model/resource/method`. Throws unknown_method. */
export function actOnRecord(context: CallContext, args: Arguments): Promise<Found> {
  const action = textOf(args, 'action') ?? ''
  const cut = action.lastIndexOf('/')
  const resource = resourceNamed(context, action.slice(0, Math.max(0, cut)))
  const method = action.slice(cut + 1)
  if (!resource.methods.has(method)) {
    throw new EngineError('unknown_method', `${resource.model}/${resource.name} has no action ${method.slice(0, 64)}`, {
      where: 'action',
      valid: [...resource.methods.keys()],
    })
  }
  return call(context, resource, { method, args })
}

interface Asked {
  readonly method: string
  readonly args: Arguments
  readonly pairs?: readonly [string, string][]
}

async function call(context: CallContext, resource: ModelResource, { method, args, pairs = [] }: Asked) {
  const id = textOf(args, 'id')
  const reply = await callUnified(context, {
    model: resource.model,
    resource: resource.name,
    method,
    id,
    query: [...pairs, ...readingPairs(args)],
    body: args.body,
    idempotencyKey: textOf(args, 'idempotency_key'),
  })
  const found = foundIn(reply, method === 'list')
  return { ...found, result: withoutNulls(found.result), narrow: 'name `fields`' }
}

function readingPairs(args: Arguments): [string, string][] {
  const accountId = textOf(args, 'integrated_account_id')
  const listed = (name: string): [string, string][] => {
    const values = textsOf(args, name)
    return values === undefined || values.length === 0 ? [] : [[name, values.join(',')]]
  }
  return [
    ...(accountId === undefined ? [] : [['integrated_account_id', accountId] as [string, string]]),
    ...listed('fields'),
    ...listed('expand'),
  ]
}
