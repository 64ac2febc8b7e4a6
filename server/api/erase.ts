import { sql } from 'kysely'
import { EngineError, type JsonRecord } from '../../engine/index.ts'
import type { JobHandler } from '../jobs/index.ts'
import type { Erasure, ErasureScope } from '../stores/erasures.ts'
import type { IntegratedAccount, Keyset, Page } from '../stores/index.ts'
import { folded, type IsTerm } from '../stores/mentions.ts'
import { forgetRows, PLACES, rowsAbout } from '../stores/person-places.ts'
import { eraseRecords } from '../stores/synced-erase.ts'
import { audit } from './audit.ts'
import type { CallContext, Reply, Services } from './context.ts'
import { allAbout, type PersonScope, syncedAbout, widen } from './person.ts'
import { instant } from './wire.ts'

/** Name of the job that erases. */
export const ERASE = 'person.erase'

/** Accounts that a tenant may have here. */
const MOST_ACCOUNTS = 1_000

/** Whose data is meant, as a caller says it. */
export interface PersonRequest {
  readonly customer: { readonly id?: string; readonly email?: string }
  readonly tenant_id?: string
  readonly integrated_account_id?: string
  readonly dry_run?: boolean
}

/** Has a person erased by a job; with `dry_run` only counted. Throws invalid_body or unknown_account. */
export async function erasePerson(context: CallContext, request: PersonRequest): Promise<Reply> {
  const { services } = context
  const scope = await scopeOf(context, request)
  const terms = termsOf(request)
  const asked = { terms, isDryRun: request.dry_run === true, now: services.clock.now() }
  const erasure = await services.stores.erasures.create(scope, asked, (trx, id) =>
    services.jobs.enqueue(trx, { name: ERASE, payload: { id }, environmentId: scope.environmentId, queue: ERASE }),
  )
  const details = {
    dry_run: erasure.isDryRun,
    tenant_id: scope.tenantId,
    integrated_account_id: scope.integratedAccountId,
  }
  await audit(context, 'person.erase', `erasure:${erasure.id}`, 'succeeded', details)
  return { status: 202, body: erasureOut(erasure) }
}

/** Everything that is kept about a person, as JSON lines. Throws as erasePerson. */
export async function exportPerson(context: CallContext, request: PersonRequest): Promise<Reply> {
  const { services } = context
  const scope = await scopeOf(context, request)
  await services.stores.flush()
  await audit(context, 'person.export', `environment:${scope.environmentId}`, 'succeeded', {
    tenant_id: scope.tenantId,
    integrated_account_id: scope.integratedAccountId,
  })
  const place = await placesOf(services, scope)
  const words = new Set(termsOf(request).map(folded))
  const isTerm: IsTerm = (word) => words.has(word)
  await widen(services, place, isTerm, (more) => {
    for (const word of more) words.add(folded(word))
    return Promise.resolve(isTerm)
  })
  const headers = { 'content-type': 'application/jsonl', 'content-disposition': 'attachment; filename="person.jsonl"' }
  return { status: 200, headers, body: ReadableStream.from(lines(allAbout(services, place, isTerm))) }
}

async function* lines(entries: AsyncIterable<JsonRecord>): AsyncGenerator<Uint8Array> {
  for await (const entry of entries) yield Buffer.from(`${JSON.stringify(entry)}\n`)
}

function termsOf({ customer: { id, email } }: PersonRequest): readonly string[] {
  const terms = [id, email].filter((word) => word !== undefined)
  if (terms.length > 0) return terms
  throw new EngineError('invalid_body', 'Name the person by id or email, or both', { where: '/customer' })
}

async function scopeOf({ services, caller }: CallContext, request: PersonRequest): Promise<ErasureScope> {
  const { tenant_id: tenantId = null, integrated_account_id: integratedAccountId = null } = request
  if (tenantId !== null && integratedAccountId !== null) {
    throw new EngineError('invalid_body', 'Name a tenant or an account, not both', { where: '/tenant_id' })
  }
  if (integratedAccountId === null) return { environmentId: caller.environmentId, tenantId, integratedAccountId }
  for (const environmentId of caller.environments) {
    if ((await services.reads.account(environmentId, integratedAccountId)) === null) continue
    return { environmentId, tenantId, integratedAccountId }
  }
  throw new EngineError('unknown_account', `There is no integrated account ${integratedAccountId.slice(0, 128)}`, {
    where: '/integrated_account_id',
  })
}

async function placesOf({ stores }: Pick<Services, 'stores'>, scope: ErasureScope): Promise<PersonScope> {
  const { environmentId, tenantId, integratedAccountId } = scope
  if (integratedAccountId !== null) return { environmentId, accountIds: [integratedAccountId] }
  if (tenantId === null) return { environmentId, accountIds: null }
  const accountIds: string[] = []
  for (let after: Keyset | null = null; ; ) {
    const page: Page<IntegratedAccount> = await stores.accounts.list(environmentId, {
      tenantId,
      limit: MOST_ACCOUNTS,
      after,
    })
    accountIds.push(...page.result.map(({ id }) => id))
    if (page.next === null) return { environmentId, accountIds }
    after = page.next
  }
}

/** Erases a person everywhere, twice: what was being stored when it began is found the second time. */
export function eraseHandler(services: Pick<Services, 'stores' | 'clock' | 'log'>): JobHandler {
  const { stores, clock, log } = services
  return async (payload, { environmentId, signal }) => {
    const erasure = await stores.erasures.get([environmentId ?? ''], String(payload.id))
    if (erasure?.status !== 'waiting') return
    await stores.flush()
    const scope = await placesOf(services, erasure)
    const known = await stores.erasures.isTerm(erasure)
    const isTerm = await widen(services, scope, known, async (more) => {
      await stores.erasures.addTerms(erasure, more)
      return stores.erasures.isTerm(erasure)
    })
    const counts: Record<string, number> = {}
    for (let pass = 0; pass < (erasure.isDryRun ? 1 : 2); pass++) {
      if (signal.aborted) return
      await forgetAll(services, erasure, { scope, isTerm, counts })
    }
    if (!erasure.isDryRun) await compact(services)
    await stores.erasures.end(erasure, counts, clock.now())
    log.info({ erasure: erasure.id, ...counts }, 'a person was erased')
  }
}

interface Search {
  readonly scope: PersonScope
  readonly isTerm: IsTerm
  readonly counts: Record<string, number>
}

async function forgetAll(
  { stores, clock }: Pick<Services, 'stores' | 'clock'>,
  { isDryRun }: Erasure,
  { scope, isTerm, counts }: Search,
): Promise<void> {
  const count = (table: string, rows: readonly unknown[]) => {
    counts[table] = (counts[table] ?? 0) + rows.length
  }
  for await (const { set, rows } of syncedAbout({ stores }, scope, isTerm)) {
    count('synced_records', rows)
    const ids = rows.map(({ id }) => id)
    if (!isDryRun) await eraseRecords(stores.database, set.id, ids, clock.now())
  }
  for (const place of PLACES) {
    for await (const rows of rowsAbout(stores.database, stores.vault, place, scope, isTerm)) {
      count(place.table, rows)
      if (isDryRun) continue
      await stores.vault.writing(() =>
        stores.database.db
          .transaction()
          .execute((trx) => forgetRows(trx, stores.vault, place, scope.environmentId, rows)),
      )
    }
  }
}

/** What was deleted stands in the files until its place is used again: the files are written anew, or cleaned. */
async function compact({ stores }: Pick<Services, 'stores'>): Promise<void> {
  const { db } = stores.database
  await sql`vacuum`.execute(db)
  if (stores.dialect === 'sqlite') await sql`pragma wal_checkpoint(truncate)`.execute(db)
}

/** An erasure on the wire. */
export function erasureOut(erasure: Erasure): JsonRecord {
  return {
    id: erasure.id,
    environment: erasure.environmentId,
    status: erasure.status,
    dry_run: erasure.isDryRun,
    tenant_id: erasure.tenantId,
    integrated_account_id: erasure.integratedAccountId,
    counts: erasure.counts,
    held_off: erasure.heldOff,
    created_at: instant(erasure.createdAt),
    ended_at: instant(erasure.endedAt),
  }
}

/** The erasure of this id where the caller may look. Throws not_found. */
export async function findErasure({ services, caller }: CallContext, id: string): Promise<Erasure> {
  const found = await services.stores.erasures.get(caller.environments, id)
  if (found !== null) return found
  throw new EngineError('not_found', 'There is no such erasure', { where: 'id' })
}
