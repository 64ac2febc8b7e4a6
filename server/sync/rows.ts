import { hash } from 'node:crypto'
import type { JsonRecord } from '../../engine/index.ts'
import type { SyncedRow } from '../stores/sync-types.ts'

/** A unified record as it is kept: when it was read is no part of it, or every reading would be a change. */
export function toRow(record: JsonRecord): SyncedRow {
  const { _meta: meta, ...rest } = record
  const { observed_at: _, ...facts } = (meta ?? {}) as JsonRecord
  const data = JSON.stringify({ ...rest, _meta: facts })
  return { recordId: String(record.id), createdAt: instantOf(record), hash: hash('sha256', data, 'base64url'), data }
}

/** The instant that lists are ordered by (epoch ms), or null. */
export function instantOf({ created_at: at }: JsonRecord): number | null {
  const ms = typeof at === 'string' ? Date.parse(at) : Number.NaN
  return Number.isNaN(ms) ? null : ms
}

/** A unified record that was told or read by itself: how a list shows it is not known yet. */
export function toldRow(record: JsonRecord): SyncedRow {
  const row = toRow(record)
  return { ...row, hash: `told ${row.hash}`, isTold: true }
}
