import { EngineError, type JsonRecord, project, type UnifiedQuery } from '../../engine/index.ts'
import type { KeptQuery } from '../stores/sync-types.ts'
import { fieldAt, valueAt } from './field-types.ts'
import { fits, type Place, placeOf, type Read, recordOf, scan } from './synced-scan.ts'
import { ageOf, isPartial, type SyncedSource, type SyncedSubject } from './synced-subject.ts'

/** Records that one call looks at: what it does not reach is left to its cursor. */
const MOST_SCANNED = 20_000
const NEWEST_FIRST = { field: 'created_at', descending: true }

/** A list from synced data: its envelope says how old it is. Throws `unsupported_sort`, or for what only live lists answer. */
export async function listSynced(subject: SyncedSubject): Promise<JsonRecord> {
  refuseLive(subject.query)
  const { services, query, sources, missing, isSeveral } = subject
  const binding = JSON.stringify(['synced', sources.map(({ set }) => set.id), query.filters, query.sort])
  const place = query.cursor === undefined ? null : (services.cursors.open(query.cursor, binding) as SortPlace)
  const found = await findPage(subject, place)
  return {
    result: found.records.map(({ record }) => shown(record, query)),
    next_cursor: found.next === null ? null : services.cursors.seal(found.next, binding),
    prev_cursor: null,
    result_count: found.records.length,
    is_partial_response: found.isStopped || isPartial(subject),
    source: 'synced',
    ...ageOf(subject),
    ...(isSeveral ? { errors: missing } : {}),
  }
}

/** A record from synced data. Throws `record_not_found`, or as listSynced. */
export async function getSynced(
  { services, query }: Pick<SyncedSubject, 'services' | 'query'>,
  { set }: SyncedSource,
  id: string,
): Promise<JsonRecord> {
  refuseLive(query)
  const wanted: KeptQuery = { descending: true, after: null, ids: [id], limit: 1 }
  const [kept] = await services.stores.syncedReads.records(set.id, wanted)
  if (kept === undefined) throw new EngineError('record_not_found', `No synced record has the id ${id.slice(0, 128)}`)
  return shown(recordOf(kept), query)
}

/** Every record that the query asks for, newest first unless it says otherwise, batch by batch. */
export async function* allSynced(subject: SyncedSubject): AsyncGenerator<readonly JsonRecord[]> {
  for await (const batch of scan(subject, null)) {
    yield batch.filter(({ record }) => fits(subject, record)).map(({ record }) => shown(record, subject.query))
  }
}

const shown = (record: JsonRecord, { fields, excludeFields }: UnifiedQuery): JsonRecord =>
  fields === undefined && excludeFields === undefined ? record : project(record, fields, excludeFields)

/** Where a list goes on: behind a record, which may be gone by then. */
interface SortPlace extends Place {
  /** What it is sorted by; null where that is when it was created. */
  readonly value: string | number | boolean | null
}

interface Found {
  readonly records: readonly Read[]
  readonly next: SortPlace | null
  readonly isStopped: boolean
}

async function findPage(subject: SyncedSubject, place: SortPlace | null): Promise<Found> {
  const { limit, sort = NEWEST_FIRST, filters } = subject.query
  if (sort.field !== 'created_at') return findSorted(subject, place)
  const records: Read[] = []
  let last = place
  let scanned = 0
  for await (const batch of scan(subject, place, filters.length === 0 ? limit + 1 : undefined)) {
    for (const one of batch) {
      if (records.length === limit) return { records, next: last, isStopped: false }
      if (fits(subject, one.record)) records.push(one)
      last = { ...placeOf(one), value: null }
    }
    scanned += batch.length
    if (scanned >= MOST_SCANNED && records.length < limit) return { records, next: last, isStopped: true }
  }
  return { records, next: null, isStopped: false }
}

/** In another order everything that fits is looked at; what is too much for that is refused. */
async function findSorted(subject: SyncedSubject, place: SortPlace | null): Promise<Found> {
  const { limit, sort = NEWEST_FIRST } = subject.query
  const keyOf = sortKey(subject, sort.field)
  const all: Read[] = []
  let scanned = 0
  for await (const batch of scan(subject, null)) {
    scanned += batch.length
    if (scanned > MOST_SCANNED) {
      throw new EngineError('unsupported_sort', `More than ${MOST_SCANNED} synced records would have to be sorted`, {
        where: 'sort',
        valid: ['-created_at', 'created_at'],
        hint: 'Narrow the list by created_at.',
      })
    }
    all.push(...batch.filter(({ record }) => fits(subject, record)))
  }
  const placed = all.map((read) => ({ read, place: { ...placeOf(read), value: keyOf(read.record) } }))
  const order = by(sort)
  const rest = placed.filter((one) => place === null || order(one.place, place) > 0)
  rest.sort((a, b) => order(a.place, b.place))
  const page = rest.slice(0, limit)
  const next = rest.length > limit ? (page.at(-1)?.place ?? null) : null
  return { records: page.map(({ read }) => read), next, isStopped: false }
}

/** What records are compared by: instants as numbers, other values as they are. Throws `unsupported_sort` for lists and objects. */
function sortKey({ resource }: SyncedSubject, field: string): (record: JsonRecord) => SortPlace['value'] {
  const { kind } = fieldAt(resource.schema, field)
  if (kind === 'list' || kind === 'object') {
    throw new EngineError('unsupported_sort', `\`${field}\` has no order: it is not one value`, { where: 'sort' })
  }
  return (record) => {
    const value = valueAt(record, field)
    if (kind === 'instant' && typeof value === 'string') return Date.parse(value)
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null
  }
}

/** Missing values come last; equal ones newest first. */
const by =
  ({ descending }: NonNullable<UnifiedQuery['sort']>) =>
  (a: SortPlace, b: SortPlace): number => {
    if (a.value === b.value) {
      return (
        b.createdAt - a.createdAt ||
        b.setId - a.setId ||
        Number(a.recordId < b.recordId) - Number(a.recordId > b.recordId)
      )
    }
    if (a.value === null || b.value === null) return a.value === null ? 1 : -1
    return a.value < b.value === descending ? 1 : -1
  }

/** Throws for what only the provider can answer. */
export function refuseLive({ expand, remoteData, explain, format, filterModes, keyBy }: UnifiedQuery): void {
  const asked = [
    ...(expand.length > 0 ? ['expand'] : []),
    ...(remoteData ? ['remote_data'] : []),
    ...(explain ? ['explain'] : []),
    ...(keyBy === undefined ? [] : ['truto_key_by']),
    ...(format === 'unified' ? [] : ['format']),
    ...(filterModes === undefined || filterModes.includes('synced') ? [] : ['filter_mode']),
  ][0]
  if (asked === undefined) return
  throw new EngineError('invalid_parameter', `\`${asked}\` is answered by live calls only`, {
    where: asked,
    hint: 'Leave it out, or leave source=synced out.',
  })
}
