import { EngineError, type JsonRecord, parseUnifiedQuery, project } from '../../engine/index.ts'
import type { IntegratedAccount } from '../stores/index.ts'
import type { SyncedChange, SyncedSet } from '../stores/sync-types.ts'
import { findAccount } from './accounts.ts'
import { syncedAct } from './acts.ts'
import type { CallContext } from './context.ts'
import { refuseNarrowed } from './narrow.ts'
import { accountsOf, checkReach } from './reach.ts'
import { recordOf } from './synced.ts'
import { modelResource } from './unified.ts'
import { instant } from './wire.ts'

const DEFAULT_LIMIT = 100
const MAX_LIMIT = 1_000
const MOST_ACCOUNTS = 1_000
const PREFIX = 'chg_'

/** Where a reader stands: the number of the last change seen, by account. */
type Places = Readonly<Record<string, number>>

/** What changes are asked for. */
export interface ChangesRequest {
  readonly model: string
  readonly resource: string
  readonly filters: Readonly<Record<string, string>>
}

/** Accounts whose synced data the caller asks for: one, or those of a tenant. Throws as chooseAccount, whatever their status. */
export async function subjectAccounts(
  context: CallContext,
  { integrated_account_id: id, tenant_id: tenantId }: Readonly<Record<string, string | undefined>>,
): Promise<readonly IntegratedAccount[]> {
  const { caller, services } = context
  const wanted = id === undefined ? accountsOf(caller.token) : [id]
  if (wanted !== null) return await Promise.all(wanted.map((one) => findAccount(context, one)))
  if (tenantId === undefined) {
    throw new EngineError('ambiguous_account', 'The call names no account', {
      where: 'integrated_account_id',
      hint: 'Add integrated_account_id=<id> or tenant_id=<id>.',
    })
  }
  const { result } = await services.stores.accounts.list(caller.environmentId, { tenantId, limit: MOST_ACCOUNTS })
  return result
}

/** Changes after a place, oldest first within each account. Throws `invalid_cursor`, `expired_cursor`, `not_synced`. */
export async function pullChanges(context: CallContext, { model, resource: name, filters }: ChangesRequest) {
  const { services, caller } = context
  const resource = modelResource(services, model, name)
  checkReach(caller.token, syncedAct(model, name))
  refuseNarrowed(caller.token)
  const { fields } = parseUnifiedQuery(filters.fields === undefined ? [] : [['fields', filters.fields]], resource)
  const limit = limitOf(filters.limit)
  const places = { ...placesOf(filters.cursor) }
  const result: JsonRecord[] = []
  let hasMore = false
  for (const { set, account } of await setsOf(context, resource.model, resource.name, filters)) {
    const after = places[account.id] ?? null
    checkPlace(after, set)
    const found = await services.stores.syncedReads.changes(set.id, after ?? set.sweptChange, limit - result.length + 1)
    const shown = found.slice(0, limit - result.length)
    result.push(...shown.map((change) => changeOut(change, account.id, fields)))
    hasMore ||= found.length > shown.length
    places[account.id] = shown.at(-1)?.seq ?? after ?? set.sweptChange
  }
  const next = PREFIX + Buffer.from(JSON.stringify(places)).toString('base64url')
  return { result, next_cursor: next, has_more: hasMore, limit }
}

async function setsOf(context: CallContext, model: string, resource: string, filters: ChangesRequest['filters']) {
  const { synced } = context.services.stores
  const accounts = await subjectAccounts(context, filters)
  const found = await Promise.all(
    accounts.map(async (account) => {
      const { environmentId, id: integratedAccountId } = account
      return { account, set: await synced.find({ environmentId, integratedAccountId, model, resource }) }
    }),
  )
  const sets = found.flatMap(({ account, set }) => (set === null ? [] : [{ account, set }]))
  if (sets.length > 0) return sets
  throw new EngineError('not_synced', `${model}/${resource} was not synced`, {
    hint: 'Make a sync job: POST /sync-job.',
  })
}

function checkPlace(after: number | null, set: SyncedSet): void {
  if (after === null) return
  if (after > set.lastChange) throw badCursor()
  if (after >= set.sweptChange) return
  throw new EngineError('expired_cursor', 'Changes after this place are past their retention and gone', {
    where: 'cursor',
    hint: 'Read the list anew with source=synced, then go on without a cursor.',
  })
}

function placesOf(cursor: string | undefined): Places {
  if (cursor === undefined) return {}
  try {
    const places: unknown = JSON.parse(Buffer.from(cursor.slice(PREFIX.length), 'base64url').toString('utf8'))
    const isSound = cursor.startsWith(PREFIX) && typeof places === 'object' && places !== null && !Array.isArray(places)
    if (isSound && Object.values(places).every(isPlace)) return places as Places
  } catch {
    // no JSON is no cursor
  }
  throw badCursor()
}

const isPlace = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0

const badCursor = () =>
  new EngineError('invalid_cursor', 'This is no place among the changes', {
    where: 'cursor',
    hint: 'Give next_cursor of an earlier answer.',
  })

function limitOf(text: string | undefined): number {
  const limit = Number(text ?? DEFAULT_LIMIT)
  if (/^\d+$/.test(text ?? '1') && limit >= 1 && limit <= MAX_LIMIT) return limit
  throw new EngineError('invalid_parameter', `limit must be a whole number from 1 to ${MAX_LIMIT}`, { where: 'limit' })
}

const changeOut = (one: SyncedChange, accountId: string, fields: readonly string[] | undefined): JsonRecord => ({
  change: one.change,
  id: one.recordId,
  integrated_account_id: accountId,
  at: instant(one.at),
  record: one.record === null ? null : project(recordOf(one.record), fields, undefined),
})
