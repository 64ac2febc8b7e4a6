import BetterSqlite from 'better-sqlite3'
import { Pool } from 'undici'
import { answerParent } from '../harness/answer.ts'
import { meterCpu } from '../harness/usage.ts'

// The floor of a backfill: pages are fetched and parsed, each record is written as JSON, 500 in a transaction.
interface Options {
  readonly origin: string
  readonly file: string
}

type Native = { readonly id: string; readonly created: number }

const BATCH = 500

async function backfill({ origin, file }: Options): Promise<{ readonly cpuMs: number; readonly records: number }> {
  const pool = new Pool(origin, { connections: 16 })
  const database = new BetterSqlite(file)
  database.pragma('journal_mode = WAL')
  database.pragma('synchronous = FULL')
  database.exec(`create table records (n integer primary key, owner integer not null, id text not null,
    created integer not null, data text not null, unique (owner, id))`)
  const upsert = database.prepare(`insert into records (owner, id, created, data) values (1, ?, ?, ?)
    on conflict (owner, id) do update set data = excluded.data where excluded.data is not data`)
  const write = database.transaction((rows: readonly Native[]) => {
    for (const row of rows) upsert.run(row.id, row.created, JSON.stringify(row))
  })
  const stop = meterCpu()
  let waiting: Native[] = []
  let records = 0
  for (let after = ''; ; ) {
    const { body } = await pool.request({ path: `/v1/customers?limit=100${after}`, method: 'GET' })
    const page = (await body.json()) as { readonly data: readonly Native[]; readonly has_more: boolean }
    waiting.push(...page.data)
    records += page.data.length
    if (waiting.length >= BATCH || !page.has_more) {
      write(waiting)
      waiting = []
    }
    if (!page.has_more) break
    after = `&starting_after=${page.data.at(-1)?.id}`
  }
  const { cpuMs } = stop()
  database.close()
  await pool.close()
  return { cpuMs, records }
}

answerParent({ backfill })
