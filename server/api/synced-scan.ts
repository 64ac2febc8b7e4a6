import { type FilterTerm, type JsonRecord, matches, type UnifiedQuery } from '../../engine/index.ts'
import type { KeptQuery, KeptRecord } from '../stores/sync-types.ts'
import type { SyncedSource, SyncedSubject } from './synced-subject.ts'
import { instant } from './wire.ts'

/** Rows that are read at once, of all accounts together. */
const BATCH = 500
/** Of each of many accounts. */
const LEAST_BATCH = 20
const NEWEST_FIRST = { field: 'created_at', descending: true }

/** A record as it was read from where it is kept. */
export interface Read {
  readonly kept: KeptRecord
  readonly record: JsonRecord
  readonly setId: number
}

/** A place in the order of records: by when they were made, then by account, then by id. It may be that of a record that is gone. */
export interface Place {
  readonly createdAt: number
  readonly setId: number
  readonly recordId: string
}

/** Where a record stands. */
export const placeOf = ({ kept: { createdAt, recordId }, setId }: Read): Place => ({ createdAt, setId, recordId })

/** A record as it is kept, with when this state of it was read. */
export function recordOf({ data, observedAt }: KeptRecord): JsonRecord {
  const record = JSON.parse(data) as JsonRecord
  return { ...record, _meta: { ...(record._meta as JsonRecord), observed_at: instant(observedAt) } }
}

/** Whether a record answers every filter of the query. */
export const fits = ({ query, resource }: Pick<SyncedSubject, 'query' | 'resource'>, record: JsonRecord): boolean =>
  query.filters.every((term) => {
    const filter = resource.filters.get(term.field)
    return filter !== undefined && matches(record, term, filter)
  })

/** The direction of a query that is answered in the order of the index. */
const isDescending = ({ sort }: UnifiedQuery): boolean =>
  sort?.field === 'created_at' ? sort.descending : NEWEST_FIRST.descending

/**
 * Records of all accounts of a subject in one order, batch by batch, narrowed to what the database can tell by itself;
 * filters are left to `fits`. `first` is how many are enough for now: the first batch holds no more.
 */
export async function* scan(
  subject: SyncedSubject,
  place: Place | null,
  first = BATCH,
): AsyncGenerator<readonly Read[]> {
  const streams = subject.sources.map((source) => new Stream(subject, source, place, first))
  await Promise.all(streams.map((stream) => stream.fill()))
  const order = comeBefore(isDescending(subject.query))
  for (;;) {
    const batch: Read[] = []
    let empty: Stream | undefined
    while (empty === undefined) {
      const next = leastOf(streams, order)
      if (next === undefined) break
      batch.push(next.take())
      if (next.isEmpty && !next.isEnded) empty = next
    }
    if (batch.length > 0) yield batch
    if (empty === undefined) return
    await new Promise((resolve) => setImmediate(resolve))
    await empty.fill()
  }
}

type Order = (a: Place, b: Place) => number

/** Within an account the database has ordered them. */
const comeBefore =
  (descending: boolean): Order =>
  (a, b) =>
    (a.createdAt - b.createdAt || a.setId - b.setId) * (descending ? -1 : 1)

function leastOf(streams: readonly Stream[], order: Order): Stream | undefined {
  let least: { readonly stream: Stream; readonly place: Place } | undefined
  for (const stream of streams) {
    const head = stream.head
    if (head === undefined) continue
    const place = placeOf(head)
    if (least === undefined || order(place, least.place) < 0) least = { stream, place }
  }
  return least?.stream
}

/** The records of one account, behind a place. */
class Stream {
  readonly #subject: SyncedSubject
  readonly #setId: number
  readonly #query: Omit<KeptQuery, 'after' | 'limit'>
  readonly #size: number
  #first: number
  #after: KeptQuery['after']
  #rows: readonly Read[] = []
  #at = 0
  isEnded = false

  constructor(subject: SyncedSubject, { set }: SyncedSource, place: Place | null, first: number) {
    const descending = isDescending(subject.query)
    this.#subject = subject
    this.#setId = set.id
    this.#size = Math.max(LEAST_BATCH, Math.ceil(BATCH / subject.sources.length))
    this.#first = Math.min(this.#size, Math.max(1, first))
    this.#after = place?.setId === set.id ? place : null
    this.#query = { ...tightened(boundsOf(subject.query.filters), place, { setId: set.id, descending }), descending }
  }

  get head(): Read | undefined {
    return this.#rows[this.#at]
  }

  get isEmpty(): boolean {
    return this.#at >= this.#rows.length
  }

  take(): Read {
    const read = this.#rows[this.#at] as Read
    this.#at += 1
    return read
  }

  async fill(): Promise<void> {
    const limit = this.#first
    const query = { ...this.#query, after: this.#after, limit }
    const kept = await this.#subject.services.stores.syncedReads.records(this.#setId, query)
    this.#first = this.#size
    this.#rows = kept.map((one): Read => ({ kept: one, record: recordOf(one), setId: this.#setId }))
    this.#at = 0
    this.#after = kept.at(-1) ?? this.#after
    this.isEnded = kept.length < limit
  }
}

type Bounds = Pick<KeptQuery, 'from' | 'to' | 'ids'>

/** Bounds of an account that the place is not of: what was made at its instant is before or behind it as a whole. */
function tightened(
  bounds: Bounds,
  place: Place | null,
  { setId, descending }: { readonly setId: number; readonly descending: boolean },
): Bounds {
  if (place === null || place.setId === setId) return bounds
  const isBehind = descending ? setId < place.setId : setId > place.setId
  if (descending) {
    return { ...bounds, to: Math.min(bounds.to ?? Number.MAX_SAFE_INTEGER, place.createdAt + (isBehind ? 1 : 0)) }
  }
  return { ...bounds, from: Math.max(bounds.from ?? Number.MIN_SAFE_INTEGER, place.createdAt + (isBehind ? 0 : 1)) }
}

/** Bounds that the index answers; they may let more through than the filters do, never less. */
export function boundsOf(filters: readonly FilterTerm[]): Bounds {
  const times = filters.filter(({ field }) => field === 'created_at')
  const from = times.filter(({ op }) => op === 'gt' || op === 'gte').map(({ value }) => Date.parse(value))
  const to = times.filter(({ op }) => op === 'lt' || op === 'lte').map(({ value }) => Date.parse(value) + 1)
  const named = filters.find(({ field, op }) => field === 'id' && (op === 'eq' || op === 'in'))
  return {
    ...(from.length > 0 ? { from: Math.max(...from) } : {}),
    ...(to.length > 0 ? { to: Math.min(...to) } : {}),
    ...(named === undefined ? {} : { ids: named.op === 'in' ? named.value.split(',') : [named.value] }),
  }
}
