import { readFileSync } from 'node:fs'
import { Argument, Command, InvalidArgumentError, Option } from 'commander'
import { compileRules, renderIssues } from '../../engine/index.ts'
import { readRules } from '../definitions.ts'
import { loadDefinitions } from '../load-definitions.ts'
import { eventTypes } from '../rules/event-types.ts'
import { callServer, TOKEN_HELP } from './client.ts'

interface Options {
  readonly url: string
  readonly json?: boolean
}

const at = ({ url }: Pick<Options, 'url'>) => ({ url, env: process.env })
const url = () => new Option('--url <url>', 'the server').default('http://127.0.0.1:4000')
const JSON_HELP = 'print the answer as JSON'

/** `onefold rules`: what is said to whom after events. Exit code 0 ok, 1 for problems found. */
export function rulesCommand(): Command {
  const rules = new Command('rules').description(
    'alerts and reminders: the rules, what they would do, and what they do',
  )
  const calling = (name: string, description: string) =>
    rules
      .command(name)
      .description(description)
      .addOption(url())
      .option('--json', JSON_HELP)
      .addHelpText('after', TOKEN_HELP)
  calling('list', 'list the rules of the environment').action(list)
  rules
    .command('check')
    .description('check the rules in folders of definitions; exit code 1 when there are errors')
    .argument('<folder...>', 'folders with rules/ in them')
    .action(check)
  calling('preview', 'what a rule would have sent for the events of the past; nothing is sent')
    .argument('<rule>', 'name of a rule, or a file with one that the server does not have')
    .option('--days <n>', 'days back', dayCount, 30)
    .action(preview)
  calling('runs', 'list runs, newest first')
    .option('--rule <name>', 'of this rule')
    .option('--status <status>', 'in this status: active, held, done, stopped or failed')
    .action(runs)
  calling('show', 'a run with everything that it said').argument('<run>', 'id of the run').action(showRun)
  for (const [act, what] of ACTS) {
    calling(act, what)
      .argument('<run>', 'id of the run')
      .action(async (id: string, options: Options) => {
        const run = await answerOf<Run>(options, 'POST', `/rule-run/${encodeURIComponent(id)}/${act}`)
        console.log(options.json === true ? JSON.stringify(run, null, 2) : textOf(run))
      })
  }
  calling('decide', 'decide about all held runs that fit, at once')
    .addArgument(new Argument('<decision>', 'what becomes of them').choices(ACTS.map(([act]) => act)))
    .option('--rule <name>', 'of this rule')
    .option('--account <id>', 'about this account')
    .option('--subject <subject>', 'about this subject, such as invoices/in_1')
    .option('--customer <id>', 'about this customer')
    .option('--restored', 'held because the database came out of a backup')
    .option('--until <instant>', 'held at or before this instant')
    .option('--dry-run', 'only say which runs fit')
    .action(decide)
  return rules
}

const ACTS = [
  ['stop', 'end a run'],
  ['resend', 'send what may not have gone out again'],
  ['skip', 'leave the present step of a run out'],
] as const

function dayCount(text: string): number {
  if (/^[1-9]\d{0,2}$/.test(text) && Number(text) <= 365) return Number(text)
  throw new InvalidArgumentError('It is a number from 1 to 365.')
}

async function answerOf<T>(options: Options, verb: string, path: string, body?: unknown): Promise<T> {
  return (await (await callServer(at(options), verb, path, body)).json()) as T
}

interface ShownRule {
  readonly name: string
  readonly description: string
  readonly is_enabled: boolean
  readonly on: readonly string[]
  readonly steps: readonly unknown[]
}

const PAUSED = 'All of them wait since the database came out of a backup: onefold backup resume'

async function list(options: Options): Promise<void> {
  const answer = await answerOf<{ result: readonly ShownRule[]; is_paused: boolean }>(options, 'GET', '/rule')
  if (options.json === true) return console.log(JSON.stringify(answer, null, 2))
  if (answer.is_paused) console.log(PAUSED)
  for (const { name, description, is_enabled: isEnabled, on, steps } of answer.result) {
    const count = `${steps.length} step${steps.length === 1 ? '' : 's'}`
    console.log(`${name}  ${isEnabled ? '' : 'switched off  '}${on.join(', ')}  ${count}  ${description}`)
  }
}

async function check(folders: readonly string[]): Promise<void> {
  const { catalog, issues: broken } = await loadDefinitions([])
  if (catalog === null) throw new Error(broken)
  const files = readRules(folders.map((path) => ({ path, root: path })))
  const { issues } = compileRules(files, eventTypes(catalog))
  const errors = issues.filter(({ severity }) => severity === 'error').length
  const counted = `${errors} error${errors === 1 ? '' : 's'} in ${files.length} rule${files.length === 1 ? '' : 's'}`
  console.log(`${renderIssues(issues)}${counted}`)
  if (errors > 0) process.exitCode = 1
}

interface Message {
  readonly step: number
  readonly kind: string
  readonly to: string | null
  readonly subject: string | null
  readonly text: string | null
}

interface Preview {
  readonly events: number
  readonly matched: number
  readonly is_partial: boolean
  readonly runs: readonly {
    readonly subject: string
    readonly started_at: string
    readonly status: string
    readonly reason: string | null
    readonly messages: readonly (Message & { readonly at: string })[]
  }[]
}

const named = (rule: string): object => (/\.ya?ml$/.test(rule) ? { text: readFileSync(rule, 'utf8') } : { rule })

async function preview(rule: string, options: Options & { readonly days: number }): Promise<void> {
  const found = await answerOf<Preview>(options, 'POST', '/rule/preview', { ...named(rule), days: options.days })
  if (options.json === true) return console.log(JSON.stringify(found, null, 2))
  for (const { subject, started_at: startedAt, status, reason, messages } of found.runs) {
    console.log(`${startedAt}  ${subject}  ${status}${reason === null ? '' : `  ${reason}`}`)
    for (const message of messages) console.log(`  ${message.at}  ${said(message)}`)
  }
  const partial = found.is_partial ? ', not all of them shown' : ''
  console.log(`${found.matched} of ${found.events} events of ${options.days} days would start a run${partial}`)
}

const said = ({ step, kind, to, subject, text }: Message): string =>
  [`step ${step}`, kind, to, subject, text?.replaceAll('\n', ' ')].filter((part) => part != null).join('  ')

interface Run {
  readonly id: string
  readonly rule: string
  readonly subject: string
  readonly status: string
  readonly reason: string | null
  readonly next_step: number | null
  readonly next_at: string | null
  readonly messages: readonly (Message & {
    readonly status: string
    readonly sent_at: string | null
    readonly error: string | null
  })[]
}

async function runs(options: Options & { readonly rule?: string; readonly status?: string }): Promise<void> {
  const { rule, status } = options
  const query = new URLSearchParams({ limit: '100', ...(rule && { rule }), ...(status && { status }) })
  const answer = await answerOf<{ result: readonly Omit<Run, 'messages'>[] }>(options, 'GET', `/rule-run?${query}`)
  if (options.json === true) return console.log(JSON.stringify(answer, null, 2))
  for (const run of answer.result) console.log(lineOf(run))
}

const lineOf = ({ id, rule, subject, status, reason, next_step: step, next_at: next }: Omit<Run, 'messages'>): string =>
  [id, rule, subject, status, reason, next === null ? null : `step ${step} at ${next}`]
    .filter((part) => part)
    .join('  ')

interface Asked extends Options {
  readonly rule?: string
  readonly account?: string
  readonly subject?: string
  readonly customer?: string
  readonly restored?: boolean
  readonly until?: string
  readonly dryRun?: boolean
}

interface Decided {
  readonly count: number
  readonly next_cursor: string | null
  readonly result: readonly {
    readonly id: string
    readonly rule: string
    readonly subject: string
    readonly step: number
    readonly error: string | null
  }[]
}

/** Page after page; exit code 1 when a run stays as it is. */
async function decide(decision: string, options: Asked): Promise<void> {
  const { rule, account, subject, customer, restored, until, dryRun, json } = options
  const names = { rule, integrated_account_id: account, subject, customer_id: customer }
  const body = { decision, ...names, restored, until, dry_run: dryRun }
  const tally = { count: 0, refused: 0 }
  for (let cursor: string | null = ''; cursor !== null; ) {
    const query = new URLSearchParams({ limit: '200', ...(cursor && { next_cursor: cursor }) })
    const page: Decided = await answerOf(options, 'POST', `/rule-run/decide?${query}`, body)
    for (const run of page.result) console.log(json === true ? JSON.stringify(run) : decidedLine(run))
    tally.count += page.count
    tally.refused += page.result.length - page.count
    cursor = page.next_cursor
  }
  const refused = tally.refused === 0 ? '' : `, ${tally.refused} stay as they are`
  if (json !== true) console.log(`${decision}: ${tally.count} runs${dryRun === true ? ' fit' : ''}${refused}`)
  if (tally.refused > 0) process.exitCode = 1
}

const decidedLine = ({ id, rule, subject, step, error }: Decided['result'][number]): string =>
  [id, rule, subject, `step ${step}`, error].filter((part) => part !== null).join('  ')

async function showRun(id: string, options: Options): Promise<void> {
  const run = await answerOf<Run>(options, 'GET', `/rule-run/${encodeURIComponent(id)}`)
  console.log(options.json === true ? JSON.stringify(run, null, 2) : textOf(run))
}

const textOf = (run: Run): string =>
  [
    lineOf(run),
    ...run.messages.map((message) => {
      const { sent_at: sentAt, status, error } = message
      return `  ${sentAt ?? status}  ${said(message)}${error === null ? '' : `  ${error}`}`
    }),
  ].join('\n')
