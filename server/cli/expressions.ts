import type { ExpressionEntry } from '../../engine/index.ts'

/** How many expressions there are of each backend. */
export type BackendCounts = Readonly<Record<ExpressionEntry['backend'], number>>

/** Counts expressions by who evaluates them. */
export function countsOf(entries: readonly ExpressionEntry[]): BackendCounts {
  const counts = { path: 0, compiled: 0, interpreter: 0 }
  for (const { backend } of entries) counts[backend]++
  return counts
}

const MOST_TEXT = 100
const WIDTH = 'interpreter'.length

/** One line for each expression, and a last one that counts them; the empty text for none. */
export function renderExpressions(entries: readonly ExpressionEntry[]): string {
  if (entries.length === 0) return ''
  const { path, compiled, interpreter } = countsOf(entries)
  const counts = `${path} path, ${compiled} compiled, ${interpreter} interpreter`
  const total = `${entries.length} expression${entries.length === 1 ? '' : 's'}`
  return `${entries.map(lineOf).join('\n')}\n\n${total}: ${counts}\n`
}

function lineOf({ file, line, column, source, backend, reason }: ExpressionEntry): string {
  const text = source.replace(/\s+/g, ' ')
  const shown = text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT - 1)}…` : text
  return `${file}:${line}:${column} ${backend.padEnd(WIDTH)} ${shown}${reason === undefined ? '' : ` (${reason})`}`
}
