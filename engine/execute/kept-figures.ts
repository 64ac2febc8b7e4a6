import type { FigureList, ModelResource } from '../definition/catalog.ts'
import { EngineError } from '../errors.ts'
import { isObject, type Json, touches } from '../mapping/index.ts'
import { matches, PLAIN_QUERY } from '../query/index.ts'
import type { EngineContext } from './context.ts'
import type { Account, CallOptions, JsonRecord, KeptFiguresCall } from './contract.ts'
import { figuresOf, readFigureLists } from './figures.ts'
import type { Reading } from './read-for-figures.ts'
import { Session } from './session.ts'

/** Figures of an expansion over records that are kept, by the same rules as live ones. Throws unsupported_method where there are none. */
export async function keptFigures(
  context: EngineContext,
  account: Account,
  call: KeptFiguresCall,
  options: CallOptions,
): Promise<JsonRecord> {
  const { model, resource, expand, id } = call
  const session = new Session({ context, account, options, model, resource, query: PLAIN_QUERY })
  const rule = session.mapping.expand.get(expand)
  if (rule?.kind !== 'figures') {
    const message = `${session.integration.name} has no \`${expand}\` of ${resource}`
    throw new EngineError('unsupported_method', message, { where: 'expand', valid: [...session.mapping.expand.keys()] })
  }
  const times: (number | null)[] = []
  const readings = await readFigureLists(session, rule, id, async (list, ids) => {
    const inner = session.on(list.resource, PLAIN_QUERY, list.model)
    const kept = await call.read({ model: inner.model, resource: list.resource }, ids)
    times.push(kept?.observedAt ?? null)
    return readingOf(list, inner.resource, ids, kept)
  })
  const known = times.filter((at) => at !== null)
  const observedAt = known.length < times.length || known.length === 0 ? null : Math.min(...known)
  return await figuresOf(session, expand, rule, readings, { source: 'synced', observedAt })
}

type Kept = Awaited<ReturnType<KeptFiguresCall['read']>>

function readingOf(list: FigureList, resource: ModelResource, ids: readonly string[], kept: Kept): Reading {
  if (kept === null) return { records: [], isRead: false, stop: 'not_synced' }
  const terms = [
    { field: list.filter, op: 'in' as const, value: ids.join(',') },
    ...Object.entries(list.query).map(([field, value]) => ({ field, op: 'eq' as const, value: String(value) })),
  ]
  const fits = (record: JsonRecord) =>
    terms.every((term) => {
      const filter = resource.filters.get(term.field)
      return filter !== undefined && matches(record, term, filter)
    })
  const records = kept.records.filter(fits).map((record) => ({ record, isOdd: isOdd(record, list.fields) }))
  return { records, isRead: true, stop: kept.observedAt === null ? 'not_synced' : undefined }
}

/** Of the fields that figures read: one that did not fit, one that is null for a reason, or a state that is not listed. */
function isOdd(record: Json, fields: FigureList['fields']): boolean {
  const isRead = (name: string) => fields === undefined || fields.some((field) => touches(name, field))
  const { field_errors: errors, null_reasons: reasons } = isObject(record._meta) ? record._meta : {}
  const names = [
    ...(Array.isArray(errors) ? errors.map((error) => String((error as Json).field)) : []),
    ...(isObject(reasons) ? Object.keys(reasons) : []),
  ]
  return names.some(isRead) || (fields ?? []).some((name) => record[name] === 'unknown')
}
