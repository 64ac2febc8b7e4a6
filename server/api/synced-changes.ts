import { EngineError, type JsonRecord, type ModelResource, parseUnifiedQuery, project } from '../../engine/index.ts'
import type { SyncedChange } from '../stores/sync-types.ts'
import { badCursor, readPlaces, writePlaces } from './change-places.ts'
import type { CallContext, Reply } from './context.ts'
import { refuseNarrowed } from './narrow.ts'
import { isRedacting, redactReply } from './redact.ts'
import { recordOf } from './synced-scan.ts'
import { chooseSources, type SyncedSource } from './synced-subject.ts'
import { modelResource } from './unified.ts'
import { instant } from './wire.ts'

const DEFAULT_LIMIT = 100
const MAX_LIMIT = 1_000
/** What a cursor of theirs holds still fits into an address. */
const MOST_ACCOUNTS = 1_000

/** What changes are asked for. */
export interface ChangesRequest {
  readonly model: string
  readonly resource: string
  readonly filters: Readonly<Record<string, string>>
}

/** Changes after a place, oldest first within each account. Throws `invalid_cursor`, `expired_cursor`, `not_synced`. */
export async function pullChanges(
  context: CallContext,
  { model, resource: name, filters }: ChangesRequest,
): Promise<Reply> {
  const { services, caller } = context
  const resource = modelResource(services, model, name)
  refuseNarrowed(caller.token)
  const { fields } = parseUnifiedQuery(filters.fields === undefined ? [] : [['fields', filters.fields]], resource)
  const limit = limitOf(filters.limit)
  const { seen, first } = readPlaces(filters.cursor, resource)
  const choice = { integratedAccountId: filters.integrated_account_id, tenantId: filters.tenant_id }
  const { sources, missing, isSeveral } = await chooseSources(context, resource, choice, MOST_ACCOUNTS)
  const places = new Map(seen)
  const result: Entry[] = []
  let next = first
  let hasMore = false
  for (const source of inTurn(sources, first)) {
    const left = limit - result.length
    const { changes, place, isMore } = await changesOf(context, source, seen.get(source.set.id) ?? null, left)
    result.push(...changes.map((change) => changeOut(change, source.account.id, fields)))
    places.set(source.set.id, place)
    hasMore ||= isMore
    if (left > 0 && isMore) next = source.set.id + 1
  }
  const cursor = writePlaces({ seen: places, first: next }, resource)
  const { shown, headers } = withoutPersonal(context, resource, result)
  const errors = isSeveral ? { errors: missing } : {}
  return { status: 200, headers, body: { result: shown, next_cursor: cursor, has_more: hasMore, limit, ...errors } }
}

/** Beginning with one set, so that none waits behind the same one for ever. */
function inTurn(sources: readonly SyncedSource[], first: number): readonly SyncedSource[] {
  const at = sources.findIndex(({ set }) => set.id >= first)
  return at <= 0 ? sources : [...sources.slice(at), ...sources.slice(0, at)]
}

/** What changed behind a place, and the place behind that. It is looked last whether something was swept meanwhile. */
async function changesOf(
  { services }: CallContext,
  { set }: SyncedSource,
  after: number | null,
  most: number,
): Promise<{ readonly changes: readonly SyncedChange[]; readonly place: number; readonly isMore: boolean }> {
  if (after !== null && after > set.lastChange) throw badCursor()
  const from = after ?? set.sweptChange
  if (from === set.lastChange) return { changes: [], place: from, isMore: false }
  const { syncedReads } = services.stores
  const found = await syncedReads.changes(set.id, from, most + 1)
  if (after !== null && after < ((await syncedReads.swept(set.id)) ?? set.lastChange)) {
    throw new EngineError(
      'expired_cursor',
      'Changes after this place are gone: past their retention, or not in the backup that was restored',
      {
        where: 'cursor',
        hint: 'Read the list anew with source=synced, then go on without a cursor.',
      },
    )
  }
  const changes = found.slice(0, most)
  return { changes, place: changes.at(-1)?.seq ?? from, isMore: found.length > changes.length }
}

/** What a redacting token is shown of the records. */
function withoutPersonal({ services, caller }: CallContext, resource: ModelResource, changes: readonly Entry[]) {
  if (!isRedacting(caller.token)) return { shown: changes, headers: {} }
  const reply = { status: 200, body: { result: changes.map(({ record }) => record) } }
  const { body, headers = {} } = redactReply(services.engine.catalog(), resource, 'list', reply)
  const { result } = body as { readonly result: readonly JsonRecord[] }
  return { shown: changes.map((change, at) => ({ ...change, record: result[at] ?? null })), headers }
}

function limitOf(text: string | undefined): number {
  const limit = Number(text ?? DEFAULT_LIMIT)
  if (/^\d+$/.test(text ?? '1') && limit >= 1 && limit <= MAX_LIMIT) return limit
  throw new EngineError('invalid_parameter', `limit must be a whole number from 1 to ${MAX_LIMIT}`, { where: 'limit' })
}

interface Entry {
  readonly change: string
  readonly id: string
  readonly integrated_account_id: string
  readonly at: string | null
  readonly record: JsonRecord | null
}

const changeOut = (one: SyncedChange, accountId: string, fields: readonly string[] | undefined): Entry => ({
  change: one.change,
  id: one.recordId,
  integrated_account_id: accountId,
  at: instant(one.at),
  record: one.record === null ? null : project(recordOf(one.record), fields, undefined),
})
