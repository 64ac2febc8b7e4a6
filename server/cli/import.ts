import { basename, join } from 'node:path'
import { Command } from 'commander'
import { type Issue, renderIssues } from '../../engine/index.ts'
import {
  checkFiles,
  filesOf,
  isTaken,
  placeOf,
  type Target,
  takenError,
  targetOf,
  writeAll,
  writeNew,
} from '../kit/folder.ts'
import { snake } from '../kit/names.ts'
import type { Import } from '../kit/openapi/contract.ts'
import { readDocument } from '../kit/openapi/document.ts'
import { importOpenApi } from '../kit/openapi/import.ts'
import { type Merge, mainFileOf, mergeInto } from '../kit/openapi/merge.ts'
import { answering, count, shown } from './kit.ts'

const MOST_SHOWN = 20

interface Options {
  readonly name?: string
  readonly folder: string
  readonly tag?: readonly string[]
  readonly path?: readonly string[]
  readonly baseUrl?: string
  readonly merge?: boolean
  readonly dryRun?: boolean
  readonly json?: boolean
}

/** `onefold import openapi <file>`: exit code 0 when the result passes the check, 1 when not, 2 for wrong usage. */
export function importCommand(): Command {
  const command = new Command('import').description('Makes definitions of what a provider publishes.')
  command
    .command('openapi')
    .description('Takes the facts of an OpenAPI document over; guesses are marked, descriptions are left to write.')
    .argument('<file>', 'OpenAPI 3.0 or 3.1, JSON or YAML')
    .option('--name <name>', 'name of the integration; default from the title of the document')
    .option('--folder <folder>', 'definitions folder, which holds integrations/', 'definitions')
    .option('--tag <tag...>', 'only endpoints with one of these tags')
    .option('--path <start...>', 'only endpoints whose path starts so')
    .option('--base-url <url>', 'address of the API, where the document names none or another one')
    .option('--merge', 'add what an existing folder lacks; nothing that is there is changed')
    .option('--dry-run', 'report, and write nothing')
    .option('--json', 'print the report as JSON')
    .addHelpText('after', '\nExample:\n  onefold import openapi acme.json --name acme --tag Payments Customers\n')
    .action((file: string, options: Options) => answering(() => runImport(file, options)))
  return command
}

async function runImport(file: string, options: Options): Promise<number> {
  const data = readDocument(file)
  const title = (data as { info?: { title?: unknown } } | null)?.info?.title
  const target = targetOf(options.folder, options.name ?? nameOf(title, file))
  const isThere = isTaken(target)
  if (isThere && options.merge !== true) {
    throw takenError(shown(placeOf(target)), 'Add what it lacks with --merge, or give another --name.')
  }
  const main = isThere ? mainFileOf(target) : undefined
  const made = importOpenApi(data, target, { tags: options.tag, paths: options.path, baseUrl: options.baseUrl, main })
  const merge = isThere ? mergeInto(target, made) : undefined
  const whole = merge === undefined ? made.files : new Map([...(await filesOf(target)), ...merge.files])
  const { issues } = await checkFiles(target, whole)
  if (options.dryRun !== true) {
    if (merge === undefined) writeNew(target, made.files)
    else writeAll(placeOf(target), merge.files)
  }
  const report = { target, made, merge, issues, isWritten: options.dryRun !== true }
  console.log(options.json === true ? JSON.stringify(jsonOf(report), null, 2) : textOf(report))
  return issues.some(({ severity }) => severity === 'error') ? 1 : 0
}

const nameOf = (title: unknown, file: string): string =>
  snake(
    (typeof title === 'string' && title !== '' ? title : basename(file).replace(/\..*$/, '')).replace(
      /\bAPIs?\b.*$/i,
      '',
    ),
  )

interface Report {
  readonly target: Target
  readonly made: Import
  readonly merge: Merge | undefined
  readonly issues: readonly Issue[]
  readonly isWritten: boolean
}

function jsonOf({ target, made, merge, issues, isWritten }: Report): object {
  const { files, leftOut, nestedMembers, ...facts } = made
  const paths = [...(merge?.files ?? files).keys()].map((path) => shown(join(placeOf(target), path)))
  return {
    name: target.name,
    folder: shown(placeOf(target)),
    written: isWritten ? paths : [],
    ...facts,
    nested_members: nestedMembers,
    left_out: leftOut,
    ...(merge === undefined ? {} : { added: merge.added, kept: merge.kept }),
    issues,
  }
}

function textOf({ target, made, merge, issues, isWritten }: Report): string {
  const { operations, resources, parameters, nestedMembers, auth, paging, guesses, leftOut } = made
  const files = merge?.files ?? made.files
  const lists = Object.entries(paging).map(([strategy, number]) => `${strategy} ${number}`)
  const rest = leftOut.length - MOST_SHOWN
  const errors = issues.filter(({ severity }) => severity === 'error').length
  return [
    `${isWritten ? 'Wrote' : 'Would write'} ${count(files.size, 'file')} to ${shown(placeOf(target))}`,
    '',
    `  taken over  ${count(operations.length, 'operation')} in ${count(resources.length, 'resource')}, ${count(parameters, 'parameter')}`,
    ...(nestedMembers === 0
      ? []
      : [
          `  not listed  ${count(nestedMembers, 'member')} of bodies below the first level; the object above takes them`,
        ]),
    ...(merge === undefined
      ? []
      : [`  merged      ${merge.added.length} added, ${merge.kept.length} were there and stay`]),
    `  auth        ${auth.join(', ')}`,
    `  paging      ${lists.length === 0 ? 'no lists' : lists.join(', ')}`,
    `  guesses     ${guesses}, each marked \`# guess:\` with what made it`,
    `  check       ${count(errors, 'error')}, ${count(issues.length - errors, 'warning')}`,
    '',
    ...(leftOut.length === 0
      ? ['Nothing was left out.']
      : ['Left out:', ...leftOut.slice(0, MOST_SHOWN).map(({ what, why }) => `  ${what}: ${why}`)]),
    ...(rest > 0 ? [`  and ${rest} more; --json lists all`] : []),
    ...(issues.length === 0 ? [] : ['', renderIssues(issues)]),
    '',
    `Next: look at the guesses, write descriptions, map resources, then onefold check ${shown(target.definitions)}`,
  ].join('\n')
}
