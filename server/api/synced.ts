import {
  EngineError,
  type FilterTerm,
  type JsonRecord,
  type ModelResource,
  matches,
  project,
  type UnifiedQuery,
} from '../../engine/index.ts'
import type { IntegratedAccount } from '../stores/index.ts'
import type { KeptQuery, KeptRecord, SyncedSet } from '../stores/sync-types.ts'
import type { Services } from './context.ts'
import { instant } from './wire.ts'

/** Records that one call looks at: what it does not reach is left to its cursor. */
const MOST_SCANNED = 20_000
const BATCH = 500
const NEWEST_FIRST = { field: 'created_at', descending: true }

/** What is read: a resource of an account, as it was synced. */
export interface SyncedSubject {
  readonly services: Pick<Services, 'stores' | 'clock' | 'cursors'>
  readonly stored: IntegratedAccount
  readonly resource: ModelResource
  readonly query: UnifiedQuery
}

/** The set of a subject. Throws `not_synced`. */
export async function syncedSet({ services, stored, resource }: Omit<SyncedSubject, 'query'>): Promise<SyncedSet> {
  const { environmentId, id: integratedAccountId } = stored
  const address = { environmentId, integratedAccountId, model: resource.model, resource: resource.name }
  const set = await services.stores.synced.find(address)
  if (set !== null) return set
  throw new EngineError('not_synced', `${resource.model}/${resource.name} of ${stored.id} was not synced`, {
    where: 'source',
    hint: 'Make a sync job for it: POST /sync-job.',
  })
}

/** A list from synced data: its envelope says how old it is. Throws `not_synced`, `unsupported_sort`, or for what only live lists answer. */
export async function listSynced(subject: SyncedSubject): Promise<JsonRecord> {
  refuseLive(subject.query)
  const set = await syncedSet(subject)
  const { services, query } = subject
  const binding = JSON.stringify(['synced', set.id, query.filters, query.sort])
  const place = query.cursor === undefined ? null : (services.cursors.open(query.cursor, binding) as Place | null)
  const found = await findPage(subject, set, place)
  const observedAt = set.completeUntil
  return {
    result: found.records.map(({ record }) => shown(record, query)),
    next_cursor: found.next === null ? null : services.cursors.seal(found.next, binding),
    prev_cursor: null,
    result_count: found.records.length,
    is_partial_response: found.isStopped || observedAt === null,
    source: 'synced',
    observed_at: instant(observedAt),
    age_seconds: observedAt === null ? null : Math.max(0, Math.floor((services.clock.now() - observedAt) / 1_000)),
  }
}

/** A record from synced data. Throws `record_not_found`, or as listSynced. */
export async function getSynced(subject: SyncedSubject, id: string): Promise<JsonRecord> {
  refuseLive(subject.query)
  const set = await syncedSet(subject)
  const query: KeptQuery = { descending: true, after: null, ids: [id], limit: 1 }
  const [kept] = await subject.services.stores.syncedReads.records(set.id, query)
  if (kept === undefined) throw new EngineError('record_not_found', `No synced record has the id ${id.slice(0, 128)}`)
  return shown(recordOf(kept), subject.query)
}

/** Every record that the query asks for, newest first, batch by batch. */
export async function* allSynced(subject: SyncedSubject): AsyncGenerator<readonly JsonRecord[]> {
  refuseLive(subject.query)
  const set = await syncedSet(subject)
  for await (const batch of batches(subject, set, null)) {
    yield batch.filter(({ record }) => fits(subject, record)).map(({ record }) => shown(record, subject.query))
  }
}

/** A record as it is kept, with when this state of it was read. */
export function recordOf({ data, observedAt }: KeptRecord): JsonRecord {
  const record = JSON.parse(data) as JsonRecord
  return { ...record, _meta: { ...(record._meta as JsonRecord), observed_at: instant(observedAt) } }
}

const shown = (record: JsonRecord, { fields, excludeFields }: UnifiedQuery): JsonRecord =>
  fields === undefined && excludeFields === undefined ? record : project(record, fields, excludeFields)

interface Read {
  readonly kept: KeptRecord
  readonly record: JsonRecord
}

/** Where a list goes on: behind a record, which may be gone by then. */
interface Place {
  readonly createdAt: number
  readonly recordId: string
  /** What it is sorted by; null where that is when it was created. */
  readonly value: unknown
}

interface Found {
  readonly records: readonly Read[]
  readonly next: Place | null
  readonly isStopped: boolean
}

const placeOf = ({ createdAt, recordId }: Omit<Place, 'value'>, value: unknown = null): Place => ({
  createdAt,
  recordId,
  value,
})

const fits = ({ query, resource }: SyncedSubject, record: JsonRecord): boolean =>
  query.filters.every((term) => {
    const filter = resource.filters.get(term.field)
    return filter !== undefined && matches(record, term, filter)
  })

async function findPage(subject: SyncedSubject, set: SyncedSet, place: Place | null): Promise<Found> {
  const { limit, sort = NEWEST_FIRST } = subject.query
  if (sort.field !== 'created_at') return findSorted(subject, set, place)
  const records: Read[] = []
  let [scanned, last] = [0, place]
  for await (const batch of batches(subject, set, place)) {
    for (const one of batch) {
      if (records.length === limit) return { records, next: last, isStopped: false }
      if (fits(subject, one.record)) records.push(one)
      last = placeOf(one.kept)
    }
    scanned += batch.length
    if (scanned >= MOST_SCANNED && records.length < limit) return { records, next: last, isStopped: true }
  }
  return { records, next: null, isStopped: false }
}

/** In another order everything that fits is looked at; what is too much for that is refused. */
async function findSorted(subject: SyncedSubject, set: SyncedSet, place: Place | null): Promise<Found> {
  const { limit, sort = NEWEST_FIRST } = subject.query
  const all: Read[] = []
  let scanned = 0
  for await (const batch of batches(subject, set, null)) {
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
  const placed = all.map((read) => ({ read, place: placeOf(read.kept, valueAt(read.record, sort.field)) }))
  const order = by(sort)
  const rest = placed.filter((one) => place === null || order(one.place, place) > 0)
  rest.sort((a, b) => order(a.place, b.place))
  const page = rest.slice(0, limit)
  const next = rest.length > limit ? (page.at(-1)?.place ?? null) : null
  return { records: page.map(({ read }) => read), next, isStopped: false }
}

const valueAt = (record: JsonRecord, field: string): unknown =>
  field.split('.').reduce<unknown>((inner, name) => (inner as JsonRecord | null | undefined)?.[name], record) ?? null

/** Missing values come last; equal ones newest first. */
const by =
  ({ descending }: NonNullable<UnifiedQuery['sort']>) =>
  (a: Place, b: Place): number => {
    if (a.value === b.value) return b.createdAt - a.createdAt || (a.recordId < b.recordId ? 1 : -1)
    if (a.value === null || b.value === null) return a.value === null ? 1 : -1
    return (a.value as string) < (b.value as string) === descending ? 1 : -1
  }

/** The records of a set in their order, narrowed to what the database can tell by itself. */
async function* batches({ services, query }: SyncedSubject, set: SyncedSet, place: KeptQuery['after']) {
  const { descending } = query.sort?.field === 'created_at' ? query.sort : NEWEST_FIRST
  const bounds = boundsOf(query.filters)
  for (let after = place; ; ) {
    const kept = await services.stores.syncedReads.records(set.id, { ...bounds, descending, after, limit: BATCH })
    if (kept.length > 0) yield kept.map((one): Read => ({ kept: one, record: recordOf(one) }))
    const last = kept.at(-1)
    if (kept.length < BATCH || last === undefined) return
    after = { createdAt: last.createdAt, recordId: last.recordId }
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** Bounds that the index answers; they may let more through than the filters do, never less. */
function boundsOf(filters: readonly FilterTerm[]): Pick<KeptQuery, 'from' | 'to' | 'ids'> {
  const times = filters.filter(({ field }) => field === 'created_at')
  const from = times.filter(({ op }) => op === 'gt' || op === 'gte').map(({ value }) => Date.parse(value))
  const to = times.filter(({ op }) => op === 'lt' || op === 'lte').map(({ value }) => Date.parse(value) + 1)
  const ids = filters.find(({ field, op }) => field === 'id' && (op === 'eq' || op === 'in'))?.value.split(',')
  return {
    ...(from.length > 0 ? { from: Math.max(...from) } : {}),
    ...(to.length > 0 ? { to: Math.min(...to) } : {}),
    ...(ids === undefined ? {} : { ids }),
  }
}

/** Throws for what only the provider can answer. */
function refuseLive({ expand, remoteData, explain, format, filterModes, keyBy }: UnifiedQuery): void {
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
