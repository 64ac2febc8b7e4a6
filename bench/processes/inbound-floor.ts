import { createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, RequestListener } from 'node:http'
import { buffer } from 'node:stream/consumers'
import BetterSqlite from 'better-sqlite3'
import pg from 'pg'
import { answerParent } from '../harness/answer.ts'
import { listen } from '../harness/listen.ts'
import { meterCpu, type Usage } from '../harness/usage.ts'

// The floor of an inbound webhook: node:http, the signature, one insert that is on disk when it is acknowledged.
interface Options {
  readonly secret: string
  /** A file, or the URL of a Postgres. */
  readonly database: string
}

const TABLE = 'create table if not exists deliveries (id text primary key, type text not null, body text not null)'
const COLUMNS = 'insert into deliveries (id, type, body) values'

type Insert = (id: string, type: string, body: string) => unknown

function openSqlite(path: string): Insert {
  const file = new BetterSqlite(path)
  file.pragma('journal_mode = WAL')
  file.pragma('synchronous = FULL')
  file.exec(TABLE)
  const statement = file.prepare(`${COLUMNS} (?, ?, ?) on conflict do nothing`)
  return (...values) => statement.run(values)
}

async function openPostgres(connectionString: string): Promise<Insert> {
  const pool = new pg.Pool({ connectionString })
  await pool.query(TABLE)
  const text = `${COLUMNS} ($1, $2, $3) on conflict do nothing`
  return (...values) => pool.query({ name: 'insert', text, values })
}

function isSigned(request: IncomingMessage, body: Buffer, secret: string): boolean {
  const [time = '', signature = ''] = String(request.headers['stripe-signature'])
    .split(',')
    .map((part) => part.slice(part.indexOf('=') + 1))
  const expected = createHmac('sha256', secret).update(`${time}.`).update(body).digest()
  const given = Buffer.from(signature, 'hex')
  return given.length === expected.length && timingSafeEqual(given, expected)
}

const handler =
  (secret: string, insert: Insert): RequestListener =>
  async (request, response) => {
    const body = await buffer(request)
    if (!isSigned(request, body, secret)) return void response.writeHead(401).end()
    const text = body.toString()
    const { id, type } = JSON.parse(text) as { readonly id: string; readonly type: string }
    await insert(id, type, text)
    response.writeHead(200).end('ok')
  }

let stop: (() => Usage) | undefined

answerParent({
  listen: async ({ secret, database }: Options) =>
    listen(handler(secret, database.startsWith('postgres://') ? await openPostgres(database) : openSqlite(database))),
  start: () => {
    stop = meterCpu()
  },
  stop: () => stop?.(),
})
