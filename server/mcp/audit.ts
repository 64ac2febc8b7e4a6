import type { JsonRecord, JsonSchema, ModelResource, Operation, Parameter } from '../../engine/index.ts'
import { audit, outcomeOf } from '../api/audit.ts'
import type { CallContext } from '../api/context.ts'
import { isPersonal } from '../api/redact.ts'
import type { JsonObject } from '../stores/index.ts'
import type { Arguments, LibraryMethod, Tool } from './contract.ts'
import { namedOperations } from './names.ts'

/** A call of a tool that is over. */
export interface EndedToolCall {
  readonly tool: string
  readonly args: Arguments
  /** As it is listed; undefined where there is no such tool. */
  readonly listed?: Tool['listed'] | undefined
  /** Null: it went well. */
  readonly code: string | null
}

const CUT = '[cut]'
const MOST_LETTERS = 200
const MOST_ENTRIES = 40
/** Arguments that name what is meant, and never a person. */
const PLAIN = [
  ...['resource', 'action', 'name', 'id', 'integrated_account_id', 'integration', 'approval_id', 'idempotency_key'],
  ...['limit', 'fields', 'expand', 'sort', 'query'],
]
const METHODS: Readonly<Record<string, string>> = {
  create_record: 'create',
  update_record: 'update',
  delete_record: 'delete',
}

/** Stores who called which tool, with what, how it ended and what it cost; secrets and personal data are cut. */
export async function auditCall(context: CallContext, call: EndedToolCall): Promise<void> {
  const isRead = call.listed?.annotations?.readOnlyHint === true || isNativeRead(context, call)
  await auditEnded(context, call.tool, { told: toldArguments(context, call), code: call.code, isRead })
}

/** Stores who read which resource or prompt, as of a call; `code` as there. */
export async function auditReading(
  context: CallContext,
  method: LibraryMethod,
  { uri, name, arguments: given }: Arguments,
  code: string | null,
): Promise<void> {
  const values = isObject(given) ? Object.entries(given).slice(0, MOST_ENTRIES) : []
  const shown = {
    ...(uri === undefined ? {} : { uri: told(uri) }),
    ...(name === undefined ? {} : { name: told(name) }),
    ...(given === undefined
      ? {}
      : { arguments: Object.fromEntries(values.map(([key, one]) => [told(key), told(one)])) }),
  }
  await auditEnded(context, method, { told: shown, code, isRead: true })
}

interface Ended {
  readonly told: JsonObject
  readonly code: string | null
  readonly isRead: boolean
}

/** What is not there, or not for this token, is told as denied. */
async function auditEnded(context: CallContext, what: string, { told: args, code, isRead }: Ended): Promise<void> {
  const { trace } = context
  const target = trace.accountId === null ? 'mcp' : `integrated_account:${trace.accountId}`
  const outcome = code === null ? 'succeeded' : HIDDEN.includes(code) ? 'denied' : outcomeOf(code)
  const details = { arguments: args, ...(code === null ? {} : { code }), upstream_requests: trace.upstreamRequests }
  await audit(context, `mcp/${what.slice(0, 64)}`, target, outcome, details, isRead)
}

const HIDDEN = ['unknown_method', 'not_found', 'unknown_account']

function isNativeRead({ services }: CallContext, { tool, args }: EndedToolCall): boolean {
  if (tool !== 'call_tool') return false
  return namedOperations(services.engine.catalog()).get(String(args.name))?.operation.effect === 'read'
}

function toldArguments(context: CallContext, { tool, args }: EndedToolCall): JsonObject {
  const plain = PLAIN.flatMap((name): [string, unknown][] =>
    Object.hasOwn(args, name) && !isObject(args[name]) ? [[name, told(args[name])]] : [],
  )
  return {
    ...Object.fromEntries(plain),
    ...nativeArguments(context, tool, args),
    ...unifiedArguments(context, tool, args),
  }
}

function nativeArguments({ services }: CallContext, tool: string, args: Arguments): JsonObject {
  const named = namedOperations(services.engine.catalog()).get(tool === 'call_tool' ? String(args.name) : tool)
  if (named === undefined) return 'arguments' in args ? { arguments: CUT } : {}
  const { operation } = named
  const own = tool === 'call_tool' ? args.arguments : args
  const given = isObject(own) ? own : {}
  const path = operation.pathParameters.map((name): [string, unknown] => [name, told(given[name])])
  const values = ['query', 'body'].flatMap((place) => parametersIn(operation, place, given[place]))
  return { arguments: Object.fromEntries([...path, ...values].filter(([, value]) => value !== undefined)) }
}

/** Declared parameters by name, and of the others only how many there are. */
function parametersIn({ parameters }: Operation, place: string, given: unknown): [string, unknown][] {
  if (!isObject(given)) return []
  const others = Object.keys(given).filter((name) => !parameters.has(name)).length
  const known = Object.entries(given).flatMap(([name, value]): [string, unknown][] => {
    const rule = parameters.get(name)
    return rule === undefined ? [] : [[`${place}.${name}`, isPlain(rule) ? told(value) : CUT]]
  })
  return others === 0 ? known : [...known, [`${place}.others`, others]]
}

const isPlain = (rule: Parameter): boolean =>
  rule['x-pii'] === undefined && !['object', 'any', 'file'].includes(rule.type ?? 'string')

function unifiedArguments({ services }: CallContext, tool: string, args: Arguments): JsonObject {
  const named = typeof args.action === 'string' ? args.action : args.resource
  const [model = '', name = '', action = ''] = typeof named === 'string' ? named.split('/') : []
  const resource = services.engine.catalog().models.get(model)?.resources.get(name)
  const method = Object.hasOwn(METHODS, tool) ? (METHODS[tool] ?? '') : action
  return {
    ...(args.filters === undefined ? {} : { filters: toldFilters(resource, args.filters) }),
    ...(args.body === undefined || 'arguments' in args
      ? {}
      : { body: bySchema(args.body, resource?.bodies.get(method)) }),
  }
}

/** Filters that compare personal data, or that are not known, are named without their value. */
function toldFilters(resource: ModelResource | undefined, given: unknown): unknown {
  if (!isObject(given)) return CUT
  return Object.fromEntries(
    Object.entries(given)
      .slice(0, MOST_ENTRIES)
      .map(([name, value]) => {
        const filter = resource?.filters.get(name.split('[', 1)[0] ?? '')
        const isSafe =
          filter?.fields.every((path) => resource !== undefined && !isPersonal(resource.schema, path)) === true
        return [name.slice(0, 64), isSafe ? told(value) : CUT]
      }),
  )
}

/** A value with what is marked, and what no schema knows, cut. */
function bySchema(value: unknown, schema: JsonSchema | undefined): unknown {
  if (schema === undefined || schema['x-pii'] !== undefined || schema['x-secret'] === true) return CUT
  if (Array.isArray(value)) {
    return value.slice(0, MOST_ENTRIES).map((item) => bySchema(item, schema.items as JsonSchema | undefined))
  }
  if (!isObject(value)) return told(value)
  const properties = (schema.properties ?? {}) as Readonly<Record<string, JsonSchema>>
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, MOST_ENTRIES)
      .map(([name, item]) => [
        name.slice(0, 64),
        bySchema(item, Object.hasOwn(properties, name) ? properties[name] : undefined),
      ]),
  )
}

const isObject = (value: unknown): value is JsonRecord =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A plain value; texts are short, and what looks like an address or the number of a card or phone is cut from them. */
function told(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, MOST_ENTRIES).map(told)
  if (isObject(value)) return CUT
  if (typeof value !== 'string') return value
  return value
    .slice(0, MOST_LETTERS)
    .replace(/\S+@\S+/g, CUT)
    .replace(/(?<![\w-])\+?\d[\d ().-]{7,}\d(?![\w-])/g, CUT)
}
