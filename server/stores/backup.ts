import { chmodSync, copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type BetterSqlite from 'better-sqlite3'
import { EngineError } from '../../engine/index.ts'
import { makeDataFolder, openOwnerOnly, openSqlite } from './database.ts'
import { openStores, type StoresOptions } from './index.ts'
import { lockDataFolder } from './lock.ts'
import { pendingMigrations } from './migrations.ts'

const FILE = 'onefold.db'
/** Where a file is looked at before it takes the place of the database. */
const WORK = 'restoring'
const UNKNOWN_FILE = 'It is no database of Onefold, or not whole'

/** What a database is put back from, and where to. */
interface PutBack extends Pick<StoresOptions, 'masterKeys'> {
  readonly dataDir: string
  readonly file: string
}

/**
 * Copies the embedded database into a new file (mode 0600) while servers serve. The copy knows that it is one: a server that
 * starts on it says nothing to people until somebody lets it. Throws `config_invalid` for a file that is there, `store_failed`.
 */
export async function backUp(dataDir: string, file: string, now: number): Promise<void> {
  if (existsSync(file)) {
    throw new EngineError('config_invalid', `There is something at ${file} already`, { hint: 'Name a new file.' })
  }
  await checkSchema(dataDir)
  // Made first, so that nobody else may read it at any time.
  openOwnerOnly(file, {}).close()
  try {
    using(openOwnerOnly(join(dataDir, FILE), { readonly: true }), (source) => source.prepare('vacuum into ?').run(file))
    using(openOwnerOnly(file, { fileMustExist: true }), (copy) => copy.prepare(MARK).run(now))
  } catch (cause) {
    rmSync(file, { force: true })
    throw new EngineError('store_failed', `The database cannot be copied to ${file}`, { cause })
  }
}

const MARK = `insert into restores (environment_id, known_until, found_at, resumed_at, resumed_by)
  select id, ?, null, null, null from environments where true
  on conflict (environment_id) do update
    set known_until = excluded.known_until, found_at = null, resumed_at = null, resumed_by = null`

async function checkSchema(dataDir: string): Promise<void> {
  const database = openSqlite(dataDir, true)
  const pending = await pendingMigrations(database.db).finally(() => database.close())
  if (pending.length === 0) return
  throw new EngineError('store_failed', `The schema lacks ${pending.join(', ')}`, { hint: 'Start the server once.' })
}

/**
 * Puts a copy in place of the embedded database while no server runs; what was there stays beside it, under the name that is
 * answered. The copy is brought to the schema of this version and is marked first. Throws `store_locked`, `config_invalid`
 * for a file that is none, `key_missing` where the keys do not open it, or `store_failed`; then nothing has changed.
 */
export async function putBack({ dataDir, file, masterKeys }: PutBack, now: number): Promise<string | null> {
  if (!existsSync(file)) throw new EngineError('config_invalid', `There is no file ${file}`)
  makeDataFolder(dataDir)
  const release = lockDataFolder(dataDir)
  const work = join(dataDir, WORK)
  try {
    rmSync(work, { recursive: true, force: true })
    mkdirSync(work, { mode: 0o700 })
    for (const end of ['', '-wal']) {
      if (!existsSync(`${file}${end}`)) continue
      copyFileSync(`${file}${end}`, join(work, `${FILE}${end}`))
      chmodSync(join(work, `${FILE}${end}`), 0o600)
    }
    checkWhole(join(work, FILE))
    const stores = await openStores({ dataDir: work, role: 'tool', masterKeys })
    await stores.restores.mark(now).finally(() => stores.close())
    return replace(join(work, FILE), join(dataDir, FILE), now)
  } finally {
    rmSync(work, { recursive: true, force: true })
    release()
  }
}

function checkWhole(path: string): void {
  try {
    const isWhole = using(openOwnerOnly(path, {}), (file) => {
      file.prepare('select 1 from onefold_migration').get()
      return file.pragma('quick_check', { simple: true }) === 'ok'
    })
    if (isWhole) return
  } catch (cause) {
    throw new EngineError('config_invalid', UNKNOWN_FILE, { cause })
  }
  throw new EngineError('config_invalid', UNKNOWN_FILE)
}

/** There is a database at every moment; the journal of the old one goes with it, since it would be read into the new one. */
function replace(from: string, to: string, now: number): string | null {
  const aside = existsSync(to) ? `${to}.before-${new Date(now).toISOString().replaceAll(/[:.]/g, '')}` : null
  if (aside !== null) {
    copyFileSync(to, aside)
    if (existsSync(`${to}-wal`)) copyFileSync(`${to}-wal`, `${aside}-wal`)
  }
  for (const end of ['-wal', '-shm']) rmSync(`${to}${end}`, { force: true })
  renameSync(from, to)
  return aside
}

function using<T>(file: BetterSqlite.Database, work: (file: BetterSqlite.Database) => T): T {
  try {
    return work(file)
  } finally {
    file.close()
  }
}
