import { CompiledQuery, type RawBuilder, sql } from 'kysely'
import type { Database, StoreTransaction } from './database.ts'

/** Rows of one statement: what Postgres takes fastest. */
const ROWS_AT_ONCE = 100

/** Where rows go, and what the statement says after them. */
export interface ManyRows {
  readonly table: string
  readonly columns: readonly string[]
  /** SQL after the values, such as the clauses of an upsert. */
  readonly after?: string
}

const texts = new Map<string, string>()

/**
 * Inserts many rows, each a list of values in the order of the columns, in as few statements as is fast. The text of a
 * statement is kept: to build it anew costs more than to run it.
 */
export async function insertMany<Returned = never>(
  trx: StoreTransaction,
  dialect: Database['dialect'],
  into: ManyRows,
  rows: readonly (readonly unknown[])[],
): Promise<readonly Returned[]> {
  const returned: Returned[] = []
  for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
    const some = rows.slice(from, from + ROWS_AT_ONCE)
    const query = CompiledQuery.raw(textOf(dialect, into, some.length), some.flat()) as CompiledQuery<Returned>
    const answer = await trx.executeQuery(query)
    returned.push(...answer.rows)
  }
  return returned
}

/**
 * The condition that a text column has one of these values: one statement, however many there are. Postgres joins them: as
 * `= any(...)` it reads a whole set by another index as long as it has no statistics, which is during a first backfill.
 */
export function isAnyOf(dialect: Database['dialect'], column: string, values: readonly string[]): RawBuilder<boolean> {
  return dialect === 'sqlite'
    ? sql<boolean>`${sql.ref(column)} in (select value from json_each(${JSON.stringify(values)}))`
    : sql<boolean>`${sql.ref(column)} in (select unnest(${values}::text[]))`
}

function textOf(dialect: Database['dialect'], { table, columns, after = '' }: ManyRows, count: number): string {
  const key = `${dialect} ${count} ${table} ${after}`
  const known = texts.get(key)
  if (known !== undefined) return known
  let next = 0
  const place = () => (dialect === 'sqlite' ? '?' : `$${++next}`)
  const row = () => `(${columns.map(place).join(', ')})`
  const text = `insert into ${table} (${columns.join(', ')}) values ${Array.from({ length: count }, row).join(', ')} ${after}`
  texts.set(key, text)
  return text
}
