import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import type { Integration, JsonRecord, ModelResource, Operation } from '../../engine/index.ts'
import { findCases } from '../definitions.ts'
import { builtInFolder } from '../load-definitions.ts'
import { fitValue } from './fit.ts'
import { idName } from './native.ts'

/** A call that a case of the definition shows, as arguments of a tool, and the beginning of what came out. */
export interface Example {
  readonly tool: string
  readonly arguments: JsonRecord
  readonly result: unknown
}

interface CaseCall {
  readonly model?: string
  readonly resource: string
  readonly method: string
  readonly id?: string
  readonly query?: JsonRecord
  readonly body?: unknown
}

interface Told {
  readonly call: CaseCall
  readonly expect: { readonly result?: unknown }
}

const RESULT_BYTES = 1_200
const known = new WeakMap<Integration, Map<string, Example | null>>()

/** An example of a unified method out of the cases of an integration; null when no case shows it. */
export function unifiedExample(integration: Integration, resource: ModelResource, method: string): Example | null {
  const { model, name } = resource
  return remembered(integration, `${model}/${name}/${method}`, () =>
    firstFitting(integration, { model, resource: name, method }, ({ call, expect }) => {
      const args = unifiedArguments(resource, call)
      return args === null ? null : { ...args, result: shortened(expect.result) }
    }),
  )
}

/** An example of a native operation, as arguments of `call_tool`. */
export function nativeExample(integration: Integration, name: string, operation: Operation): Example | null {
  const { resource, name: method } = operation
  return remembered(integration, `${resource}.${method}`, () =>
    firstFitting(integration, { resource, method }, ({ call, expect }) => ({
      tool: 'call_tool',
      arguments: { name, arguments: nativeArguments(operation, call) },
      result: shortened(expect.result),
    })),
  )
}

function remembered(integration: Integration, key: string, find: () => Example | null): Example | null {
  const own = known.get(integration) ?? new Map<string, Example | null>()
  known.set(integration, own)
  const found = own.has(key) ? (own.get(key) ?? null) : find()
  own.set(key, found)
  return found
}

type Wanted = Pick<CaseCall, 'model' | 'resource' | 'method'>

/** Cases are large, so only the text of those that may fit is parsed, one by one. */
function firstFitting(
  { name, root }: Integration,
  wanted: Wanted,
  show: (told: Told) => Example | null,
): Example | null {
  const says = Object.entries(wanted).map(([key, slug]) => new RegExp(`\\b${key}["']?:\\s*["']?${slug}\\b`))
  const isLikely = (text: string): boolean => says.every((one) => one.test(text))
  for (const { place } of findCases(root ?? builtInFolder(), name)) {
    const text = readFileSync(place, 'utf8')
    if (!isLikely(text)) continue
    for (const part of partsOf(text).filter(isLikely)) {
      const told = parsed(part)
      if (told === null || !isOf(told.call, wanted) || told.expect.result === undefined) continue
      const example = show(told)
      if (example !== null) return example
    }
  }
  return null
}

const isOf = (call: CaseCall, { model, resource, method }: Wanted): boolean =>
  call.model === model && call.resource === resource && call.method === method

/** The items of `cases`: nothing that belongs to an item stands as far left as its dash (YAML 1.2, 8.2.1). */
function partsOf(text: string): string[] {
  const [, dash] = /^cases:[^\n]*\n(?:\s*(?:#[^\n]*)?\n)*( *- )/m.exec(text) ?? []
  return dash === undefined
    ? []
    : text
        .split(`\n${dash}`)
        .slice(1)
        .map((part) => dash.replace('-', ' ') + part)
}

function parsed(part: string): Told | null {
  try {
    const { call, expect } = parse(part) as Partial<Told>
    return call === undefined || expect === undefined ? null : { call, expect }
  } catch {
    return null
  }
}

/** The first record of a list, or the record, in few bytes. */
function shortened(result: unknown): unknown {
  const shown = Array.isArray(result) ? result.slice(0, 1) : result
  return fitValue(shown, RESULT_BYTES, [])
}

/** Tools of the standard methods; others act. */
const TOOLS: Readonly<Record<string, string>> = {
  list: 'list_records',
  get: 'get_record',
  create: 'create_record',
  update: 'update_record',
  delete: 'delete_record',
}
const LISTED = ['fields', 'expand']
const PLAIN = ['limit', 'sort']

/** Null for a case about something that the tools do not take. */
function unifiedArguments(resource: ModelResource, call: CaseCall): Omit<Example, 'result'> | null {
  const address = `${resource.model}/${resource.name}`
  const tool = TOOLS[call.method]
  const own: JsonRecord = tool === undefined ? { action: `${address}/${call.method}` } : { resource: address }
  if (call.id !== undefined) own.id = call.id
  const filters: JsonRecord = {}
  for (const [name, value] of Object.entries(call.query ?? {})) {
    if (LISTED.includes(name) && ['list', 'get'].includes(call.method)) own[name] = String(value).split(',')
    else if (PLAIN.includes(name) && call.method === 'list') own[name] = value
    else if (resource.filters.has(name.split('[', 1)[0] ?? '') && call.method === 'list') filters[name] = value
    else return null
  }
  if (Object.keys(filters).length > 0) own.filters = filters
  if (call.body !== undefined) own.body = call.body
  return { tool: tool ?? 'act_on_record', arguments: own }
}

function nativeArguments(operation: Operation, { id, query = {}, body }: CaseCall): JsonRecord {
  const { limit, ...rest } = query
  const inPath = Object.entries(rest).filter(([name]) => operation.pathParameters.includes(name))
  const inQuery = Object.entries(rest).filter(([name]) => !operation.pathParameters.includes(name))
  return {
    ...(id === undefined ? {} : { [idName(operation) ?? 'id']: id }),
    ...Object.fromEntries(inPath),
    ...(inQuery.length === 0 ? {} : { query: Object.fromEntries(inQuery) }),
    ...(body === undefined ? {} : { body }),
    ...(limit === undefined || !operation.isList ? {} : { limit }),
  }
}
