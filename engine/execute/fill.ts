import { isObject, type Json, readPath, touches, writePath } from '../mapping/index.ts'
import type { Session } from './session.ts'

/** Fields that the provider's records do not hold, but the filter that listed them tells: each gets its value, in place. */
export function fillFromFilters({ mapping, resource, query }: Session, records: readonly Json[]): void {
  for (const { field, op, value } of query.filters) {
    const rule = mapping.filters.get(field)
    if (op !== 'eq' || rule === undefined || !('fills' in rule) || !rule.fills) continue
    const path = resource.filters.get(field)?.fields[0] ?? field
    for (const record of records) fill(record, path, value)
  }
}

/** A reference is made where its holder is; what is there already stays. */
function fill(record: Json, path: string, value: string): void {
  const holder = path.split('.').slice(0, -2).join('.')
  if (!isObject(readPath(record, holder)) || (readPath(record, path) ?? null) !== null) return
  writePath(record, path, value)
  const explained = readPath(record, '_meta.explain')
  if (!isObject(explained)) return
  for (const name of Object.keys(explained)) {
    const facts = explained[name]
    if (touches(name, path) && isObject(facts) && facts.value_null_reason === 'absent') delete explained[name]
  }
}
