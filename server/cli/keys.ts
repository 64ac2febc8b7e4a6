import { Command } from 'commander'
import { EngineError } from '../../engine/index.ts'
import { SYSTEM_CLOCK } from '../clock.ts'
import { readSettings, type Settings } from '../config.ts'
import { type KeySource, openStores, parseMasterKeys, type RotationReport, rotateKeyFile } from '../stores/index.ts'

const CURSOR_MS = 86_400_000
const TELL_MS = 1_000

interface Options {
  readonly json?: boolean
}

/** `onefold keys rotate`: exit code 0 when no row is left on an old key, 1 when it was broken off, 2 for bad settings. */
export function keysCommand(): Command {
  const keys = new Command('keys').description('Master keys, which encrypt stored credentials.')
  keys
    .command('rotate')
    .description('Moves everything that is encrypted to the first master key, while servers serve.')
    .option('--json', 'print the report as JSON')
    .addHelpText(
      'after',
      `
It reads the same settings as the server. With the key kept in the data folder it makes a new one by itself. With
ONEFOLD_MASTER_KEY, put the new key in front of the old one and restart every server first. Broken off, it is run again.
`,
    )
    .action(async (options: Options) => {
      process.exitCode = await rotateKeys(process.env, options)
    })
  return keys
}

async function rotateKeys(env: Readonly<Record<string, string | undefined>>, { json }: Options): Promise<number> {
  try {
    const settings = readSettings(env)
    const { masterKeys, dataDir } = settings
    const report =
      masterKeys === null
        ? await rotateKeyFile(dataDir, (source) => rotateAll(settings, source))
        : await rotateAll(settings, { read: () => parseMasterKeys(masterKeys.reveal()) })
    console.log(json === true ? JSON.stringify(reportOut(report), null, 2) : textOf(report, masterKeys !== null))
    return 0
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    const { code, message, details } = error
    console.error(`${code}: ${message}${details.hint === undefined ? '' : `\nhint: ${details.hint}`}`)
    return code === 'config_invalid' ? 2 : 1
  }
}

async function rotateAll({ databaseUrl, dataDir }: Settings, source: KeySource): Promise<RotationReport> {
  const stores = await openStores({
    ...(databaseUrl === null ? { dataDir, role: 'tool' } : { databaseUrl: databaseUrl.reveal() }),
    masterKeys: source,
  })
  try {
    return await stores.rotate({ clock: SYSTEM_CLOCK, onProgress: progress() })
  } finally {
    await stores.close()
  }
}

/** One line a second at most, and the last one. */
function progress(): (done: number, total: number) => void {
  let toldAt = 0
  return (done, total) => {
    const now = SYSTEM_CLOCK.now()
    if (total === 0 || (done < total && now - toldAt < TELL_MS)) return
    toldAt = now
    console.error(`${done} of ${total} rows are on the new key`)
  }
}

/** Cursors are sealed with the master key too, and live for a day. */
const cursorsUntil = (): string => new Date(SYSTEM_CLOCK.now() + CURSOR_MS).toISOString()

function reportOut({ keyId, rows, retired }: RotationReport): object {
  return { key_id: keyId, rows, rows_left: 0, retired, cursors_until: retired.length > 0 ? cursorsUntil() : null }
}

function textOf({ keyId, rows, retired }: RotationReport, isGiven: boolean): string {
  const lines = [`No row is left on an old master key: all are on ${keyId}, ${rows} of them by this run.`]
  if (!isGiven) return [...lines, 'The old key is out of the file master-key. Back the new one up.'].join('\n')
  if (retired.length === 0) return [...lines, 'Any other key may be taken out of ONEFOLD_MASTER_KEY.'].join('\n')
  return [
    ...lines,
    `${retired.join(' and ')} may be taken out of ONEFOLD_MASTER_KEY with the next restart.`,
    `Cursors of lists that were handed out before stop working then, unless that is after ${cursorsUntil()}.`,
  ].join('\n')
}
