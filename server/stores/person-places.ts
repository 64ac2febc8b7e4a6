import { type RawBuilder, sql } from 'kysely'
import { requestAddress } from './approvals.ts'
import type { Database, StoreTransaction } from './database.ts'
import { responseAddress } from './idempotency.ts'
import { type IsTerm, jsonOrText, mentions } from './mentions.ts'
import type { Tables } from './tables.ts'
import type { Vault } from './vault.ts'

// biome-ignore lint/suspicious/noExplicitAny: a row of one of several tables
type AnyRow = any

/** Where data of a person may stand, and what becomes of a row that does. */
interface Place {
  readonly table: keyof Tables
  /** The rest of the primary key beside the environment. */
  readonly key: readonly string[]
  /** Columns that are looked at: JSON or text. */
  readonly columns: readonly string[]
  /** The column that names the account, or those that may; null where rows are of none. */
  readonly account: string | readonly string[] | null
  /** A sealed column, opened. */
  readonly opened?: (vault: Vault, row: AnyRow) => string | null
  /** What is put in place of it; undefined deletes the row. */
  readonly instead?: (vault: Vault, row: AnyRow) => Readonly<Record<string, unknown>>
}

const ROWS_AT_ONCE = 500
/** An answer that is not repeated: to make the write again would be worse. */
const GONE = JSON.stringify({
  ...{ type: 'urn:onefold:error:not_found', title: 'There is nothing at this address', status: 404, code: 'not_found' },
  detail: 'The write was made; its answer was erased with the data of a person',
})

/** Every table beside synced records that may hold data of a person. */
export const PLACES: readonly Place[] = Object.freeze([
  {
    ...{ table: 'seen_records', key: ['integrated_account_id', 'resource', 'record_id'] },
    ...{ columns: ['record_id', 'record'], account: 'integrated_account_id' },
  },
  {
    ...{ table: 'inbound_events', key: ['integrated_account_id', 'provider_id'] },
    ...{ columns: ['body', 'provider_id'], account: 'integrated_account_id' },
  },
  { table: 'events', key: ['seq'], columns: ['data', 'changes', 'record_id'], account: 'integrated_account_id' },
  {
    // What was said goes with its run.
    ...{ table: 'rule_runs', key: ['id'], columns: ['event', 'subject', 'key', 'customer_id', 'record_id'] },
    account: 'integrated_account_id',
  },
  {
    ...{ table: 'rule_notes', key: ['id'], columns: ['note', 'subject', 'customer_id', 'record_id'] },
    account: 'integrated_account_id',
  },
  {
    ...{ table: 'identity_verdicts', key: ['id'], columns: ['customer_a', 'customer_b', 'note'] },
    account: ['account_a', 'account_b'],
  },
  { table: 'webhook_deliveries', key: ['id'], columns: ['response', 'error'], account: 'integrated_account_id' },
  {
    ...{ table: 'request_log', key: ['id'], columns: ['path'], account: 'integrated_account_id' },
    instead: () => ({ path: '/erased' }),
  },
  {
    ...{ table: 'audit_log', key: ['id'], columns: ['details', 'target'], account: 'target' },
    instead: () => ({ details: '{}' }),
  },
  {
    ...{ table: 'approvals', key: ['id'], columns: ['note'], account: 'integrated_account_id' },
    opened: (vault, row) => vault.decrypt(requestAddress(row), row.request),
  },
  {
    ...{ table: 'idempotency_records', key: ['integrated_account_id', 'operation', 'key'], columns: [] },
    account: 'integrated_account_id',
    opened: (vault, row) => (row.response === null ? null : vault.decrypt(responseAddress(row), row.response)),
    instead: (vault, row) => {
      const kept = { status: 404, headers: { 'content-type': 'application/problem+json' }, body: GONE }
      const sealed = vault.encrypt(responseAddress(row), JSON.stringify(kept))
      return { response: sealed.text, response_key_id: sealed.keyId }
    },
  },
] satisfies Place[])

/** Accounts that are meant; null is all of the environment. */
export interface PlaceScope {
  readonly environmentId: string
  readonly accountIds: readonly string[] | null
}

/** Rows of a place that are about a person, batch by batch. */
export async function* rowsAbout(
  { db }: Database,
  vault: Vault,
  place: Place,
  { environmentId, accountIds }: PlaceScope,
  isTerm: IsTerm,
): AsyncGenerator<readonly AnyRow[]> {
  const key = sql.join(place.key.map((name) => sql.ref(name)))
  for (let after: RawBuilder<unknown> | null = null; ; ) {
    const behind: RawBuilder<unknown> = after === null ? sql`` : sql`and (${key}) > (${after})`
    const { rows } = await sql<AnyRow>`select * from ${sql.table(place.table)}
      where environment_id = ${environmentId} ${behind} order by ${key} limit ${ROWS_AT_ONCE}`.execute(db)
    const meant = rows.filter((row) => isOf(place, row, accountIds) && isAbout(place, row, vault, isTerm))
    if (meant.length > 0) yield meant
    const last = rows.at(-1)
    if (rows.length < ROWS_AT_ONCE) return
    after = sql.join(place.key.map((name) => sql`${last[name]}`))
    await new Promise((resolve) => setImmediate(resolve))
  }
}

function isOf({ account }: Place, row: AnyRow, accountIds: readonly string[] | null): boolean {
  if (accountIds === null || account === null) return true
  const named = [account].flat().map((column) => row[column])
  return accountIds.some((id) => named.includes(id) || named.includes(`integrated_account:${id}`))
}

function isAbout({ columns, opened }: Place, row: AnyRow, vault: Vault, isTerm: IsTerm): boolean {
  const texts = [...columns.map((name) => row[name]), opened?.(vault, row)]
  return texts.some((text) => typeof text === 'string' && mentions(jsonOrText(text), isTerm))
}

/** What a row shows of the person, its sealed column opened. */
export function shownRow(place: Place, row: AnyRow, vault: Vault): Record<string, unknown> {
  const shown = [...place.key, ...place.columns].map((name) => [name, jsonOf(row[name])])
  const opened = place.opened?.(vault, row) ?? null
  return { ...Object.fromEntries(shown), ...(opened === null ? {} : { content: jsonOf(opened) }) }
}

const jsonOf = (value: unknown): unknown => (typeof value === 'string' ? jsonOrText(value) : value)

/** Deletes rows of a place, or puts something else in their place. */
export async function forgetRows(
  trx: StoreTransaction,
  vault: Vault,
  place: Place,
  environmentId: string,
  rows: readonly AnyRow[],
): Promise<void> {
  const { table, key, instead } = place
  for (const row of rows) {
    const same = [sql`environment_id = ${environmentId}`, ...key.map((name) => sql`${sql.ref(name)} = ${row[name]}`)]
    const where = sql.join(same, sql` and `)
    if (instead === undefined) await sql`delete from ${sql.table(table)} where ${where}`.execute(trx)
    else {
      const set = Object.entries(instead(vault, row)).map(([name, value]) => sql`${sql.ref(name)} = ${value}`)
      await sql`update ${sql.table(table)} set ${sql.join(set)} where ${where}`.execute(trx)
    }
  }
  if (table !== 'events' || rows.length === 0) return
  const ids = rows.map(({ id }) => id as string)
  await trx
    .deleteFrom('webhook_deliveries')
    .where('environment_id', '=', environmentId)
    .where('event_id', 'in', ids)
    .execute()
}
