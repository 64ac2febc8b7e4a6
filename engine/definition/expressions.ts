import type { Compiled } from '../expression/index.ts'
import { type Document, Located } from './document.ts'
import type { SourceFile } from './files.ts'
import { register } from './registry.ts'

/** An expression of a definition: where it stands and who evaluates it. */
export interface ExpressionEntry {
  readonly file: string
  readonly line: number
  readonly column: number
  /** JSON pointer of its place in the file. */
  readonly pointer: string
  readonly source: string
  readonly backend: Compiled['backend']
  /** Why it is left to the interpreter. */
  readonly reason?: string
}

/** Every expression of the files that compiles, those inside of templates too, by file and place. */
export function listExpressions(files: readonly SourceFile[]): ExpressionEntry[] {
  const { integrations } = register(files).registry
  const entries = [...integrations.values()].flatMap(({ documents }) => documents.flatMap(entriesOf))
  return entries.sort((a, b) => (a.file === b.file ? a.line - b.line || a.column - b.column : a.file < b.file ? -1 : 1))
}

function entriesOf(document: Document): ExpressionEntry[] {
  const templates = [...document.templates].flatMap(([pointer, { parts }]) =>
    parts.flatMap((part) => (typeof part === 'string' ? [] : [[pointer, part] as const])),
  )
  return [...document.expressions, ...templates].map(([pointer, { source, backend, reason }]) => {
    const { file, line, column } = new Located(document, pointer, source).address
    return { file, line, column, pointer, source, backend, ...(reason === undefined ? {} : { reason }) }
  })
}
