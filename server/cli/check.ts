import { existsSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { Command } from 'commander'
import {
  type Catalog,
  compareWithOpenApi,
  compileCatalog,
  compileRules,
  EngineError,
  type ExpressionEntry,
  type Issue,
  listExpressions,
  readOpenApi,
  renderIssues,
  runCases,
  type SourceFile,
  unshownIssues,
} from '../../engine/index.ts'
import { readDefinitions, readRules } from '../definitions.ts'
import { readDocument } from '../kit/openapi/document.ts'
import { sandboxIssues } from '../kit/sandboxes.ts'
import { builtInFolder } from '../load-definitions.ts'
import { eventTypes } from '../rules/event-types.ts'
import { countsOf, renderExpressions } from './expressions.ts'

/** What a check looked at and found. */
export interface CheckReport {
  readonly issues: readonly Issue[]
  readonly files: number
  readonly integrations: number
  readonly models: number
  /** Cases that ran; none do while there are errors. */
  readonly cases: number
  /** Rules that were looked at; none are while there are errors. */
  readonly rules: number
  /** Every expression with who evaluates it, where they were asked for. */
  readonly expressions?: readonly ExpressionEntry[]
}

/** A path that cannot be checked; the message says why and what to give instead. */
class UsageError extends Error {}

/** `onefold check [paths...]`: exit code 0 when there are no errors, 1 when there are, 2 when a path is of no use. */
export function checkCommand(): Command {
  return new Command('check')
    .description('Checks definitions and runs their cases. Without paths, those that Onefold brings along.')
    .argument('[paths...]', 'folders with integrations/ and unified-models/, or single folders of integrations')
    .option('--json', 'print the issues as JSON')
    .option('--openapi <file>', 'hold one integration against the OpenAPI document of its provider too')
    .option(
      '--expressions',
      'list every expression with who evaluates it: a plain path, compiled code, or the interpreter',
    )
    .action(async (paths: string[], options: CheckOptions) => {
      process.exitCode = await printCheck(paths, options)
    })
}

interface CheckOptions {
  readonly json?: boolean
  readonly expressions?: boolean
  readonly openapi?: string
}

async function printCheck(paths: readonly string[], { json, expressions, openapi }: CheckOptions): Promise<number> {
  try {
    const report = await check(paths, expressions, openapi)
    console.log(json === true ? JSON.stringify(withCounts(report), null, 2) : textOf(report))
    return report.issues.some(({ severity }) => severity === 'error') ? 1 : 0
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof EngineError)) throw error
    console.error(error.message)
    return 2
  }
}

const withCounts = (report: CheckReport): object =>
  report.expressions === undefined ? report : { ...report, backends: countsOf(report.expressions) }

const textOf = (report: CheckReport): string =>
  `${renderExpressions(report.expressions ?? [])}${renderIssues(report.issues)}${summary(report)}`

/**
 * Checks what Onefold brings along, or the folders given, against the built-in models; lists their expressions too, if so
 * wanted. Throws on a path of no use.
 */
export async function check(
  paths: readonly string[],
  wantsExpressions = false,
  openapi?: string,
): Promise<CheckReport> {
  const home = realpathSync(builtInFolder())
  const builtIn = await readDefinitions([{ path: home }])
  const targets = paths.map((path) => targetOf(path, home))
  const given = await Promise.all(targets.map((target) => filesOf(target, builtIn)))
  const checked = paths.length === 0 ? builtIn : unique(given.flat())
  const all = unique([...neededOf(builtIn, checked), ...checked])
  const { catalog, issues } = compileCatalog(all)
  const cases = catalog === undefined ? { count: 0, issues: [] } : await runCases(catalog, checked)
  const more = catalog === undefined ? [] : [...sandboxIssues(catalog, checked), ...unshownIssues(catalog, checked)]
  const rules = catalog === undefined ? { count: 0, issues: [] } : checkRules(targets, catalog)
  const names = (part: RegExp): string[] => [...new Set(checked.flatMap(({ path }) => part.exec(path)?.[1] ?? []))]
  const integrations = names(/^integrations\/([^/]+)\//)
  const compared = openapi === undefined ? [] : compare(all, integrations, openapi)
  return {
    issues: [...issues, ...cases.issues, ...more, ...rules.issues, ...compared],
    files: checked.length,
    integrations: integrations.length,
    models: names(/^unified-models\/(?!common\/)([^/]+)\//).length,
    cases: cases.count,
    rules: rules.count,
    ...(wantsExpressions ? { expressions: listExpressions(checked) } : {}),
  }
}

function compare(files: readonly SourceFile[], integrations: readonly string[], openapi: string): Issue[] {
  const [name, other] = integrations
  if (name !== undefined && other === undefined) {
    return compareWithOpenApi(files, name, readOpenApi(readDocument(openapi)))
  }
  throw new UsageError(`--openapi is held against one integration, not ${integrations.length}. Give the folder of one.`)
}

/** A folder of definitions; `only` limits it to paths that start so. */
interface Target {
  readonly folder: string
  readonly root: string | undefined
  readonly only: string
}

const PARTS = ['integrations', 'unified-models', 'rules']

function targetOf(path: string, home: string): Target {
  const folder = resolve(path)
  const shown = (part: string): string => part.replace(/\/+$/, '')
  if (!existsSync(folder)) throw new UsageError(`${path} does not exist. Give a folder with integrations/ in it.`)
  if (!statSync(folder).isDirectory()) throw new UsageError(`${path} is a file. Give the folder of the definitions.`)
  const target = (above: string, up: string, only: string): Target => {
    const isHome = realpathSync(above) === home
    return { folder: above, root: isHome ? undefined : shown(join(path, up)), only }
  }
  if (PARTS.some((part) => existsSync(join(folder, part)))) return target(folder, '.', '')
  if (PARTS.includes(basename(folder))) return target(dirname(folder), '..', `${basename(folder)}/`)
  if (!existsSync(join(folder, 'integration.yaml'))) {
    const wanted =
      'Give a folder that holds integrations/, unified-models/ or rules/, or the folder of one integration.'
    throw new UsageError(`${path} holds no definitions. ${wanted}`)
  }
  const above = dirname(folder)
  if (basename(above) !== 'integrations') {
    throw new UsageError(`${path} is an integration outside of a folder called integrations/. Put it into one.`)
  }
  return target(dirname(above), '../..', `integrations/${basename(folder)}/`)
}

async function filesOf({ folder, root, only }: Target, builtIn: readonly SourceFile[]): Promise<SourceFile[]> {
  const files = root === undefined ? builtIn : await readDefinitions([{ path: folder, root }])
  return files.filter(({ path }) => path.startsWith(only))
}

/** The rules of folders that are checked as a whole, or of their `rules/` alone. */
function checkRules(targets: readonly Target[], catalog: Catalog) {
  const whole = targets.filter(({ only }) => only === '' || only === 'rules/')
  const files = readRules(whole.map(({ folder, root }) => ({ path: folder, root })))
  return { count: files.length, issues: compileRules(files, eventTypes(catalog)).issues }
}

/** The built-in models, and the built-in integrations that those given share a name with. */
function neededOf(builtIn: readonly SourceFile[], checked: readonly SourceFile[]): SourceFile[] {
  const folders = checked.map(({ path }) => path.split('/').slice(0, 2).join('/'))
  const isNeeded = ({ path }: SourceFile): boolean =>
    path.startsWith('unified-models/') || folders.includes(path.split('/').slice(0, 2).join('/'))
  return builtIn.filter(isNeeded)
}

const unique = (files: readonly SourceFile[]): SourceFile[] => [
  ...new Map(files.map((file) => [`${file.root ?? ''}\n${file.path}`, file])).values(),
]

function summary({ issues, files, integrations, models, cases, rules }: CheckReport): string {
  const errors = issues.filter(({ severity }) => severity === 'error').length
  const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`
  const looked = [
    count(files, 'file'),
    count(integrations, 'integration'),
    count(models, 'model'),
    count(cases, 'case'),
    ...(rules === 0 ? [] : [count(rules, 'rule')]),
  ]
  const found = `${count(errors, 'error')}, ${count(issues.length - errors, 'warning')}`
  return `${issues.length === 0 ? '' : '\n'}${found} in ${looked.join(', ')}`
}
