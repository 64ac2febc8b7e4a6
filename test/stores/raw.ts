import { join } from 'node:path'
import BetterSqlite from 'better-sqlite3'
import pg from 'pg'
import type { Place } from './backends.ts'

/** Reads rows past the stores, as somebody with the database in hand would. */
export async function rawRows(place: Place, sql: string): Promise<Record<string, unknown>[]> {
  if (place.databaseUrl === undefined) {
    return withFile(place, (file) => file.prepare(sql).all() as Record<string, unknown>[])
  }
  return await withClient(place.databaseUrl, async (client) => (await client.query(sql)).rows)
}

/** Writes past the stores. */
export async function rawRun(place: Place, sql: string): Promise<void> {
  if (place.databaseUrl === undefined) return withFile(place, (file) => void file.exec(sql))
  await withClient(place.databaseUrl, async (client) => void (await client.query(sql)))
}

function withFile<T>(place: Place, use: (file: BetterSqlite.Database) => T): T {
  const file = new BetterSqlite(join(place.dataDir ?? '', 'onefold.db'))
  try {
    return use(file)
  } finally {
    file.close()
  }
}

async function withClient<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}
