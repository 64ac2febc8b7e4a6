import { isObject, type Json } from './paths.ts'

/** The record with only the fields asked for (dotted; arrays are transparent), without the excluded ones. */
export function project(
  record: Json,
  fields: readonly string[] | undefined,
  exclude: readonly string[] | undefined,
): Json {
  const kept = fields === undefined ? record : (keep(record, fields) as Json)
  if (fields !== undefined && hasNews(record._meta)) kept._meta = record._meta
  return exclude === undefined ? kept : (drop(kept, exclude) as Json)
}

/** Whether `_meta` says more than version and time: errors, reasons or an explanation. */
const hasNews = (meta: unknown): boolean =>
  isObject(meta) && ['field_errors', 'null_reasons', 'explain'].some((name) => name in meta)

function keep(value: unknown, paths: readonly string[]): unknown {
  if (paths.includes('')) return value
  if (Array.isArray(value)) return value.map((item) => keep(item, paths))
  if (!isObject(value)) return value
  const heads = [...new Set(paths.map((path) => path.split('.')[0] ?? ''))]
  return Object.fromEntries(
    heads.filter((name) => Object.hasOwn(value, name)).map((name) => [name, keep(value[name], below(paths, name))]),
  )
}

function drop(value: unknown, paths: readonly string[]): unknown {
  if (paths.length === 0) return value
  if (Array.isArray(value)) return value.map((item) => drop(item, paths))
  if (!isObject(value)) return value
  const left = Object.entries(value).filter(([name]) => !paths.includes(name))
  return Object.fromEntries(left.map(([name, item]) => [name, drop(item, below(paths, name))]))
}

/** What the paths say below a name: '' for the name itself. */
const below = (paths: readonly string[], name: string): string[] =>
  paths.filter((path) => path === name || path.startsWith(`${name}.`)).map((path) => path.slice(name.length + 1))
