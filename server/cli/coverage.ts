import { writeFileSync } from 'node:fs'
import { Command, Option } from 'commander'
import { type CoveredResource, countsOf, coverage } from '../kit/coverage.ts'
import { coverageHtml } from '../kit/coverage-html.ts'
import { openKit } from '../kit/definitions.ts'
import { foldersOf } from './account-options.ts'

interface Options {
  readonly as: 'table' | 'json' | 'html'
  readonly out?: string
  readonly fields?: boolean
  readonly strict?: boolean
  readonly json?: boolean
  readonly definitions: readonly string[]
}

const EXAMPLES = `
A field is mapped and shown by a case, mapped and shown by none, absent for a reason that the mapping gives, or not mapped.

Examples:
  onefold coverage                                 a line for each provider and resource
  onefold coverage acme --fields                   and what is missing, field by field
  onefold coverage --as html --out coverage.html   one page with everything
  onefold coverage acme --strict                   ends with 1 while something is neither mapped and shown nor absent
`

/** `onefold coverage`: what is mapped and shown by cases. Exit code 1 with --strict while something is missing. */
export function coverageCommand(): Command {
  return new Command('coverage')
    .description('show which fields each provider fills, which it lacks and why, and what no case shows')
    .argument('[integration]', 'name of the integration; default all')
    .addOption(new Option('--as <form>', 'form of the answer').choices(['table', 'json', 'html']).default('table'))
    .option('--json', 'the same as --as json')
    .option('--out <file>', 'write to a file')
    .option('--fields', 'list fields that are not both mapped and shown by a case, and enum values that no case shows')
    .option('--strict', 'end with 1 when something is not mapped, or shown by no case')
    .option('--definitions <folder...>', 'further folders with integrations/ in them', [])
    .addHelpText('after', EXAMPLES)
    .action((name: string | undefined, options: Options) => {
      const all = coverage(openKit({ folders: foldersOf(options), only: name }))
      const text = textOf(all, options)
      if (options.out === undefined) console.log(text)
      else writeFileSync(options.out, `${text}\n`)
      if (options.strict === true && all.some(isLacking)) process.exitCode = 1
    })
}

function textOf(all: readonly CoveredResource[], { as, json, fields }: Options): string {
  if (as === 'json' || json === true) return JSON.stringify({ resources: all }, null, 2)
  if (as === 'html') return coverageHtml(all).trimEnd()
  const rows = [
    ['provider', 'resource', 'cases', 'mapped', 'unreached', 'absent', 'not mapped', 'enum values'],
    ...all.map(rowOf),
  ]
  const widths = rows[0]?.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0))) ?? []
  const table = rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  return [...table, ...(fields === true ? ['', ...all.flatMap(lackingLines)] : [])].join('\n')
}

function rowOf(each: CoveredResource): string[] {
  const name = [each.integration, `${each.model}/${each.resource}`]
  if (!each.is_mapped) return [...name, 'none']
  const { reached, unreached, absent, not_mapped: unmapped, values, values_reached: shown } = countsOf(each)
  return [
    ...name,
    ...[each.cases, reached + unreached, unreached, absent, unmapped].map(String),
    `${shown} of ${values}`,
  ]
}

function lackingLines({ integration, resource, fields, enums }: CoveredResource): string[] {
  const lacking = fields.filter(({ state }) => state !== 'reached')
  const rest = enums.filter(({ unreached }) => unreached.length > 0)
  return [
    ...lacking.map(({ path, state, reason = '' }) =>
      `${integration} ${resource}.${path}: ${state.replace('_', ' ')} ${reason}`.trimEnd(),
    ),
    ...rest.map(({ field, unreached }) => `${integration} ${resource}.${field}: no case shows ${unreached.join(', ')}`),
  ]
}

const isLacking = (each: CoveredResource): boolean => {
  const { unreached, not_mapped: unmapped, values, values_reached: shown } = countsOf(each)
  return unreached + unmapped > 0 || shown < values
}
