import type { RecordExpansion } from '../definition/catalog.ts'
import { EngineError } from '../errors.ts'
import { isObject, type Json, readPath } from '../mapping/index.ts'
import type { UnifiedQuery } from './contract.ts'
import { reckon } from './figures.ts'
import { listPage } from './list-page.ts'
import { mapFound } from './map-found.ts'
import type { Session } from './session.ts'

/** Records of one expansion. */
const EXPAND_LIMIT = 100

/** Fills the expansions asked for in unified records, in place. Throws EngineError unsupported_method for one the provider lacks. */
export async function expandRecords(session: Session, records: readonly Json[]): Promise<void> {
  for (const name of session.query.expand) {
    const rule = session.mapping.expand.get(name)
    if (rule === undefined) refuseUnfilled(session, name)
    else if (rule.kind === 'figures') await Promise.all(records.map((record) => reckon(session, name, rule, record)))
    else await Promise.all(records.map((record) => fill(session, name, rule, record)))
  }
}

async function fill(session: Session, name: string, rule: RecordExpansion, record: Json): Promise<void> {
  const filters = [
    { field: rule.filter, op: 'eq' as const, value: String(record.id) },
    ...Object.entries(rule.query).map(([field, value]) => ({ field, op: 'eq' as const, value: String(value) })),
  ]
  const query: UnifiedQuery = {
    ...session.query,
    filters,
    sort: undefined,
    limit: EXPAND_LIMIT,
    cursor: undefined,
    fields: undefined,
    excludeFields: undefined,
    expand: [],
    format: 'unified',
    filterModes: undefined,
  }
  try {
    const inner = session.on(rule.resource, query, modelOf(session, name))
    const page = await listPage(inner)
    const mapped = await mapFound(inner, page.found, { fields: undefined })
    record[name] = asField(
      session,
      name,
      mapped.map((one) => one.record),
    )
    if (page.next !== null) note(record, name, `only the first ${mapped.length} are here`)
  } catch (thrown) {
    if (!(thrown instanceof EngineError) || thrown.code !== 'cost_exceeded') throw thrown
    record[name] = null
    note(record, name, 'not_resolved')
  }
}

/** The model that the entries of a field are records of: where its mark names none, that of the call. */
function modelOf(session: Session, name: string): string {
  const schema = readPath(session.resource.schema.properties, name) as Json | undefined
  const mark = [schema?.['x-resource'], (schema?.items as Json | undefined)?.['x-resource']].find(
    (each) => typeof each === 'string',
  )
  return typeof mark === 'string' && mark.includes('/') ? (mark.split('/')[0] ?? session.model) : session.model
}

/** A list where the model has a list, else the one record. */
function asField(session: Session, name: string, records: readonly Json[]): unknown {
  const schema = readPath(session.resource.schema.properties, name) as Json | undefined
  const types = [schema?.type].flat()
  return types.includes('array') ? records : (records[0] ?? null)
}

function note(record: Json, name: string, reason: string): void {
  const meta = isObject(record._meta) ? record._meta : {}
  const reasons = isObject(meta.null_reasons) ? meta.null_reasons : {}
  record._meta = { ...meta, null_reasons: { ...reasons, [name]: reason } }
}

/** A field that every record holds anyway needs no filling; anything else is said, never left out silently. */
function refuseUnfilled(session: Session, name: string): void {
  const isMapped = [...session.mapping.fields.keys()].some((field) => field === name || field.startsWith(`${name}.`))
  if (isMapped) return
  const message = `${session.integration.name} cannot expand \`${name}\` on ${session.resource.name}`
  throw new EngineError('unsupported_method', message, { where: 'expand', valid: [...session.mapping.expand.keys()] })
}
