import type { ApiDocument } from '../../../engine/index.ts'
import type { Import } from './contract.ts'

type Facts = Omit<Import, 'files'> & { readonly api: ApiDocument }

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.map((each) => each.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n')

/** The README of an imported provider: what is proxied, what was left out and why, and what is left to do. */
export function readmeOf({ api, operations, resources, leftOut, guesses }: Facts): string {
  const rows = resources.map((resource) => {
    const own = operations.filter(({ id }) => id.startsWith(`${resource}.`))
    return [`\`${resource}\``, 'proxied', own.map(({ id }) => `\`${id.split('.')[1]}\``).join(', ')]
  })
  const grouped = grouping(leftOut)
  return `# ${api.title}

Taken over from its OpenAPI document${api.version === '' ? '' : `, version ${api.version}`}: ${operations.length} operations in ${resources.length} resources. Nothing is mapped
yet, so all of it is reached through \`/proxy\` only.

${table(['resource', 'state', 'operations'], rows)}

## Left out

${grouped.length === 0 ? 'Nothing.' : table(['what', 'why'], grouped)}

## To do

- Look at the ${guesses} places marked \`# guess:\`, and remove each mark that is right.
- Write a \`description\` for each resource, operation and parameter in words of your own; they feed the docs and the tools
  of agents.
- Map what the unified models have in \`mappings/\`, with a case in \`cases/\` for each.
`
}

const MOST = 200

/** What was left out, by reason; endpoints that were not selected are counted. */
function grouping(leftOut: Facts['leftOut']): (readonly string[])[] {
  const unselected = leftOut.filter(({ why }) => why === 'it was not selected')
  const rest = leftOut.filter(({ why }) => why !== 'it was not selected')
  const rows = rest.slice(0, MOST).map(({ what, why }) => [`\`${what}\``, why] as const)
  const more = rest.length > MOST ? [[`${rest.length - MOST} more`, 'onefold import with --json lists all']] : []
  return [
    ...rows,
    ...more,
    ...(unselected.length === 0 ? [] : [[`${unselected.length} operations`, 'they were not selected']]),
  ]
}
