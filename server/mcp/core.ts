import type { Catalog, ModelResource } from '../../engine/index.ts'
import { effectsOf } from '../api/reach.ts'
import type { Token, TokenEffect } from '../stores/index.ts'
import { listAccounts } from './accounts.ts'
import { annotationsOf, INSIDE } from './annotations.ts'
import { ENVELOPE } from './answer.ts'
import { confirmTools } from './approval.ts'
import type { Tool } from './contract.ts'
import { describeTool, reachedOperation } from './describe.ts'
import { sizeOf } from './fit.ts'
import { callNative } from './native.ts'
import { reaches, reachKey } from './reach.ts'
import { searchTools } from './search.ts'
import { actOnRecord, getRecord, listRecords, summarizeCustomer, writeRecord } from './unified.ts'

/** Most bytes of the list of core tools, however many models there are. */
const MOST_BYTES = 11_900

const known = new WeakMap<Catalog, Map<string, ReadonlyMap<string, Tool>>>()

/** The core tools for a token, by name: what it does not reach is not among them. Made once for each reach and catalog. */
export function coreTools(catalog: Catalog, token: Token): ReadonlyMap<string, Tool> {
  const made = known.get(catalog) ?? new Map<string, ReadonlyMap<string, Tool>>()
  known.set(catalog, made)
  const key = reachKey(token)
  const tools =
    made.get(key) ?? byName(fitted([...inside(), ...unified(catalog, token), ...native(token), ...confirmTools(token)]))
  // Reaches are few; a catalog that lives long with many odd ones starts anew.
  if (made.size > 500) made.clear()
  made.set(key, tools)
  return tools
}

const byName = (tools: readonly Tool[]) => new Map(tools.map((tool) => [tool.listed.name, tool]))

type Schema = Readonly<Record<string, unknown>>

const ACCOUNT = { type: 'string', description: 'From list_accounts; an account token has its own.' }
const ACCOUNTS = { type: 'string', description: 'As of list_accounts; several, joined by commas, make one list.' }
const ID = { type: 'string', minLength: 1, maxLength: 512 }
const FIELDS = { type: 'array', items: { type: 'string' }, description: 'Only these, dotted.' }
const EXPAND = { type: 'array', items: { type: 'string' } }
const BODY = { type: 'object', description: 'describe_tool has its fields.' }
const KEY = { type: 'string', minLength: 1, maxLength: 255, description: 'A repeat with it does nothing twice.' }
const LIMIT = { type: 'integer', minimum: 1, maximum: 100 }
const CURSOR = { type: 'string', description: 'From the answer before, with all else as it was.' }

function toolOf(
  name: string,
  description: string,
  input: { readonly properties: Readonly<Record<string, Schema>>; readonly required?: readonly string[] },
  annotations: Tool['listed']['annotations'],
  call: Tool['call'],
): Tool {
  const { properties, required = [] } = input
  const needed = required.length > 0 ? { required: [...required] } : {}
  const inputSchema = { type: 'object' as const, properties, ...needed, additionalProperties: false }
  return { listed: { name, description, inputSchema, outputSchema: ENVELOPE, annotations }, call } as Tool
}

function inside(): Tool[] {
  return [
    toolOf(
      'list_accounts',
      'Lists the connected accounts that other tools take as integrated_account_id.',
      { properties: { integration: { type: 'string' }, limit: LIMIT, next_cursor: CURSOR } },
      INSIDE,
      listAccounts,
    ),
    toolOf(
      'search_tools',
      'Finds what can be done, in words: unified methods, and native tools of the connected providers.',
      {
        properties: {
          query: { type: 'string', minLength: 1, maxLength: 500 },
          integrated_account_id: ACCOUNT,
          limit: LIMIT,
        },
        required: ['query'],
      },
      INSIDE,
      searchTools,
    ),
    toolOf(
      'describe_tool',
      'Describes model/resource (fields, filters, actions), model/resource/method (its body), or a native tool.',
      { properties: { name: { type: 'string', maxLength: 200 }, integrated_account_id: ACCOUNT }, required: ['name'] },
      INSIDE,
      describeTool,
    ),
  ]
}

function native(token: Token): Tool[] {
  const effects: readonly TokenEffect[] = ['read', 'write', 'money', 'credential']
  const isNarrowed = token.kind === 'account' ? token.customerId !== null : token.kind === 'agent' && token.redact
  if (isNarrowed || !effects.some((effect) => reachesAny(token, effect))) return []
  const isReading = !reachesAny(token, 'write') && !reachesAny(token, 'money')
  return [
    toolOf(
      'call_tool',
      'Calls a native tool that search_tools found, with arguments as describe_tool has them.',
      {
        properties: {
          name: { type: 'string', maxLength: 64 },
          arguments: {
            type: 'object',
            description: 'Path parameters such as id, `query`, `body`, limit, next_cursor.',
          },
          integrated_account_id: ACCOUNT,
          fields: FIELDS,
          idempotency_key: KEY,
        },
        required: ['name'],
      },
      annotationsOf(isReading ? 'read' : 'money', 'call'),
      async (context, { name, arguments: own, ...ours }) =>
        callNative(context, await reachedOperation(context, String(name)), { ...(own as object), ...ours }),
    ),
  ]
}

/** Whether the effect is within reach for some method and resource. */
const reachesAny = (token: Token, effect: TokenEffect): boolean => effectsOf(token).includes(effect)

function unified(catalog: Catalog, token: Token): Tool[] {
  const all = [...catalog.models.values()].flatMap(({ resources }) => [...resources.values()])
  const nameOf = ({ model, name }: ModelResource): string => `${model}/${name}`
  const reached = (method: string, effect: TokenEffect, resource: ModelResource): boolean =>
    reaches(token, { effect, method, resources: [resource.name, nameOf(resource)] })
  // A write may turn out to move money at some provider: either effect shows it, and the call decides.
  const writable = (method: string) =>
    all.filter((one) => one.writes.includes(method) && (reached(method, 'write', one) || reached(method, 'money', one)))
  const actions = all.flatMap((one) =>
    [...one.methods.values()].flatMap(({ name, effect }) =>
      reached(name, effect, one) ? [{ name: `${nameOf(one)}/${name}`, effect }] : [],
    ),
  )
  const isReading = actions.every(({ effect }) => effect === 'read')
  const actionNames = actions.map(({ name }) => name)
  const listed = all.filter((one) => reached('list', 'read', one)).map(nameOf)
  const got = all.filter((one) => reached('get', 'read', one))
  const summed = got.filter(({ object, expand }) => object === 'customer' && expand.includes('summary')).map(nameOf)
  const writes = { create: writable('create'), update: writable('update'), delete: writable('delete') }
  return [
    ...some(listed, listTool),
    ...some(got.map(nameOf), (names) => getTool(names, listed)),
    ...some(summed, summaryTool),
    ...some(writes.create.map(nameOf), createTool),
    ...some(writes.update.map(nameOf), updateTool),
    ...some(writes.delete.map(nameOf), deleteTool),
    ...some(actionNames, (names) => actionTool(names, isReading)),
  ]
}

const some = (names: readonly string[], make: (names: readonly string[]) => Tool): Tool[] =>
  names.length === 0 ? [] : [make(names)]

const AS_LISTED = { type: 'string', description: 'As of list_records.' }
const oneOf = (names: readonly string[]): Schema => ({ type: 'string', enum: names })

const listTool = (names: readonly string[]): Tool =>
  toolOf(
    'list_records',
    'Lists records in the unified shape of any provider, newest first. Fields that are null are left out; amounts are integers in minor units.',
    {
      properties: {
        resource: oneOf(names),
        integrated_account_id: ACCOUNTS,
        filters: {
          type: 'object',
          description: 'By field or field[op], such as {"email":"a@b.c","created_at[gte]":"2026-01-01"}.',
          additionalProperties: { type: ['string', 'number', 'boolean', 'array'] },
        },
        sort: { type: 'string', description: 'Such as -created_at.' },
        limit: { ...LIMIT, description: 'Default 10.' },
        next_cursor: CURSOR,
        fields: FIELDS,
        expand: EXPAND,
        aggregate: {
          type: 'object',
          description: 'In place of records, figures of synced ones: {"group_by":"currency","sum":"amount"}.',
        },
      },
      required: ['resource'],
    },
    annotationsOf('read', 'list'),
    listRecords,
  )

/** The names stand once where they are the same. */
const getTool = (names: readonly string[], listed: readonly string[]): Tool =>
  toolOf(
    'get_record',
    'Gets one record in the unified shape.',
    {
      properties: {
        resource: String(names) === String(listed) ? AS_LISTED : oneOf(names),
        id: ID,
        integrated_account_id: ACCOUNT,
        fields: FIELDS,
        expand: EXPAND,
      },
      required: ['resource', 'id'],
    },
    annotationsOf('read', 'get'),
    getRecord,
  )

const summaryTool = (names: readonly string[]): Tool =>
  toolOf(
    'customer_summary',
    'Gets a customer with totals by currency: paid, refunded, disputed, open invoices, recurring revenue.',
    {
      properties: { resource: oneOf(names), id: ID, integrated_account_id: ACCOUNT, fields: FIELDS },
      required: ['resource', 'id'],
    },
    annotationsOf('read', 'get'),
    summarizeCustomer,
  )

const createTool = (names: readonly string[]): Tool =>
  toolOf(
    'create_record',
    'Creates a record.',
    {
      properties: { resource: oneOf(names), body: BODY, integrated_account_id: ACCOUNT, idempotency_key: KEY },
      required: ['resource', 'body'],
    },
    annotationsOf('write', 'create'),
    writeRecord('create'),
  )

const updateTool = (names: readonly string[]): Tool =>
  toolOf(
    'update_record',
    'Changes a record: a field left out stays, null clears it.',
    {
      properties: { resource: oneOf(names), id: ID, body: BODY, integrated_account_id: ACCOUNT, idempotency_key: KEY },
      required: ['resource', 'id', 'body'],
    },
    annotationsOf('write', 'update'),
    writeRecord('update'),
  )

const deleteTool = (names: readonly string[]): Tool =>
  toolOf(
    'delete_record',
    'Deletes a record.',
    {
      properties: { resource: oneOf(names), id: ID, integrated_account_id: ACCOUNT, idempotency_key: KEY },
      required: ['resource', 'id'],
    },
    annotationsOf('write', 'delete'),
    writeRecord('delete'),
  )

const actionTool = (names: readonly string[], isReading: boolean): Tool =>
  toolOf(
    'act_on_record',
    'Does something of its own with a record. What moves money is held until it is approved.',
    {
      properties: { action: oneOf(names), id: ID, body: BODY, integrated_account_id: ACCOUNT, idempotency_key: KEY },
      required: ['action'],
    },
    annotationsOf(isReading ? 'read' : 'money', 'act'),
    actOnRecord,
  )

/** Leaves out the longest lists of names until the tools are small enough: search_tools has the names too. */
function fitted(tools: readonly Tool[]): readonly Tool[] {
  let left = tools
  while (sizeOf(left.map(({ listed }) => listed)) > MOST_BYTES) {
    const longest = left.map(namesSize)
    const at = longest.indexOf(Math.max(...longest))
    if ((longest[at] ?? 0) === 0) break
    left = left.map((tool, index) => (index === at ? withoutNames(tool) : tool))
  }
  return Object.freeze(left)
}

const NAMED = ['resource', 'action']
const propertiesOf = ({ listed }: Tool): Readonly<Record<string, Schema>> =>
  (listed.inputSchema.properties ?? {}) as Record<string, Schema>

const namesSize = (tool: Tool): number =>
  Math.max(...NAMED.map((name) => sizeOf(propertiesOf(tool)[name]?.enum ?? '') - 2))

function withoutNames({ listed, call }: Tool): Tool {
  const properties = Object.entries(propertiesOf({ listed, call })).map(([name, schema]): [string, Schema] => [
    name,
    NAMED.includes(name) ? { type: 'string', description: 'Found by search_tools: model/resource[/action].' } : schema,
  ])
  return {
    listed: { ...listed, inputSchema: { ...listed.inputSchema, properties: Object.fromEntries(properties) } },
    call,
  } as Tool
}
