import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, onTestFinished } from 'vitest'
import { openStores, type Stores, type StoresOptions } from '../../server/stores/index.ts'
import { startPostgres, type TestPostgres } from './postgres.ts'

/** Where an installation lives. */
export type Place = Pick<StoresOptions, 'dataDir' | 'databaseUrl'>

/** One database kind under test. */
export interface Backend {
  readonly name: 'sqlite' | 'postgres'
  /** Where a new, empty installation goes. */
  place(): Promise<Place>
  /** openAt at a new place. */
  open(options?: Partial<StoresOptions>): Promise<Stores>
}

/** A master key. */
export const newKey = (): string => randomBytes(32).toString('base64')

/** An instant to count from: tests have no clock. */
export const T0 = 1_750_000_000_000

/** A folder of its own, removed after the test. */
export function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'onefold-stores-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Opens stores at a place, with the environments `default` and `other`; they are closed after the test. */
export async function openAt(place: Place, options: Partial<StoresOptions> = {}): Promise<Stores> {
  const stores = await openStores({ masterKeys: [newKey()], ...place, ...options })
  onTestFinished(() => stores.close().catch(() => undefined))
  if (options.readonly) return stores
  await stores.environments.ensure({ id: 'default', name: 'Default' }, T0)
  await stores.environments.ensure({ id: 'other', name: 'Other' }, T0)
  return stores
}

/** Runs the same tests on SQLite and on Postgres. Without a Postgres they fail in CI and skip loudly elsewhere. */
export function onBothDatabases(tests: (backend: Backend) => void): void {
  describe('on sqlite', () => {
    tests(backend('sqlite', () => Promise.resolve({ dataDir: tempFolder() })))
  })
  describe('on postgres', () => {
    let postgres: TestPostgres | Error = new Error('not started')
    beforeAll(async () => {
      postgres = await startPostgres().catch((error: unknown) => error as Error)
      if (postgres instanceof Error) console.error(`\n!!! NOTHING IS TESTED ON POSTGRES: ${postgres.message}\n`)
    })
    afterAll(async () => {
      if (!(postgres instanceof Error)) await postgres.stop()
    })
    beforeEach((context) => {
      if (!(postgres instanceof Error)) return
      if (process.env.CI) throw postgres
      context.skip(`Postgres did not start: ${postgres.message}`)
    })
    const running = () => postgres as TestPostgres
    tests(backend('postgres', async () => ({ databaseUrl: await running().freshUrl() })))
  })
}

function backend(name: Backend['name'], place: () => Promise<Place>): Backend {
  return { name, place, open: async (options) => await openAt(await place(), options) }
}
