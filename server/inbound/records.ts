import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { JsonObject, SeenRecord } from '../stores/index.ts'

/** Changes of a record as events tell them. */
export type Changes = Readonly<Record<string, { readonly from: unknown; readonly to: unknown }>>

/** The same for the same record, however and whenever it was read. */
export const hashOf = (record: JsonObject): string =>
  createHash('sha256')
    .update(JSON.stringify(sorted({ ...record, _meta: null })))
    .digest('hex')

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([name, item]) => [name, sorted(item)]))
}

/** Fields that differ from what was last seen; null where it was never seen. */
export function changesSince(seen: SeenRecord | undefined, record: JsonObject): Changes | null {
  if (seen === undefined) return null
  const names = new Set([...Object.keys(seen.record), ...Object.keys(record)])
  names.delete('_meta')
  const changed = [...names].filter((name) => !isDeepStrictEqual(seen.record[name] ?? null, record[name] ?? null))
  return Object.fromEntries(
    changed.map((name) => [name, { from: seen.record[name] ?? null, to: record[name] ?? null }]),
  )
}
