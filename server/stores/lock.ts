import { join } from 'node:path'
import { EngineError } from '../../engine/index.ts'
import { openOwnerOnly } from './database.ts'

/** Gives the data folder back. */
export type ReleaseLock = () => void

/**
 * Takes the data folder for one server process, without waiting. The lock is the operating system's (a SQLite file kept
 * in an exclusive transaction), so a killed process leaves none behind. Throws `store_locked` when another holds it.
 */
export function lockDataFolder(dataDir: string): ReleaseLock {
  return lockFile(join(dataDir, 'server.lock'), `Another server process uses the data folder ${dataDir}`, {
    hint: 'Stop the other server, name another folder with ONEFOLD_DATA, or use Postgres with DATABASE_URL.',
  })
}

/** Takes the kept master key for one rotation, in the same way. */
export function lockKeyFile(dataDir: string): ReleaseLock {
  return lockFile(
    join(dataDir, 'master-key.lock'),
    `The master key of ${dataDir} is being rotated by another process`,
    {},
  )
}

function lockFile(path: string, taken: string, details: { readonly hint?: string }): ReleaseLock {
  const file = openOwnerOnly(path, { timeout: 0 })
  try {
    file.pragma('journal_mode = MEMORY')
    file.exec('BEGIN EXCLUSIVE')
  } catch (cause) {
    file.close()
    const busy = cause instanceof Error && 'code' in cause && String(cause.code).startsWith('SQLITE_BUSY')
    if (!busy) throw new EngineError('store_failed', `The lock ${path} cannot be taken`, { cause })
    throw new EngineError('store_locked', taken, { ...details, cause })
  }
  return () => void file.close()
}
