import { Command, Option } from 'commander'
import { EngineError, renderIssues } from '../../engine/index.ts'
import { checkFiles, isTaken, placeOf, type Target, takenError, targetOf, writeNew } from '../kit/folder.ts'
import { AUTH_KINDS } from '../kit/init/answers.ts'
import { askFor, type Given } from '../kit/init/ask.ts'
import { providerFiles } from '../kit/init/provider.ts'
import { answering, count, shown } from './kit.ts'

interface Options extends Given {
  readonly folder: string
  readonly json?: boolean
}

/** `onefold init <name>`: exit code 0 when the folder was written, 2 when nothing was. */
export function initCommand(): Command {
  return new Command('init')
    .description('Starts a provider: a folder that passes the check, with a first resource, its mapping and cases.')
    .argument('<name>', 'name of the integration, such as acme')
    .option('--label <text>', 'name as people write it; default the name')
    .option('--base-url <url>', 'address of the API, such as https://api.acme.test/v1')
    .addOption(new Option('--auth <kind>', 'how requests authenticate; default bearer').choices(AUTH_KINDS))
    .option('--resource <name>', 'first native resource; default customers')
    .option('--model <name>', 'unified model that it is mapped into; default payment-gateway')
    .option('--unified <name>', 'unified resource of the model; default that of the same name')
    .option('--folder <folder>', 'definitions folder, which holds integrations/', 'definitions')
    .option('--json', 'print the report as JSON; asks nothing')
    .addHelpText(
      'after',
      '\nOn a terminal it asks for what is not given.\nExample:\n  onefold init acme --base-url https://api.acme.test/v1\n',
    )
    .action((name: string, options: Options) => answering(() => init(name, options)))
}

async function init(name: string, options: Options): Promise<number> {
  const target = targetOf(options.folder, name)
  if (isTaken(target)) throw takenError(shown(placeOf(target)))
  const io =
    process.stdin.isTTY === true && options.json !== true ? { input: process.stdin, output: process.stderr } : null
  const answers = await askFor(name, options, io)
  const files = providerFiles(target, answers)
  const { issues, cases } = await checkFiles(target, files)
  if (issues.length > 0)
    throw new EngineError('internal', `The new provider does not pass the check:\n${renderIssues(issues)}`)
  writeNew(target, files)
  console.log(
    options.json === true
      ? JSON.stringify(jsonOf(target, [...files.keys()], cases), null, 2)
      : textOf(target, [...files.keys()], cases),
  )
  return 0
}

const jsonOf = (target: Target, files: readonly string[], cases: number): object => ({
  name: target.name,
  folder: shown(placeOf(target)),
  written: files,
  cases,
})

function textOf(target: Target, files: readonly string[], cases: number): string {
  const place = shown(placeOf(target))
  return [
    `${place} is there, and passes the check with ${count(cases, 'case')}:`,
    ...files.map((file) => `  ${file}`),
    '',
    `Next: onefold check ${shown(target.definitions)}`,
    `Serve it: ONEFOLD_DEFINITIONS=${shown(target.definitions)} onefold serve (a save is taken into use at once)`,
  ].join('\n')
}
