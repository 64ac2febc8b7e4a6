import { type Command, Option } from 'commander'
import { EngineError } from '../../engine/index.ts'
import { readToolSettings } from '../config.ts'
import type { AttemptOptions } from '../kit/attempt.ts'
import { terminalAsker } from '../kit/credentials.ts'
import type { StandOptions } from '../kit/stand.ts'

/** Options of commands that call a provider. */
export interface AccountOptions {
  readonly account?: string
  readonly sandbox?: boolean
  readonly credentials?: string
  readonly field: readonly string[]
  readonly authMethod?: string
  readonly baseUrl?: string
  readonly url: string
  readonly yes?: boolean
}

/** Said below the help of commands that call a provider. */
export const ACCOUNT_HELP = `
Credentials come from an account of the running server (--account; they stay there), from ONEFOLD_CONNECT, from a file, or you
are asked for them at a terminal. --sandbox asks the provider's stand-in and needs none.
`

/** Options that say what is called, beside the words of the target. */
export interface CallOptions extends AccountOptions {
  readonly id?: string
  readonly query: readonly string[]
  readonly body?: string
  readonly definitions: readonly string[]
}

/** Adds the arguments and options that say what is called. */
export function withCall(command: Command): Command {
  return command
    .argument('<integration>', 'name of the integration')
    .argument('<target...>', 'model, resource and method; or a native resource and method')
    .option('--id <id>', 'id of the record')
    .option('--query <name=value>', 'a parameter of the query; may be given several times', collected, [])
    .option('--body <json>', 'body of a write: JSON, @file, or - for standard input')
    .option('--definitions <folder...>', 'further folders with integrations/ in them', [])
}

/** Adds the options that say which account is called. */
export function withAccount(command: Command): Command {
  return command
    .option('--account <id>', 'an account of the running server; requests go through it and its credentials stay there')
    .option('--sandbox', "ask the provider's stand-in, in this process")
    .option('--credentials <file>', 'a file of JSON or YAML with the fields of the form; - reads standard input')
    .option('--field <name=value...>', 'a field of the form that is no secret', collected, [])
    .option('--auth-method <name>', 'auth method of the integration; default the first')
    .option('--base-url <origin>', "send to this origin in place of the definition's hosts")
    .option('--yes', 'send writes too; one that moves money or hands out credentials is only sent so')
    .addOption(new Option('--url <url>', 'address of the running server').default('http://127.0.0.1:4000'))
}

/** Takes an option that may be given several times. */
export const collected = (value: string, before: readonly string[]): string[] => [...before, value]

/** Where the options of a command say that calls go. */
export function standOf(options: AccountOptions): StandOptions {
  const { account, sandbox, credentials: file, field: fields, authMethod: method, baseUrl, url } = options
  const ways = [account, sandbox, file].filter((one) => one !== undefined)
  if (ways.length > 1) {
    throw new EngineError('config_invalid', 'Give one of --account, --sandbox and --credentials', {
      where: '--account',
    })
  }
  if (baseUrl !== undefined && !/^https?:\/\/[^/?#]+\/?$/.test(baseUrl)) {
    throw new EngineError('config_invalid', '--base-url is not an origin such as http://127.0.0.1:4010', {
      where: '--base-url',
    })
  }
  const { env } = process
  const warn = (text: string): void => console.error(`warning: ${text}`)
  const source = { file, fields, env, ask: terminalAsker(), warn }
  return { server: { url, env }, account, sandbox, method, baseUrl: baseUrl?.replace(/\/$/, ''), source }
}

/** Keeps writes back that nobody has agreed to. */
export function writesOf({ yes, sandbox }: Pick<AccountOptions, 'yes' | 'sandbox'>): AttemptOptions['mayWrite'] {
  return (effect, operation) => {
    if (yes === true || sandbox === true) return
    throw new EngineError('approval_required', `${operation} has the effect '${effect}' and was not sent`, {
      hint: '--dry-run shows the request; --yes sends it.',
    })
  }
}

/** Folders with definitions: those of the command line and of ONEFOLD_DEFINITIONS. */
export function foldersOf({ definitions }: { readonly definitions: readonly string[] }): readonly string[] {
  const { ONEFOLD_DEFINITIONS } = process.env
  return definitions.length > 0 ? definitions : readToolSettings({ ONEFOLD_DEFINITIONS }).definitions
}
