import type { Generated } from 'kysely'

/** Row types of synced data and of what brings it in. */
export interface SyncTables {
  synced_sets: SyncedSetRow
  synced_records: SyncedRecordRow
  synced_changes: SyncedChangeRow
  synced_deletions: SyncedDeletionRow
  sync_jobs: SyncJobRow
  sync_runs: SyncRunRow
  sync_partitions: SyncPartitionRow
  synced_views: SyncedViewRow
}

/** A view for analytics as it was made last. */
interface SyncedViewRow {
  name: string
  /** JSON: its columns in their order, those that the model has no more too. */
  columns: string
  digest: string
}

interface SyncedSetRow {
  id: Generated<number>
  environment_id: string
  integrated_account_id: string
  model: string
  resource: string
  /** Grows with each full list: rows that one has not seen are gone at the provider. */
  generation: number
  /** Everything made before this instant has been read once; null before the first list has come to its end. */
  complete_until: number | null
  /** When the last full list began that came to its end. */
  reconciled_at: number | null
  /** Generation of that list. */
  reconciled_generation: number | null
  /** Number of the newest change; whoever writes one holds this row until the end of the transaction. */
  last_change: number
  /** Changes up to this number are past their retention, and gone. */
  swept_change: number
  created_at: number
}

interface SyncedRecordRow {
  set_id: number
  record_id: string
  /** The record's own instant, which lists are ordered by; 0 where it has none. */
  created_at: number
  /** 1 for a new row; grows with each change. */
  version: number
  /** Generation of the last full list that held it, or that it was written in. */
  seen: number
  /** Of the record as a list showed it last: sha256 of `data`, base64url, where that is what is kept. */
  hash: string
  /** Whether it is kept as it was read by itself or told, which may say more than lists do. */
  is_told: Generated<number>
  /** The unified record without the instant at which it was read. */
  data: string
  /** When this state was read first. */
  observed_at: number
}

interface SyncedChangeRow {
  set_id: number
  seq: number
  record_id: string
  /** added, updated or deleted. */
  change: string
  at: number
}

/** A record that was found gone: a page that was asked for before does not bring it back. */
interface SyncedDeletionRow {
  set_id: number
  at: number
  record_id: string
}

interface SyncJobRow {
  id: string
  environment_id: string
  /** The account, or null when it is for all accounts of a tenant. */
  integrated_account_id: string | null
  tenant_id: string | null
  resources: string
  schedule: string | null
  full_schedule: string | null
  /** A number from 0 to 1 as text: the databases name their fractions differently. */
  max_deleted_share: string
  /** changes, all or none. */
  push: Generated<string>
  is_paused: number
  next_run_at: number | null
  next_full_at: number | null
  created_at: number
  updated_at: number
}

interface SyncRunRow {
  id: string
  environment_id: string
  sync_job_id: string
  /** auto or full. */
  mode: string
  /** waiting, running, paused, succeeded, failed or canceled. */
  status: string
  /** A number from 0 to 1 as text: the databases name their fractions differently. */
  max_deleted_share: string
  /** What is read, and how; null until it is decided. */
  plan: string | null
  error: string | null
  created_at: number
  started_at: number | null
  ended_at: number | null
}

/** A part of a list that one lane reads, newest first, and how far it has come. */
interface SyncPartitionRow {
  run_id: string
  n: number
  set_id: number
  /** The lower bound that the provider is asked for, which the cursor belongs to; `lower` may have moved up since. */
  asked_from: number | null
  lower: number | null
  upper: number | null
  /** Where it goes on; null at its start. */
  cursor: string | null
  /** Instant of the last record read. */
  position: number | null
  is_done: number
  pages: number
  records: number
  added: number
  updated: number
  updated_at: number
}
