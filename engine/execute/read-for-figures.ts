import type { FigureList } from '../definition/catalog.ts'
import { EngineError, type ErrorCode } from '../errors.ts'
import { isObject, type Json, type Mapped } from '../mapping/index.ts'
import { PLAIN_QUERY } from '../query/index.ts'
import type { UnifiedQuery } from './contract.ts'
import { listPage } from './list-page.ts'
import { FRESH, type ListState } from './list-state.ts'
import { mapFound } from './map-found.ts'
import type { Session } from './session.ts'

/** Records of one page: what providers give at once. */
const PAGE = 100

/** Why a list was not read to its end: its own bound, that of the call, the key may not read it, or it was not synced. */
export type Stop = 'max_requests' | 'cost' | 'access' | 'not_synced'

/** What was read of a list. */
export interface Reading {
  /** `isOdd`: a field that was wanted is unknown, so that the record may be counted wrongly. */
  readonly records: readonly { readonly record: Json; readonly isOdd: boolean }[]
  /** Whether anything is known of the list at all, be it that it is empty. */
  readonly isRead: boolean
  readonly stop: Stop | undefined
}

const STOPS: ReadonlyMap<ErrorCode, Stop | undefined> = new Map<ErrorCode, Stop | undefined>([
  ['cost_exceeded', undefined],
  ['missing_scope', 'access'],
  ['provider_forbidden', 'access'],
])

/** Reads the list of each id to its end, or as far as its bound and the call allow. Throws EngineError for other failures. */
export async function readForFigures(session: Session, list: FigureList, ids: readonly string[]): Promise<Reading> {
  const call = session.call.within(list.maxRequests)
  const records: { record: Json; isOdd: boolean }[] = []
  let pages = 0
  const bound = (): Stop => (session.call.left <= 0 ? 'cost' : 'max_requests')
  try {
    for (const id of ids) {
      const inner = session.on(list.resource, queryOf(session, list, id), list.model, call)
      let state: ListState | null = FRESH
      while (state !== null) {
        if (call.left <= 0) return { records, isRead: pages > 0, stop: bound() }
        const page = await listPage(inner, state)
        pages += 1
        const mapped = await mapFound(inner, page.found, { fields: list.fields })
        records.push(...mapped.map((one) => ({ record: one.record, isOdd: isOdd(one) })))
        state = page.next
      }
    }
  } catch (thrown) {
    if (!(thrown instanceof EngineError) || !STOPS.has(thrown.code)) throw thrown
    return { records, isRead: pages > 0, stop: STOPS.get(thrown.code) ?? bound() }
  }
  return { records, isRead: true, stop: undefined }
}

function queryOf({ query }: Session, list: FigureList, id: string): UnifiedQuery {
  const fixed = Object.entries(list.query).map(([field, value]) => ({ field, op: 'eq' as const, value: String(value) }))
  const { timezone } = query
  return { ...PLAIN_QUERY, timezone, filters: [{ field: list.filter, op: 'eq', value: id }, ...fixed], limit: PAGE }
}

/** A value that did not fit, that the mapping does not list, or that a lookup was given up for. */
function isOdd({ record, fieldErrors, drift }: Mapped): boolean {
  const { null_reasons: reasons } = isObject(record._meta) ? record._meta : {}
  return fieldErrors.length > 0 || drift.length > 0 || (isObject(reasons) && Object.values(reasons).length > 0)
}
