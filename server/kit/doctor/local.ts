import { accessSync, constants, existsSync, readFileSync, statfsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { EngineError } from '../../../engine/index.ts'
import { builtInFolder, loadDefinitions } from '../../load-definitions.ts'
import { embeddedMasterKey, openStores, parseMasterKeys } from '../../stores/index.ts'
import type { Restore } from '../../stores/restores.ts'
import { type Finding, fail, failed, type Look, ok, warn } from './contract.ts'

/** Whether this Node is one that Onefold runs on. */
export const lookAtNode = (): readonly Finding[] => {
  const { engines } = JSON.parse(readFileSync(join(builtInFolder(), 'package.json'), 'utf8')) as {
    engines: { node: string }
  }
  const [major = 0, minor = 0] = engines.node.replace('>=', '').split('.').map(Number)
  const [own = 0, ownMinor = 0] = process.versions.node.split('.').map(Number)
  const isNew = own > major || (own === major && ownMinor >= minor)
  const message = `Node ${process.versions.node}, ${engines.node} is wanted`
  return [
    isNew ? ok('node', message) : fail('node', message, `Install Node ${engines.node.replace('>=', '')} or later.`),
  ]
}

const LEAST_FREE = 200 * 1024 * 1024

/** The data folder: that it is there, who may read it, and that there is room. */
export const lookAtData: Look = ({ settings: { dataDir } }) => {
  if (!existsSync(dataDir)) {
    const above = nearestAbove(dataDir)
    if (!isWritable(above))
      return [fail('data folder', `${dataDir} cannot be made`, `Make it, or let this user write ${above}.`)]
    return [warn('data folder', `${dataDir} is not there yet`, 'Nothing to do: the first start makes it.')]
  }
  const mode = statSync(dataDir).mode & 0o777
  if (!statSync(dataDir).isDirectory())
    return [fail('data folder', `${dataDir} is no folder`, 'Name another one with ONEFOLD_DATA.')]
  if (!isWritable(dataDir))
    return [fail('data folder', `${dataDir} cannot be written by this user`, `chown -R "$(id -un)" ${dataDir}`)]
  const { bavail, bsize } = statfsSync(dataDir)
  const free = bavail * bsize
  if (free < LEAST_FREE)
    return [
      warn(
        'data folder',
        `${Math.floor(free / 1_048_576)} MB are free there`,
        'Make room; a full disk stops every write.',
      ),
    ]
  if ((mode & 0o077) !== 0)
    return [warn('data folder', `${dataDir} has mode ${octal(mode)}: others may look into it`, `chmod 700 ${dataDir}`)]
  return [ok('data folder', `${dataDir}, mode ${octal(mode)}`)]
}

const octal = (mode: number): string => mode.toString(8).padStart(3, '0')

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK | constants.X_OK)
    return true
  } catch {
    return false
  }
}

const nearestAbove = (path: string): string => (existsSync(dirname(path)) ? dirname(path) : nearestAbove(dirname(path)))

const KEPT = ['master-key', 'admin-token', 'onefold.db', 'onefold.db-wal']

/** Files that nobody else may read. */
export const lookAtFiles: Look = ({ settings: { dataDir, masterKeys } }) => {
  const there = KEPT.map((name) => join(dataDir, name)).filter((path) => existsSync(path))
  const open = there.filter((path) => (statSync(path).mode & 0o077) !== 0)
  if (open.length > 0) {
    const message = `others may read ${open.join(', ')}`
    return [
      fail(
        'key and data files',
        message,
        `chmod 600 ${open.join(' ')}; then onefold keys rotate, if others use this machine.`,
      ),
    ]
  }
  if (masterKeys !== null) return [ok('key and data files', 'the master key comes from ONEFOLD_MASTER_KEY')]
  if (!there.some((path) => path.endsWith('master-key'))) {
    return [
      warn(
        'key and data files',
        'there is no master key yet',
        'Nothing to do: the first start makes one. Back it up then, apart from the data.',
      ),
    ]
  }
  return [ok('key and data files', `${there.length} files, for their owner only`)]
}

const NOT_STARTED = 'Start the server once.'

/** The database: that it answers, has the schema of this version, and is encrypted with a key that is given. */
export const lookAtDatabase: Look = async ({ settings: { dataDir, databaseUrl, masterKeys } }) => {
  const name = 'database'
  const where = databaseUrl === null ? `SQLite in ${dataDir}` : 'Postgres'
  if (masterKeys === null && !existsSync(join(dataDir, 'master-key'))) {
    return [warn(name, `${where}: there is nothing yet`, 'Nothing to do: the first start makes it.')]
  }
  try {
    const stores = await openStores({
      ...(databaseUrl === null ? { dataDir } : { databaseUrl: databaseUrl.reveal() }),
      masterKeys: masterKeys === null ? embeddedMasterKey(dataDir).source : parseMasterKeys(masterKeys.reveal()),
      readonly: true,
    })
    const restores = await stores.restores.waiting().finally(() => stores.close())
    const answers = ok(name, `${where} answers, its schema is that of this version, and its keys are given`)
    return restores.length === 0 ? [answers] : [answers, waitingSince(restores)]
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    if (error.details.hint === NOT_STARTED)
      return [warn(name, `${where}: ${error.message}`, 'Start the server; it brings the schema up to date.')]
    return [failed(name, error, 'See that it runs, and that DATABASE_URL is right.')]
  }
}

function waitingSince(restores: readonly Restore[]): Finding {
  const environments = restores.map(({ environmentId }) => environmentId).join(', ')
  const message = `the database came out of a backup: rules and messages to people wait in ${environments}`
  return warn(
    'restore',
    message,
    'onefold backup status, then onefold backup resume, with ONEFOLD_ENVIRONMENT for each.',
  )
}

const checkOf = (folders: readonly string[]): string => ['onefold check', ...folders].join(' ')

/** Built-in and added definitions. */
export const lookAtDefinitions: Look = async ({ settings: { definitions } }) => {
  const missing = definitions.filter((folder) => !existsSync(folder))
  const found: Finding[] = missing.map((folder) =>
    fail('definitions', `${folder} does not exist`, 'Make it, or take it out of ONEFOLD_DEFINITIONS.'),
  )
  const { catalog, issues } = await loadDefinitions(definitions)
  const lines = issues.split('\n').filter((line) => / (error|warning) /.test(line))
  const errors = lines.filter((line) => / error /.test(line)).length
  if (catalog === null)
    return [
      ...found,
      fail(
        'definitions',
        `${errors} errors, the first: ${lines.find((line) => / error /.test(line)) ?? ''}`,
        checkOf(definitions),
      ),
    ]
  const message = `${catalog.integrations.size} integrations, ${catalog.models.size} models`
  if (lines.length > 0)
    return [...found, warn('definitions', `${message}, ${lines.length} warnings`, checkOf(definitions))]
  return [...found, ok('definitions', `${message}, no error`)]
}
