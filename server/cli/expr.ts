import { readFileSync } from 'node:fs'
import { Command, InvalidArgumentError } from 'commander'
import { type Case, EngineError } from '../../engine/index.ts'
import { openKit } from '../kit/definitions.ts'
import { evaluate, valueAt } from '../kit/expression.ts'
import { casesOf } from '../kit/play.ts'
import { collected, foldersOf } from './account-options.ts'

interface Options {
  readonly in?: string
  readonly integration?: string
  readonly case?: string
  readonly exchange: number
  readonly at?: string
  readonly var: readonly string[]
  readonly json?: boolean
  readonly definitions: readonly string[]
}

const EXAMPLES = `
Bare names are the record: the JSON given, or the body of the answer in a case, which is $response too.

Examples:
  echo '{ "amount": 1050, "currency": "usd" }' | onefold expr '$money(amount, currency)' --in -
  onefold expr 'data.email' --integration acme --case 'Two customers'
  onefold expr 'name & ", " & $parent.city' --in record.json --var parent='{ "city": "Berlin" }'
`

/** `onefold expr`: evaluates an expression. Exit code 0 with its value, 1 when it fails. */
export function exprCommand(): Command {
  return new Command('expr')
    .description('evaluate an expression over JSON, or over the answer in a case')
    .argument('<expression>', 'the expression, as in a mapping')
    .option('--in <file>', 'a file of JSON; - reads standard input')
    .option('--integration <name>', 'whose cases are meant')
    .option('--case <name>', 'part of the name of a case')
    .option('--exchange <number>', 'which exchange of the case, from 1', numberOf, 1)
    .option('--at <path>', 'where the record stands in it, such as data.0')
    .option('--var <name=json>', 'a variable; may be given several times', collected, [])
    .option('--json', 'print value, backend and paths as JSON')
    .option('--definitions <folder...>', 'further folders with integrations/ in them', [])
    .addHelpText('after', EXAMPLES)
    .action(run)
}

function run(source: string, options: Options): void {
  const body =
    options.in === undefined
      ? fromCase(options)
      : jsonOf(readFileSync(options.in === '-' ? 0 : options.in, 'utf8'), '--in')
  const record = options.at === undefined ? body : valueAt(body, options.at)
  const given = Object.fromEntries(options.var.map(variableOf))
  const { value, backend, reason, paths, missing } = evaluate({
    source,
    record,
    variables: { response: body, ...given },
  })
  if (options.json === true) {
    console.log(
      JSON.stringify(
        { value: value ?? null, is_missing: value === undefined, backend, reason, paths, missing },
        null,
        2,
      ),
    )
    return
  }
  console.log(value === undefined ? 'no value' : JSON.stringify(value, null, 2))
  console.error(`evaluated by: ${backend}${reason === undefined ? '' : ` (${reason})`}`)
  if (paths.length > 0) console.error(`reads: ${paths.join(', ')}`)
  for (const line of missing) console.error(line)
}

function fromCase({ integration, case: filter, exchange, definitions }: Options): unknown {
  if (integration === undefined || filter === undefined) {
    throw new EngineError('invalid_request', 'There is nothing to evaluate it over', {
      hint: 'Give --in with JSON, or --integration and --case.',
    })
  }
  const kit = openKit({ folders: foldersOf({ definitions }), only: integration })
  const cases = casesOf(kit, { filter }).filter(({ kind }) => kind === 'call')
  const exact = cases.filter(({ value }) => value.name === filter)
  const [found, ...more] = exact.length > 0 ? exact : cases
  if (found === undefined || more.length > 0) {
    const names = (found === undefined ? casesOf(kit, {}) : cases).map(({ value }) => value.name)
    throw new EngineError(
      'not_found',
      found === undefined ? `No case is called ${filter}` : `Several cases are called ${filter}`,
      {
        where: '--case',
        hint: `There is ${names
          .slice(0, 20)
          .map((name) => `'${name}'`)
          .join(', ')}.`,
      },
    )
  }
  const { exchanges } = found.value as Case
  const body = exchanges[exchange - 1]?.response.body
  if (body !== undefined) return body
  throw new EngineError('not_found', `The case has ${exchanges.length} exchanges, and no body in number ${exchange}`, {
    where: '--exchange',
  })
}

function jsonOf(text: string, where: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new EngineError('invalid_json', `${where} is not JSON: ${(cause as Error).message}`, { where, cause })
  }
}

function variableOf(text: string): [string, unknown] {
  const [, name, value] = /^\$?([A-Za-z_]\w*)=([\s\S]*)$/.exec(text) ?? []
  if (name !== undefined) return [name, jsonOf(value ?? '', '--var')]
  throw new EngineError('invalid_parameter', '--var is not of the form name=json', { where: '--var' })
}

function numberOf(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It is a number from 1.')
}
