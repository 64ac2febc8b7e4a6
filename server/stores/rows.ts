import { randomBytes } from 'node:crypto'
import { type RawBuilder, type SelectQueryBuilder, sql } from 'kysely'
import { EngineError } from '../../engine/index.ts'
import { SYSTEM_RANDOM } from '../clock.ts'

/** A JSON object as kept in a text column. */
export type JsonObject = Readonly<Record<string, unknown>>

/** The place after which a list goes on: the last record's instant (epoch ms) and id. Seal it before it leaves. */
export interface Keyset {
  readonly at: number
  readonly id: string
}

/** Which part of a list, newest first. */
export interface PageQuery {
  /** 1 to 1,000; default 20. */
  readonly limit?: number | undefined
  readonly after?: Keyset | null | undefined
}

/** A part of a list; `next` is null at the end. */
export interface Page<T> {
  readonly result: readonly T[]
  readonly next: Keyset | null
  readonly limit: number
}

const DEFAULT_LIMIT = 20
const MAX_LIMIT = 1_000
const DELETE_BATCH = 1_000

/** A random id such as `ia_3f...`: 128 bits behind a prefix. */
export function newId(prefix: string): string {
  return `${prefix}_${randomBytes(16).toString('hex')}`
}

const PROCESS = SYSTEM_RANDOM.id(10)
const COUNTS = 36 ** 5
let count = 0

/**
 * An id that grows with the time (epoch ms) and, within a millisecond, in the order of this process: a row goes to the end of
 * every index, which costs a third of a place in the middle.
 */
export function growingId(prefix: string, at: number): string {
  count = (count + 1) % COUNTS
  return `${prefix}_${at.toString(36).padStart(9, '0')}${count.toString(36).padStart(5, '0')}${PROCESS}`
}

/** Lets an id through that is 1 to 128 letters, digits, `.`, `_` or `-`. Throws `invalid_parameter`. */
export function checkedId(id: string, where: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/.test(id)) return id
  throw new EngineError('invalid_parameter', `${where} must be 1 to 128 letters, digits, '.', '_' or '-'`, { where })
}

/** The limit of a query. Throws `invalid_parameter` outside 1 to 1,000. */
export function checkedLimit(query: PageQuery): number {
  const limit = query.limit ?? DEFAULT_LIMIT
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_LIMIT) return limit
  throw new EngineError('invalid_parameter', `limit must be a whole number from 1 to ${MAX_LIMIT}`, { where: 'limit' })
}

/** Which rows of a table make a list. */
export interface Listing<Row> {
  readonly query: PageQuery
  /** The column of instants (epoch ms) that orders it. */
  readonly by: keyof Row & string
  /** Values that columns must have; one that is undefined says nothing. */
  readonly only?: { readonly [Column in keyof Row]?: Row[Column] | undefined }
}

/** A page of rows, newest first, those of one instant by id. Throws `invalid_parameter` and `store_failed`. */
export async function newestFirst<Tables, From extends keyof Tables, Row extends { id: string }, T>(
  rows: SelectQueryBuilder<Tables, From, Row>,
  { query, by, only = {} }: Listing<Row>,
  read: (row: Row) => T,
): Promise<Page<T>> {
  const limit = checkedLimit(query)
  const { after } = query
  const wanted = Object.entries(only).filter(([, value]) => value !== undefined)
  const conditions = wanted.map(([column, value]) => sql<boolean>`${sql.ref(column)} = ${value}`)
  if (after) conditions.push(sql<boolean>`(${sql.ref(by)}, ${sql.ref('id')}) < (${after.at}, ${after.id})`)
  const found = await conditions
    .reduce((left, condition) => left.where(condition), rows)
    .orderBy(sql.ref(by), 'desc')
    .orderBy(sql.ref('id'), 'desc')
    .limit(limit + 1)
    .execute()
  return toPage(found, limit, (row) => Number(row[by]), read)
}

/** The condition that a text begins so. */
export function startsWith(column: string, start: string): RawBuilder<boolean> {
  return sql<boolean>`substr(${sql.ref(column)}, 1, ${start.length}) = ${start}`
}

/** A page out of up to `limit + 1` rows: the one too many tells that there is more. */
export function toPage<Row extends { id: string }, T>(
  rows: readonly Row[],
  limit: number,
  atOf: (row: Row) => number,
  read: (row: Row) => T,
): Page<T> {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  const next = rows.length > limit && last ? { at: atOf(last), id: last.id } : null
  return { result: shown.map(read), next, limit }
}

/** The JSON of a text column that this program wrote. */
export function fromJson<T>(text: string): T {
  return JSON.parse(text) as T
}

/** Text that fits every database: control characters become `?`, what exceeds `maxLength` is cut with an ellipsis. */
export function cleanText(text: string, maxLength = 2_000): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  const clean = text.replace(/[\u0000-\u001f\u007f]/g, '?')
  return clean.length <= maxLength ? clean : `${clean.slice(0, maxLength - 1)}…`
}

/** Repeats a delete of at most `batch` rows until none is left, letting other work in between; answers how many went. */
export async function deleteAll(deleteSome: (batch: number) => Promise<{ numDeletedRows: bigint }>): Promise<number> {
  for (let total = 0; ; ) {
    const deleted = Number((await deleteSome(DELETE_BATCH)).numDeletedRows)
    total += deleted
    if (deleted < DELETE_BATCH) return total
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/**
 * Runs a read-compare-write until its write was the next one after its read; `attempt` answers null when another was
 * first. Throws `conflict` after 1,000 losses in a row.
 */
export async function untilWon<T>(attempt: () => Promise<T | null>): Promise<T> {
  for (let losses = 0; losses < 1_000; losses++) {
    const won = await attempt()
    if (won !== null) return won
  }
  throw new EngineError('conflict', 'The record is changed by others all the time')
}
