import { randomBytes } from 'node:crypto'
import type { Kysely, Selectable } from 'kysely'
import type { Database, StoreTransaction } from './database.ts'
import { type IsTerm, jsonOrText, mentions, termHash } from './mentions.ts'
import { fromJson, newestFirst, newId, type Page, type PageQuery } from './rows.ts'
import type { Tables } from './tables.ts'

/** waiting: its job has not ended; done; lifted: the person may come back. */
export type ErasureStatus = 'waiting' | 'done' | 'lifted'

/** Whose data of an environment: of all accounts, of those of a tenant, or of one. */
export interface ErasureScope {
  readonly environmentId: string
  readonly tenantId: string | null
  readonly integratedAccountId: string | null
}

/** That somebody was erased; who it was is not kept. */
export interface Erasure extends ErasureScope {
  readonly id: string
  readonly status: ErasureStatus
  readonly isDryRun: boolean
  /** Rows found, by table. */
  readonly counts: Readonly<Record<string, number>>
  readonly heldOff: number
  readonly createdAt: number
  readonly endedAt: number | null
}

/** Keeps those who were erased from coming back, for one transaction. */
export interface ErasureGuard {
  /** Whether what is about to be stored of an account is about somebody who was erased; JSON texts are looked into. */
  holdsOff(accountId: string | null, ...values: readonly unknown[]): boolean
  /** Counts what was held off. */
  settle(): Promise<void>
}

/** Erasures with what the persons are recognised by: salted hashes of their ids and addresses. */
export class ErasureStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Notes an erasure; `follow` runs in its transaction. */
  create(
    scope: ErasureScope,
    { terms, isDryRun, now }: { readonly terms: readonly string[]; readonly isDryRun: boolean; readonly now: number },
    follow: (trx: StoreTransaction, id: string) => Promise<void>,
  ): Promise<Erasure> {
    return this.#database.db.transaction().execute(async (trx) => {
      const id = newId('ers')
      const row = {
        ...{ environment_id: scope.environmentId, id, status: 'waiting', is_dry_run: Number(isDryRun) },
        ...{ tenant_id: scope.tenantId, integrated_account_id: scope.integratedAccountId },
        ...{ counts: '{}', held_off: 0, created_at: now, ended_at: null },
      }
      const made = await trx.insertInto('erasures').values(row).returningAll().executeTakeFirstOrThrow()
      await this.addTerms(toErasure(made), terms, trx)
      await follow(trx, id)
      return toErasure(made)
    })
  }

  /** Remembers more that a person is recognised by. */
  async addTerms({ environmentId, id }: Erasure, words: readonly string[], db: Kysely<Tables> = this.#database.db) {
    if (words.length === 0) return
    const salt = await saltOf(db, environmentId)
    const rows = words.map((word) => ({ environment_id: environmentId, erasure_id: id, hash: termHash(salt, word) }))
    await db
      .insertInto('erased_terms')
      .values(rows)
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  }

  /** What the person of an erasure is recognised by. */
  async isTerm({ environmentId, id }: Erasure): Promise<IsTerm> {
    const { db } = this.#database
    const salt = await saltOf(db, environmentId)
    const rows = db.selectFrom('erased_terms').select('hash').where('environment_id', '=', environmentId)
    const hashes = new Set((await rows.where('erasure_id', '=', id).execute()).map(({ hash }) => hash))
    return (word) => hashes.has(termHash(salt, word))
  }

  /** An erasure of one of the environments, or null. */
  async get(environments: readonly string[], id: string): Promise<Erasure | null> {
    const row = await this.#database.db
      .selectFrom('erasures')
      .selectAll()
      .where('environment_id', 'in', environments)
      .where('id', '=', id)
      .executeTakeFirst()
    return row ? toErasure(row) : null
  }

  /** Erasures of the environment, newest first. */
  async list(environmentId: string, query: PageQuery = {}): Promise<Page<Erasure>> {
    const rows = this.#database.db.selectFrom('erasures').selectAll().where('environment_id', '=', environmentId)
    return await newestFirst(rows, { query, by: 'created_at' }, toErasure)
  }

  /** Says what an erasure has come to. What only counted forgets whom it looked for. */
  async end({ environmentId, id, isDryRun }: Erasure, counts: Erasure['counts'], now: number): Promise<void> {
    await this.#database.db.transaction().execute(async (trx) => {
      const done = { status: 'done', counts: JSON.stringify(counts), ended_at: now }
      await trx
        .updateTable('erasures')
        .set(done)
        .where('environment_id', '=', environmentId)
        .where('id', '=', id)
        .where('status', '=', 'waiting')
        .execute()
      if (isDryRun) await forget(trx, environmentId, id)
    })
  }

  /** Lets the person come back: forgets whom it was about. */
  async lift({ environmentId, id }: Erasure): Promise<void> {
    await this.#database.db.transaction().execute(async (trx) => {
      await trx
        .updateTable('erasures')
        .set({ status: 'lifted' })
        .where('environment_id', '=', environmentId)
        .where('id', '=', id)
        .execute()
      await forget(trx, environmentId, id)
    })
  }

  /** What keeps the erased of an environment away; null where nobody was erased. */
  async guard(trx: StoreTransaction, environmentId: string): Promise<ErasureGuard | null> {
    const found = await trx
      .selectFrom('erased_terms as term')
      .innerJoin('erasures as of', (join) =>
        join.onRef('of.environment_id', '=', 'term.environment_id').onRef('of.id', '=', 'term.erasure_id'),
      )
      .select(['term.hash', 'of.id', 'of.tenant_id', 'of.integrated_account_id'])
      .where('term.environment_id', '=', environmentId)
      .where('of.is_dry_run', '=', 0)
      .execute()
    if (found.length === 0) return null
    const isOfTenants = found.some(({ tenant_id }) => tenant_id !== null)
    const tenants = isOfTenants ? await tenantsOf(trx, environmentId) : new Map<string, string>()
    const salt = await saltOf(trx, environmentId)
    const terms = new Map<string, typeof found>()
    for (const term of found) terms.set(term.hash, [...(terms.get(term.hash) ?? []), term])
    const counts = new Map<string, number>()
    return {
      holdsOff: (accountId, ...values) => {
        const tenantId = accountId === null ? null : tenants.get(accountId)
        const isErased: IsTerm = (word) => {
          const of = terms.get(termHash(salt, word))?.find(({ integrated_account_id: account, tenant_id: tenant }) => {
            return (account === null || account === accountId) && (tenant === null || tenant === tenantId)
          })
          if (of !== undefined) counts.set(of.id, (counts.get(of.id) ?? 0) + 1)
          return of !== undefined
        }
        return values.some((value) => mentions(typeof value === 'string' ? jsonOrText(value) : value, isErased))
      },
      settle: async () => {
        for (const [id, count] of counts) await countHeldOff(trx, environmentId, id, count)
      },
    }
  }
}

async function countHeldOff(trx: StoreTransaction, environmentId: string, id: string, count: number): Promise<void> {
  await trx
    .updateTable('erasures')
    .set((eb) => ({ held_off: eb('held_off', '+', count) }))
    .where('environment_id', '=', environmentId)
    .where('id', '=', id)
    .execute()
}

async function tenantsOf(trx: StoreTransaction, environmentId: string): Promise<Map<string, string>> {
  const accounts = trx.selectFrom('integrated_accounts').select(['id', 'tenant_id'])
  const found = await accounts.where('environment_id', '=', environmentId).execute()
  return new Map(found.map(({ id, tenant_id }) => [id, tenant_id]))
}

async function forget(trx: StoreTransaction, environmentId: string, id: string): Promise<void> {
  await trx
    .deleteFrom('erased_terms')
    .where('environment_id', '=', environmentId)
    .where('erasure_id', '=', id)
    .execute()
}

/** The salt of an environment, made when it is first needed. */
async function saltOf(db: Kysely<Tables>, environmentId: string): Promise<string> {
  const find = () =>
    db.selectFrom('erasure_salts').select('salt').where('environment_id', '=', environmentId).executeTakeFirst()
  const known = await find()
  if (known !== undefined) return known.salt
  const fresh = { environment_id: environmentId, salt: randomBytes(16).toString('base64url') }
  await db
    .insertInto('erasure_salts')
    .values(fresh)
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  return (await find())?.salt ?? fresh.salt
}

function toErasure(row: Selectable<Tables['erasures']>): Erasure {
  return {
    environmentId: row.environment_id,
    id: row.id,
    status: row.status as ErasureStatus,
    isDryRun: row.is_dry_run === 1,
    tenantId: row.tenant_id,
    integratedAccountId: row.integrated_account_id,
    counts: fromJson<Record<string, number>>(row.counts),
    heldOff: row.held_off,
    createdAt: row.created_at,
    endedAt: row.ended_at,
  }
}
