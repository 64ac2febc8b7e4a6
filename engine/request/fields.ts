import { EngineError } from '../errors.ts'
import type { ArrayFormat } from '../schema/generated.ts'

/** A written field: decoded name and value. */
export type Pair = readonly [name: string, value: string]

/** Whether a value is an object with fields (no list, no bytes, no null). */
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)

/** The text of a scalar; `name` is for the message. Throws invalid_parameter for anything that has no exact text. */
export function scalarText(value: unknown, name: string): string {
  if (typeof value === 'string') return value
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  if (typeof value === 'number' && Number.isFinite(value)) return String(value)
  throw new EngineError('invalid_parameter', `'${name}' cannot be written as text`, { where: name })
}

const SEPARATORS = { comma: ',', pipe: '|', space: ' ' } as const

function joined(list: readonly unknown[], name: string, separator: string): string {
  const texts = list.map((item) => scalarText(item, name))
  const clash = texts.find((text) => text.includes(separator))
  if (clash === undefined) return texts.join(separator)
  throw new EngineError('invalid_parameter', `A value of '${name}' contains the separator '${separator}' of the list`, {
    where: name,
  })
}

type ListWriter = (list: readonly unknown[], name: string, into: Pair[]) => void

const indexed: ListWriter = (list, name, into) => {
  for (const [index, item] of list.entries()) writeQueryField(`${name}[${index}]`, item, INDEXED, into)
}

/** One way to write a list for each format of the schema. */
const LISTS: Readonly<Record<ArrayFormat, ListWriter>> = {
  brackets: (list, name, into) => {
    if (list.some((item) => typeof item === 'object')) return indexed(list, name, into)
    for (const item of list) into.push([`${name}[]`, scalarText(item, name)])
  },
  indexed,
  repeat: (list, name, into) => {
    for (const item of list) into.push([name, scalarText(item, name)])
  },
  comma: (list, name, into) => into.push([name, joined(list, name, SEPARATORS.comma)]),
  pipe: (list, name, into) => into.push([name, joined(list, name, SEPARATORS.pipe)]),
  space: (list, name, into) => into.push([name, joined(list, name, SEPARATORS.space)]),
  json: (list, name, into) => into.push([name, JSON.stringify(list)]),
}

/** How a query writes lists and null. */
export interface QueryRules {
  readonly arrays: ArrayFormat
  readonly nulls: 'empty' | 'null' | 'omit'
}

/** Inside lists a null would shift or vanish: there it is refused. */
const INDEXED: QueryRules = { arrays: 'indexed', nulls: 'null' }

function writeQueryField(name: string, value: unknown, rules: QueryRules, into: Pair[]): void {
  if (value === undefined) return
  if (Array.isArray(value)) writeList(name, value, rules.arrays, into)
  else if (isRecord(value)) for (const key in value) writeQueryField(`${name}[${key}]`, value[key], rules, into)
  else if (value !== null || rules === INDEXED) into.push([name, scalarText(value, name)])
  else if (rules.nulls === 'empty') into.push([name, ''])
}

function writeList(name: string, list: readonly unknown[], arrays: ArrayFormat, into: Pair[]): void {
  if (list.length === 0 && arrays !== 'json')
    throw new EngineError('invalid_parameter', `'${name}' is an empty list, which a query cannot say`, { where: name })
  LISTS[arrays](list, name, into)
}

/**
 * A query in wire order; objects become `a[b]`. Null is an empty value where nulls are `empty`, else left out. Throws
 * invalid_parameter for what has no exact writing, an empty list among it: leaving it out would ask for something else.
 */
export function queryPairs(query: Readonly<Record<string, unknown>>, rules: QueryRules): Pair[] {
  const into: Pair[] = []
  for (const name in query) writeQueryField(name, query[name], rules, into)
  return into
}

/** Percent-encodes one name or value (RFC 3986 unreserved kept). Throws invalid_parameter for a lone surrogate. */
export function encodeText(text: string): string {
  try {
    return encodeURIComponent(text)
  } catch {
    throw new EngineError('invalid_parameter', 'A text holds half of a surrogate pair and cannot be encoded')
  }
}

/** Pairs as `a=b&c=d`, percent-encoded (a space is %20), valid in a query and in a form. */
export const encodePairs = (pairs: readonly Pair[]): string =>
  pairs.map(([name, value]) => `${encodeText(name)}=${encodeText(value)}`).join('&')
