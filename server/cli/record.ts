import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { Command } from 'commander'
import { type CaseCall, EngineError, findCases, type Integration } from '../../engine/index.ts'
import { askedCall } from '../kit/asked.ts'
import { attempt } from '../kit/attempt.ts'
import { appendCase, replaceCase } from '../kit/case-file.ts'
import { integrationIn, type Kit, openKit } from '../kit/definitions.ts'
import { caseOf } from '../kit/record.ts'
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
  readonly name: string
  readonly out?: string
  readonly update?: boolean
  readonly json?: boolean
}

const EXAMPLES = `
Ids, personal data, secrets and free text give way to stand-ins: the same value to the same stand-in, an id keeps its prefix.
The expectation is what the mapping makes of it: look it over, then delete the comment above the case.

Examples:
  onefold record acme payment-gateway customers list --name 'Two customers' --account my-account --query limit=2
  onefold record acme payment-gateway customers get --id cus_1 --name 'A customer' --sandbox --out case.yaml
  onefold record acme payment-gateway customers get --id cus_1 --name 'A customer' --sandbox --update
`

/** `onefold record`: one live call as a case, with everything personal cut. Exit code 0 when it was written. */
export function recordCommand(): Command {
  const command = withCall(new Command('record'))
    .description('make one call and write it down as a case, with secrets and personal data cut')
    .requiredOption('--name <text>', 'what the case shows')
    .option('--out <file>', "file to write to; default cases/<resource>.yaml of the integration's folder")
    .option('--update', 'put it in the place of the case of this name')
    .option('--json', 'print what was written as JSON')
  return withAccount(command)
    .addHelpText('after', ACCOUNT_HELP + EXAMPLES)
    .action(run)
}

async function run(integrationName: string, words: readonly string[], options: Options): Promise<void> {
  const kit = openKit({ folders: foldersOf(options), only: integrationName })
  const integration = integrationIn(kit, integrationName)
  const call = askedCall(integration, words, options)
  const file = resolve(options.out ?? fileFor(kit, integration, call))
  const known = caseIn(file, integration, options.name)
  if (known !== undefined && options.update !== true) {
    throw new EngineError('conflict', `${file} has a case '${options.name}' already`, {
      hint: 'Give another --name, or --update to put this one in its place.',
    })
  }
  const tried = await attempt({ catalog: kit.catalog, integration }, call, standOf(options), {
    mayWrite: writesOf(options),
  })
  console.error(`${tried.exchanges.length} exchanges with ${integration.label}`)
  const { value, cut } = await caseOf({ catalog: kit.catalog, integration, name: options.name, call, tried })
  const text = existsSync(file) ? readFileSync(file, 'utf8') : undefined
  const note = `To be reviewed: recorded ${value.now?.slice(0, 10)}, the expectation is what the mapping made of it.`
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(
    file,
    known !== undefined && text !== undefined ? replaceCase(text, known, value) : appendCase(text, value, note),
  )
  console.error(`${cut} values gave way to stand-ins`)
  if (options.json === true) console.log(JSON.stringify({ file, case: value, values_cut: cut }, null, 2))
  else
    console.log(`${known === undefined ? 'Wrote' : 'Updated'} '${value.name}' in ${file}: look its expectation over.`)
}

/** The file of cases of the resource, beside the definition that is used. */
function fileFor({ places }: Kit, { name }: Integration, { resource, model }: CaseCall): string {
  const own = [...places].find(([path]) => path.endsWith(`integrations/${name}/integration.yaml`))?.[1] ?? name
  return join(dirname(own), 'cases', `${model === undefined ? 'native' : resource}.yaml`)
}

/** JSON pointer of the case of a name in a file. */
function caseIn(file: string, { name: integration }: Integration, name: string): string | undefined {
  if (!existsSync(file)) return undefined
  const source = { path: `integrations/${integration}/cases/file.yaml`, text: readFileSync(file, 'utf8') }
  return findCases([source]).find(({ kind, value }) => kind === 'call' && value.name === name)?.pointer
}
