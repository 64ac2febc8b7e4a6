import { IDIOMS } from './idioms.ts'
import { FUNCTIONS, GROUPS } from './index.ts'

/** The reference page of the library, as Markdown: docs/reference/functions.md is this text. */
export function functionsMarkdown(): string {
  const entries = [...FUNCTIONS.values()].map(({ name, signature, doc, examples }) =>
    [
      `## $${name}`,
      `\`${signature}\``,
      doc.replace(/\s*\n\s*/g, ' '),
      ['| expression | over | gives |', '|---|---|---|', ...examples.map(row)].join('\n'),
    ].join('\n\n'),
  )
  const idioms = [
    '| for | expression | over | gives |',
    '|---|---|---|---|',
    ...IDIOMS.map((idiom) => `| ${idiom.wish} ${row(idiom)}`),
  ]
  const groups = Object.entries(GROUPS).map(([about, group]) => `| ${about} | ${group.map(link).join(', ')} |`)
  const overview = ['| for | functions |', '|---|---|', ...groups].join('\n')
  return `${[INTRODUCTION, overview, WITHOUT, idioms.join('\n'), ...entries].join('\n\n')}\n`
}

const link = ({ name }: { name: string }): string => `[$${name}](#${name.toLowerCase()})`

const INTRODUCTION = `# Functions

Expressions are [JSONata](https://docs.jsonata.org/) with its own functions, except \`$eval\`, \`$now\`, \`$millis\`, \`$random\` and
\`$shuffle\`, and with the functions on this page. It is generated from the library, and every example is run by the tests.
"No value" leaves a field out; \`$$name\` in the second column is a variable.`

const WITHOUT = `Only what several providers need is here. Nothing reads the clock, makes random values or reaches out; every text has at
most 1 MB and every list 100,000 items. What JSONata says by itself has no function:`

function row({
  expr,
  record,
  variables,
  result,
}: Parameters<typeof over>[0] & { expr: string; result: unknown }): string {
  const value = result === undefined ? 'no value' : code(JSON.stringify(result))
  return `| ${code(expr)} | ${over({ record, variables })} | ${value} |`
}

function over({
  record,
  variables,
}: {
  record?: unknown
  variables?: Readonly<Record<string, unknown>> | undefined
}): string {
  const parts = Object.entries(variables ?? {}).map(([name, value]) => `$${name}: ${JSON.stringify(value)}`)
  return [...(record === undefined ? [] : [JSON.stringify(record)]), ...parts].map(code).join(' ')
}

const code = (text: string): string => `\`${text.replaceAll('|', '\\|')}\``
