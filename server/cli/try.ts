import { Command } from 'commander'
import { askedCall } from '../kit/asked.ts'
import { attempt } from '../kit/attempt.ts'
import { attemptOut, attemptText } from '../kit/attempt-text.ts'
import { integrationIn, openKit } from '../kit/definitions.ts'
import {
  ACCOUNT_HELP,
  type CallOptions,
  foldersOf,
  standOf,
  withAccount,
  withCall,
  writesOf,
} from './account-options.ts'

interface Options extends CallOptions {
  readonly dryRun?: boolean
  readonly full?: boolean
  readonly json?: boolean
}

const EXAMPLES = `
Examples:
  onefold try acme payment-gateway customers list --sandbox --query limit=2
  onefold try acme customers get --id cus_1 --account my-account
  onefold try acme payment-gateway refunds create --body @refund.json --dry-run
  ONEFOLD_CONNECT=acme:secret_key=... onefold try acme payment-gateway/payments list
`

/** `onefold try`: one call, shown from request to record. Exit code 0 when it succeeds, 1 when it fails. */
export function tryCommand(): Command {
  const command = withCall(new Command('try'))
    .description('make one call and show it: request, answer, and where each field comes from')
    .option('--dry-run', 'show the request as it is built, and send nothing')
    .option('--full', 'show bodies whole')
    .option('--json', 'print all of it as JSON')
  return withAccount(command)
    .addHelpText('after', ACCOUNT_HELP + EXAMPLES)
    .action(run)
}

async function run(name: string, words: readonly string[], options: Options): Promise<void> {
  const kit = openKit({ folders: foldersOf(options), only: name })
  const integration = integrationIn(kit, name)
  const call = askedCall(integration, words, options)
  const isUnified = call.model !== undefined
  const explained = isUnified ? { ...call, query: { explain: true, ...call.query } } : call
  const isDry = options.dryRun === true
  const given = { isDry, mayWrite: writesOf(options) }
  const tried = await attempt({ catalog: kit.catalog, integration }, explained, standOf(options), given)
  const isFull = options.full === true
  if (options.json === true) console.log(JSON.stringify(attemptOut(integration, tried, isDry), null, 2))
  else console.log(attemptText(integration, tried, { isFull, isUnified }))
  if (tried.error !== undefined) process.exitCode = 1
}
