import { type Kysely, sql } from 'kysely'
import type { Database, StoreTransaction } from './database.ts'
import type { Tables } from './tables.ts'

/** What a column of a view holds; `json` is text on SQLite. */
export type ViewKind = 'text' | 'integer' | 'number' | 'boolean' | 'instant' | 'date' | 'json'

/** A column of a view, read from the record at a dotted path. */
export interface ViewColumn {
  readonly name: string
  readonly path: string
  readonly kind: ViewKind
}

/** A view over the current records of a resource. */
export interface ViewSpec {
  readonly name: string
  readonly model: string
  readonly resource: string
  readonly columns: readonly ViewColumn[]
}

/** Changes when views are written otherwise. */
const WRITTEN = 1
const LOG_VIEW = 'synced_change_log'
/** Only one process of a Postgres makes views at a time. */
const LOCK = 7_251_021

/** Types that Postgres casts to; `text` needs none. */
const CASTS: Readonly<Record<ViewKind, string | null>> = {
  text: null,
  integer: 'bigint',
  number: 'double precision',
  boolean: 'boolean',
  instant: 'timestamptz',
  date: 'date',
  json: 'jsonb',
}

/**
 * Brings the views up to date. A view only grows: columns that it has keep their place and type, also when the model has
 * them no more (then they are null), so that what reads it goes on. Throws `store_failed`.
 */
export async function ensureViews(database: Database, specs: readonly ViewSpec[]): Promise<void> {
  const pending = await pendingOf(database.db, specs)
  if (pending.length === 0) return
  await database.db.transaction().execute(async (trx) => {
    if (database.dialect === 'postgres') await sql`select pg_advisory_xact_lock(${sql.lit(LOCK)})`.execute(trx)
    for (const { spec, columns, digest } of await pendingOf(trx, specs)) {
      await replaceView(trx, database.dialect, spec.name, selectOf(database.dialect, spec, columns))
      const row = { columns: JSON.stringify(columns), digest }
      await trx
        .insertInto('synced_views')
        .values({ name: spec.name, ...row })
        .onConflict((conflict) => conflict.column('name').doUpdateSet(row))
        .execute()
    }
    await replaceView(trx, database.dialect, LOG_VIEW, logSelect(database.dialect))
  })
}

interface Pending {
  readonly spec: ViewSpec
  readonly columns: readonly ViewColumn[]
  readonly digest: string
}

async function pendingOf(db: Kysely<Tables>, specs: readonly ViewSpec[]): Promise<readonly Pending[]> {
  const rows = await db.selectFrom('synced_views').selectAll().execute()
  const known = new Map(rows.map((row) => [row.name, row]))
  return specs.flatMap((spec) => {
    const row = known.get(spec.name)
    const before = row === undefined ? [] : (JSON.parse(row.columns) as ViewColumn[])
    const had = new Set(before.map(({ name }) => name))
    const columns = [...before, ...spec.columns.filter(({ name }) => !had.has(name))]
    const digest = `${WRITTEN} ${columns.length}`
    return row?.digest === digest ? [] : [{ spec, columns, digest }]
  })
}

async function replaceView(
  trx: StoreTransaction,
  dialect: Database['dialect'],
  name: string,
  select: string,
): Promise<void> {
  if (dialect === 'sqlite') await sql`drop view if exists ${sql.table(name)}`.execute(trx)
  const create = dialect === 'sqlite' ? 'create view' : 'create or replace view'
  await sql.raw(`${create} "${name}" as ${select}`).execute(trx)
}

const OF_ACCOUNT =
  's.environment_id as environment_id, s.integrated_account_id as integrated_account_id, a.tenant_id as tenant_id, a.integration as integration'
const FROM_ACCOUNT =
  'join integrated_accounts a on a.environment_id = s.environment_id and a.id = s.integrated_account_id'

function selectOf(dialect: Database['dialect'], { model, resource }: ViewSpec, columns: readonly ViewColumn[]): string {
  const cell = dialect === 'sqlite' ? sqliteCell : postgresCell
  const cells = columns.map((column) => `${cell(column)} as "${column.name}"`)
  const times = [
    `${timeOf(dialect, 'r.observed_at')} as synced_changed_at`,
    `${timeOf(dialect, 's.complete_until')} as synced_until`,
  ]
  const from = `from synced_sets s ${FROM_ACCOUNT} join synced_records r on r.set_id = s.id`
  const parsed = dialect === 'sqlite' ? '' : `cross join lateral (select ${CLEAN}::jsonb as j offset 0) d`
  const where = `where s.model = '${model}' and s.resource = '${resource}'`
  return `select ${[OF_ACCOUNT, ...times, ...cells].join(', ')} ${from} ${parsed} ${where}`
}

/** Postgres has no U+0000 in texts: it is taken out, where a record holds it. */
const CLEAN = String.raw`case when position('\u0000' in r.data) = 0 then r.data
  else regexp_replace(r.data, '(?<!\\)((\\\\)*)\\u0000', '\1', 'g') end`

/** Paths hold names of models only: letters, digits and underscores. */
function postgresCell({ path, kind }: ViewColumn): string {
  const at = `{${path.split('.').join(',')}}`
  if (kind === 'json') return `nullif(d.j #> '${at}', 'null'::jsonb)`
  const cast = CASTS[kind]
  return `(d.j #>> '${at}')${cast === null ? '' : `::${cast}`}`
}

const sqliteCell = ({ path }: ViewColumn): string => `json_extract(r.data, '$.${path}')`

/** An instant of epoch milliseconds: a timestamp on Postgres, RFC 3339 text on SQLite. */
const timeOf = (dialect: Database['dialect'], column: string): string =>
  dialect === 'sqlite'
    ? `strftime('%Y-%m-%dT%H:%M:%fZ', ${column} / 1000.0, 'unixepoch')`
    : `to_timestamp(${column} / 1000.0)`

function logSelect(dialect: Database['dialect']): string {
  const columns = [
    OF_ACCOUNT,
    's.model as model, s.resource as resource, c.seq as seq, c.change as change, c.record_id as record_id',
    `${timeOf(dialect, 'c.at')} as changed_at`,
  ]
  return `select ${columns.join(', ')} from synced_changes c join synced_sets s on s.id = c.set_id ${FROM_ACCOUNT}`
}
