import { Command, Option } from 'commander'
import { EngineError } from '../../engine/index.ts'
import { SYSTEM_CLOCK } from '../clock.ts'
import { readSettings, type Settings } from '../config.ts'
import { backUp, putBack } from '../stores/backup.ts'
import { embeddedMasterKey, openStores, parseMasterKeys } from '../stores/index.ts'
import { callServer, TOKEN_HELP } from './client.ts'

interface Options {
  readonly url: string
  readonly json?: boolean
}

const RESUME = 'Start the server, look at `onefold backup status`, and let it go on with `onefold backup resume`.'

/** `onefold backup`: copies of the database, and what waits after one was put back. Exit code 0 ok, 1 when it failed. */
export function backupCommand(): Command {
  const backup = new Command('backup').description('copies of the database, and what waits after one was put back')
  backup
    .command('make')
    .description('copy the embedded database into a new file, while the server serves; the master key is not in it')
    .argument('<file>', 'a file that is not there yet')
    .action(async (file: string) => {
      await backUp(embeddedFolder('Use pg_dump.'), file, SYSTEM_CLOCK.now())
      console.log(`${file} holds the database, without the master key: back that up apart from it.`)
    })
  backup
    .command('restore')
    .description('put a copy in place of the embedded database; no server may run on it')
    .argument('<file>', 'the copy')
    .action(restore)
  backup
    .command('mark')
    .description(
      'say that the database was put back by another program, such as pg_restore; before a server starts on it',
    )
    .action(mark)
  const calling = (name: string, description: string) =>
    backup
      .command(name)
      .description(description)
      .addOption(new Option('--url <url>', 'the server').default('http://127.0.0.1:4000'))
      .option('--json', 'print the answer as JSON')
      .addHelpText('after', TOKEN_HELP)
  calling('status', 'whether the database came out of a backup, and what waits since').action((options: Options) =>
    tell(options, 'GET', '/restore'),
  )
  calling('resume', 'let rules and messages to people go on; what may have been sent waits for a decision').action(
    (options: Options) => tell(options, 'POST', '/restore/resume'),
  )
  return backup
}

/** The data folder. Throws config_invalid on Postgres. */
function embeddedFolder(instead: string): string {
  const { databaseUrl, dataDir } = readSettings(process.env)
  if (databaseUrl === null) return dataDir
  throw new EngineError('config_invalid', 'The database is a Postgres, which has programs of its own for that', {
    where: 'DATABASE_URL',
    hint: instead,
  })
}

const keysOf = ({ masterKeys, dataDir }: Settings) =>
  masterKeys === null ? embeddedMasterKey(dataDir).source : parseMasterKeys(masterKeys.reveal())

async function restore(file: string): Promise<void> {
  const dataDir = embeddedFolder('Use pg_restore, then `onefold backup mark` before a server starts.')
  const masterKeys = keysOf(readSettings(process.env))
  const aside = await putBack({ dataDir, file, masterKeys }, SYSTEM_CLOCK.now())
  console.log(`${dataDir} has the database of ${file}; rules and messages to people wait.`)
  if (aside !== null) console.log(`What was there before is ${aside}.`)
  console.log(RESUME)
}

async function mark(): Promise<void> {
  const settings = readSettings(process.env)
  const { databaseUrl, dataDir } = settings
  const stores = await openStores({
    ...(databaseUrl === null ? { dataDir, role: 'tool' } : { databaseUrl: databaseUrl.reveal() }),
    masterKeys: keysOf(settings),
  })
  const environments = await stores.restores.mark(SYSTEM_CLOCK.now()).finally(() => stores.close())
  console.log(`Rules and messages to people wait in ${environments.join(', ')}.\n${RESUME}`)
}

interface Restore {
  readonly environment: string
  readonly is_paused: boolean
  readonly known_until: string | null
  readonly found_at: string | null
  readonly resumed_at: string | null
  readonly due_rule_runs: number
  readonly held_rule_runs: number
  readonly unknown_deliveries: number
}

async function tell({ url, json }: Options, verb: string, path: string): Promise<void> {
  const answer = (await (await callServer({ url, env: process.env }, verb, path)).json()) as Restore
  console.log(json === true ? JSON.stringify(answer, null, 2) : textOf(answer))
}

function textOf(restore: Restore): string {
  const { environment, found_at: foundAt, known_until: until, resumed_at: resumedAt } = restore
  if (foundAt === null) return `The database of ${environment} never came out of a backup.`
  const state = restore.is_paused
    ? 'rules and messages to people wait: onefold backup resume'
    : `let go on at ${resumedAt}`
  return [
    `The database of ${environment} came out of a backup: ${state}`,
    `  it knows what was done until ${until ?? 'nobody knows when'}; found at ${foundAt}`,
    `  ${restore.due_rule_runs} runs have something to do, ${restore.held_rule_runs} are held for a decision`,
    `  ${restore.unknown_deliveries} deliveries may have gone out or not`,
  ].join('\n')
}
