import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { EngineError, Secret } from '../../engine/index.ts'
import { makeDataFolder } from './database.ts'

/** A secret kept in a file of the data folder. */
export interface KeptSecret {
  readonly value: Secret<string>
  /** Where it is kept. */
  readonly path: string
  /** Whether this call made it: the moment to warn that it must be backed up. */
  readonly created: boolean
}

/** Reads `<dataDir>/master-key` (base64, 32 bytes, mode 0600), made at the first call. Throws `store_failed`. */
export function embeddedMasterKey(dataDir: string): KeptSecret {
  return keep(dataDir, 'master-key', () => randomBytes(32).toString('base64'))
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
