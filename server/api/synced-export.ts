import { EngineError, type JsonRecord, type ModelResource, parseUnifiedQuery } from '../../engine/index.ts'
import { chooseStored } from './accounts.ts'
import { syncedAct } from './acts.ts'
import type { CallContext, Reply } from './context.ts'
import { columnsOf, csvLine } from './csv.ts'
import { refuseNarrowed } from './narrow.ts'
import { checkReach } from './reach.ts'
import { allSynced, type SyncedSubject, syncedSet } from './synced.ts'
import { modelResource } from './unified.ts'

const TYPES = { jsonl: 'application/jsonl', csv: 'text/csv; charset=utf-8' } as const

/** A file of synced records, streamed: JSON lines, or CSV with a column for each field. */
export async function exportSynced(
  context: CallContext,
  model: string,
  name: string,
  pairs: readonly (readonly [string, string])[],
): Promise<Reply> {
  const { services, caller } = context
  const resource = modelResource(services, model, name)
  checkReach(caller.token, syncedAct(model, name))
  refuseNarrowed(caller.token)
  const own = new Map(pairs.filter(([key]) => key === 'as' || key === 'integrated_account_id'))
  const as = kindOf(own.get('as') ?? 'jsonl')
  const stored = await chooseStored(context, own.get('integrated_account_id'))
  const environment = await services.reads.environment(stored.environmentId)
  const rest = pairs.filter(([key]) => !own.has(key))
  const timezone = environment?.settings.timezone
  const subject = { services, stored, resource, query: parseUnifiedQuery(rest, resource, { timezone, ignore: [] }) }
  await syncedSet(subject)
  return {
    status: 200,
    body: ReadableStream.from(as === 'csv' ? csvOf(subject) : jsonLines(subject)),
    headers: {
      'content-type': TYPES[as],
      'content-disposition': `attachment; filename="${model}-${resource.name}.${as}"`,
    },
  }
}

function kindOf(text: string): keyof typeof TYPES {
  if (Object.hasOwn(TYPES, text)) return text as keyof typeof TYPES
  throw new EngineError('invalid_parameter', '`as` is not one of its values', {
    where: 'as',
    valid: Object.keys(TYPES),
  })
}

async function* jsonLines(subject: SyncedSubject): AsyncGenerator<Uint8Array> {
  for await (const records of allSynced(subject)) {
    if (records.length > 0) yield bytes(records.map((record) => `${JSON.stringify(record)}\n`).join(''))
  }
}

async function* csvOf(subject: SyncedSubject): AsyncGenerator<Uint8Array> {
  const columns = shownColumns(subject.resource, subject.query)
  yield bytes(csvLine(columns))
  for await (const records of allSynced(subject)) {
    if (records.length > 0)
      yield bytes(records.map((record) => csvLine(columns.map((path) => at(record, path)))).join(''))
  }
}

const bytes = (text: string): Uint8Array => Buffer.from(text, 'utf8')

function shownColumns(resource: ModelResource, { fields, excludeFields = [] }: SyncedSubject['query']): string[] {
  const isWithin = (column: string, field: string) => column === field || column.startsWith(`${field}.`)
  const all = columnsOf(resource.schema)
  const wanted = fields === undefined ? all : all.filter((column) => fields.some((field) => isWithin(column, field)))
  return wanted.filter((column) => !excludeFields.some((field) => isWithin(column, field)))
}

const at = (record: JsonRecord, path: string): unknown =>
  path.split('.').reduce<unknown>((inner, name) => (inner as JsonRecord | null | undefined)?.[name], record)
