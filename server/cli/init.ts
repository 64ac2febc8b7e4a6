import { createInterface } from 'node:readline/promises'
import { Command, Option } from 'commander'
import { compileCatalog, EngineError, type Model, renderIssues } from '../../engine/index.ts'
import { readDefinitions } from '../definitions.ts'
import { checkFiles, isTaken, placeOf, type Target, takenError, targetOf, writeNew } from '../kit/folder.ts'
import { type Answers, AUTH_KINDS } from '../kit/init/answers.ts'
import { providerFiles } from '../kit/init/provider.ts'
import { builtInFolder } from '../load-definitions.ts'
import { answering, count, shown } from './kit.ts'

interface Options {
  readonly label?: string
  readonly baseUrl?: string
  readonly auth?: Answers['auth']
  readonly resource?: string
  readonly model?: string
  readonly unified?: string
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
  const answers = await answersOf(name, options)
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

async function models(): Promise<ReadonlyMap<string, Model>> {
  const files = await readDefinitions([{ path: builtInFolder() }])
  const { catalog } = compileCatalog(files.filter(({ path }) => path.startsWith('unified-models/')))
  return catalog?.models ?? new Map()
}

/** One question: what was given is taken, a terminal is asked, and without one the default holds or the flag is wanted. */
type Ask = (flag: string, given: string | undefined, question: string, byDefault?: string) => Promise<string>

async function answersOf(name: string, options: Options): Promise<Answers> {
  const known = await models()
  return withAsking(options.json === true, async (ask) => {
    const label = await ask(
      '--label',
      options.label,
      'Name as people write it',
      `${name[0]?.toUpperCase()}${name.slice(1)}`,
    )
    const baseUrl = urlOf(await ask('--base-url', options.baseUrl, 'Address of the API'))
    const auth = choice(
      '--auth',
      await ask('--auth', options.auth, `Auth, one of ${AUTH_KINDS.join(', ')}`, 'bearer'),
      AUTH_KINDS,
    )
    const resource = slugOf(await ask('--resource', options.resource, 'First native resource', 'customers'))
    const model = known.get(
      choice('--model', await ask('--model', options.model, 'Unified model', 'payment-gateway'), [...known.keys()]),
    )
    const resources = model?.resources ?? new Map()
    const same = resources.has(resource) ? resource : undefined
    const unified = await ask(
      '--unified',
      options.unified ?? same,
      `Unified resource, one of ${[...resources.keys()].join(', ')}`,
    )
    const found = resources.get(choice('--unified', unified, [...resources.keys()]))
    return { name, label, baseUrl, auth, resource, target: found }
  })
}

async function withAsking<T>(isSilent: boolean, work: (ask: Ask) => Promise<T>): Promise<T> {
  const isTerminal = process.stdin.isTTY === true && !isSilent
  const lines = isTerminal ? createInterface({ input: process.stdin, output: process.stderr }) : undefined
  const ask: Ask = async (flag, given, question, byDefault) => {
    if (given !== undefined) return given
    const answer = (await lines?.question(`${question}${byDefault === undefined ? '' : ` (${byDefault})`}: `))?.trim()
    const value = answer === undefined || answer === '' ? byDefault : answer
    if (value !== undefined) return value
    throw new EngineError('invalid_request', `${flag} is missing`, { where: flag, hint: `${question}.` })
  }
  try {
    return await work(ask)
  } finally {
    lines?.close()
  }
}

function choice<const T extends string>(flag: string, value: string, valid: readonly T[]): T {
  const found = valid.find((each) => each === value)
  if (found !== undefined) return found
  throw new EngineError('invalid_request', `${flag}: '${value}' is not there`, {
    where: flag,
    valid,
    hint: `Give one of ${valid.join(', ')}.`,
  })
}

function urlOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url !== undefined && /^https?:$/.test(url.protocol) && url.search === '' && url.hash === '')
    return text.replace(/\/+$/, '')
  const hint = 'Write https://api.acme.test, with a base path where the API has one.'
  throw new EngineError('invalid_request', `--base-url: '${text}' is no http or https URL`, {
    where: '--base-url',
    hint,
  })
}

function slugOf(text: string): string {
  if (/^[a-z][a-z0-9_]*$/.test(text)) return text
  throw new EngineError('invalid_request', `--resource: '${text}' is no name`, {
    where: '--resource',
    hint: 'Small letters, digits and `_`, a letter first.',
  })
}
