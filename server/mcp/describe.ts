import { EngineError, type JsonRecord, type JsonSchema, type ModelResource } from '../../engine/index.ts'
import { findAccount, toEngineAccount } from '../api/accounts.ts'
import { nativeAct } from '../api/acts.ts'
import type { CallContext } from '../api/context.ts'
import { accountsOf } from '../api/reach.ts'
import { reachedIntegrations } from './accounts.ts'
import type { Arguments, Found } from './contract.ts'
import { nativeExample, unifiedExample } from './examples.ts'
import { type NamedOperation, namedOperations } from './names.ts'
import { descriptionOf } from './native.ts'
import { nativeInput } from './native-schema.ts'
import { reaches } from './reach.ts'
import { resourceNamed } from './unified.ts'
import { textOf } from './values.ts'

/** Describes `model/resource`, `model/resource/method` or a native tool. Throws unknown_model, _resource or _method. */
export async function describeTool(context: CallContext, args: Arguments): Promise<Found> {
  const name = textOf(args, 'name') ?? ''
  if (!name.includes('/')) return inside(await describeNative(context, name))
  const [model = '', resource = '', ...method] = name.split('/')
  const found = resourceNamed(context, `${model}/${resource}`)
  if (method.length > 0) {
    const described = describeMethod(found, method.join('/'))
    return inside({ ...described, ...(await shownBy(context, found, method.join('/'), args)) })
  }
  return inside({ ...overview(found), ...(await abilities(context, found, args)) })
}

const inside = (result: JsonRecord): Found => ({
  result,
  isFromOutside: false,
  narrow: 'describe one method, written model/resource/method',
})

/** The native tool of this name that the caller reaches. Throws unknown_method: a hidden one is as unknown as any. */
export async function reachedOperation(context: CallContext, name: string): Promise<NamedOperation> {
  const catalog = context.services.engine.catalog()
  const named = namedOperations(catalog).get(name)
  const definition = named && catalog.integrations.get(named.integration)
  if (named !== undefined && reaches(context.caller.token, nativeAct(definition, named.operation, 'native'))) {
    const reached = await reachedIntegrations(context)
    if (reached.has(named.integration)) return named
  }
  throw new EngineError('unknown_method', `There is no native tool ${name.slice(0, 64)} that this token reaches`, {
    where: 'name',
    hint: 'search_tools finds what there is. Unified resources, written model/resource, have tools of their own, such as list_records.',
  })
}

async function describeNative(context: CallContext, name: string): Promise<JsonRecord> {
  const { integration, operation } = await reachedOperation(context, name)
  const definition = context.services.engine.catalog().integrations.get(integration)
  const { effect, resource, name: method } = operation
  const example = definition === undefined ? null : nativeExample(definition, name, operation)
  return {
    name,
    ...(definition === undefined ? {} : { description: descriptionOf(definition, operation) }),
    ...{ integration, resource, method, effect, call_with: 'call_tool' },
    arguments: nativeInput(operation),
    ...(example === null ? {} : { example }),
  }
}

/** An example of the method, by the provider of the account that is meant, or the first provider reached that has one. */
async function shownBy(context: CallContext, resource: ModelResource, method: string, args: Arguments) {
  const { integrations } = context.services.engine.catalog()
  for (const name of await reachedIntegrations(context, textOf(args, 'integrated_account_id'))) {
    const integration = integrations.get(name)
    const example = integration === undefined ? null : unifiedExample(integration, resource, method)
    if (example !== null) return { example }
  }
  return {}
}

function overview({ model, name, description, writes, methods, filters, expand, schema, bodies }: ModelResource) {
  const body = (method: string): string[] => Object.keys((bodies.get(method)?.properties ?? {}) as object)
  const named = [...methods.values()].map(({ name: method, on, effect, description: does }): [string, JsonRecord] => [
    method,
    { on, effect, does, body: body(method) },
  ])
  return {
    name: `${model}/${name}`,
    description,
    fields: fieldLines(schema),
    filters: Object.fromEntries(
      [...filters.values()].map(({ name: filter, type, ops, values, isKeyed, description: about }) => [
        isKeyed ? `${filter}[key]` : filter,
        `${type}; ${ops.join(' ')}; ${about}${values === undefined ? '' : ` One of ${values.join(', ')}.`}`,
      ]),
    ),
    expand,
    aggregate: AGGREGATE,
    writes: Object.fromEntries(writes.map((method) => [method, { body: body(method) }])),
    actions: Object.fromEntries(named),
  }
}

const AGGREGATE =
  'list_records with `aggregate`, over synced records: group_by (fields; instants and dates as :day, :week, :month, :year), sum, avg, min, max, timezone; amounts by currency'

/** A line for each field: type, what it is, values. */
function fieldLines({ properties }: JsonSchema): Record<string, string> {
  return Object.fromEntries(
    Object.entries((properties ?? {}) as Record<string, JsonSchema>).map(([name, node]) => {
      const type = [node.type].flat().filter((one) => one !== 'null')
      const values = ((node.enum ?? []) as unknown[]).filter((value) => value !== null)
      const told = values.length === 0 ? '' : ` One of ${values.join(', ')}.`
      return [name, `${type.join(' or ')}: ${String(node.description ?? '')}${told}`]
    }),
  )
}

function describeMethod(resource: ModelResource, method: string): JsonRecord {
  const name = `${resource.model}/${resource.name}/${method}`
  if (method === 'list' || method === 'get') return { name, record: resource.schema }
  const named = resource.methods.get(method)
  if (named === undefined && !resource.writes.includes(method)) {
    throw new EngineError('unknown_method', `${resource.model}/${resource.name} has no method ${method.slice(0, 64)}`, {
      where: 'name',
      valid: ['list', 'get', ...resource.writes, ...resource.methods.keys()],
    })
  }
  const { on = method === 'create' ? 'collection' : 'record', effect, description } = named ?? {}
  return {
    name,
    ...(description === undefined ? {} : { description, effect }),
    on,
    body: resource.bodies.get(method) ?? null,
    answers: named?.returns ?? named?.answer ?? `${resource.model}/${resource.name}`,
  }
}

/** What the provider of a named account answers of it. */
async function abilities(context: CallContext, resource: ModelResource, args: Arguments): Promise<JsonRecord> {
  const { services, caller } = context
  const bound = accountsOf(caller.token)
  const id = textOf(args, 'integrated_account_id') ?? (bound?.length === 1 ? bound[0] : undefined)
  if (id === undefined) return {}
  const stored = await findAccount(context, id)
  const account = toEngineAccount(stored, await services.reads.overrides(stored))
  const found = services.engine.capabilities(account).models[resource.model]?.[resource.name]
  if (found === undefined) return { with_account: `${stored.integration} has no ${resource.name}` }
  const { methods, filters, sort, expand } = found
  return { with_account: { integration: stored.integration, methods, filters: Object.keys(filters), sort, expand } }
}
