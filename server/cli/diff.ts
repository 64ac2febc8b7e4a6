import { Command } from 'commander'
import { EngineError } from '../../engine/index.ts'
import { askedCall } from '../kit/asked.ts'
import { type Compared, type Comparison, compareCases, compareLive } from '../kit/compare.ts'
import { integrationIn } from '../kit/definitions.ts'
import { openVersion } from '../kit/versions.ts'
import { ACCOUNT_HELP, type AccountOptions, collected, standOf, withAccount } from './account-options.ts'

interface Options extends AccountOptions {
  readonly filter?: string
  readonly id?: string
  readonly query: readonly string[]
  readonly showPersonal?: boolean
  readonly json?: boolean
}

const EXAMPLES = `
Without a target the recorded cases are played with both versions; with one the call is made, and both map the same answers.
Values of personal fields are hidden.

Examples:
  onefold diff git:HEAD . acme
  onefold diff ../before ./definitions acme --filter refunds
  onefold diff git:main . acme payment-gateway customers list --query limit=100 --account my-account
`

/** `onefold diff`: which fields two versions of definitions fill differently. Exit code 0 when none, 1 when some. */
export function diffCommand(): Command {
  const command = new Command('diff')
    .description('show which fields change between two versions of definitions, how often, with examples')
    .argument('<before>', 'a folder with integrations/ in it, or git:<revision>')
    .argument('<after>', 'the same')
    .argument('<integration>', 'name of the integration')
    .argument('[target...]', 'model, resource and reading method of a live call')
    .option('--filter <text>', 'only cases with this in their name, resource or file')
    .option('--id <id>', 'id of the record of a live call')
    .option('--query <name=value>', 'a parameter of its query; may be given several times', collected, [])
    .option('--show-personal', 'show values of personal fields')
    .option('--json', 'print it as JSON')
  return withAccount(command)
    .addHelpText('after', ACCOUNT_HELP + EXAMPLES)
    .action(run)
}

async function run(
  from: string,
  to: string,
  integration: string,
  words: readonly string[],
  options: Options,
): Promise<void> {
  const before = await openVersion(from, integration)
  try {
    const after = await openVersion(to, integration)
    try {
      const compared = { before, after, integration, showsPersonal: options.showPersonal === true }
      print(await compare(compared, words, options), options)
    } finally {
      after.close()
    }
  } finally {
    before.close()
  }
}

function compare(compared: Compared, words: readonly string[], options: Options): Promise<Comparison> {
  if (words.length === 0) return compareCases(compared, options.filter)
  const call = askedCall(integrationIn(compared.after.kit, compared.integration), words, options)
  const mayWrite = (): never => {
    throw new EngineError('invalid_request', 'Only reads are compared')
  }
  return compareLive(compared, call, standOf(options), { mayWrite })
}

function print({ changes, others }: Comparison, { json }: Options): void {
  const { all, records } = changes
  if (all.length + others.length > 0) process.exitCode = 1
  if (json === true) {
    console.log(JSON.stringify({ records, resources: all, others }, null, 2))
    return
  }
  for (const { resource, fields } of all) {
    console.log(resource)
    for (const { field, count, examples } of fields) {
      console.log(`  ${field}  differs in ${count} of ${records} records`)
      for (const { where, before, after } of examples)
        console.log(`    ${where}: ${textOf(before)} -> ${textOf(after)}`)
    }
  }
  for (const { where, before, after } of others) console.log(`${where}\n  before: ${before}\n  after:  ${after}`)
  if (all.length + others.length === 0) console.log(`No field of ${records} records changes`)
}

const MOST = 120

function textOf(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > MOST ? `${text.slice(0, MOST - 1)}…` : text
}
