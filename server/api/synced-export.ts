import { EngineError, type JsonRecord, type UnifiedQuery } from '../../engine/index.ts'
import type { CallContext, Reply } from './context.ts'
import { columnsOf, csvLine } from './csv.ts'
import { valueAt } from './field-types.ts'
import { flatColumns } from './flat-columns.ts'
import { refuseNarrowed } from './narrow.ts'
import { parquetOf } from './parquet.ts'
import { isRedacting } from './redact.ts'
import { MOST_MERGED } from './several-accounts.ts'
import { allSynced, refuseLive } from './synced.ts'
import { parseSynced } from './synced-call.ts'
import { ageOf, chooseSources, isPartial, type SyncedSubject } from './synced-subject.ts'
import { modelResource } from './unified.ts'

const TYPES = {
  jsonl: 'application/jsonl',
  csv: 'text/csv; charset=utf-8',
  parquet: 'application/vnd.apache.parquet',
} as const
const OWN = ['as', 'format', 'integrated_account_id', 'tenant_id']
/** Parameters of lists that a file, which holds everything, has no use for. */
const OF_PAGES = ['limit', 'next_cursor', 'prev_cursor', 'cursor']

/** A file of synced records, streamed: JSON lines, or CSV and Parquet with a column for each field. */
export async function exportSynced(
  context: CallContext,
  model: string,
  name: string,
  pairs: readonly (readonly [string, string])[],
): Promise<Reply> {
  const { services, caller } = context
  const resource = modelResource(services, model, name)
  refuseNarrowed(caller.token)
  if (isRedacting(caller.token)) {
    throw new EngineError('forbidden', 'The token leaves personal data out, and files hold it', {
      hint: 'Read the list with source=synced: it is redacted.',
    })
  }
  const own = ownOf(pairs)
  const as = kindOf(own.get('as') ?? own.get('format') ?? 'jsonl')
  const choice = { integratedAccountId: own.get('integrated_account_id'), tenantId: own.get('tenant_id') }
  const chosen = await chooseSources(context, resource, choice, MOST_MERGED)
  const rest = pairs.filter(([key]) => !own.has(key))
  const query = await parseSynced(context, resource, rest, chosen)
  refuseLive(query)
  refuseOrder(query)
  const subject = { services, resource, query, ...chosen }
  return {
    status: 200,
    body: ReadableStream.from(WRITERS[as](subject)),
    headers: {
      'content-type': TYPES[as],
      'content-disposition': `attachment; filename="${model}-${resource.name}.${as}"`,
      'x-onefold-observed-at': ageOf(subject).observed_at ?? '',
      'x-onefold-partial': String(isPartial(subject)),
    },
  }
}

/** What is about the file, each once; what belongs to pages is refused. */
function ownOf(pairs: readonly (readonly [string, string])[]): ReadonlyMap<string, string> {
  const own = new Map<string, string>()
  for (const [name, value] of pairs) {
    if (OF_PAGES.includes(name)) {
      throw new EngineError('unknown_parameter', `\`${name}\`: a file holds every record`, { where: name })
    }
    if (!OWN.includes(name)) continue
    if (own.has(name)) {
      throw new EngineError('invalid_parameter', `\`${name}\` is given more than once`, { where: name })
    }
    own.set(name, value)
  }
  return own
}

function refuseOrder({ sort }: UnifiedQuery): void {
  if (sort === undefined || sort.field === 'created_at') return
  throw new EngineError('unsupported_sort', 'A file is in the order in which records were made', {
    where: 'sort',
    valid: ['-created_at', 'created_at'],
  })
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
  const columns = shownColumns(columnsOf(subject.resource.schema), subject.query)
  yield bytes(csvLine(columns))
  for await (const records of allSynced(subject)) {
    if (records.length > 0) yield bytes(records.map((record) => lineOf(record, columns)).join(''))
  }
}

function parquet(subject: SyncedSubject): AsyncGenerator<Uint8Array> {
  const { schema } = subject.resource
  const shown = shownColumns(columnsOf(schema), subject.query)
  return parquetOf(flatColumns(schema, shown), allSynced(subject))
}

const WRITERS: Readonly<Record<keyof typeof TYPES, (subject: SyncedSubject) => AsyncGenerator<Uint8Array>>> = {
  jsonl: jsonLines,
  csv: csvOf,
  parquet,
}

const lineOf = (record: JsonRecord, columns: readonly string[]): string =>
  csvLine(columns.map((path) => valueAt(record, path)))

const bytes = (text: string): Uint8Array => Buffer.from(text, 'utf8')

/** The columns that a query shows; of a field inside a column, the column holds that field alone. */
function shownColumns(all: readonly string[], { fields, excludeFields = [] }: UnifiedQuery): string[] {
  const isWithin = (inner: string, outer: string) => inner === outer || inner.startsWith(`${outer}.`)
  const isWanted = (column: string) =>
    fields === undefined || fields.some((field) => isWithin(column, field) || isWithin(field, column))
  return all.filter((column) => isWanted(column) && !excludeFields.some((field) => isWithin(column, field)))
}
