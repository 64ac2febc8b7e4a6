import { hashOf } from '../inbound/records.ts'
import { fromJson, type JsonObject } from '../stores/index.ts'
import type { SameRow, SyncedRow } from '../stores/sync-types.ts'
import type { KeptRow } from '../stores/synced-upsert.ts'
import { readRecords } from './read-records.ts'
import { toRow } from './rows.ts'
import type { Reading, Target } from './target.ts'

/** So many changes on a page are read one by one; more have another cause than the provider's day. */
const FEW = 20

/** Rows of a page as they are to be kept. */
export interface Resolved {
  readonly rows: readonly SyncedRow[]
  readonly same: readonly SameRow[]
}

/**
 * Lists may say less of a record than the provider tells of it. So what was told is compared with the record read by itself;
 * and what is going to be told is read so, too, that the same is not told again by the provider.
 */
export async function resolveRows(
  reading: Reading,
  target: Target,
  rows: readonly SyncedRow[],
  readAt: number,
): Promise<Resolved> {
  if (!target.isTold || rows.length === 0) return { rows, same: [] }
  const { plan, account, telling } = target
  const { synced } = reading.services.stores
  const ids = rows.map(({ recordId }) => recordId)
  const kept = await synced.rows(plan.setId, ids)
  const changed = rows.filter(({ recordId, hash }) => kept.get(recordId)?.hash !== hash)
  const isFew = telling !== null && plan.confirms && changed.length <= FEW
  const asked = changed.filter(({ recordId }) => isFew || kept.get(recordId)?.isTold === true)
  if (asked.length === 0) return { rows, same: [] }
  const wanted = asked.map(({ recordId }) => recordId)
  const data = await synced.data(plan.setId, wanted)
  const records = plan.confirms ? await readRecords(reading, account, plan, wanted) : listed(asked)
  const settled = new Map(asked.map((row) => [row.recordId, settle(row, { kept, data, records, readAt })]))
  return {
    rows: rows.flatMap((row) => {
      const one = settled.get(row.recordId)
      return one === undefined ? [row] : 'row' in one ? [one.row] : one === GONE ? [] : [row]
    }),
    same: [...settled.values()].flatMap((one) => ('same' in one ? [one.same] : [])),
  }
}

/** Where a record cannot be read by itself, it is what the list shows. */
const listed = (rows: readonly SyncedRow[]): ReadonlyMap<string, JsonObject | null> =>
  new Map(rows.map(({ recordId, data }) => [recordId, fromJson<JsonObject>(data)]))

const GONE = Object.freeze({})

interface Known {
  readonly kept: ReadonlyMap<string, KeptRow>
  /** JSON text. */
  readonly data: ReadonlyMap<string, string>
  readonly records: ReadonlyMap<string, JsonObject | null>
  readonly readAt: number
}

type Settled = { readonly row: SyncedRow } | { readonly same: SameRow } | typeof GONE

function settle(row: SyncedRow, { kept, data, records, readAt }: Known): Settled {
  const { recordId, hash } = row
  const record = records.get(recordId) ?? null
  if (record === null) return GONE
  const was = kept.get(recordId)
  const before = data.get(recordId)
  if (was?.isTold === true && before !== undefined && hashOf(fromJson<JsonObject>(before)) === hashOf(record)) {
    return { same: { recordId, version: was.version, hash } }
  }
  return { row: { ...row, data: toRow(record).data, listed: row.data, isTold: true, observedAt: readAt } }
}
