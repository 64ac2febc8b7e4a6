import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { EngineError, Secret } from '../../engine/index.ts'
import { makeDataFolder } from './database.ts'
import type { KeySource } from './key-ring.ts'
import { lockKeyFile } from './lock.ts'

/** A secret kept in a file of the data folder. */
export interface KeptSecret {
  readonly value: Secret<string>
  /** Where it is kept. */
  readonly path: string
  /** Whether this call made it: the moment to warn that it must be backed up. */
  readonly created: boolean
}

/** The master key kept in a file; `source` reads it again whenever it has changed. */
export interface KeptKeys extends KeptSecret {
  readonly source: KeySource
}

/**
 * Reads `<dataDir>/master-key` (mode 0600): base64 of 32 bytes, made at the first call; while a rotation runs also the key
 * before it, on a line of its own. Throws `store_failed`.
 */
export function embeddedMasterKey(dataDir: string): KeptKeys {
  const kept = keep(dataDir, 'master-key', newMasterKey)
  return { ...kept, source: keyFile(kept.path) }
}

const newMasterKey = (): string => randomBytes(32).toString('base64')

function keyFile(path: string): KeySource {
  let seen = ''
  let keys: readonly string[] = []
  return {
    read: () => {
      try {
        const { ino, mtimeMs, size } = statSync(path)
        const stamp = `${ino}/${mtimeMs}/${size}`
        if (stamp !== seen) keys = parseMasterKeys(readFileSync(path, 'utf8'))
        seen = stamp
        return keys
      } catch (cause) {
        // Without the file, what was read before still holds.
        if (keys.length > 0) return keys
        throw new EngineError('store_failed', `The file ${path} cannot be read`, { cause })
      }
    },
  }
}

/**
 * Does a rotation of the kept master key: a new one is put in front, unless an earlier call did so and was broken off; `work`
 * moves everything to it; then it stands alone in the file. Two of them never run at once. Throws `store_locked`, or what
 * `work` throws; then both keys stay.
 */
export async function rotateKeyFile<T>(dataDir: string, work: (source: KeySource) => Promise<T>): Promise<T> {
  const { path, source } = embeddedMasterKey(dataDir)
  const unlock = lockKeyFile(dataDir)
  try {
    const [first = '', ...older] = source.read()
    if (older.length === 0) replaceWhole(path, [newMasterKey(), first])
    const done = await work(source)
    replaceWhole(path, source.read().slice(0, 1))
    return done
  } finally {
    unlock()
  }
}

/** Readers see the file as it was or as it is to be, whatever happens in between. */
function replaceWhole(path: string, keys: readonly string[]): void {
  const draft = `${path}.${randomBytes(6).toString('hex')}`
  const file = openSync(draft, 'wx', 0o600)
  try {
    writeSync(file, `${keys.join('\n')}\n`)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(draft, path)
  const folder = openSync(dirname(path), 'r')
  fsyncSync(folder)
  closeSync(folder)
}

/** Reads `<dataDir>/admin-token` (mode 0600), made at the first call: the bootstrap API token. Throws `store_failed`. */
export function embeddedAdminToken(dataDir: string): KeptSecret {
  return keep(dataDir, 'admin-token', () => `ofk_${randomBytes(32).toString('base64url')}`)
}

/** The keys of ONEFOLD_MASTER_KEY: base64 texts divided by commas or white space, the encrypting one first. */
export function parseMasterKeys(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter((key) => key !== '')
}

function keep(dataDir: string, name: string, make: () => string): KeptSecret {
  makeDataFolder(dataDir)
  const path = join(dataDir, name)
  try {
    const created = !existsSync(path) && writeWhole(path, make())
    chmodSync(path, 0o600)
    const value = readFileSync(path, 'utf8').trim()
    if (value === '') throw new Error('the file is empty')
    return { value: new Secret(value), path, created }
  } catch (cause) {
    throw new EngineError('store_failed', `The file ${path} cannot be read or made`, { cause })
  }
}

/** Puts the file there whole or not at all. False when another process was first: then its file stands. */
function writeWhole(path: string, text: string): boolean {
  const draft = `${path}.${randomBytes(6).toString('hex')}`
  const file = openSync(draft, 'wx', 0o600)
  try {
    writeSync(file, `${text}\n`)
    fsyncSync(file)
    linkSync(draft, path)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  } finally {
    closeSync(file)
    rmSync(draft)
  }
}
